// The numbers and masks of a document's matrices, in the rows' order, each made once.
import type { Arrays, Ref } from "../document";
import type { MatrixRecord, Stored } from "../document/time";
import type { Matrix } from "../picture/drawlist";

export class Matrices {
  readonly #records: ReadonlyMap<string, MatrixRecord>;
  readonly #arrays: Arrays;
  readonly #made = new Map<string, Matrix>();
  readonly #masks = new Map<string, Uint8Array>();

  constructor(records: readonly MatrixRecord[], arrays: Arrays) {
    this.#records = new Map(records.map((record) => [record.path, record]));
    this.#arrays = arrays;
  }

  record(path: string): MatrixRecord {
    const found = this.#records.get(path);
    if (found === undefined) throw new RangeError(`there is no matrix at path '${path}'.`);
    return found;
  }

  has(path: string): boolean {
    return this.#records.has(path);
  }

  // Whether the numbers of a matrix have been read, its mask, and the same of the sheet behind it.
  there(path: string): boolean {
    const { numbers, masked, behind } = this.record(path);
    return [numbers, masked, behind?.numbers ?? null, behind?.masked ?? null].every((ref) => this.read(ref));
  }

  // Whether all has been read of which what a matrix shows at any time is computed.
  ingredientsThere(path: string): boolean {
    const { numbers, masked, bare, bareMasked, noise, worn, left, right, target, pieces } = this.record(path);
    const vectors = worn.flatMap((one) => [...one.vectors, one.frequencies]);
    const own = [numbers, masked, bare, bareMasked, noise, ...vectors].every((ref) => this.read(ref));
    return own && [left, right, target ?? "", ...pieces.map((piece) => piece.path)].every((side) => side === "" || this.there(side));
  }

  // Whether an array has been read; true of none.
  read(ref: Ref | null): boolean {
    return ref === null || this.#arrays.there(ref);
  }

  // What a matrix shows in the end.
  of(path: string): Matrix {
    const { numbers, rows, columns } = this.record(path);
    return this.stored(numbers, rows, columns);
  }

  stored(stored: Stored, rows: number, columns: number): Matrix {
    const key = `${stored.array} ${stored.turned}`;
    let made = this.#made.get(key);
    if (made === undefined) {
      const kept = this.#arrays.get(stored) as Float32Array;
      const values = stored.turned ? transposed(kept, columns, rows, new Float32Array(kept.length)) : kept;
      made = { rows, columns, values };
      this.#made.set(key, made);
    }
    return made;
  }

  // 1 where a mask forbids an element; null where there is no mask.
  mask(stored: Stored | null, rows: number, columns: number): Uint8Array | null {
    if (stored === null) return null;
    const key = `${stored.array} ${stored.turned}`;
    let made = this.#masks.get(key);
    if (made === undefined) {
      const kept = this.#arrays.get(stored) as Uint8Array;
      made = stored.turned ? transposed(kept, columns, rows, new Uint8Array(kept.length)) : kept;
      this.#masks.set(key, made);
    }
    return made;
  }

  // Where a mask forbids elements of a matrix in the end.
  masked(path: string): Uint8Array | null {
    const { masked, rows, columns } = this.record(path);
    return this.mask(masked, rows, columns);
  }

  array(ref: Ref): Float32Array | Float64Array {
    return this.#arrays.get(ref) as Float32Array | Float64Array;
  }
}

type Numbers = Float32Array | Float64Array | Uint8Array;

// The transpose of a matrix of `rows` by `columns` numbers, written into `result`, in tiles that stay in the cache.
export function transposed<Result extends Numbers>(
  given: Numbers,
  rows: number,
  columns: number,
  result: Result,
): Result {
  const side = 32;
  for (let top = 0; top < rows; top += side) {
    for (let left = 0; left < columns; left += side) {
      const bottom = Math.min(top + side, rows);
      const right = Math.min(left + side, columns);
      for (let i = top; i < bottom; i++) {
        for (let j = left; j < right; j++) result[j * rows + i] = given[i * columns + j]!;
      }
    }
  }
  return result;
}
