// The colour rule of mmviz.picture.look.mm_color; its numbers are those of mmviz.render.glsl.rules.
float sphere_radius(float x) {
  if (x == 0.0 || isnan(x)) return -1.0;
  float span = mm_range.y - mm_range.x;
  float share = span > 0.0 ? max((abs(x) - mm_range.x) / span, 0.0) : 0.0;
  float size = isinf(x) ? 1.0 : min(MIN_SIZE + (1.0 - MIN_SIZE) * sqrt(share), 1.0);
  return min(FULL_RADIUS * size, 0.5);
}
vec3 sphere_color(float x) {
  if (isnan(x) || isinf(x)) return vec3(1.0);
  float side = sign(x), span = mm_range.y - mm_range.x;
  float drift = span > 0.0 ? (x - side * mm_range.x) / span : 0.0;
  float share = span > 0.0 ? (clamp(abs(x), mm_range.x, mm_range.y) - mm_range.x) / span : 0.0;
  float hue = ZERO_HUE + side * HUE_GAP + HUE_SPREAD * drift;
  float light = DARK + (BRIGHT - DARK) * sqrt(share);
  vec3 ramp = clamp(2.0 - abs(6.0 * fract(vec3(hue + 1.0 / 3.0, hue, hue - 1.0 / 3.0)) - 2.0), 0.0, 1.0);
  return light + (1.0 - abs(2.0 * light - 1.0)) * (ramp - 0.5);
}
bool capped(float x) { return false; }
