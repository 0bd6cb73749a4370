// The row and the column of a cell, and where they go on: mmviz.picture.marks.shared_axes.
import type { ShellSection } from "../document/shell";
import type { Sweep } from "../picture/drawlist";
import { sweep } from "./sweep";

// By path what is lit with a cell: of each matrix one row, one column or both.
//   lines, alike: as the document has them
export function litAround(
  lines: ShellSection["lines"],
  alike: ShellSection["alike"],
  path: string,
  i: number,
  j: number,
): [string, readonly Sweep[]][] {
  const found = new Map<number, number>(); // by line which row or column of it
  for (const [other, turned] of [[path, false] as const, ...(alike[path] ?? [])]) {
    const places = turned ? [j, i] : [i, j];
    const own = lines[other]!.map((line, axis) => [line, places[axis]!] as const);
    if (own.every(([line, index]) => (found.get(line) ?? index) === index)) own.forEach((one) => found.set(...one));
  }
  return Object.entries(lines).flatMap(([other, [rows, columns]]): [string, readonly Sweep[]][] => {
    const [row, column] = [found.get(rows), found.get(columns)];
    const sweeps = [
      ...(row === undefined ? [] : [sweep({ rowTurn: 1, first: row, last: row })]),
      ...(column === undefined ? [] : [sweep({ columnTurn: 1, first: column, last: column })]),
    ];
    return sweeps.length > 0 ? [[other, sweeps]] : [];
  });
}
