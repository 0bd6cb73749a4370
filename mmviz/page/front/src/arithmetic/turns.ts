// A sweep over one matrix, tested cell by cell quickly, and where two of them differ.
import type { Sweep } from "../picture/drawlist";
import type { Range } from "./levels";

export class Turns {
  readonly #rows: Int32Array; // what each row adds to a cell's turn
  readonly #columns: Int32Array;
  readonly #first: number;
  readonly #last: number;

  constructor(rows: Int32Array, columns: Int32Array, first: number, last: number) {
    this.#rows = rows;
    this.#columns = columns;
    this.#first = first;
    this.#last = last;
  }

  // What columns of a row are to have, from the first to the last turn, so that their cells are held.
  ofRow(row: number): Range {
    return [this.#first - this.#rows[row]!, this.#last - this.#rows[row]!];
  }

  // What each column adds to a cell's turn.
  get columns(): Int32Array {
    return this.#columns;
  }

  holds(row: number, column: number): boolean {
    const turn = this.#rows[row]! + this.#columns[column]!;
    return turn >= this.#first && turn <= this.#last;
  }

  // The smallest rectangle that has all cells which one holds and the other does not; null: they hold the same.
  changed(other: Turns): { rows: Range; columns: Range } | null {
    if (!same(this.#rows, other.#rows) || !same(this.#columns, other.#columns)) return this.#compared(other);
    // Only the turns that are shown are others. Of the side along which turns go farther, few entries have such.
    const between = differing([this.#first, this.#last], [other.#first, other.#last]);
    const [rows, columns] = [span(this.#rows), span(this.#columns)];
    if (rows >= columns) {
      const found = reached(this.#rows, this.#columns, between);
      return found === null ? null : { rows: found[0], columns: found[1] };
    }
    const found = reached(this.#columns, this.#rows, between);
    return found === null ? null : { rows: found[1], columns: found[0] };
  }

  // Cell by cell: of a row only as far as it may make the rectangle larger.
  #compared(other: Turns): { rows: Range; columns: Range } | null {
    const height = this.#rows.length;
    const width = this.#columns.length;
    const differ = (row: number, column: number): boolean => this.holds(row, column) !== other.holds(row, column);
    let [top, bottom, left, right] = [height, 0, width, 0];
    for (let row = 0; row < height; row++) {
      let column = 0;
      while (column < width && !differ(row, column)) column++;
      if (column === width) continue;
      top = Math.min(top, row);
      bottom = row + 1;
      left = Math.min(left, column);
      for (let last = width; last > right; last--) if (differ(row, last - 1)) right = last;
    }
    return top < bottom ? { rows: [top, bottom], columns: [left, right] } : null;
  }
}

// The turns that only one of two ranges has: from each first to each last; both may be empty.
function differing(one: Range, other: Range): Range[] {
  const [[a, b], [c, d]] = [one, other];
  const ranges: Range[] = b < a || d < c || b < c || d < a ? [one, other] : [[Math.min(a, c), Math.max(a, c) - 1], [Math.min(b, d) + 1, Math.max(b, d)]];
  return ranges.filter(([first, last]) => first <= last);
}

function span(turns: Int32Array): number {
  const [least, most] = extremes(turns);
  return most - least;
}

function extremes(turns: Int32Array): Range {
  let [least, most] = [Infinity, -Infinity];
  for (const turn of turns) {
    if (turn < least) least = turn;
    if (turn > most) most = turn;
  }
  return [least, most];
}

// The entries of both sides whose turns together lie in one of some ranges, from the first to the one after the last.
function reached(outer: Int32Array, inner: Int32Array, ranges: readonly Range[]): [Range, Range] | null {
  const [least, most] = extremes(inner);
  let [top, bottom, left, right] = [outer.length, 0, inner.length, 0];
  for (const [n, turn] of outer.entries()) {
    const there = ranges.filter(([first, last]) => first - turn <= most && last - turn >= least);
    if (there.length === 0) continue;
    const holds = (one: number): boolean => there.some(([first, last]) => one >= first - turn && one <= last - turn);
    let at = 0;
    while (at < inner.length && !holds(inner[at]!)) at++;
    if (at === inner.length) continue;
    top = Math.min(top, n);
    bottom = n + 1;
    left = Math.min(left, at);
    for (let last = inner.length; last > right; last--) if (holds(inner[last - 1]!)) right = last;
  }
  return top < bottom ? [[top, bottom], [left, right]] : null;
}

function same(one: Int32Array, other: Int32Array): boolean {
  return one.length === other.length && one.every((turn, n) => turn === other[n]);
}

export function turnsOf(sweep: Sweep, rows: number, columns: number): Turns {
  const of = (size: number, turn: number, block: number, side: number): Int32Array =>
    Int32Array.from({ length: size }, (_, index) => turn * Math.floor((index % block) / side));
  return new Turns(
    of(rows, sweep.rowTurn, sweep.rowBlock, sweep.rowSize),
    of(columns, sweep.columnTurn, sweep.columnBlock, sweep.columnSize),
    sweep.first,
    sweep.last,
  );
}
