// The share of a pixel that a line covers. Uniforms: half_width, a float in pixels; near, a float in cells: what is
// nearer to the eye gives way, by the rule of mmviz.picture.eye.giving_way; 0: nothing does.
in vec2 beside_and_depth;

float covered() {
  float beside = beside_and_depth.x / beside_and_depth.y;
  float present = near > 0.0 ? smoothstep(0.5 * near, near, beside_and_depth.y) : 1.0;
  return present * clamp(half_width + 0.5 - abs(beside), 0.0, 1.0);
}
