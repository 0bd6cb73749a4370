// Functions that look at whole rows: softmax and norms. They overwrite the numbers that they are given.
import type { Dressed } from "./functions";

type Vector = Float32Array | Float64Array | null;

// Softmax of each row over the elements that are not forbidden; with a sink, of one score more that every row has.
export function softmaxed(given: Dressed, sink: number | null): Float64Array {
  const { rows, columns, x, mask } = given;
  for (let start = 0; start < rows * columns; start += columns) {
    let largest = sink ?? -Infinity;
    for (let index = start; index < start + columns; index++) {
      if (mask?.[index] === 1) x[index] = -Infinity;
      if (x[index]! > largest) largest = x[index]!;
    }
    let sum = sink === null ? 0 : Math.exp(sink - largest);
    for (let index = start; index < start + columns; index++) {
      x[index] = Math.exp(x[index]! - largest);
      sum += x[index]!;
    }
    for (let index = start; index < start + columns; index++) x[index]! /= sum;
  }
  return x;
}

// Each element divided by the sum of its row, of what is not forbidden.
export function shared(given: Dressed): Float64Array {
  const { rows, columns, x, mask } = given;
  for (let start = 0; start < rows * columns; start += columns) {
    let sum = 0;
    for (let index = start; index < start + columns; index++) if (mask?.[index] !== 1) sum += x[index]!;
    for (let index = start; index < start + columns; index++) x[index]! /= sum;
  }
  return x;
}

// Each row to mean 0 and variance 1, times the weight, plus the bias.
export function normed(given: Dressed, eps: number, weight: Vector, bias: Vector): Float64Array {
  const { rows, columns, x } = given;
  for (let start = 0; start < rows * columns; start += columns) {
    const row = x.subarray(start, start + columns);
    const [mean, variance] = moments(row);
    const factor = 1 / Math.sqrt(variance + eps);
    for (let j = 0; j < columns; j++) {
      row[j] = (row[j]! - mean) * factor * (weight === null ? 1 : weight[j]!) + (bias === null ? 0 : bias[j]!);
    }
  }
  return x;
}

// The sum of each row up to each element, of what is not forbidden.
export function summedUp(given: Dressed): Float64Array {
  const { rows, columns, x, mask } = given;
  for (let start = 0; start < rows * columns; start += columns) {
    let sum = 0;
    for (let index = start; index < start + columns; index++) {
      if (mask?.[index] !== 1) sum += x[index]!;
      x[index] = sum;
    }
  }
  return x;
}

// Each row, a feature, to mean 0 and variance 1, or by the mean and variance given; the first row has their entry `first`.
export function batchNormed(given: Dressed, eps: number, vectors: readonly Vector[], first: number): Float64Array {
  const { rows, columns, x } = given;
  for (let i = 0; i < rows; i++) {
    const row = x.subarray(i * columns, (i + 1) * columns);
    const [weight, bias, mean, variance] = [0, 1, 2, 3].map((one) => vectors[one]?.[first + i]);
    const [own, spread] = mean === undefined ? moments(row) : [mean, variance!];
    const factor = (weight ?? 1) / Math.sqrt(spread + eps);
    for (let j = 0; j < columns; j++) row[j] = (row[j]! - own) * factor + (bias ?? 0);
  }
  return x;
}

// Each row to mean square 1, times the weight.
export function rmsNormed(given: Dressed, eps: number, weight: Vector): Float64Array {
  const { rows, columns, x } = given;
  for (let start = 0; start < rows * columns; start += columns) {
    const row = x.subarray(start, start + columns);
    const factor = 1 / Math.sqrt(meanSquare(row) + eps);
    for (let j = 0; j < columns; j++) row[j] = (weight === null ? 1 : weight[j]!) * (row[j]! * factor);
  }
  return x;
}

// Mean and variance.
export function moments(row: Float64Array): [number, number] {
  let sum = 0;
  for (const one of row) sum += one;
  const mean = sum / row.length;
  let squares = 0;
  for (const one of row) squares += (one - mean) ** 2;
  return [mean, squares / row.length];
}

export function meanSquare(row: Float64Array): number {
  let squares = 0;
  for (const one of row) squares += one * one;
  return squares / row.length;
}
