// A matrix as two textures, its elements and what they give in the mean, level by level: mmviz.render.pyramid.
//
// It is built in slices, so that a large matrix never holds up the page; what is there of it can be drawn meanwhile.
// Where only the cells that are shown change, just what depends on those is computed again.
import type { PyramidLaws } from "../document/looks";
import type { Sweep } from "../picture/drawlist";
import { rowOf, rounded, type Rule } from "./footprint";
import { SUMS, ancestors, emptyLevels, seen, within, type Level, type Range } from "./levels";
import { levelsOf, textureShape, type Pairs } from "./sides";
import { turnsOf, type Turns } from "./turns";

const SLICE = 1 << 15; // elements of a slice

export interface Content {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly masked: Uint8Array | null;
  readonly scale: number;
  readonly blocks: readonly [rows: number, columns: number]; // of a block; 0: all
  readonly late: readonly [rows: number, columns: number];
}

export interface Tables {
  readonly rule: Rule;
  readonly footprints: Float32Array; // (rows, 9)
  readonly packed: Uint16Array; // (rows, 4)
}

// The parts of a texture that are new, a pair for each level: from a texel to the one after the last.
export type Dirty = Range[];

export class Pyramid {
  readonly texels: Float32Array;
  readonly means: Uint16Array;
  readonly texelShift: number;
  readonly meanShift: number;
  readonly unit: number; // 1 / scale
  readonly first: number[]; // number of the first cell of each level
  readonly newTexels: Dirty;
  readonly newMeans: Dirty;
  twoSigns = false;
  hasOutliers = false;
  ready = 1; // levels that can be drawn

  readonly #content: Content;
  readonly #tables: Tables;
  readonly #laws: PyramidLaws;
  readonly #rowOf: (x: number) => number;
  readonly #full: number;
  readonly #lift: number; // by which values are multiplied
  readonly #levels: Level[];
  readonly #buffers: Float32Array[];
  readonly #codes: Int16Array; // of two rows of elements
  readonly #packed: Uint32Array; // what a table packs, and `means`, two numbers at a time
  readonly #wideMeans: Uint32Array;
  #turns: Turns;

  constructor(content: Content, tables: Tables, laws: PyramidLaws, shown: Sweep) {
    this.#content = content;
    this.#tables = tables;
    this.#laws = laws;
    this.#rowOf = rowOf(tables.rule, laws);
    this.#full = Math.fround(tables.rule.full);
    const { levels, steps } = levelsOf([content.rows, content.columns], content.blocks, content.late);
    this.first = [];
    let total = 0;
    for (const [rows, columns] of levels) {
      this.first.push(total);
      total += rows.size * columns.size;
    }
    const texels = textureShape(total);
    const means = textureShape(laws.header + total);
    this.texelShift = texels.shift;
    this.meanShift = means.shift;
    this.texels = new Float32Array(texels.rows << texels.shift);
    this.means = new Uint16Array((means.rows << means.shift) * 4);
    this.#wideMeans = new Uint32Array(this.means.buffer);
    this.#packed = new Uint32Array(tables.packed.slice().buffer);
    for (const [level, first] of this.first.entries()) {
      this.means[4 * level] = first & laws.full;
      this.means[4 * level + 1] = first >>> 16;
    }
    this.newTexels = levels.map(() => [0, 0]);
    this.newMeans = levels.map(() => [0, 0]);
    this.newMeans[0] = [0, laws.header];
    this.#lift = content.scale < 1 / laws.lift ? laws.lift : 1;
    this.unit = Math.min(Math.max(1 / (content.scale * this.#lift), laws.units[0]), laws.units[1]);
    this.#levels = emptyLevels(levels, steps);
    const wide = (this.#levels[0]?.columns ?? 1) * SUMS;
    this.#buffers = [new Float32Array(wide), new Float32Array(wide)];
    this.#codes = new Int16Array(2 * content.columns);
    this.#turns = turnsOf(shown, content.rows, content.columns);
  }

  get levels(): number {
    return this.first.length;
  }

  // Everything; a slice at each step.
  *build(): Generator<undefined> {
    this.hasOutliers = false;
    this.#signs();
    yield* this.#elements();
    yield* this.#compute([0, this.#content.rows], [0, this.#content.columns]);
  }

  // Other cells are shown: what depends on those that come or go, a slice at each step.
  *show(shown: Sweep): Generator<undefined> {
    const { rows, columns } = this.#content;
    const turns = turnsOf(shown, rows, columns);
    const changed = turns.changed(this.#turns);
    this.#turns = turns;
    if (changed !== null) yield* this.#compute(changed.rows, changed.columns);
  }

  #signs(): void {
    let positive = false;
    let negative = false;
    for (const x of this.#content.values) {
      if (x > 0) positive = true;
      else if (x < 0) negative = true;
      if (positive && negative) break;
    }
    this.twoSigns = positive && negative;
  }

  // The numbers of the elements themselves, in such as no driver takes for 0.
  *#elements(): Generator<undefined> {
    const { values, masked, scale } = this.#content;
    const laws = this.#laws;
    const smallest = Math.fround(laws.smallest * Math.max(1, scale * this.#lift));
    const most = Math.fround(Math.fround(-laws.masked / 2) / laws.lift);
    for (let start = 0; start < values.length; start += 8 * SLICE) {
      const end = Math.min(start + 8 * SLICE, values.length);
      for (let n = start; n < end; n++) {
        let x = values[n]!;
        if (masked !== null && masked[n] !== 0) x = laws.masked;
        else if (this.#lift > 1 && Number.isFinite(x)) x = Math.min(Math.max(x, -most), most) * this.#lift;
        const size = Math.abs(x);
        this.texels[n] = size < smallest && size > 0 ? Math.sign(x) * smallest : x;
      }
      widen(this.newTexels, 0, start, end);
      yield;
    }
  }

  // What some rows and columns of elements give, on all levels.
  *#compute(rows: Range, columns: Range): Generator<undefined> {
    const ranges = this.#ranges(rows, columns);
    const one = this.#levels[0];
    if (one === undefined) { // every element is a block of its own
      for (let row = rows[0]; row < rows[1]; row++) this.#footprints(row, columns, 0);
      this.ready = 1;
      return;
    }
    yield* this.#lowest(ranges);
    this.ready = Math.max(this.ready, Math.min(3, this.levels));
    for (let level = 3; level < this.levels; level++) {
      const [down, across] = ranges[level]!;
      const finer = this.#levels[level - 2]!;
      for (let row = down[0]; row < down[1]; row++) {
        const first = this.#levels[level - 1]!.rowPairs.first[row]!;
        this.#join(level, row, across, finer.sums, first * finer.columns * SUMS, (first + 1) * finer.columns * SUMS);
        yield;
      }
      this.ready = Math.max(this.ready, level + 1);
    }
    yield* this.#outliers(ranges);
  }

  // Rows and columns of every level that depend on some of the elements.
  #ranges(rows: Range, columns: Range): [Range, Range][] {
    const found: [Range, Range][] = [[rows, columns]];
    for (const level of this.#levels) {
      const [down, across] = found[found.length - 1]!;
      found.push([
        [level.rowParents[down[0]]!, level.rowParents[down[1] - 1]! + 1],
        [level.columnParents[across[0]]!, level.columnParents[across[1] - 1]! + 1],
      ]);
    }
    const two = this.#levels[1];
    if (two !== undefined) {
      // The sums of level 1 are not kept: those beside the ones that changed are needed again.
      const [down, across] = found[2]!;
      found[1] = [children(two.rowPairs, down), children(two.columnPairs, across)];
    }
    return found;
  }

  // Elements and the two levels above them, row by row of the second one.
  *#lowest(ranges: readonly [Range, Range][]): Generator<undefined> {
    const two = this.#levels[1];
    const [down, across] = ranges[two === undefined ? 1 : 2]!;
    const [a, b] = this.#buffers as [Float32Array, Float32Array];
    let since = 0;
    for (let row = down[0]; row < down[1]; row++) {
      if (two === undefined) this.#sumUp(row, ranges[1]![1], a);
      else {
        const first = two.rowPairs.first[row]!;
        this.#sumUp(first, ranges[1]![1], a);
        if (two.rowPairs.second[row] !== 0) this.#sumUp(first + 1, ranges[1]![1], b);
        this.#joinRows(2, row, across, a, b);
      }
      since += 4 * this.#content.columns;
      if (since >= SLICE) {
        since = 0;
        yield;
      }
    }
  }

  // One row of level 1: its sums into a buffer, its means, and its strongest elements.
  #sumUp(row: number, across: Range, sums: Float32Array): void {
    const level = this.#levels[0]!;
    const element = level.rowPairs.first[row]!;
    const both = level.rowPairs.second[row] !== 0;
    const { first, second } = level.columnPairs;
    const columns = children(level.columnPairs, across);
    this.#footprints(element, columns, 0);
    if (both) this.#footprints(element + 1, columns, 1);
    const table = this.#tables.footprints;
    const codes = this.#codes;
    const wide = this.#content.columns;
    for (let column = across[0]; column < across[1]; column++) {
      const at = first[column]!;
      const paired = second[column] !== 0;
      const a = codes[at]! * SUMS;
      const b = paired ? codes[at + 1]! * SUMS : -1;
      const c = both ? codes[wide + at]! * SUMS : -1;
      const d = both && paired ? codes[wide + at + 1]! * SUMS : -1;
      const to = column * SUMS;
      for (let n = 0; n < SUMS; n++) {
        const upper = paired ? Math.fround(table[a + n]! + table[b + n]!) : table[a + n]!;
        if (!both) sums[to + n] = upper;
        else sums[to + n] = upper + (paired ? Math.fround(table[c + n]! + table[d + n]!) : table[c + n]!);
      }
      this.#strongestOf(level, row, column, element, at, both, paired);
    }
    this.#means(1, row, across, sums, 0);
  }

  #strongestOf(
    level: Level,
    row: number,
    column: number,
    i: number,
    j: number,
    both: boolean,
    paired: boolean,
  ): void {
    const cell = row * level.columns + column;
    const start = i * this.#content.columns + j;
    level.strongest.begin(cell, this.#rank(start, 0, j), start);
    if (paired) level.strongest.join(cell, this.#rank(start + 1, 0, j + 1), start + 1);
    if (!both) return;
    const below = start + this.#content.columns;
    level.strongest.join(cell, this.#rank(below, 1, j), below);
    if (paired) level.strongest.join(cell, this.#rank(below + 1, 1, j + 1), below + 1);
  }

  // |x|, with NaN and infinities first, and what gives nothing last.
  #rank(number: number, buffer: 0 | 1, column: number): number {
    if (this.#codes[buffer * this.#content.columns + column] === this.#laws.absent) return 0;
    const size = Math.abs(this.#content.values[number]!);
    return Number.isNaN(size) ? Infinity : size;
  }

  // The footprints of one row of elements, into one of two buffers, and what is seen of them.
  #footprints(row: number, columns: Range, buffer: 0 | 1): void {
    const { values, masked, columns: wide } = this.#content;
    const { absent, header } = this.#laws;
    const turns = this.#turns.columns;
    const [least, most] = this.#turns.ofRow(row);
    const [codeOf, codes, packed, means] = [this.#rowOf, this.#codes, this.#packed, this.#wideMeans];
    const [start, end] = columns;
    for (let column = start; column < end; column++) {
      const number = row * wide + column;
      const turn = turns[column]!;
      const gone = turn < least || turn > most || (masked !== null && masked[number] !== 0);
      const code = gone ? absent : codeOf(values[number]!);
      codes[buffer * wide + column] = code;
      const to = 2 * (header + number);
      means[to] = packed[2 * code]!;
      means[to + 1] = packed[2 * code + 1]!;
    }
    widen(this.newMeans, 0, header + row * wide + columns[0], header + row * wide + columns[1]);
  }

  // One row of a level out of two rows of sums of the finer one, which lie one after the other from two places on.
  #join(level: number, row: number, across: Range, sums: Float32Array, upper: number, lower: number): void {
    const pairs = this.#levels[level - 1]!.rowPairs;
    const wide = this.#levels[level - 2]!.columns * SUMS;
    const a = sums.subarray(upper, upper + wide);
    const b = pairs.second[row] === 0 ? a : sums.subarray(lower, lower + wide);
    this.#joinRows(level, row, across, a, b);
  }

  #joinRows(number: number, row: number, across: Range, a: Float32Array, b: Float32Array): void {
    const level = this.#levels[number - 1]!;
    const finer = this.#levels[number - 2]!;
    const both = level.rowPairs.second[row] !== 0;
    const { first, second } = level.columnPairs;
    const above = level.rowPairs.first[row]! * finer.columns;
    for (let column = across[0]; column < across[1]; column++) {
      const at = first[column]!;
      const paired = second[column] !== 0;
      const to = (row * level.columns + column) * SUMS;
      for (let n = 0; n < SUMS; n++) {
        const from = at * SUMS + n;
        const left = both ? Math.fround(a[from]! + b[from]!) : a[from]!;
        if (!paired) level.sums[to + n] = left;
        else level.sums[to + n] = left + (both ? Math.fround(a[from + SUMS]! + b[from + SUMS]!) : a[from + SUMS]!);
      }
      const cell = row * level.columns + column;
      level.strongest.take(cell, finer.strongest, above + at);
      if (paired) level.strongest.joinFrom(cell, finer.strongest, above + at + 1);
      if (both) level.strongest.joinFrom(cell, finer.strongest, above + finer.columns + at);
      if (both && paired) level.strongest.joinFrom(cell, finer.strongest, above + finer.columns + at + 1);
    }
    this.#means(number, row, across, level.sums, row * level.columns * SUMS);
  }

  // What one row of a level shows, and the sizes of its cells.
  #means(number: number, row: number, across: Range, sums: Float32Array, offset: number): void {
    const level = this.#levels[number - 1]!;
    const full = this.#laws.full;
    const start = this.#laws.header + this.first[number]! + row * level.columns;
    const [{ sizes, columnCounts }, means, rows] = [level, this.means, level.rowCounts[row]!];
    const [first, end] = across;
    for (let column = first; column < end; column++) {
      const count = Math.fround(rows * columnCounts[column]!);
      const told = seen(sums, offset + column * SUMS, count, row + column);
      sizes[row * level.columns + column] = told.size;
      const to = 4 * (start + column);
      means[to] = rounded(Math.fround(full * told.red));
      means[to + 1] = rounded(Math.fround(full * told.green));
      means[to + 2] = rounded(Math.fround(full * told.blue));
      means[to + 3] = rounded(Math.fround(full * told.cover));
    }
    widen(this.newMeans, number, start + across[0], start + across[1]);
  }

  // Where the strongest element of each cell is, if it stands out.
  *#outliers(ranges: readonly [Range, Range][]): Generator<undefined> {
    const { offsets, standsOut, faint, tiny, around } = this.#laws;
    const wide = this.#content.columns;
    const least = Math.fround(faint);
    for (let number = 1; number < this.levels; number++) {
      const level = this.#levels[number - 1]!;
      const over = Math.min(around, this.levels - 1 - number);
      const above = this.#levels[number - 1 + over]!;
      const rowsAbove = ancestors(this.#levels.slice(number, number + over).map((one) => one.rowParents), level.rows);
      const columnsAbove = ancestors(
        this.#levels.slice(number, number + over).map((one) => one.columnParents),
        level.columns,
      );
      const down = within(rowsAbove, ranges[number + over]![0]);
      const across = within(columnsAbove, ranges[number + over]![1]);
      for (let row = down[0]; row < down[1]; row++) {
        const start = this.first[number]! + row * level.columns;
        for (let column = across[0]; column < across[1]; column++) {
          const cell = row * level.columns + column;
          const mean = above.sizes[rowsAbove[row]! * above.columns + columnsAbove[column]!]!;
          const usual = Math.max(Math.fround(this.#full * Math.max(mean, least)), Math.fround(tiny));
          let code = 0;
          if (level.strongest.rank[cell]! > Math.fround(standsOut * usual)) {
            const element = level.strongest.element[cell]!;
            const i = Math.floor(element / wide);
            const below = i - level.rowStarts[row]!;
            const right = element - i * wide - level.columnStarts[column]!;
            if (Math.max(below, right) < offsets) code = 1 + offsets * below + right;
          }
          if (code > 0) this.hasOutliers = true;
          this.texels[start + column] = code;
        }
        widen(this.newTexels, number, start + across[0], start + across[1]);
        if (level.columns > 256 || row % 64 === 0) yield;
      }
    }
  }
}

// The entries of which some of the next level are made.
function children(pairs: Pairs, range: Range): Range {
  const last = range[1] - 1;
  return [pairs.first[range[0]]!, pairs.first[last]! + 1 + pairs.second[last]!];
}

function widen(dirty: Dirty, level: number, start: number, end: number): void {
  const before = dirty[level]!;
  dirty[level] = before[0] === before[1] ? [start, end] : [Math.min(before[0], start), Math.max(before[1], end)];
}
