// What the lattice is told from outside. A toolkit that declares by itself what it gives needs nothing of this file.
uniform ivec2 cells;  // columns, rows
uniform vec2 pitch;  // from one column to the next and from one row to the next; the longer of both is 1, the box's unit
uniform ivec2 late;  // of columns and of rows: after how many levels these are halved, too; 0 of the nearer ones
uniform int levels, texel_shift;  // of the pyramid; the atlas is 1 << texel_shift texels wide
uniform ivec2 blocks;  // columns and rows of a block
uniform float gap;  // between blocks, in the box's unit
// Sweeps: which elements are shown, and which are lit. See mmviz.picture.space.sweep.
uniform ivec2 shown_turn, shown_range, shown_block, lit0_turn, lit0_range, lit0_block, lit1_turn, lit1_range, lit1_block;
uniform vec4 shown_per, lit0_per, lit1_per;
uniform float dimmed;  // how much darker the elements are that are not lit, 0..1
uniform int on_light;  // 1: the ground is light
uniform vec2 mm_range;  // smallest and largest absolute value; of mm's colours alone
