// What single elements are called: mmviz.picture.cell.element_names.
import type { CellsSection } from "../document/cells";
import type { MatrixRecord } from "../document/time";

type Tokens = Pick<CellsSection, "tokens">;

// A matrix's name with indices, such as `attn[41 “ to”, 40 “ has”]`.
export function elementName(cells: Tokens, record: MatrixRecord, i: number, j: number, name = record.name): string {
  const [rows, columns] = record.axes;
  return `${bracketed(name)}[${placeName(cells, rows, i)}, ${placeName(cells, columns, j)}]`;
}

// An index, and the token that it stands for where the axis counts tokens.
export function placeName(cells: Tokens, axis: string, index: number): string {
  const token = cells.tokens[axis]?.[index];
  if (token === undefined) return String(index);
  return `${index} “${token.replaceAll("\n", "\\n").replaceAll("\t", "\\t")}”`;
}

// A name that indices can follow: an expression gets brackets, a name or a function call does not.
export function bracketed(name: string): string {
  let depth = 0;
  for (const letter of name) {
    if (letter === "(") depth++;
    if (letter === ")") depth--;
    if (letter === " " && depth === 0) return `(${name})`;
  }
  return name;
}
