// A matrix whose cells are about a pixel or less: what the pyramid's cells show in the mean, and what stands out of it.

// The block that is nearest to a place of the box, how large it is, and where the place is in it; columns and rows.
struct Block { vec2 number, sides, within; };
Block block_at(vec2 place) {
#ifdef PLAIN
  return Block(vec2(0.0), vec2(cells), clamp(place, vec2(0.0), vec2(cells)));
#else
  vec2 apart = pitch * vec2(blocks) + gap;
  vec2 number = clamp(floor((place + 0.5 * gap) / apart), vec2(0.0), block_of(cells - 1, blocks));
  vec2 sides = min(vec2(blocks), vec2(cells) - number * vec2(blocks));
  return Block(number, sides, clamp((place - number * apart) / pitch, vec2(0.0), sides));
#endif
}
// Up to a place, how much of the box is matrix and not gap; in columns and in rows.
vec2 matrix_before(vec2 place) {
#ifdef PLAIN
  return clamp(place, vec2(0.0), vec2(cells));
#else
  vec2 apart = pitch * vec2(blocks) + gap;
  vec2 number = clamp(floor(place / apart), vec2(0.0), block_of(cells - 1, blocks));
  return min(number * vec2(blocks) + clamp((place - number * apart) / pitch, vec2(0.0), vec2(blocks)), vec2(cells));
#endif
}

// The mean over a rectangle around a place: light, as that of surfaces that face the eye, and coverage, both as from
// the front; times the share of it that is matrix, not gap nor beside it.
vec4 mean_around(Level level, vec2 place, vec2 width, out float share) {
  vec2 of_matrix = matrix_before(place + 0.5 * width) - matrix_before(place - 0.5 * width);
  vec2 both = clamp(of_matrix * pitch / width, 0.0, 1.0);
  share = both.x * both.y;
  Block block = block_at(place);
  vec2 spot = block.within / level.cell, last = ceil(block.sides / level.cell) - 1.0;
  // The rectangle reaches over at most one border of cells a side.
  vec2 border = clamp(floor(spot + 0.5), vec2(1.0), max(last, vec2(1.0)));
  vec2 part = clamp((spot - border) / clamp(width / (pitch * level.cell), vec2(1e-4), vec2(1.0)) + 0.5, 0.0, 1.0);
  ivec2 next = ivec2(lessThanEqual(border, last));
  int number = HEADER + cell_number(level, block.number, border - 1.0), below = number + next.y * level.count.x;
  vec4 upper = mix(mean_texel(number), mean_texel(number + next.x), part.x);
  return share * mix(upper, mix(mean_texel(below), mean_texel(below + next.x), part.x), part.y);
}

// What stands out near a place of the matrix, for a ray that comes along `ray`: of the four nearest cells in its block,
// of a level on which they are large enough, the strongest elements, each where it is; and of those the nearest.
vec4 standing_out(vec2 place, vec3 ray, float pixel) {
  float slope = abs(ray.z), wanted = log2(OUTLIER_PIXELS / sample_side * pixel / max(slope, STEEPEST));
  vec2 along = length(ray.xy) > 1e-6 ? normalize(ray.xy) : vec2(1.0, 0.0);
  wanted = min(max(wanted + float(max(late.x, late.y)), 1.0), float(levels - 1));
  float blend = clamp((fract(wanted) - 1.0) / OUTLIER_FADE + 1.0, 0.0, 1.0);
  // From the box's unit in the matrix's plane to samples.
  mat2 to_pixels = mat2(along.x * slope, -along.y, along.y * slope, along.x) / pixel;
  float core = max(0.46 * min(pitch.x, pitch.y) / pixel, CORE / sample_side), share = 0.0;
  Block block = block_at(place);
  vec2 corner = block.number * (pitch * vec2(blocks) + gap);
  Level level = level_of(int(wanted)), coarser = level_of(min(int(wanted) + 1, levels - 1));
  ivec2 element = ivec2(0);
  int all = blend > 0.0 ? 8 : 4;
  for (int n = 0; n < all; n++) {
    if (n == 4) level = coarser;
    vec2 cell = floor(block.within / level.cell - 0.5) + vec2(n & 1, (n >> 1) & 1);
    bool there = cell == clamp(cell, vec2(0.0), ceil(block.sides / level.cell) - 1.0);
    float told = there ? texel(cell_number(level, block.number, cell)) - 1.0 : -1.0, down = floor(told / OFFSETS);
    vec2 within = cell * level.cell + vec2(told - down * OFFSETS, down);
    float away = length(to_pixels * (corner + pitch * (within + 0.5) - place));
    float found = (n < 4 ? 1.0 - blend : blend) * clamp(core - away + 0.5, 0.0, 1.0);
    if (told >= 0.0 && found > share) { share = found; element = ivec2(block.number) * blocks + ivec2(within); }
  }
  float x = texel(element.y * cells.x + element.x) * unit;
  vec3 hue = sphere_color(x);
  if (capped(x)) hue = mix(hue, vec3(1.0), 0.3);
  return share * vec4(highlighted(hue, is_lit(element, element)), 1.0);
}

float pow4(float x) { return x * x * x * x; }

// Light, and coverage, of what the ray meets, and how far from `out_at` it lies; as `walk`.
vec4 far_away(vec3 out_at, vec3 ray, float back, float pixel, float narrows, out float depth) {
  float tall = max(0.5, pixel), slope = abs(ray.z);
  vec3 steep = 1.0 / ray, high = vec3(border_of(cells - 1) + pitch, tall), low = vec3(0.0, 0.0, -tall);
  vec3 wider = vec3(0.5 * pixel * sqrt(1.0 - min(ray.xy * ray.xy, 1.0)), 0.0);
  bvec3 forward = greaterThan(ray, vec3(0.0));
  vec3 entries = (mix(high + wider, low - wider, forward) - out_at) * steep;
  vec3 exits = (mix(low - wider, high + wider, forward) - out_at) * steep;
  float entry = max(max(entries.x, max(entries.y, entries.z)), -back), leaving = min(exits.x, min(exits.y, exits.z));
  depth = 0.5 * (entry + leaving);
  float length_inside = max(leaving - entry, 0.0);
  pixel = max(pixel * (1.0 + depth * narrows), 1e-6);
  vec3 middle = out_at + ray * depth;
  depth = max(entry, depth - SURFACE / slope);
  // A pixel's place in the plane: as wide as a pixel across, longer along the ray, which a few samples share.
  vec2 along = length(ray.xy) > 1e-6 ? normalize(ray.xy) : vec2(1.0, 0.0);
  float stretch = 1.0 / max(slope, STEEPEST), waits = float(max(late.x, late.y));
  int samples = int(clamp(ceil(stretch - 0.25), 1.0, float(MAX_SAMPLES)));
  float long_side = pixel * stretch / float(samples);
  float wanted = log2(0.5 * MEAN_PIXELS[two_signs] / (two_signs != 0 ? sample_side : 1.0) * (long_side + pixel)) + waits;
  vec2 width = abs(along) * long_side + abs(along.yx) * pixel;
  int number = int(clamp(ceil(wanted), 0.0, float(levels - 1)));
  float fading = number + 1 < levels ? clamp((wanted - float(number)) / FADE + 1.0, 0.0, 1.0) : 0.0;
  vec4 mean = vec4(0.0);
  float matrix = 0.0;
  Level level = level_of(number), coarser = level_of(min(number + 1, levels - 1));
  int all = fading > 0.0 ? 2 * samples : samples;
  for (int n = 0; n < all; n++) {
    bool first = n < samples;
    float weight = first ? 1.0 - fading : fading, share;
    float aside = float(first ? n : n - samples) - 0.5 * float(samples - 1);
    if (n == samples) level = coarser;
    mean += weight * mean_around(level, middle.xy + along * long_side * aside, width, share);
    matrix += weight * share;
  }
  mean /= max(matrix, 1e-6);
  // Seen aslant spheres hide each other, by a rule that is near to what lattices of spheres do up to 65 degrees.
  float front = max(mean.a, 1e-6), apart = front * length_inside / (2.0 * tall);
  float covered = min(apart * sqrt(sqrt((1.0 + pow4(front)) / (1.0 + pow4(apart)))), 1.0);
  matrix = matrix / float(samples) * clamp((tall - abs(middle.z)) / pixel, 0.0, 1.0);
  Block block = block_at(middle.xy);
  ivec2 first = ivec2(block.number) * blocks;
  ivec2 low_lit = first + ivec2(clamp(block.within - 0.5 * width / pitch, vec2(0.0), block.sides - 0.5));
  ivec2 high_lit = first + ivec2(clamp(block.within + 0.5 * width / pitch, vec2(0.0), block.sides - 0.5));
  vec3 hue = highlighted(mean.rgb / front, is_lit(low_lit, high_lit));
  return matrix * covered * vec4(hue * (on_light != 0 ? LIGHT_REFLECTED : REFLECTED), 1.0);
}
