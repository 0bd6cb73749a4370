// Attention block by block: what a step computes and what is known after it: mmviz.picture.time.blockwise.
import type { TilesRecord } from "../document/time";
import type { Matrix, Sweep } from "../picture/drawlist";
import { sweep } from "./sweep";

// What one step does with the rows of one block of the queries.
export interface Turn {
  readonly query: number; // number of the block of queries
  readonly key: number; // number of the block of keys; of the last one, where the rows are divided
  readonly phase: "scores" | "add" | "divide";
}

type Tiles = Pick<TilesRecord, "shape" | "size" | "causal">;
export type Range = readonly [number, number]; // from, up to but without

// All steps, in order.
export function turnsOf(tiles: Tiles): Turn[] {
  const found: Turn[] = [];
  for (let query = 0; query < Math.ceil(tiles.shape[0] / tiles.size[0]); query++) {
    const keys = tiles.causal ? Math.min(tiles.shape[1], rowsOf(tiles, query)[1]) : tiles.shape[1];
    const needed = Math.ceil(keys / tiles.size[1]);
    for (let key = 0; key < needed; key++) found.push({ query, key, phase: "scores" }, { query, key, phase: "add" });
    found.push({ query, key: needed - 1, phase: "divide" });
  }
  return found;
}

export function rowsOf(tiles: Tiles, query: number): Range {
  return [query * tiles.size[0], Math.min((query + 1) * tiles.size[0], tiles.shape[0])];
}

export function keysOf(tiles: Tiles, key: number): Range {
  return [key * tiles.size[1], Math.min((key + 1) * tiles.size[1], tiles.shape[1])];
}

// The elements of the pattern that are there in a step: those of all blocks up to this one.
export function cellsOf(tiles: Tiles, turn: Turn): Sweep {
  const across = Math.ceil(tiles.shape[1] / tiles.size[1]);
  const last = { scores: turn.key - 1, add: turn.key, divide: across - 1 }[turn.phase];
  return tiled(tiles, 0, turn.query * across + last);
}

// The elements of the pattern that a step takes: one block, or where it divides all of these rows.
export function tileOf(tiles: Tiles, turn: Turn): Sweep {
  const across = Math.ceil(tiles.shape[1] / tiles.size[1]);
  const first = turn.query * across;
  if (turn.phase === "divide") return tiled(tiles, first, first + across - 1);
  return tiled(tiles, first + turn.key, first + turn.key);
}

function tiled(tiles: Tiles, first: number, last: number): Sweep {
  const rowTurn = Math.ceil(tiles.shape[1] / tiles.size[1]);
  return sweep({ rowTurn, columnTurn: 1, first, last, rowSize: tiles.size[0], columnSize: tiles.size[1] });
}

// What is known after a step.
export interface Stage {
  readonly weights: Matrix; // exp(score - m), and where a row is done the pattern
  readonly sums: Matrix; // the weights times the values
  readonly maxima: Matrix; // m, one number a row
  readonly totals: Matrix; // l
  readonly factors: Matrix; // what the sums were multiplied by in this step
  readonly block: Matrix; // scores, or what the block adds to the sums; 0 by 0: none
  readonly forbidden: Uint8Array | null; // of the block of scores
}

// What a row has after some keys.
interface Row {
  readonly maximum: number;
  readonly weights: Float64Array; // of the keys that were added
  readonly total: number;
}

// One attention, at any of its steps; `logits` are -inf where they are masked.
export class Blockwise {
  readonly #tiles: Tiles;
  readonly #ask: () => Float64Array;
  readonly #values: Matrix;
  readonly #pattern: Matrix;
  readonly #result: Matrix;
  #logits: Float64Array | null = null;
  #ends: readonly Row[] | null = null;

  constructor(tiles: Tiles, logits: () => Float64Array, values: Matrix, pattern: Matrix, result: Matrix) {
    this.#tiles = tiles;
    this.#ask = logits;
    this.#values = values;
    this.#pattern = pattern;
    this.#result = result;
  }

  at(turn: Turn): Stage {
    const range = rowsOf(this.#tiles, turn.query);
    const keys = keysOf(this.#tiles, turn.key);
    const added = turn.phase === "scores" ? keys[0] : keys[1];
    const rows = Array.from({ length: range[1] - range[0] }, (_, row) => this.#row(range[0] + row, keys[1], added));
    const done = turn.phase === "divide";
    const keep = this.#pattern.columns;
    return {
      weights: this.#after(this.#pattern, range, (i, j) => {
        return done ? this.#pattern.values[(range[0] + i) * keep + j]! : (rows[i]!.weights[j] ?? 0);
      }),
      sums: this.#sums(range, rows, done),
      maxima: this.#column(range, (row) => row.maximum, rows, true),
      totals: this.#column(range, (row) => row.total, rows, true),
      factors: this.#column(range, (row, i) => this.#factor(turn, row, range[0] + i, added), rows, false),
      block: this.#block(turn, range, keys, rows),
      forbidden: turn.phase === "scores" ? this.#forbidden(range, keys) : null,
    };
  }

  get #scores(): Float64Array {
    this.#logits ??= this.#ask();
    return this.#logits;
  }

  // m of the keys that a row has seen, with the weights of those that were added.
  #row(i: number, seen: number, added: number): Row {
    const scores = this.#scoresOf(i);
    const maximum = largest(scores.subarray(0, seen));
    const weights = scores.subarray(0, added).map((score) => weight(score, maximum));
    return { maximum, weights, total: weights.reduce((sum, one) => sum + one, 0) };
  }

  #scoresOf(i: number): Float64Array {
    const keys = this.#pattern.columns;
    return this.#scores.subarray(i * keys, (i + 1) * keys);
  }

  #sums(range: Range, rows: readonly Row[], done: boolean): Matrix {
    if (done) return this.#after(this.#result, range, (i, j) => this.#at(this.#result, range[0] + i, j));
    const sums = rows.map((row) => mixed(row.weights, 0, this.#values));
    return this.#after(this.#result, range, (i, j) => sums[i]![j]!);
  }

  #at(matrix: Matrix, i: number, j: number): number {
    return matrix.values[i * matrix.columns + j]!;
  }

  // One number a row: of the rows before these in the end, if they are kept, and of these now.
  #column(range: Range, of: (row: Row, i: number) => number, rows: readonly Row[], kept: boolean): Matrix {
    const keys = this.#pattern.columns;
    this.#ends ??= Array.from({ length: this.#pattern.rows }, (_, i) => this.#row(i, keys, keys));
    const values = new Float32Array(this.#pattern.rows);
    if (kept) for (let i = 0; i < range[0]; i++) values[i] = of(this.#ends[i]!, i);
    rows.forEach((row, i) => (values[range[0] + i] = of(row, i)));
    return { rows: values.length, columns: 1, values };
  }

  #factor(turn: Turn, row: Row, i: number, added: number): number {
    if (turn.phase === "add") return 1;
    if (turn.phase === "divide") return 1 / row.total;
    return weight(largest(this.#scoresOf(i).subarray(0, added)), row.maximum);
  }

  #block(turn: Turn, range: Range, keys: Range, rows: readonly Row[]): Matrix {
    if (turn.phase === "divide") return { rows: 0, columns: 0, values: new Float32Array(0) };
    const parts = rows.map((row, i) => {
      if (turn.phase === "add") return mixed(row.weights.subarray(keys[0], keys[1]), keys[0], this.#values);
      const scores = this.#scoresOf(range[0] + i).subarray(keys[0], keys[1]);
      return scores.map((score) => (score === -Infinity ? 0 : score));
    });
    const columns = parts[0]?.length ?? 0;
    const values = new Float32Array(parts.length * columns);
    parts.forEach((part, i) => {
      values.set(part, i * columns);
    });
    return { rows: parts.length, columns, values };
  }

  #forbidden(range: Range, keys: Range): Uint8Array {
    const columns = keys[1] - keys[0];
    const found = new Uint8Array((range[1] - range[0]) * columns);
    for (let i = range[0]; i < range[1]; i++) {
      const scores = this.#scoresOf(i).subarray(keys[0], keys[1]);
      scores.forEach((score, j) => (found[(i - range[0]) * columns + j] = score === -Infinity ? 1 : 0));
    }
    return found;
  }

  // What rows before these have in the end, and these now; the rows after them are not there yet.
  #after(before: Matrix, range: Range, now: (i: number, j: number) => number): Matrix {
    const { rows, columns } = before;
    const values = new Float32Array(rows * columns);
    values.set(before.values.subarray(0, range[0] * columns));
    for (let i = 0; i < range[1] - range[0]; i++) {
      for (let j = 0; j < columns; j++) values[(range[0] + i) * columns + j] = now(i, j);
    }
    return { rows, columns, values };
  }
}

// The largest score; -inf where there is none.
function largest(scores: Float64Array): number {
  let found = -Infinity;
  for (const score of scores) {
    if (Number.isNaN(score)) return score;
    if (score > found) found = score;
  }
  return found;
}

// exp(score - m); 0 where nothing is allowed.
function weight(score: number, maximum: number): number {
  return score === -Infinity ? 0 : Math.exp(score - maximum);
}

// (columns,): rows of a matrix from `first` on, weighed and added up.
function mixed(weights: Float64Array, first: number, matrix: Matrix): Float64Array {
  const { columns, values } = matrix;
  const sums = new Float64Array(columns);
  weights.forEach((weight, k) => {
    const row = (first + k) * columns;
    for (let j = 0; j < columns; j++) sums[j]! += weight * values[row + j]!;
  });
  return sums;
}
