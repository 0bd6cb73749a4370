// What the document says of matrices and of time: mmviz.page.matrices_section and mmviz.page.time_section write it.
import type { Placement, Vector } from "../picture/drawlist";
import type { Ref } from "../document";

// Numbers of a matrix, which may lie turned in their array: each array is kept once, whichever way it is shown.
export interface Stored extends Ref {
  readonly turned: boolean; // the array has the rows of the transpose
}

export interface LookAndScale {
  readonly look: number; // index into the document's looks
  readonly scale: number; // |x| that is drawn at full size
}

// A function that a matrix wears; see mmviz.scene.language.tree.Worn.
export interface WornRecord {
  readonly function: string;
  readonly numbers: readonly number[]; // all its parameters, those that were left out too
  readonly turned: boolean; // its rows run along the columns of the matrix
  readonly axis: number; // 0: it is said of columns what is said of rows
  readonly vectors: readonly Ref[]; // f32 or f64
  readonly frequencies: Ref | null; // of a rotary embedding, f32: radians a position, of each pair
  readonly names: readonly string[]; // of the parameters as an explanation tells them
  readonly meaning: string;
  readonly along: "elements" | "rows" | "columns" | "places"; // what it looks at
  readonly single: boolean; // its vectors are one number each
  readonly bySize: boolean; // its factor goes by the inner size
}

// The sheet behind a matrix: mmviz.picture.marks.sheet_before.
export interface BehindRecord extends LookAndScale {
  readonly name: string;
  readonly placement: Placement;
  readonly numbers: Stored;
  readonly masked: Stored | null;
}

// Some rows and columns of a matrix that are rows and columns of one of its arguments.
export interface PieceRecord {
  readonly path: string; // of the argument
  readonly row: number; // of the first of them
  readonly column: number;
  readonly fromRow: number; // the same in the argument
  readonly fromColumn: number;
  readonly rows: number;
  readonly columns: number;
}

export interface MatrixRecord extends LookAndScale {
  readonly path: string;
  readonly name: string;
  readonly kind: "leaf" | "product" | "sum" | "join" | "cut" | "reduced" | "taken";
  readonly left: string; // path of an argument or term; "" where there is none
  readonly right: string;
  readonly sign: "" | "+" | "-" | "*" | "/"; // of a sum, difference, elementwise product or quotient
  readonly pieces: readonly PieceRecord[]; // what a join or a slice is made of
  readonly reduction: readonly [string, 0 | 1] | null; // what makes one number of every column (0) or row (1) of `left`
  readonly target: string | null; // path of the matrix that a reference shows again
  readonly depth: number; // how many of its target's functions are in what a reference shows
  readonly transposed: boolean;
  readonly tensor: string; // of a plain matrix
  readonly worn: readonly WornRecord[]; // innermost first
  readonly inner: number | null; // k of the product that it is, or shows again
  readonly rows: number;
  readonly columns: number;
  readonly placement: Placement;
  readonly numbers: Stored;
  readonly masked: Stored | null; // u8: 1 where a mask forbids the element
  readonly axes: readonly [string, string]; // what rows and columns count
  readonly told: string; // in words, which |x| is drawn at full size
  readonly behind: BehindRecord | null;
  readonly bare: Stored | null; // a plain matrix or a reference that wears functions, before the first of them
  readonly bareMasked: Stored | null; // likewise, or what is masked of a sum before its first function
  readonly noise: Ref | null; // f64: what an element before its functions is no larger than that is 0
}

export interface WayRecord {
  readonly turns: readonly number[]; // axes (0 i, 1 k, 2 j) of which a step has one index, the slowest first
  readonly plane: readonly [number, number]; // axes of the rows and columns of the products in flight
  readonly flies: boolean; // products are in flight
  readonly summing: boolean; // running sums are shown
}

export interface RunRecord {
  readonly algorithm: string;
  readonly start: number; // step at which it begins
  readonly steps: number;
}

export interface ArrivalRecord {
  readonly order: string;
  readonly begins: number;
  readonly block: readonly [number, number];
}

// Where the products of a matrix product stand: mmviz.picture.space.cube.
export interface CubeRecord {
  readonly shape: readonly [number, number, number]; // i, k, j
  readonly origin: Vector;
  readonly down: Vector;
  readonly across: Vector;
  readonly inward: Vector;
  readonly blocks: readonly [number, number, number]; // 0: one block
  readonly gap: number;
  readonly resultLast: boolean;
  readonly partials: readonly PartialRecord[]; // where what each block of k gives stands; none where that is not shown
}

export interface PartialRecord {
  readonly placement: Placement;
  readonly apart: Placement | null; // where it is drawn, if that is elsewhere
}

export interface TilesRecord {
  readonly shape: readonly [number, number]; // queries, keys
  readonly size: readonly [number, number]; // of a block
  readonly causal: boolean;
  readonly scores: string; // paths
  readonly queries: string;
  readonly keys: string;
  readonly mixed: string;
  readonly maximum: Placement; // where what stands beside the matrices does
  readonly total: Placement;
  readonly factor: Placement;
}

// A join whose parts do not come in step: mmviz.picture.time.parts.
export interface JoinRecord {
  readonly axis: 0 | 1; // along which they follow one another: 0 rows, 1 columns
  readonly parts: readonly { readonly path: string; readonly placement: Placement }[]; // where each is in the join
}

// What is taken of a table, a row a step: mmviz.picture.time.takings.
export interface TakingRecord {
  readonly ids: string; // paths
  readonly table: string;
  readonly turned: boolean; // columns are taken
  readonly block: readonly [number, number, number]; // rows, 1, columns
}

export interface SinkRecord {
  readonly path: string; // of the pattern
  readonly placement: Placement;
  readonly shares: Ref; // f32, (rows, 1)
}

export interface TimeSection {
  readonly steps: number;
  readonly easing: "smooth" | "linear" | "none";
  readonly hidesInputs: boolean;
  readonly results: readonly string[]; // paths of the roots
  readonly merged: readonly string[]; // paths of sums that are not shown
  readonly runs: Readonly<Record<string, RunRecord>>;
  readonly ready: Readonly<Record<string, number>>;
  readonly begins: Readonly<Record<string, number>>;
  readonly orders: Readonly<Record<string, string>>; // none: all at once
  readonly ways: Readonly<Record<string, WayRecord>>; // of the algorithms that are used
  readonly limited: Readonly<Record<string, number>>; // axis that a step takes up to its own index
  readonly arriving: Readonly<Record<string, ArrivalRecord>>;
  readonly totals: readonly string[]; // paths of the sums that show what they have so far
  readonly tiles: Readonly<Record<string, TilesRecord>>; // by the path of the product
  readonly twins: Readonly<Record<string, { readonly path: string; readonly turned: boolean }>>;
  readonly cubes: Readonly<Record<string, CubeRecord>>;
  readonly joins: Readonly<Record<string, JoinRecord>>;
  readonly takings: Readonly<Record<string, TakingRecord>>;
  readonly sinks: readonly SinkRecord[];
  readonly scales: Readonly<Record<string, LookAndScale>>; // of what flies, by its plane's look, such as "plane:left"
  readonly kept: { readonly apart: number; readonly bytes: number }; // see mmviz.picture.time.running_sums
}

// The parts of a page's header that this is about.
export interface TimedDocument {
  readonly matrices: readonly MatrixRecord[]; // arguments before what is made of them, the root last
  readonly time: TimeSection;
}
