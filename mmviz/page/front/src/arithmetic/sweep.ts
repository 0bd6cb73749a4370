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

export function holds(sweep: Sweep, i: number, j: number): boolean {
  const row = Math.floor((i % sweep.rowBlock) / sweep.rowSize);
  const column = Math.floor((j % sweep.columnBlock) / sweep.columnSize);
  const turn = sweep.rowTurn * row + sweep.columnTurn * column;
  return sweep.first <= turn && turn <= sweep.last;
}
