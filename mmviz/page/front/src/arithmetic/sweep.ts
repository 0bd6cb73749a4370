// Sets of cells by their turn in the order of computation: mmviz.picture.space.sweep.
import type { Sweep } from "../picture/drawlist";

const WHOLE = 2 ** 30; // a block that no matrix is larger than

export const EVERYWHERE: Sweep = {
  rowTurn: 0,
  columnTurn: 0,
  first: 0,
  last: 0,
  rowBlock: WHOLE,
  columnBlock: WHOLE,
  rowSize: 1,
  columnSize: 1,
};
export const NOWHERE: Sweep = { ...EVERYWHERE, first: 1, last: 0 };

// A sweep of which some is said, and the rest as of EVERYWHERE.
export function sweep(said: Partial<Sweep>): Sweep {
  return { ...EVERYWHERE, ...said };
}

export function holds(sweep: Sweep, i: number, j: number): boolean {
  const turn = turnOf(sweep, i, j);
  return sweep.first <= turn && turn <= sweep.last;
}

export function same(a: Sweep, b: Sweep): boolean {
  return (Object.keys(EVERYWHERE) as (keyof Sweep)[]).every((key) => a[key] === b[key]);
}

// The cells of a sweep as they stand in the transpose, or the same cells.
export function turned(sweep: Sweep, transposed: boolean): Sweep {
  if (!transposed) return sweep;
  return {
    ...sweep,
    rowTurn: sweep.columnTurn,
    columnTurn: sweep.rowTurn,
    rowBlock: sweep.columnBlock,
    columnBlock: sweep.rowBlock,
    rowSize: sweep.columnSize,
    columnSize: sweep.rowSize,
  };
}

function turnOf(sweep: Sweep, i: number, j: number): number {
  const row = Math.floor((i % sweep.rowBlock) / sweep.rowSize);
  const column = Math.floor((j % sweep.columnBlock) / sweep.columnSize);
  return sweep.rowTurn * row + sweep.columnTurn * column;
}
