// What a matrix shows for sums that are not complete: finish and logits of mmviz.values.tensors.evaluate.
import type { Matrix } from "../picture/drawlist";
import { type Dressed, logits, wear, type Wearing, wearing } from "./functions";
import type { Matrices } from "./matrices";

export class Finishing {
  readonly #matrices: Matrices;
  readonly #worn = new Map<string, readonly Wearing[]>();

  constructor(matrices: Matrices) {
    this.#matrices = matrices;
  }

  // The functions that a matrix wears, with their vectors.
  worn(path: string): readonly Wearing[] {
    let worn = this.#worn.get(path);
    if (worn === undefined) {
      worn = this.#matrices.record(path).worn.map((record) => wearing(record, this.#matrices));
      this.#worn.set(path, worn);
    }
    return worn;
  }

  // What a matrix shows for sums, after all its functions or the first few of them; the sums are not changed.
  finish(path: string, sums: Float64Array, depth?: number): Matrix {
    const { rows, columns } = this.#matrices.record(path);
    let dressed = this.settled(path, sums);
    for (const worn of this.worn(path).slice(0, depth)) dressed = wear(worn, dressed);
    return { rows, columns, values: new Float32Array(dressed.x) };
  }

  // The same before the first function: 0 for what is no larger than rounding makes it, and where a mask forbids.
  settled(path: string, sums: Float64Array): Dressed {
    const { rows, columns, noise, bareMasked } = this.#matrices.record(path);
    const mask = this.#matrices.mask(bareMasked, rows, columns);
    const bounds = noise === null ? null : this.#matrices.array(noise);
    if (mask === null && bounds === null) return { rows, columns, x: sums, mask };
    const x = sums.map((one, index) =>
      mask?.[index] === 1 || (bounds !== null && Math.abs(one) <= bounds[index]!) ? 0 : one,
    );
    return { rows, columns, x, mask };
  }

  // What the last function of a matrix, a softmax, is taken of; -inf where it is masked.
  logits(path: string, sums: Float64Array): Float64Array {
    const { rows, columns } = this.#matrices.record(path);
    const worn = this.worn(path);
    let dressed: Dressed = { rows, columns, x: sums, mask: null };
    for (const one of worn.slice(0, -1)) dressed = wear(one, dressed);
    return logits(worn[worn.length - 1]!, dressed);
  }
}
