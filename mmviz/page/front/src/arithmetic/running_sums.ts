// The running sums of one product in double precision: mmviz.picture.time.running_sums.
//
// The products of an element are always added one after the other, from the first. So a step that follows the latest
// one costs what it adds, and the sums of a step are the same whatever was asked before. Some sums are kept on the way,
// evenly spread, from which earlier steps are found again.
import type { TimeSection, WayRecord } from "../document/time";
import type { Matrix } from "../picture/drawlist";
import { indices, J, K, type Triple } from "./algorithms";
import { addProducts } from "./products";

type Keeping = TimeSection["kept"];

const SLICE = 1 << 22; // multiplications at most between two steps of `toward`: some milliseconds

export class RunningSums {
  readonly #left: Matrix; // (i, k)
  readonly #right: Matrix; // (k, j)
  readonly #way: WayRecord;
  readonly #block: Triple;
  readonly #order: Int32Array; // k of each product, in the order in which they are added
  readonly #counts: Int32Array; // (steps along k,): how many products are added by then
  readonly #apart: number;
  readonly #kept = new Map<number, Float64Array>(); // by the number of products, of all columns
  readonly #sums: Float64Array; // (i, j), the latest
  readonly #done: Int32Array; // (j,): how many products of each column are in them

  constructor(left: Matrix, right: Matrix, way: WayRecord, block: Triple, keeping: Keeping) {
    const inner = left.columns;
    this.#left = left;
    this.#right = right;
    this.#way = way;
    this.#block = block;
    const within = (k: number): number => k % block[K];
    this.#order = Int32Array.from({ length: inner }, (_, k) => k).sort((a, b) => within(a) - within(b) || a - b);
    this.#counts = new Int32Array(block[K]);
    this.#order.forEach((k, number) => (this.#counts[within(k)] = number + 1));
    const size = 8 * left.rows * right.columns;
    this.#apart = Math.max(keeping.apart, Math.ceil((inner * size) / keeping.bytes));
    this.#sums = new Float64Array(left.rows * right.columns);
    this.#done = new Int32Array(right.columns);
  }

  // (i, j): what is summed up in a step of the run; 0 where nothing is yet. Valid until another step is asked for.
  sums(step: number): Float64Array {
    for (const going = this.toward(step); going.next().done !== true; );
    return this.#sums;
  }

  // Go on toward the sums of a step, slice by slice; what is done stays done.
  *toward(step: number): Generator<undefined> {
    const wanted = this.#wanted(step);
    for (let first = 0; first < wanted.length; ) {
      let end = first + 1;
      while (end < wanted.length && wanted[end] === wanted[first] && this.#done[end] === this.#done[first]) end++;
      yield* this.#columnsTo(first, end, wanted[first]!);
      first = end;
    }
  }

  // How many multiplications the sums of a step take from here.
  missing(step: number): number {
    const { rows } = this.#left;
    let [count, kept, total] = [-1, 0, 0];
    for (const [j, one] of this.#wanted(step).entries()) {
      if (one !== count) [count, kept] = [one, this.#nearest(one)];
      const done = this.#done[j]!;
      total += rows * (count - (count < done || kept > done ? kept : done));
    }
    return total;
  }

  // (j,): how many products are added in a step.
  #wanted(step: number): Int32Array {
    const at = indices(this.#way, this.#block, step);
    const count = this.#counts[at[K]!]!;
    const columns = this.#right.columns;
    const wanted = new Int32Array(columns).fill(count);
    if (at[J] !== undefined) {
      for (let j = 0; j < columns; j++) {
        const within = j % this.#block[J];
        if (within !== at[J]) wanted[j] = within < at[J] ? this.#order.length : 0;
      }
    }
    return wanted;
  }

  // Whether something is summed up in a column at a step of the run.
  begun(step: number): (j: number) => boolean {
    const last = indices(this.#way, this.#block, step)[J] ?? this.#block[J];
    return (j) => j % this.#block[J] <= last;
  }

  // Some columns alike, from `first` up to `end`, to a number of products.
  *#columnsTo(first: number, end: number, count: number): Generator<undefined> {
    if (count < this.#done[first]! || this.#nearest(count) > this.#done[first]!) this.#restore(first, end, count);
    const all = first === 0 && end === this.#done.length;
    const most = Math.max(4, Math.floor(SLICE / (this.#left.rows * (end - first))));
    while (this.#done[first]! < count) {
      const from = this.#done[first]!;
      const to = Math.min(count, (Math.floor(from / this.#apart) + 1) * this.#apart, from + most);
      addProducts(this.#sums, this.#left, this.#right, { order: this.#order, from, to, first, end });
      this.#done.fill(to, first, end);
      if (all && to % this.#apart === 0 && !this.#kept.has(to)) this.#kept.set(to, this.#sums.slice());
      if (to < count) yield;
    }
  }

  // The most products, up to a number, of which the sums are kept.
  #nearest(count: number): number {
    let number = count - (count % this.#apart);
    while (number > 0 && !this.#kept.has(number)) number -= this.#apart;
    return number;
  }

  #restore(first: number, end: number, count: number): void {
    const number = this.#nearest(count);
    const kept = this.#kept.get(number);
    const columns = this.#right.columns;
    for (let start = 0; start < this.#sums.length; start += columns) {
      if (kept === undefined) this.#sums.fill(0, start + first, start + end);
      else this.#sums.set(kept.subarray(start + first, start + end), start + first);
    }
    this.#done.fill(number, first, end);
  }
}
