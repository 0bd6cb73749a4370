// One side of the levels of a matrix, halved block by block: Side and _levels of mmviz.render.pyramid.

export interface Side {
  readonly size: number;
  readonly block: number; // entries of a block; the last block may have fewer
}

export type Sides = readonly [rows: Side, columns: Side];

// The first of the entries that make each entry of the next level; and 1 where there is a second one.
export interface Pairs {
  readonly first: Int32Array;
  readonly second: Uint8Array;
}

export function halved(side: Side): Side {
  const before = Math.floor((side.size - 1) / side.block);
  const block = Math.floor((side.block + 1) / 2);
  return { size: before * block + Math.floor((side.size - before * side.block + 1) / 2), block };
}

export function pairsOf(side: Side): Pairs {
  const first: number[] = [];
  const second: number[] = [];
  for (let entry = 0; entry < side.size; entry++) {
    const within = entry % side.block;
    if (within % 2 !== 0) continue;
    first.push(entry);
    second.push(within + 1 < side.block && entry + 1 < side.size ? 1 : 0);
  }
  return { first: Int32Array.from(first), second: Uint8Array.from(second) };
}

// Of each entry, the entry of the next level that it is a part of.
export function parentsOf(side: Side): Int32Array {
  const block = halved(side).block;
  return Int32Array.from({ length: side.size }, (_, entry) => {
    const number = Math.floor(entry / side.block);
    return number * block + Math.floor((entry - number * side.block) / 2);
  });
}

// Rows and columns of every level, the finest first; and how they are paired to make the next one.
export function levelsOf(
  shape: readonly [number, number],
  blocks: readonly [number, number],
  late: readonly [number, number],
): { levels: Sides[]; steps: Sides[] } {
  const begin = (axis: 0 | 1): Side => ({ size: shape[axis], block: Math.min(blocks[axis] || shape[axis], shape[axis]) });
  let rows = begin(0);
  let columns = begin(1);
  const levels: Sides[] = [[rows, columns]];
  const steps: Sides[] = [];
  while (Math.max(rows.block, columns.block) > 1) {
    const waitsRows = steps.length < late[0];
    const waitsColumns = steps.length < late[1];
    steps.push([
      waitsRows ? { size: rows.size, block: 1 } : rows,
      waitsColumns ? { size: columns.size, block: 1 } : columns,
    ]);
    rows = waitsRows ? rows : halved(rows);
    columns = waitsColumns ? columns : halved(columns);
    levels.push([rows, columns]);
  }
  return { levels, steps };
}

// Columns, a power of two, and rows of a texture with room for so many texels one after the other.
export function textureShape(texels: number): { shift: number; rows: number } {
  const length = texels > 1 ? 32 - Math.clz32(texels - 1) : 0;
  const shift = Math.max(5, Math.floor(length / 2));
  return { shift, rows: Math.ceil(texels / 2 ** shift) };
}

// The longer side of the textures of a matrix: as many texels as all of its levels have cells, and a header.
export function textureSide(levels: readonly Sides[], header: number): number {
  const cells = levels.reduce((total, [rows, columns]) => total + rows.size * columns.size, 0);
  const { shift, rows } = textureShape(header + cells);
  return Math.max(2 ** shift, rows);
}
