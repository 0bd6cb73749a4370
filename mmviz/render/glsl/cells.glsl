// Elements, blocks, and cells of all levels, and how they are highlighted.
//
// Where PLAIN is defined, a matrix is in one block, and its rows and columns are equally far apart: then much less has to
// be computed, and the same comes out.
#ifdef PLAIN
const vec2 pitch = vec2(1.0);
const ivec2 late = ivec2(0);
const float gap = 0.0;
#define blocks cells
#endif
float texel(int number) {
  return texelFetch(texels, ivec2(number & ((1 << texel_shift) - 1), number >> texel_shift), 0).r;
}
vec4 mean_texel(int number) {
  return mean_at(ivec2(number & ((1 << mean_shift) - 1), number >> mean_shift));
}
// Quotients in floats: software renderers divide integers one by one.
vec2 block_of(ivec2 element, ivec2 block) {
#ifdef PLAIN
  return vec2(0.0);
#else
  return floor((vec2(element) + 0.5) / vec2(block));
#endif
}
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
bool is_lit(ivec2 low, ivec2 high) {
  // Most sets hold nothing: of those no turn is computed.
  return (lit0_range.x <= lit0_range.y && taken(low, high, lit0_turn, lit0_range, lit0_block, lit0_per))
      || (lit1_range.x <= lit1_range.y && taken(low, high, lit1_turn, lit1_range, lit1_block, lit1_per));
}
// Where the cell of an element begins in the box, with the gaps between blocks before it; and the reverse.
vec2 border_of(ivec2 element) { return pitch * vec2(element) + gap * block_of(element, blocks); }
ivec2 element_at(vec2 place) {
#ifdef PLAIN
  return clamp(ivec2(floor(place)), ivec2(0), cells - 1);
#else
  vec2 apart = pitch * vec2(blocks) + gap, number = floor(place / apart);
  vec2 within = min(floor((place - number * apart) / pitch), vec2(blocks - 1));
  return clamp(ivec2(number) * blocks + ivec2(within), ivec2(0), cells - 1);
#endif
}
// A level's cells never reach over the border of a block: each block has cells of its own, of which the last may be
// narrower. How many a whole block has; and how many there are.
// Where columns and rows are not equally far apart, the nearer ones alone are halved until cells are nearly squares.
ivec2 shift_of(int level) { return max(ivec2(level) - late, 0); }
ivec2 cells_of_block(int level) { ivec2 shift = shift_of(level); return (blocks + ((ivec2(1) << shift) - 1)) >> shift; }
ivec2 cells_on(int level) {
#ifdef PLAIN
  return cells_of_block(level);
#else
  ivec2 before = ivec2(block_of(cells - 1, blocks)), shift = shift_of(level);
  return before * cells_of_block(level) + ((cells - before * blocks + ((ivec2(1) << shift) - 1)) >> shift);
#endif
}
// One level of the pyramid: columns and rows of its cells, the number of its first cell, and how many it has.
struct Level { int first; vec2 cell; ivec2 count, of_block; };
Level level_of(int number) {
  vec4 told = mean_texel(number) * FULL + 0.5;
  vec2 cell = vec2(ivec2(1) << shift_of(number));
  return Level(int(told.r) + (int(told.g) << 16), cell, cells_on(number), cells_of_block(number));
}
ivec2 cell_with(ivec2 element, Level level) {
  ivec2 block = ivec2(block_of(element, blocks));
  return block * level.of_block + ivec2(vec2(element - block * blocks) / level.cell);
}
int cell_number(Level level, vec2 block, vec2 cell) {
#ifdef PLAIN
  ivec2 at = ivec2(cell);
#else
  ivec2 at = ivec2(block) * level.of_block + ivec2(cell);
#endif
  return level.first + at.y * level.count.x + at.x;
}
// What is lit is brighter, what is not may be dimmer.
vec3 highlighted(vec3 hue, bool lit) {
  if (lit) return on_light != 0 ? hue * 0.75 : min(mix(hue * 1.4, vec3(1.0, 1.0, 0.9), 0.22), vec3(1.0));
  return on_light != 0 ? mix(hue, vec3(1.0), dimmed) : hue * (1.0 - dimmed);
}
// facing: share of the light from the eye that is reflected.
vec3 shaded(vec3 hue, float facing) {
  float rim = on_light != 0 ? LIGHT_AMBIENT : AMBIENT;
  return hue * mix(rim, 1.0, facing) + GLOSS * length(hue) * pow(facing, SHARPNESS);
}
