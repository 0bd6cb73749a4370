// What the lattice is told from outside. A toolkit that declares by itself what it gives needs nothing of this file.
// PLAIN, where it is defined: of a matrix in one block, whose rows and columns are equally far apart.
uniform ivec2 cells;  // columns, rows
uniform float unit;  // 1 / scale
uniform int texel_shift, mean_shift;  // the two textures are so many texels wide, as log2
uniform int levels, has_outliers, two_signs;  // of the pyramid; 1: something stands out; 1: there are both signs
#ifndef PLAIN
uniform vec2 pitch;  // from one column to the next and from one row to the next; the longer is 1, the box's unit
uniform ivec2 late;  // of columns and of rows: after how many levels these are halved, too; 0 of the nearer ones
uniform ivec2 blocks;  // columns and rows of a block
uniform float gap;  // between blocks, in the box's unit
#endif
// Sweeps: which elements are lit. See mmviz.picture.space.sweep.
uniform ivec2 lit0_turn, lit0_range, lit0_block, lit1_turn, lit1_range, lit1_block;
uniform vec4 lit0_per, lit1_per;
uniform float dimmed;  // how much darker the elements are that are not lit, 0..1
uniform int on_light;  // 1: the ground is light
uniform float sample_side;  // of what a sample of a pixel stands for, in pixels: 1 where a pixel has a single one
uniform float near;  // from the eye, in the box's unit: elements within give way; 0: none do
uniform vec2 mm_range;  // smallest and largest absolute value; of mm's colours alone
