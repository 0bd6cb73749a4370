// Which spheres of a matrix a view ray meets: a walk over the cells that it crosses inside the matrix's box.
//
// Before this stand the constants and the colour rule of mmviz.render.glsl.lattice, the uniforms of
// lattice.uniforms.glsl, and `texels`, a sampler2D with the atlas of mmviz.render.pyramid.
in vec3 box_point; flat in vec3 box_eye; flat in vec3 box_forward;

float texel(int number) {
  return texelFetch(texels, ivec2(number & ((1 << texel_shift) - 1), number >> texel_shift), 0).r;
}
// Quotients in floats: software renderers divide integers one by one.
vec2 block_of(ivec2 element, ivec2 block) { return floor((vec2(element) + 0.5) / vec2(block)); }
// per: the inverses of a block's sides and of those of a tile; half an element away from every border they are exact.
int turn_of(ivec2 element, ivec2 turn, ivec2 block, vec4 per) {
  vec2 middle = vec2(element) + 0.5;
  ivec2 tile = ivec2(floor((middle - vec2(block) * floor(middle * per.xy)) * per.zw));
  return turn.x * tile.x + turn.y * tile.y;
}
bool taken(ivec2 low, ivec2 high, ivec2 turn, ivec2 range, ivec2 block, vec4 per) {
  int first = turn_of(low, turn, block, per), last = turn_of(high, turn, block, per);
  return max(first, last) >= range.x && min(first, last) <= range.y;
}
// A level's cells never reach over the border of a block: each block has cells of its own, of which the last may be
// narrower. How many a whole block has; how many there are; and which one has an element.
// Where columns and rows are not equally far apart, the nearer ones alone are halved until cells are nearly squares.
ivec2 shift_of(int level) { return max(ivec2(level) - late, 0); }
ivec2 cells_of_block(int level) { ivec2 shift = shift_of(level); return (blocks + ((ivec2(1) << shift) - 1)) >> shift; }
ivec2 cells_on(int level) {
  ivec2 before = ivec2(block_of(cells - 1, blocks)), shift = shift_of(level);
  return before * cells_of_block(level) + ((cells - before * blocks + ((ivec2(1) << shift) - 1)) >> shift);
}
ivec2 cell_with(ivec2 element, int level) {
  ivec2 block = ivec2(block_of(element, blocks));
  return block * cells_of_block(level) + ((element - block * blocks) >> shift_of(level));
}
// Where the cell of an element begins in the box, with the gaps between blocks before it; and the reverse.
vec2 border_of(ivec2 element) { return pitch * vec2(element) + gap * block_of(element, blocks); }
ivec2 element_at(vec2 place) {
  vec2 apart = pitch * vec2(blocks) + gap, number = floor(place / apart);
  vec2 within = min(floor((place - number * apart) / pitch), vec2(blocks - 1));
  return clamp(ivec2(number) * blocks + ivec2(within), ivec2(0), cells - 1);
}
vec3 shade(float x, float facing, ivec2 low, ivec2 high) {
  vec3 hue = sphere_color(x);
  bool is_lit = taken(low, high, lit0_turn, lit0_range, lit0_block, lit0_per)
             || taken(low, high, lit1_turn, lit1_range, lit1_block, lit1_per);
  if (is_lit) hue = on_light != 0 ? hue * 0.75 : mix(hue * 1.4, vec3(1.0, 1.0, 0.9), 0.22);
  else hue = on_light != 0 ? mix(hue, vec3(1.0), dimmed) : hue * (1.0 - dimmed);
  float rim = on_light != 0 ? LIGHT_AMBIENT : AMBIENT;
  vec3 shaded = hue * mix(rim, 1.0, facing) + GLOSS * length(hue) * pow(facing, SHARPNESS);
  // A value beyond the scale, or infinite, carries a white cap.
  return capped(x) ? mix(shaded, vec3(1.0), smoothstep(0.90, 0.95, facing) * 0.9) : min(shaded, vec3(1.0));
}

// Colour, times coverage, and coverage of what the ray meets on one level, and how far from `out_at` it lies.
// The ray leaves the box at `out_at`, runs back at most by `back`, and is `pixel` wide there and `narrows` before.
vec4 walk(int level, vec3 out_at, vec3 ray, float back, float pixel, float narrows, out float depth) {
  ivec2 count = cells_on(level), of_block = cells_of_block(level);
  int base = HEADER;
  for (int n = 0; n < level; n++) {
    ivec2 finer = cells_on(n);
    base += finer.x * finer.y;
  }
  vec2 whole = vec2(ivec2(1) << shift_of(level));  // columns and rows of a cell
  float unit = texel(level), cell = max(whole.x * pitch.x, whole.y * pitch.y);
  // The slab that the ray walks through is as thick as a cell of this level.
  vec3 slab = vec3(border_of(cells - 1) + pitch, 0.5 * cell), steep = 1.0 / ray;
  vec3 entries = (mix(slab, vec3(0.0, 0.0, -slab.z), greaterThan(ray, vec3(0.0))) - out_at) * steep;
  float entry = max(max(entries.x, max(entries.y, entries.z)), -back);
  vec3 start = out_at + ray * entry;
  float leaving = ((ray.z > 0.0 ? slab.z : -slab.z) - start.z) * steep.z;
  pixel = max(pixel * (1.0 + entry * narrows), 1e-6);
  ivec2 heading = ivec2(sign(ray.xy));
  ivec2 at = cell_with(element_at(start.xy + ray.xy * 1e-4), level);
  vec2 ahead = vec2(greaterThan(ray.xy, vec2(0.0))), block_sides = vec2(blocks), block_cells = vec2(of_block);
  vec2 per_block = 1.0 / block_cells;
  vec4 met = vec4(0.0);
  float most = 0.0;
  depth = entry;
  int left = MAX_CELLS;
  bool inside = true;
  // The outer loop shades; the inner one only searches, since software renderers run both sides of every branch.
  while (inside && left > 0 && met.a < 0.98) {
    ivec2 low, high;
    // A narrow cell holds a narrow ellipsoid: a sphere in a space that is stretched.
    vec3 stretch, aside;
    float x, radius, miss, along;
    bool hit = false;
    while (!hit && inside && left-- > 0) {
      vec2 block = floor((vec2(at) + 0.5) * per_block);
      vec2 within = (vec2(at) - block * block_cells) * whole, first = block * block_sides + within;
      vec2 held = min(min(whole, block_sides - within), vec2(cells) - first), filled = held / whole;
      vec2 sides = pitch * held, corner = pitch * first + gap * block;
      low = ivec2(first);
      high = ivec2(first + held) - 1;
      float raw = texel(base + at.y * count.x + at.x);
      x = raw * unit;
      radius = sphere_radius(x) * cell;
      stretch = cell / vec3(sides, cell * min(filled.x, filled.y));
      vec3 center = (start - vec3(corner + 0.5 * sides, 0.0)) * stretch, direction = ray * stretch;
      along = dot(center, direction) / dot(direction, direction);
      aside = center - along * direction;
      miss = length(aside);
      hit = raw != MASKED && miss < radius + 0.5 * pixel * stretch.z
          && taken(low, high, shown_turn, shown_range, shown_block, shown_per);
      vec2 far = corner + ahead * (sides + gap * vec2(equal(within + held, block_sides)));
      vec2 border = (far - start.xy) * steep.xy;
      if (border.x < border.y) at.x += heading.x; else at.y += heading.y;
      inside = min(border.x, border.y) <= leaving && at == clamp(at, ivec2(0), count - 1);
    }
    float half_chord = sqrt(max(radius * radius - miss * miss, 0.0)), reach = half_chord / length(ray * stretch);
    float blur = max(pixel * length(aside * stretch) / max(miss, 1e-9), pixel);
    float share = (1.0 - met.a) * clamp((radius - miss) / blur + 0.5, 0.0, 1.0);
    if (hit && reach - 0.01 * cell < -along) {
      if (share > most) { most = share; depth = entry - along - reach; }
      met += share * vec4(shade(x, half_chord / radius, low, high), 1.0);
    }
  }
  return met;
}

// perspective: the view rays meet in the eye; otherwise they are parallel.
// to_clip: from the box, whose unit is a cell, to OpenGL's clip coordinates.
void lattice(bool perspective, mat4 to_clip, out vec4 color, out float depth) {
  vec3 sight = perspective ? box_point - box_eye : box_forward;
  float back = length(sight);
  vec3 ray = sight / back;
  ray += 2e-7 * vec3(lessThan(abs(ray), vec3(1e-7)));
  // A pixel's side across the ray; and how many cells of the matrix's plane a pixel covers, as the mean of its sides.
  vec3 side = dFdx(box_point);
  float pixel = length(side - ray * dot(side, ray));
  vec2 foot = box_point.xy - ray.xy * (box_point.z / ray.z);
  float across = length(dFdx(foot)), down = length(dFdy(foot));
  float wanted = log2(max(sqrt(min(across, down) * max(across, down)) * CELL_PIXELS, 1e-3));
  wanted = clamp(wanted + float(max(late.x, late.y)), -1.0, float(levels - 1));
  int level = int(max(ceil(wanted), 0.0));
  float fading = level + 1 < levels ? clamp(1.0 - (float(level) - wanted) / FADE, 0.0, 1.0) : 0.0;
  float narrows = perspective ? 1.0 / back : 0.0;
  if (!perspective) back = 1e9;
  vec4 met = vec4(0.0);
  float along = 0.0, most = 0.0;
  for (int n = 0; n < (fading > 0.0 ? 2 : 1); n++) {
    float weight = n == 0 ? 1.0 - fading : fading, reached;
    vec4 found = weight * walk(level + n, box_point, ray, back, pixel, narrows, reached);
    met += found;
    if (found.a > most) { most = found.a; along = reached; }
  }
  if (met.a < 0.004) discard;
  color = vec4(met.rgb / met.a, met.a);
  // A coarse sphere bulges, but hides no more than the matrix's own thickness: names stand close above it.
  float height = box_point.z + ray.z * along;
  along = min(along + (clamp(height, -0.5, 0.5) - height) / ray.z, 0.0);
  vec4 place = to_clip * vec4(box_point + ray * along, 1.0);
  depth = clamp(0.5 * place.z / place.w + 0.5, 0.0, 1.0);
}
