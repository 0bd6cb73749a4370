// How one element came about: mmviz.picture.cell.explanation.
import type { CellsSection } from "../document/cells";
import type { MatrixRecord, PieceRecord } from "../document/time";
import type { Matrix, Sweep } from "../picture/drawlist";
import { bracketed, elementName, placeName } from "./element_names";
import type { Finishing } from "./finishing";
import { type Dressed, wear } from "./functions";
import type { Matrices } from "./matrices";
import { type Around, type Stage, stagesOf } from "./stages";
import { sweep } from "./sweep";

export interface Cell {
  readonly path: string;
  readonly i: number;
  readonly j: number;
}

// An element of an argument.
export interface Operand {
  readonly cell: Cell;
  readonly name: string;
  readonly value: number; // as it is shown, after the functions of its matrix
  readonly masked: boolean; // a mask forbids it; it counts as 0
}

// One of the products that are summed up to an element.
export interface Factors {
  readonly k: number;
  readonly label: string; // of k: its token, or else its axis and number
  readonly left: number;
  readonly right: number;
  readonly product: number;
  readonly share: number; // of the sum of all |products|, 0..1; 0 where that is not finite
  readonly running: number; // sum of the products so far, in this order
  readonly masked: boolean; // the left or the right element is masked
}

export type Origin =
  | {
      readonly kind: "products";
      readonly axis: string; // what k counts
      readonly names: readonly [string, string]; // of the left and the right matrix
      readonly cells: readonly [Cell, Cell]; // of k = 0, in the left and in the right matrix
      readonly places: readonly [string, string]; // what the row of the left and the column of the right are called
      readonly rows: readonly Factors[]; // the largest |product| first
      readonly total: number; // sum of all products
    }
  | {
      readonly kind: "terms";
      readonly left: Operand;
      readonly right: Operand;
      readonly sign: string;
      readonly total: number;
      readonly masked: boolean;
    }
  | { readonly kind: "selected"; readonly target: Operand; readonly why: string; readonly total: number }
  | {
      readonly kind: "reduced";
      readonly function: string;
      readonly line: string; // such as: row 3 of x
      readonly count: number; // of the elements in it that no mask forbids
      readonly first: Cell; // of the line
      readonly axis: 0 | 1; // along which the line goes: 0 down a column, 1 along a row
      readonly target: Operand | null; // the one that it is, or whose place it is
      readonly total: number;
    }
  | { readonly kind: "again"; readonly target: Operand; readonly before: string; readonly total: number }
  | {
      readonly kind: "source";
      readonly tensor: string;
      readonly words: string;
      readonly i: number;
      readonly j: number;
      readonly total: number;
    };

export interface Explanation {
  readonly cell: Cell;
  readonly name: string; // such as `attn[41 “ to”, 40 “ has”]`
  readonly value: number; // as it is shown once it is finished
  readonly masked: boolean;
  readonly origin: Origin; // its total is the number before the first function
  readonly stages: readonly Stage[]; // what the functions of its matrix make of it, innermost first
  readonly scale: string; // in words, which |x| of its matrix is drawn at full size
}

type Range = readonly [number, number];

// Explains elements of one scene.
export class Explainer {
  readonly #cells: CellsSection;
  readonly #matrices: Matrices;
  readonly #finishing: Finishing;
  #latest: Explanation | null = null;

  constructor(cells: CellsSection, matrices: Matrices, finishing: Finishing) {
    this.#cells = cells;
    this.#matrices = matrices;
    this.#finishing = finishing;
  }

  // Whether a scene has this element.
  holds({ path, i, j }: Cell): boolean {
    if (!this.#matrices.has(path)) return false;
    const { rows, columns } = this.#matrices.record(path);
    return i >= 0 && i < rows && j >= 0 && j < columns;
  }

  // Whether all numbers have been read of which elements of a matrix are explained.
  there(path: string): boolean {
    return this.#matrices.ingredientsThere(path);
  }

  // The latest one is kept: a cell that is pinned is asked for in every picture.
  of(path: string, i: number, j: number): Explanation {
    const { cell } = this.#latest ?? {};
    if (cell?.path !== path || cell.i !== i || cell.j !== j) this.#latest = this.#explained(path, i, j);
    return this.#latest!;
  }

  #explained(path: string, i: number, j: number): Explanation {
    const cell = { path, i, j };
    if (!this.holds(cell)) throw new RangeError(`there is no element [${i}, ${j}] at path '${path}'.`);
    const record = this.#matrices.record(path);
    const own = this.operand(cell);
    const around = record.worn.length > 0 ? this.#around(record, i, j) : null;
    let [bare, forbidden] = [own.value, own.masked];
    if (around !== null) {
      const pane = around.panes[0]!;
      const index = (i - around.first[0]) * pane.columns + j - around.first[1];
      [bare, forbidden] = [pane.x[index]!, pane.mask?.[index] === 1];
    }
    return {
      cell,
      name: own.name,
      value: own.value,
      masked: own.masked,
      origin: this.#origin(record, cell, bare, forbidden),
      stages: around === null ? [] : stagesOf(this.#finishing.worn(path), around, i, j),
      scale: record.told,
    };
  }

  operand(cell: Cell): Operand {
    const record = this.#matrices.record(cell.path);
    const index = cell.i * record.columns + cell.j;
    return {
      cell,
      name: elementName(this.#cells, record, cell.i, cell.j),
      value: this.#matrices.of(cell.path).values[index]!,
      masked: this.#matrices.masked(cell.path)?.[index] === 1,
    };
  }

  #origin(record: MatrixRecord, cell: Cell, bare: number, forbidden: boolean): Origin {
    if (record.kind === "product") return this.#products(record, cell);
    if (record.kind === "sum") {
      const { sign } = record;
      const [left, right] = [record.left, record.right].map((path) => this.operand(this.#within(path, cell))) as [
        Operand,
        Operand,
      ];
      const total = forbidden ? 0 : combined(left.value, right.value, sign);
      return { kind: "terms", left, right, sign, total, masked: forbidden };
    }
    if (record.pieces.length > 0 || ["reduced", "taken"].includes(record.kind)) return this.#selection(record, cell, bare);
    const [i, j] = record.transposed ? [cell.j, cell.i] : [cell.i, cell.j];
    if (record.target === null) {
      const words = this.#cells.sources[record.tensor] ?? "";
      return { kind: "source", tensor: record.tensor, words, i, j, total: bare };
    }
    const before = this.#matrices.record(record.target).worn[record.depth]?.function ?? "";
    return { kind: "again", target: this.operand({ path: record.target, i, j }), before, total: bare };
  }

  // An element that is one of an argument's, or one number for a row or column of it.
  #selection(record: MatrixRecord, cell: Cell, bare: number): Origin {
    if (record.pieces.length > 0) {
      const { pieces } = record;
      const number = pieces.findIndex((piece) => within(piece, cell.i, cell.j));
      const why = record.kind === "cut" ? "cut out" : `part ${number + 1} of ${pieces.length}`;
      return { kind: "selected", target: this.operand(moved(pieces[number]!, cell.i, cell.j)), why, total: bare };
    }
    return record.kind === "reduced" ? this.#reduced(record, cell, bare) : this.#taken(record, cell, bare);
  }

  // The same element of a term, of which one row or column may go with all of the sum.
  #within(path: string, { i, j }: Cell): Cell {
    const { rows, columns } = this.#matrices.record(path);
    return { path, i: Math.min(i, rows - 1), j: Math.min(j, columns - 1) };
  }

  // Which element of a table an element is, by the ids.
  #taken(record: MatrixRecord, cell: Cell, bare: number): Origin {
    const ids = this.#matrices.record(record.left);
    const place = record.transposed ? cell.j : cell.i;
    const taken = this.#matrices.of(ids.path).values[place]!;
    const at = ids.columns === 1 ? { path: ids.path, i: place, j: 0 } : { path: ids.path, i: 0, j: place };
    const path = record.right;
    const target = record.transposed ? { path, i: cell.i, j: taken } : { path, i: taken, j: cell.j };
    const why = `as ${this.operand(at).name} = ${taken} says`;
    return { kind: "selected", target: this.operand(target), why, total: bare };
  }

  // The row or column that an element is one number for.
  #reduced(record: MatrixRecord, cell: Cell, bare: number): Origin {
    const [name, axis] = record.reduction!;
    const whole = this.#matrices.record(record.left);
    const index = axis === 1 ? cell.i : cell.j;
    const { path } = whole;
    const place = (k: number): Cell => (axis === 1 ? { path, i: index, j: k } : { path, i: k, j: index });
    const line = Array.from({ length: axis === 1 ? whole.columns : whole.rows }, (_, k) => this.operand(place(k)));
    const allowed = line.filter((one) => !one.masked);
    return {
      kind: "reduced",
      function: name,
      line: `${axis === 1 ? "row" : "column"} ${placeName(this.#cells, whole.axes[1 - axis]!, index)} of ${whole.name}`,
      count: allowed.length,
      first: place(0),
      axis,
      target: ["max", "min", "argmax"].includes(name) ? extreme(allowed, name === "min") : null,
      total: bare,
    };
  }

  #products(record: MatrixRecord, cell: Cell): Origin {
    const [left, right] = [this.#matrices.record(record.left), this.#matrices.record(record.right)];
    const [a, b] = [this.#matrices.of(left.path).values, this.#matrices.of(right.path).values];
    const [maskA, maskB] = [this.#matrices.masked(left.path), this.#matrices.masked(right.path)];
    const ks = Array.from({ length: left.columns }, (_, k) => k);
    const [inLeft, inRight] = [(k: number) => cell.i * left.columns + k, (k: number) => k * right.columns + cell.j];
    const product = ks.map((k) => a[inLeft(k)]! * b[inRight(k)]!);
    const order = [...ks].sort((one, other) => sized(product[other]!) - sized(product[one]!) || one - other);
    const whole = product.reduce((sum, one) => sum + Math.abs(one), 0);
    const axis = left.axes[1];
    let running = 0;
    const rows = order.map((k): Factors => {
      running += product[k]!;
      return {
        k,
        label: this.#label(axis, k),
        left: a[inLeft(k)]!,
        right: b[inRight(k)]!,
        product: product[k]!,
        share: whole > 0 && whole < Infinity ? Math.abs(product[k]!) / whole : 0,
        running,
        masked: maskA?.[inLeft(k)] === 1 || maskB?.[inRight(k)] === 1,
      };
    });
    return {
      kind: "products",
      axis: axis === "" ? "k" : axis,
      names: [left.name, right.name],
      cells: [
        { path: left.path, i: cell.i, j: 0 },
        { path: right.path, i: 0, j: cell.j },
      ],
      places: [placeName(this.#cells, left.axes[0], cell.i), placeName(this.#cells, right.axes[1], cell.j)],
      rows,
      total: running,
    };
  }

  // What a k is called.
  #label(axis: string, k: number): string {
    if (this.#cells.counted.includes(axis)) return placeName(this.#cells, axis, k);
    return axis === "" ? `k = ${k}` : `${axis} ${k}`;
  }

  // How the functions of a matrix make an element: its own row and column, or all where a function looks at them.
  #around(record: MatrixRecord, i: number, j: number): Around {
    const looking = record.worn.filter((worn) => worn.along !== "elements").map((worn) => worn.turned);
    const rows: Range = looking.includes(true) ? [0, record.rows] : [i, i + 1];
    const columns: Range = looking.includes(false) ? [0, record.columns] : [j, j + 1];
    const panes = [this.#bare(record, rows, columns)];
    for (const worn of this.#finishing.worn(record.path)) panes.push(wear(worn, panes.at(-1)!, [rows[0], columns[0]]));
    return { first: [rows[0], columns[0]], panes, inner: record.inner };
  }

  // Some rows and columns of a matrix before the functions that it wears.
  #bare(record: MatrixRecord, rows: Range, columns: Range): Dressed {
    const size = [rows[1] - rows[0], columns[1] - columns[0]] as const;
    const forbidden = this.#matrices.mask(record.bareMasked, record.rows, record.columns);
    const bounds = record.noise === null ? null : this.#matrices.array(record.noise);
    const number = this.#numberBefore(record);
    const x = new Float64Array(size[0] * size[1]);
    const mask = forbidden === null ? null : new Uint8Array(x.length);
    for (let i = rows[0], at = 0; i < rows[1]; i++) {
      for (let j = columns[0]; j < columns[1]; j++, at++) {
        const index = i * record.columns + j;
        if (mask !== null) mask[at] = forbidden![index]!;
        const found = mask?.[at] === 1 && ["sum", "join"].includes(record.kind) ? 0 : number(i, j);
        x[at] = bounds !== null && Math.abs(found) <= bounds[index]! ? 0 : found;
      }
    }
    return { rows: size[0], columns: size[1], x, mask };
  }

  // An element before the first function.
  #numberBefore(record: MatrixRecord): (i: number, j: number) => number {
    const { columns } = record;
    if (["leaf", "reduced", "taken"].includes(record.kind)) {
      const bare =
        record.bare === null
          ? this.#matrices.of(record.path)
          : this.#matrices.stored(record.bare, record.rows, columns);
      return (i, j) => bare.values[i * columns + j]!;
    }
    if (record.pieces.length > 0) {
      return (i, j) => {
        const target = moved(record.pieces.find((piece) => within(piece, i, j))!, i, j);
        return this.#matrices.of(target.path).values[target.i * this.#matrices.record(target.path).columns + target.j]!;
      };
    }
    const [left, right] = [this.#matrices.of(record.left), this.#matrices.of(record.right)];
    if (record.kind === "sum") {
      return (i, j) => combined(spread(left, i, j), spread(right, i, j), record.sign);
    }
    const inner = left.columns;
    return (i, j) => {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += left.values[i * inner + k]! * right.values[k * columns + j]!;
      return sum;
    };
  }
}

// The cells to light, by path: the element, and what it is made of.
export function litBy(explanation: Explanation, matrices: Matrices): [string, Sweep][] {
  const { origin, cell } = explanation;
  return [...partsOf(origin, matrices), alone(cell, matrices)];
}

function partsOf(origin: Origin, matrices: Matrices): [string, Sweep][] {
  switch (origin.kind) {
    case "products": {
      const [left, right] = origin.cells;
      return [
        [left.path, sweep({ rowTurn: 1, first: left.i, last: left.i })],
        [right.path, sweep({ columnTurn: 1, first: right.j, last: right.j })],
      ];
    }
    case "terms":
      return [alone(origin.left.cell, matrices), alone(origin.right.cell, matrices)];
    case "again":
    case "selected":
      return [alone(origin.target.cell, matrices)];
    case "reduced": {
      const { path, i, j } = origin.first;
      const line = origin.axis === 1 ? { rowTurn: 1, first: i, last: i } : { columnTurn: 1, first: j, last: j };
      return [[path, sweep(line)]];
    }
    case "source":
      return [];
  }
}

function within({ row, column, rows, columns }: PieceRecord, i: number, j: number): boolean {
  return row <= i && i < row + rows && column <= j && j < column + columns;
}

// Where an element of a piece is in the argument that it is of.
function moved({ path, row, column, fromRow, fromColumn }: PieceRecord, i: number, j: number): Cell {
  return { path, i: i - row + fromRow, j: j - column + fromColumn };
}

// A number of a term, of which one row or column may go with all of the sum.
function spread({ rows, columns, values }: Matrix, i: number, j: number): number {
  return values[Math.min(i, rows - 1) * columns + Math.min(j, columns - 1)]!;
}

// The largest, or the least, of some elements: the first one of those that are equal; no number is above all.
function extreme(elements: readonly Operand[], least: boolean): Operand | null {
  const beyond = (one: number, other: number): boolean =>
    Number.isNaN(one) ? !Number.isNaN(other) : least ? one < other : one > other;
  return elements.reduce<Operand | null>((found, one) => (found === null || beyond(one.value, found.value) ? one : found), null);
}

function alone({ path, i, j }: Cell, matrices: Matrices): [string, Sweep] {
  const { columns } = matrices.record(path);
  const turn = i * columns + j;
  return [path, sweep({ rowTurn: columns, columnTurn: 1, first: turn, last: turn })];
}

// How far in front a product stands: those that are no numbers first.
function sized(product: number): number {
  return Number.isNaN(product) ? Infinity : Math.abs(product);
}

function combined(left: number, right: number, sign: string): number {
  if (sign === "/") return left / right;
  return sign === "+" ? left + right : sign === "-" ? left - right : left * right;
}

// What the left and the right number of a product are called, such as `Q[41 “ to”, 12]`.
export function operandNames(origin: Origin & { kind: "products" }, row: Factors, counted: readonly string[]): [string, string] {
  const called = counted.includes(origin.axis) ? row.label : String(row.k);
  const [left, right] = origin.names.map(bracketed) as [string, string];
  return [`${left}[${origin.places[0]}, ${called}]`, `${right}[${called}, ${origin.places[1]}]`];
}
