// Sums of products of two matrices in double precision, each element's products one after the other in a given order.
import type { Matrix } from "../picture/drawlist";

// Some of what is added: the places from..to of an order of k, and the columns first..end; ends are not among them.
export interface Part {
  readonly order: Int32Array;
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly end: number;
}

// Add products to sums, (i, j), of a left, (i, k), and a right matrix, (k, j). Four at a time go through a row, in turn.
export function addProducts(sums: Float64Array, left: Matrix, right: Matrix, part: Part): void {
  const { order, from, to } = part;
  const fours = to - ((to - from) % 4);
  for (let i = 0; i < left.rows; i++) {
    for (let place = from; place < fours; place += 4) addFour(sums, left, right, part, i, place);
    for (let place = fours; place < to; place++) addOne(sums, left, right, part, i, order[place]!);
  }
}

// (i, j): the products from k = first up to k = end, added up.
export function summed(left: Matrix, right: Matrix, first: number, end: number): Float64Array {
  const sums = new Float64Array(left.rows * right.columns);
  const order = Int32Array.from({ length: end - first }, (_, place) => first + place);
  addProducts(sums, left, right, { order, from: 0, to: order.length, first: 0, end: right.columns });
  return sums;
}

function addOne(sums: Float64Array, left: Matrix, right: Matrix, part: Part, i: number, k: number): void {
  const factor = left.values[i * left.columns + k]!;
  const others = right.values;
  const row = i * right.columns;
  const other = k * right.columns;
  for (let j = part.first; j < part.end; j++) sums[row + j]! += factor * others[other + j]!;
}

function addFour(sums: Float64Array, left: Matrix, right: Matrix, part: Part, i: number, place: number): void {
  const { order, first, end } = part;
  const { columns, values: others } = right;
  const row = i * columns;
  const [k0, k1, k2, k3] = [order[place]!, order[place + 1]!, order[place + 2]!, order[place + 3]!];
  const factors = left.values;
  const start = i * left.columns;
  const [f0, f1, f2, f3] = [factors[start + k0]!, factors[start + k1]!, factors[start + k2]!, factors[start + k3]!];
  const [r0, r1, r2, r3] = [k0 * columns, k1 * columns, k2 * columns, k3 * columns];
  for (let j = first; j < end; j++) {
    let sum = sums[row + j]! + f0 * others[r0 + j]!;
    sum += f1 * others[r1 + j]!;
    sum += f2 * others[r2 + j]!;
    sums[row + j] = sum + f3 * others[r3 + j]!;
  }
}
