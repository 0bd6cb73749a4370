// Spheres one by one: a walk over the cells that a ray crosses inside the matrix's box.
vec3 shade(vec3 color, bool is_capped, float facing) {
  color = shaded(color, facing);
  // A value beyond the scale, or infinite, carries a white cap.
  if (is_capped) color = mix(color, vec3(1.0), smoothstep(0.90, 0.95, facing) * 0.9);
  return min(color, vec3(1.0));
}

// Where the middle of a rim is that fades over a pixel, so that a sphere of this radius covers as much as it is large;
// in pixels.
float rim_of(float radius) {
  float disc = radius * radius;
  return disc > 1.0 / 3.0 ? sqrt(disc - 1.0 / 12.0) : pow(3.0 * disc, 1.0 / 3.0) - 0.5;
}

// How much of what lies so far before the eye is there: the rule of mmviz.picture.eye.giving_way.
float present(float away) { return near > 0.0 ? smoothstep(0.5 * near, near, away) : 1.0; }

#ifdef PLAIN
// As the other one below, of single elements, which are all a cell apart.
vec4 walk(Level level, vec3 out_at, vec3 ray, float back, float pixel, float narrows, out float depth) {
  vec2 count = vec2(cells);
  vec3 steep = 1.0 / ray, slab = vec3(count, 0.5);
  vec3 entries = (mix(slab, vec3(0.0, 0.0, -0.5), greaterThan(ray, vec3(0.0))) - out_at) * steep;
  float entry = max(max(entries.x, max(entries.y, entries.z)), -back);
  vec3 start = out_at + ray * entry;
  float leaving = ((ray.z > 0.0 ? 0.5 : -0.5) - start.z) * steep.z;
  pixel = max(pixel * (1.0 + entry * narrows), 1e-6);
  vec2 heading = sign(ray.xy), at = clamp(floor(start.xy + ray.xy * 1e-4), vec2(0.0), count - 1.0);
  vec2 to_middle = 0.5 - start.xy, to_border = vec2(greaterThan(ray.xy, vec2(0.0))) - start.xy;
  vec4 met = vec4(0.0);
  float most = 0.0;
  depth = entry;
  int left = MAX_CELLS;
  bool inside = true;
  while (inside && left > 0 && met.a < 0.98) {
    vec2 cell;
    int number;
    float radius, miss, along;
    bool hit = false;
    while (!hit && inside && left-- > 0) {
      cell = at;
      number = int(at.y) * cells.x + int(at.x);
      vec3 center = vec3(-to_middle - at, start.z);
      along = dot(center, ray);
      vec3 aside = center - along * ray;
      miss = dot(aside, aside);
      float reach = 0.5 + 0.5 * pixel;  // no sphere is larger than its cell
      if (miss < reach * reach) {
        radius = sqrt(mean_texel(HEADER + number).a / PI);
        reach = radius + 0.5 * pixel;
        hit = radius > 0.0 && miss < reach * reach;
      }
      vec2 border = (at + to_border) * steep.xy;
      if (border.x < border.y) at.x += heading.x; else at.y += heading.y;
      inside = min(border.x, border.y) <= leaving && at == clamp(at, vec2(0.0), count - 1.0);
    }
    float reach = sqrt(max(radius * radius - miss, 0.0));
    if (hit && reach - 0.01 < -along) {
      miss = sqrt(miss);
      float share = (1.0 - met.a) * clamp(rim_of(radius / pixel) - miss / pixel + 0.5, 0.0, 1.0);
      share *= present(back + entry - along - reach);
      if (share > most) { most = share; depth = entry - along - reach; }
      float x = texel(number) * unit;
      vec3 color = highlighted(sphere_color(x), is_lit(ivec2(cell), ivec2(cell)));
      // A pixel at the rim also sees what lies farther inside.
      float inside_rim = miss / (radius + 0.13 * pixel * pixel / radius);
      met += share * vec4(shade(color, capped(x), sqrt(max(1.0 - inside_rim * inside_rim, 0.0))), 1.0);
    }
  }
  return met;
}
#else
// Light, and coverage, of what the ray meets on a level, and how far from `out_at` it lies. A cell of several elements
// is a sphere that covers as much as theirs do in the mean, of their mean light.
// The ray leaves the box at `out_at`, runs back at most by `back`, and is `pixel` wide there and `narrows` before.
vec4 walk(Level level, vec3 out_at, vec3 ray, float back, float pixel, float narrows, out float depth) {
  float cell = max(level.cell.x * pitch.x, level.cell.y * pitch.y);
  vec3 slab = vec3(border_of(cells - 1) + pitch, 0.5 * cell), steep = 1.0 / ray;
  vec3 entries = (mix(slab, vec3(0.0, 0.0, -slab.z), greaterThan(ray, vec3(0.0))) - out_at) * steep;
  float entry = max(max(entries.x, max(entries.y, entries.z)), -back);
  vec3 start = out_at + ray * entry;
  float leaving = ((ray.z > 0.0 ? slab.z : -slab.z) - start.z) * steep.z;
  pixel = max(pixel * (1.0 + entry * narrows), 1e-6);
  ivec2 heading = ivec2(sign(ray.xy));
  ivec2 at = cell_with(element_at(start.xy + ray.xy * 1e-4), level);
  vec2 ahead = vec2(greaterThan(ray.xy, vec2(0.0))), block_sides = vec2(blocks), block_cells = vec2(level.of_block);
  vec2 per_block = 1.0 / block_cells;
  vec4 met = vec4(0.0);
  float most = 0.0;
  depth = entry;
  int left = MAX_CELLS;
  bool inside = true;
  // The outer loop shades; the inner one only searches, since software renderers run both sides of every branch.
  while (inside && left > 0 && met.a < 0.98) {
    vec2 low, held;
    // A narrow cell holds a narrow ellipsoid: a sphere in a space that is stretched.
    vec3 stretch, direction;
    vec4 mean;
    int number;
    float radius, miss, along, blur;
    bool hit = false;
    while (!hit && inside && left-- > 0) {
      vec2 block = floor((vec2(at) + 0.5) * per_block), within = (vec2(at) - block * block_cells) * level.cell;
      low = block * block_sides + within;
      held = min(min(level.cell, block_sides - within), vec2(cells) - low);
      vec2 filled = held / level.cell, sides = pitch * held, corner = pitch * low + gap * block;
      number = level.first + at.y * level.count.x + at.x;
      mean = mean_texel(HEADER + number);
      radius = sqrt(mean.a / PI) * cell;
      stretch = cell / vec3(sides, cell * min(filled.x, filled.y));
      direction = ray * stretch;
      vec3 center = (start - vec3(corner + 0.5 * sides, 0.0)) * stretch;
      along = dot(center, direction) / dot(direction, direction);
      vec3 aside = center - along * direction;
      miss = length(aside);
      blur = pixel * max(length(aside * stretch) / max(miss, 1e-9), 1.0);
      hit = mean.a > 0.0 && miss < radius + 0.5 * blur;
      vec2 border = (corner + ahead * (sides + gap * vec2(equal(within + held, block_sides))) - start.xy) * steep.xy;
      if (border.x < border.y) at.x += heading.x; else at.y += heading.y;
      inside = min(border.x, border.y) <= leaving && at == clamp(at, ivec2(0), level.count - 1);
    }
    float reach = sqrt(max(radius * radius - miss * miss, 0.0)) / length(direction);
    float share = (1.0 - met.a) * clamp(rim_of(radius / blur) - miss / blur + 0.5, 0.0, 1.0);
    if (hit && reach - 0.01 * cell < -along) {
      share *= present(back + entry - along - reach);
      if (share > most) { most = share; depth = entry - along - reach; }
      bool single = level.cell == vec2(1.0);
      float x = texel(number) * unit;
      vec3 color = single ? sphere_color(x) : mean.rgb / max(mean.a, 1e-6);
      color = highlighted(color, is_lit(ivec2(low), ivec2(low + held) - 1));
      // A pixel at the rim also sees what lies farther inside.
      float inside_rim = miss / (radius + 0.13 * blur * blur / radius);
      float facing = sqrt(max(1.0 - inside_rim * inside_rim, 0.0));
      met += share * vec4(shade(color, single && capped(x), facing), 1.0);
    }
  }
  return met;
}
#endif
