// Sums that show what they have so far, and the terms on their way to them: mmviz.picture.time.totals.
import type { MatrixRecord, TimeSection } from "../document/time";
import type { Matrix, Sweep } from "../picture/drawlist";
import type { There } from "./appearance";
import { eased } from "./easing";
import type { Finishing } from "./finishing";
import type { Matrices } from "./matrices";
import { between } from "./placement";
import { type Plane, plane } from "./planes";
import { EVERYWHERE, holds, NOWHERE } from "./sweep";

interface Flight {
  readonly term: MatrixRecord;
  readonly target: string;
  readonly sign: number;
}

export class Totals {
  readonly #matrices: Matrices;
  readonly #time: TimeSection;
  readonly #finishing: Finishing;
  readonly #sums: ReadonlyMap<string, MatrixRecord>;
  readonly #flights: readonly Flight[];
  readonly #negative = new Map<string, Matrix>();

  constructor(records: readonly MatrixRecord[], time: TimeSection, matrices: Matrices, finishing: Finishing) {
    this.#matrices = matrices;
    this.#time = time;
    this.#finishing = finishing;
    const sums = records.filter((record) => time.totals.includes(record.path));
    this.#sums = new Map(sums.map((record) => [record.path, record]));
    this.#flights = this.#allFlights();
  }

  // True for a sum to which terms are still to come.
  unfinished(path: string, t: number): boolean {
    return this.#sums.has(path) && t < this.#ready(path);
  }

  // The cells of a sum to which something has come.
  shown(path: string, step: number, there: There): Sweep {
    let first = this.#matrices.record(this.#sums.get(path)!.left);
    while (this.unfinished(first.path, step) && first.worn.length === 0) first = this.#matrices.record(first.left);
    return this.#come(first, step, there);
  }

  // What a sum shows in a step.
  value(path: string, step: number, there: There): Matrix {
    const sum = this.#sums.get(path)!;
    return this.#finishing.finish(path, this.#total(sum, step, there));
  }

  // The terms on their way.
  planes(t: number): Plane[] {
    return this.#flights.flatMap(({ term, target, sign }, number) => {
      const last = this.#ready(term.path) - 1;
      if (t < last || t >= last + 1 || !this.#matrices.there(term.path)) return [];
      const share = eased(t - last, this.#time.easing);
      const placement = between(term.placement, this.#matrices.record(target).placement, share);
      return [plane({ kind: "term", owner: target, placement, matrix: this.#signed(term.path, sign), number })];
    });
  }

  #ready(path: string): number {
    return this.#time.ready[path]!;
  }

  #signed(path: string, sign: number): Matrix {
    const own = this.#matrices.of(path);
    if (sign === 1) return own;
    let negative = this.#negative.get(path);
    if (negative === undefined) {
      negative = { ...own, values: own.values.map((one) => -one) };
      this.#negative.set(path, negative);
    }
    return negative;
  }

  // The terms that have come, added up, before any function.
  #total(node: MatrixRecord, step: number, there: There): Float64Array {
    const [first, second] = [this.#matrices.record(node.left), this.#matrices.record(node.right)];
    const left = spread(this.#part(first, step, there), node, first);
    if (step < this.#ready(node.left)) return left;
    const right = spread(this.#part(second, step, there), node, second);
    return left.map((one, index) => (node.sign === "-" ? one - right[index]! : one + right[index]!));
  }

  // What has come of a term.
  #part(term: MatrixRecord, step: number, there: There): Float64Array {
    const final = this.#matrices.of(term.path);
    if (step >= this.#ready(term.path)) return new Float64Array(final.values);
    if (this.#sums.has(term.path) && term.worn.length === 0) return this.#total(term, step, there);
    const come = this.#come(term, step, there);
    const { columns } = final;
    const found = new Float64Array(final.values.length);
    for (let i = 0; i < final.rows; i++) {
      for (let j = 0; j < columns; j++) {
        if (holds(come, i, j)) found[i * columns + j] = final.values[i * columns + j]!;
      }
    }
    return found;
  }

  // The cells of a term that have come: what is computed all at once comes when its step is over.
  #come(term: MatrixRecord, step: number, there: There): Sweep {
    if (step >= this.#ready(term.path)) return EVERYWHERE;
    return this.#atOnce(term.path) ? NOWHERE : there.get(term.path)!;
  }

  #atOnce(path: string): boolean {
    const order = this.#time.orders[path];
    return order === undefined || order === "whole";
  }

  // Every term that flies, where it goes, and its sign there.
  #allFlights(): Flight[] {
    const inner = new Set<string>();
    for (const node of this.#sums.values()) {
      for (const side of [node.left, node.right]) if (this.#matrices.record(side).worn.length === 0) inner.add(side);
    }
    return [...this.#sums.values()].flatMap((node) => (inner.has(node.path) ? [] : this.#terms(node, node.path, 1)));
  }

  #terms(node: MatrixRecord, target: string, sign: number): Flight[] {
    const sides: [string, number][] = [
      [node.left, sign],
      [node.right, node.sign === "-" ? -sign : sign],
    ];
    return sides.flatMap(([path, own]) => {
      const term = this.#matrices.record(path);
      if (this.#sums.has(path) && term.worn.length === 0) return this.#terms(term, target, own);
      return this.#ready(path) > 0 && this.#atOnce(path) ? [{ term, target, sign: own }] : [];
    });
  }
}

// The numbers of a term, of which one row or column may go with all of the sum, in all places of that.
function spread(numbers: Float64Array, { rows, columns }: MatrixRecord, term: MatrixRecord): Float64Array {
  if (term.rows === rows && term.columns === columns) return numbers;
  return Float64Array.from({ length: rows * columns }, (_, index) => {
    const [i, j] = [Math.floor(index / columns), index % columns];
    return numbers[Math.min(i, term.rows - 1) * term.columns + Math.min(j, term.columns - 1)]!;
  });
}
