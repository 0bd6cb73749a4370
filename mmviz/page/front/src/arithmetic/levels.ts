// What is kept of one level of a pyramid, and what its cells show: parts of mmviz.render.pyramid.
import { pairsOf, parentsOf, type Pairs, type Sides } from "./sides";

export const SUMS = 9; // numbers of an element that are summed up: a row of a look's table

export type Range = readonly [start: number, end: number];

export interface Level {
  readonly rows: number;
  readonly columns: number;
  readonly rowPairs: Pairs; // of the finer level's entries
  readonly columnPairs: Pairs;
  readonly rowParents: Int32Array; // of each row of the finer level: the row here
  readonly columnParents: Int32Array;
  readonly rowCounts: Float32Array; // rows of elements in each row
  readonly columnCounts: Float32Array;
  readonly rowStarts: Int32Array; // the first row of elements in each row
  readonly columnStarts: Int32Array;
  readonly sums: Float32Array; // (cells, 9)
  readonly sizes: Float32Array; // |x| / scale in the mean
  readonly strongest: Strongest;
}

// The strongest element of each cell; of several that are equally strong, the last one.
export class Strongest {
  readonly rank: Float32Array;
  readonly element: Uint32Array;

  constructor(cells: number) {
    this.rank = new Float32Array(cells);
    this.element = new Uint32Array(cells);
  }

  begin(cell: number, rank: number, element: number): void {
    this.rank[cell] = rank;
    this.element[cell] = element;
  }

  join(cell: number, rank: number, element: number): void {
    const before = this.rank[cell]!;
    if (rank > before || (rank === before && element > this.element[cell]!)) this.begin(cell, rank, element);
  }

  take(cell: number, finer: Strongest, from: number): void {
    this.begin(cell, finer.rank[from]!, finer.element[from]!);
  }

  joinFrom(cell: number, finer: Strongest, from: number): void {
    this.join(cell, finer.rank[from]!, finer.element[from]!);
  }
}

// All levels but the first, of which nothing is known yet.
export function emptyLevels(levels: readonly Sides[], steps: readonly Sides[]): Level[] {
  const [rows, columns] = levels[0]!;
  let rowCounts = new Float32Array(rows.size).fill(1);
  let columnCounts = new Float32Array(columns.size).fill(1);
  let rowStarts = Int32Array.from(rowCounts, (_, row) => row);
  let columnStarts = Int32Array.from(columnCounts, (_, column) => column);
  return steps.map(([rowStep, columnStep], number) => {
    const [high, wide] = levels[number + 1]!;
    const rowPairs = pairsOf(rowStep);
    const columnPairs = pairsOf(columnStep);
    rowCounts = joinedCounts(rowCounts, rowPairs);
    columnCounts = joinedCounts(columnCounts, columnPairs);
    rowStarts = rowPairs.first.map((entry) => rowStarts[entry]!);
    columnStarts = columnPairs.first.map((entry) => columnStarts[entry]!);
    const cells = high.size * wide.size;
    return {
      rows: high.size,
      columns: wide.size,
      rowPairs,
      columnPairs,
      rowParents: parentsOf(rowStep),
      columnParents: parentsOf(columnStep),
      rowCounts,
      columnCounts,
      rowStarts,
      columnStarts,
      sums: new Float32Array(number > 0 ? cells * SUMS : 0), // those of level 1 are used at once
      sizes: new Float32Array(cells),
      strongest: new Strongest(cells),
    };
  });
}

function joinedCounts(counts: Float32Array, pairs: Pairs): Float32Array<ArrayBuffer> {
  return Float32Array.from(pairs.first, (at, n) => counts[at]! + (pairs.second[n] !== 0 ? counts[at + 1]! : 0));
}

export interface Seen {
  red: number;
  green: number;
  blue: number;
  cover: number;
  size: number;
}

const told: Seen = { red: 0, green: 0, blue: 0, cover: 0, size: 0 };
const round = Math.fround;
const FAINTEST = round(1e-9); // no quotient is taken by less

// Light and coverage of one cell out of its sums, and its |x| / scale in the mean: _Means.seen of mmviz.render.pyramid.
// The object that comes back is used again. place: of the cell, row plus column.
export function seen(sums: Float32Array, at: number, count: number, place: number): Seen {
  const red = round(sums[at]! / count);
  const green = round(sums[at + 1]! / count);
  const blue = round(sums[at + 2]! / count);
  const otherRed = round(sums[at + 3]! / count);
  const otherGreen = round(sums[at + 4]! / count);
  const otherBlue = round(sums[at + 5]! / count);
  const above = round(sums[at + 7]! / count);
  const size = round(above + round(sums[at + 8]! / count));
  const bright = round(round(red + green) + blue);
  const other = round(round(otherRed + otherGreen) + otherBlue);
  const light = round(bright + other);
  const more = round(round(above / Math.max(size, FAINTEST)) - 0.5);
  const wanted = round(bright / Math.max(light, FAINTEST)) + round(more * round(round(Math.sqrt(count)) - 1));
  const clear = Math.min(Math.max(round(wanted), 0), 1);
  const undecided = round(1 - Math.abs(round(round(2 * clear) - 1)));
  const share = round(clear + ((place % 2) - 0.5) * undecided);
  const mixed = round(bright * other) > 0;
  const up = mixed ? round(round(share * light) / Math.max(bright, FAINTEST)) : 1;
  const down = mixed ? round(round(round(1 - share) * light) / Math.max(other, FAINTEST)) : 1;
  told.red = round(round(red * up) + round(otherRed * down));
  told.green = round(round(green * up) + round(otherGreen * down));
  told.blue = round(round(blue * up) + round(otherBlue * down));
  told.cover = round(sums[at + 6]! / count);
  told.size = size;
  return told;
}

// Of each entry, the one that it is a part of so many levels above.
export function ancestors(parents: readonly Int32Array[], size: number): Int32Array {
  return Int32Array.from({ length: size }, (_, entry) => parents.reduce((at, level) => level[at]!, entry));
}

// The entries whose ancestors, which rise, lie in a range.
export function within(of: Int32Array, range: Range): Range {
  let start = 0;
  while (start < of.length && of[start]! < range[0]) start++;
  let end = start;
  while (end < of.length && of[end]! < range[1]) end++;
  return [start, end];
}
