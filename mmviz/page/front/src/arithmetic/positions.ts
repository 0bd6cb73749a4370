// Functions of the position of a row: rotary embeddings and factors of queries. Angles and factors are float32, as in
// mmviz.values.arithmetic.primitives; the numbers that are given are overwritten.
import type { Dressed, Wearing } from "./functions";

const f32 = Math.fround;

// Pairs of columns turned by the position of the row.
export function rotated(given: Dressed, worn: Wearing, first: number): Float64Array {
  const { rows, columns, x } = given;
  const frequencies = worn.frequencies!;
  const half = frequencies.length;
  const gain = f32(worn.record.numbers[2]!);
  const neighbours = worn.record.function === "rope_pairs";
  for (let i = 0; i < rows; i++) {
    for (let pair = 0; pair < half; pair++) {
      const angle = f32(f32(first + i) * frequencies[pair]!);
      const cos = f32(f32(Math.cos(angle)) * gain);
      const sin = f32(f32(Math.sin(angle)) * gain);
      const one = i * columns + (neighbours ? 2 * pair : pair);
      const other = one + (neighbours ? 1 : half);
      const [a, b] = [x[one]!, x[other]!];
      x[one] = a * cos - b * sin;
      x[other] = b * cos + a * sin;
    }
  }
  return x;
}

// Each row times what queries grow by with their position.
export function positionScaled(given: Dressed, rate: number, length: number, first: number): Float64Array {
  const { rows, columns, x } = given;
  for (let i = 0; i < rows; i++) {
    const factor = positionFactor(first + i, rate, length);
    for (let index = i * columns; index < (i + 1) * columns; index++) x[index]! *= factor;
  }
  return x;
}

export function positionFactor(position: number, rate: number, length: number): number {
  const passed = Math.floor(f32(f32(position) / f32(length)));
  return f32(1 + f32(f32(rate) * f32(Math.log(f32(1 + passed)))));
}
