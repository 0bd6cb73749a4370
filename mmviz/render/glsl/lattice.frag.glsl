// Which spheres of a matrix a view ray meets: one by one near by, and what they give in the mean far away.
//
// Before this stand the constants and the colour rule of mmviz.render.glsl.lattice, cells.glsl, near.glsl and far.glsl,
// the uniforms of lattice.uniforms.glsl, a sampler2D `texels` with the elements of mmviz.render.pyramid, and a macro
// mean_at(place) that gives a texel of its pyramid as a vec4 from 0 to 1.
in vec3 box_point; flat in vec3 box_eye; flat in vec3 box_forward;

// perspective: the view rays meet in the eye; otherwise they are parallel.
// to_clip: from the box, whose unit is a cell, to OpenGL's clip coordinates.
void lattice(bool perspective, mat4 to_clip, out vec4 color, out float depth) {
  vec3 sight = perspective ? box_point - box_eye : box_forward;
  float back = length(sight);
  vec3 ray = sight / back;
  ray += 2e-7 * vec3(lessThan(abs(ray), vec3(1e-7)));
  // A pixel's side across the ray, or a sample's, in cells.
  vec3 side = dFdx(box_point);
  float pixel = sample_side * length(side - ray * dot(side, ray));
  float narrows = perspective ? 1.0 / back : 0.0;
  if (!perspective) back = 1e9;
  // How large cells are in the middle of the matrix that is seen here: pixels, where they are closest together.
  float to_middle = clamp(-box_point.z / ray.z, -back, 0.0), there = max(pixel * (1.0 + to_middle * narrows), 1e-6);
  vec2 apart = pitch * max(abs(ray.z), STEEPEST) / there;
  float single = smoothstep(CELL_PIXELS.x, CELL_PIXELS.y, min(apart.x, apart.y)), along = 0.0, most = 0.0;
  // On a folded axis cells of several elements are drawn alike, until they are nearly squares: the first ones that are
  // wide enough.
  int square = max(late.x, late.y);
  float wanted = log2(CELL_PIXELS.y / min(apart.x, apart.y)), several = 0.0;
  int folded = clamp(int(ceil(wanted)), 1, max(square, 1));
  float fading = folded < square ? clamp((wanted - float(folded)) / FADE + 1.0, 0.0, 1.0) : 0.0;
  if (square > 0) {
    apart *= level_of(square).cell;
    several = smoothstep(CELL_PIXELS.x, CELL_PIXELS.y, min(apart.x, apart.y)) * (1.0 - single);
  }
  vec4 met = vec4(0.0);
  for (int n = single > 0.0 ? 0 : 1; n < (several > 0.0 ? fading > 0.0 ? 3 : 2 : 1); n++) {
    float reached, weight = n == 0 ? single : several * (n == 1 ? 1.0 - fading : fading);
    Level level = level_of(n == 0 ? 0 : folded + n - 1);
    vec4 found = weight * walk(level, box_point, ray, back, pixel, narrows, reached);
    if (found.a > most) { most = found.a; along = reached; }
    met += found;
  }
  if (single + several < 1.0) {
    float reached;
    vec4 found = (1.0 - single - several) * far_away(box_point, ray, back, pixel, narrows, reached);
    if (found.a > most) along = reached;
    met += found;
  }
  vec4 core = vec4(0.0);
  if (single < 1.0 && has_outliers != 0) {
    core = (1.0 - single) * standing_out(box_point.xy + ray.xy * to_middle, ray, there);
  }
  if (core.a > met.a) along = to_middle - SURFACE / abs(ray.z);
  met = met * (1.0 - core.a) + core;
  if (met.a < 0.001) discard;
  met = min(met, vec4(1.0));
  color = vec4(met.rgb / met.a, met.a);
  // What is drawn hides no more than the matrix's own thickness: names stand close above it.
  float height = box_point.z + ray.z * along;
  along = min(along + (clamp(height, -0.5, 0.5) - height) / ray.z, 0.0);
  vec4 place = to_clip * vec4(box_point + ray * along, 1.0);
  depth = clamp(0.5 * place.z / place.w + 0.5, 0.0, 1.0);
}
