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

  holds(row: number, column: number): boolean {
    const turn = this.#rows[row]! + this.#columns[column]!;
    return turn >= this.#first && turn <= this.#last;
  }

  // The smallest rectangle that has all cells which one holds and the other does not; null: they hold the same.
  changed(other: Turns): { rows: Range; columns: Range } | null {
    const height = this.#rows.length;
    const width = this.#columns.length;
    const across = this.#constant && other.#constant ? 1 : width; // one column tells of all
    let [top, bottom, left, right] = [height, 0, width, 0];
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < across; column++) {
        if (this.holds(row, column) === other.holds(row, column)) continue;
        top = Math.min(top, row);
        bottom = row + 1;
        if (column < left) left = column;
        if (column >= right) right = column + 1;
      }
    }
    if (top >= bottom) return null;
    return { rows: [top, bottom], columns: across < width ? [0, width] : [left, right] };
  }

  get #constant(): boolean {
    return this.#columns.every((turn) => turn === 0);
  }
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
