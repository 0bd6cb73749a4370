// The colour rule of mmviz.picture.look.color; its numbers are those of mmviz.render.glsl.rules.
float magnitude(float x) {
  float share = clamp(abs(x), 0.0, 1.0);
  if (CURVE == 0) return sqrt(share);
  return CURVE == 1 ? share : max(1.0 + log2(max(share, LEAST)) / (DECADES * log2(10.0)), 0.0);
}
float sphere_radius(float x) {
  float size = isnan(x) ? 1.0 : magnitude(x);
  return SMALLEST + (LARGEST - SMALLEST) * size;
}
vec3 sphere_color(float x) {
  if (isnan(x)) return NOT_A_NUMBER;
  if (isinf(x)) return INFINITE;
  if (x == 0.0) return ZERO;
  float size = magnitude(x);
  vec3 low = x > 0.0 ? POSITIVE[0] : NEGATIVE[0];
  vec3 middle = x > 0.0 ? POSITIVE[1] : NEGATIVE[1];
  vec3 high = x > 0.0 ? POSITIVE[2] : NEGATIVE[2];
  return size < 0.5 ? mix(low, middle, 2.0 * size) : mix(middle, high, 2.0 * size - 1.0);
}
bool capped(float x) { return abs(x) > 1.000001 && !isnan(x); }
