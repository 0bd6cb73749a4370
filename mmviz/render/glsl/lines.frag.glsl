// The share of a pixel that a line covers. Uniform: half_width, a float in pixels.
in vec2 beside_and_depth;

float covered() {
  float beside = beside_and_depth.x / beside_and_depth.y;
  return clamp(half_width + 0.5 - abs(beside), 0.0, 1.0);
}
