// The colour rule of mmviz.picture.look.color; its numbers are those of mmviz.render.glsl.rules.
float sphere_radius(float x) {
  float size = isnan(x) ? 1.0 : sqrt(clamp(abs(x), 0.0, 1.0));
  return SMALLEST + (LARGEST - SMALLEST) * size;
}
vec3 sphere_color(float x) {
  if (isnan(x)) return NOT_A_NUMBER;
  if (isinf(x)) return INFINITE;
  if (x == 0.0) return ZERO;
  float size = sqrt(clamp(abs(x), 0.0, 1.0));
  vec3 low = x > 0.0 ? POSITIVE[0] : NEGATIVE[0];
  vec3 middle = x > 0.0 ? POSITIVE[1] : NEGATIVE[1];
  vec3 high = x > 0.0 ? POSITIVE[2] : NEGATIVE[2];
  return size < 0.5 ? mix(low, middle, 2.0 * size) : mix(middle, high, 2.0 * size - 1.0);
}
bool capped(float x) { return abs(x) > 1.000001 && !isnan(x); }
