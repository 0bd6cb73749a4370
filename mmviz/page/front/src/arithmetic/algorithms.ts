// What one step of each algorithm computes, shows and takes, by indices: mmviz.picture.time.algorithms.
import type { WayRecord } from "../document/time";
import type { Sweep } from "../picture/drawlist";
import { EVERYWHERE, sweep } from "./sweep";

export type Triple = readonly [number, number, number]; // something of each of the axes i, k and j
export type Axis = 0 | 1 | 2;
export type Indices = [number | undefined, number | undefined, number | undefined];
export const I = 0;
export const K = 1;
export const J = 2;

// The index of a step on each axis of which it has one, counted from the beginning of every block; undefined: none.
export function indices(way: WayRecord, block: Triple, step: number): Indices {
  const found: Indices = [undefined, undefined, undefined];
  for (const axis of [...way.turns].reverse() as Axis[]) {
    found[axis] = step % block[axis];
    step = Math.floor(step / block[axis]);
  }
  return found;
}

// How many steps a way takes for a product whose blocks have this size.
export function countSteps(way: WayRecord, block: Triple): number {
  return (way.turns as Axis[]).reduce<number>((product, axis) => product * block[axis], 1);
}

// The cells of the left and of the right argument that a step takes; null: all of it. Under a limit, an axis of which
// the step takes what came before, too, the cells are the newest.
export function taken(
  way: WayRecord,
  block: Triple,
  step: number,
  limit: number | undefined,
): [Sweep | null, Sweep | null] {
  const at = indices(way, block, step);
  const left = [...at];
  const right = [...at];
  if (limit !== undefined) (way.turns[0] === I ? right : left)[limit] = step;
  return [cells(left[I], left[K], block[I], block[K]), cells(right[K], right[J], block[K], block[J])];
}

// In every block of `rows` by `columns` cells this row, this column or this cell.
function cells(row: number | undefined, column: number | undefined, rows: number, columns: number): Sweep | null {
  if (row === undefined && column === undefined) return null;
  const rowTurn = row === undefined ? 0 : column === undefined ? 1 : columns;
  const columnTurn = column === undefined ? 0 : 1;
  const turn = rowTurn * (row ?? 0) + columnTurn * (column ?? 0);
  return sweep({ rowTurn, columnTurn, first: turn, last: turn, rowBlock: rows, columnBlock: columns });
}

// The cells of the result that are there at a step; all of them where running sums are shown.
export function computed(way: WayRecord, block: Triple, step: number): Sweep {
  const [slow, fast] = way.turns;
  if (slow === undefined || slow === K || fast === K) return EVERYWHERE;
  const rowTurn = slow === I ? (fast === undefined ? 1 : block[J]) : fast === undefined ? 0 : 1;
  const columnTurn = slow === J ? (fast === undefined ? 1 : block[I]) : fast === undefined ? 0 : 1;
  return sweep({ rowTurn, columnTurn, first: 0, last: step, rowBlock: block[I], columnBlock: block[J] });
}
