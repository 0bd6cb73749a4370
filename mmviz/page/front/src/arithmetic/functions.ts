// The functions that matrices wear, in double precision: mmviz.values.arithmetic.functions.
import type { WornRecord } from "../document/time";
import type { Matrices } from "./matrices";
import { transposed } from "./matrices";
import { MASKS } from "./masks";
import { POINTWISE } from "./pointwise";
import { droppedOut } from "./dropped";
import { batchNormed, normed, rmsNormed, shared, softmaxed, summedUp } from "./rows";
import { positionScaled, rotated } from "./positions";

// Numbers of a matrix, or of neighbouring rows and columns of it, on their way through its functions.
export interface Dressed {
  readonly rows: number;
  readonly columns: number;
  readonly x: Float64Array;
  readonly mask: Uint8Array | null; // 1 where an element is forbidden, which is 0 then
}

// A function with what it needs besides its matrix.
export interface Wearing {
  readonly record: WornRecord;
  readonly vectors: readonly (Float32Array | Float64Array)[];
  readonly frequencies: Float32Array | null;
}

// Which row and column of the matrix the first ones are.
export type First = readonly [number, number];

export function wearing(record: WornRecord, matrices: Matrices): Wearing {
  return {
    record,
    vectors: record.vectors.map((ref) => matrices.array(ref)),
    frequencies: record.frequencies === null ? null : (matrices.array(record.frequencies) as Float32Array),
  };
}

// Apply one function; what is given is not changed. Vectors are those of the whole matrix.
export function wear(worn: Wearing, given: Dressed, first: First = [0, 0]): Dressed {
  if (worn.record.turned) return turnedRound(straight(worn, turnedRound(given), [first[1], first[0]]));
  return straight(worn, { ...given, x: given.x.slice() }, first);
}

// What the softmax of softmax or sdpa is taken of, -inf where an element is forbidden.
export function logits(worn: Wearing, given: Dressed): Float64Array {
  const { rows, columns } = given;
  const { record } = worn;
  const found = record.function === "sdpa" ? { ...given, mask: alsoMasked(record, given, [0, 0]) } : given;
  const x = scaled(record, given.x.slice());
  for (let index = 0; index < rows * columns; index++) if (found.mask?.[index] === 1) x[index] = -Infinity;
  return x;
}

function turnedRound(given: Dressed): Dressed {
  const { rows, columns, x, mask } = given;
  return {
    rows: columns,
    columns: rows,
    x: transposed(x, rows, columns, new Float64Array(x.length)),
    mask: mask === null ? null : transposed(mask, rows, columns, new Uint8Array(mask.length)),
  };
}

// Its rows run along those of the matrix; `x` is overwritten.
function straight(worn: Wearing, given: Dressed, first: First): Dressed {
  const { record } = worn;
  let mask = given.mask;
  if (record.function in MASKS) mask = alsoMasked(record, given, first);
  if (record.function === "topk") mask = beyondTheLargest(given, record.numbers[0]!, worn.vectors[0] ?? null, first[1]);
  const x = computed(worn, { ...given, mask }, first);
  if (mask !== null) for (let index = 0; index < x.length; index++) if (mask[index] === 1) x[index] = 0;
  return { ...given, x, mask };
}

function computed(worn: Wearing, given: Dressed, first: First): Float64Array {
  const { record, vectors } = worn;
  const { x } = given;
  const name = record.function;
  const pointwise = POINTWISE[name];
  if (pointwise !== undefined) return x.map((one) => pointwise(one, record.numbers));
  const ofRows = OF_ROWS[name];
  if (ofRows !== undefined) return ofRows(given, record.numbers[0] ?? 0, vectors);
  const ofPlaces = OF_PLACES[name];
  if (ofPlaces !== undefined) return ofPlaces(given, worn, first);
  switch (name) {
    case "sdpa":
    case "softmax":
      return softmaxed({ ...given, x: scaled(record, x) }, null);
    case "softmax_sink":
      return softmaxed(given, vectors[0]![0]!);
    case "xielu":
      return xielued(x, vectors.map((each) => each[0]!));
    default:
      return x; // it only masks
  }
}

type OfRows = (given: Dressed, number: number, vectors: readonly (Float32Array | Float64Array)[]) => Float64Array;

// Functions of whole rows that take a number and vectors, which may be left out.
const OF_ROWS: Readonly<Record<string, OfRows>> = {
  layernorm: (given, eps, vectors) => normed(given, eps, vectors[0] ?? null, vectors[1] ?? null),
  rmsnorm: (given, eps, vectors) => rmsNormed(given, eps, vectors[0] ?? null),
  share: (given) => shared(given),
  cumsum: (given) => summedUp(given),
  onehot: (given) => onlyTheLargest(given),
};

type OfPlaces = (given: Dressed, worn: Wearing, first: First) => Float64Array;

// Functions that ask where an element stands.
const OF_PLACES: Readonly<Record<string, OfPlaces>> = {
  bias: ({ x, columns }, { vectors }, first) => x.map((one, index) => one + vectors[0]![first[1] + (index % columns)]!),
  batchnorm: (given, { record, vectors }, first) => batchNormed(given, record.numbers[0]!, vectors, first[0]),
  dropout: (given, { record }, first) => droppedOut(given, record.numbers[0]!, record.numbers[1]!, first),
  rope: (given, worn, first) => rotated(given, worn, first[0]),
  rope_pairs: (given, worn, first) => rotated(given, worn, first[0]),
  position_scale: (given, { record }, first) =>
    positionScaled(given, record.numbers[0]!, record.numbers[1]!, first[0] + record.numbers[2]!),
};

// The function of an Apertus' MLP: two numbers by their softplus, its slope at 0, and a number a little below 0.
function xielued(x: Float64Array, numbers: readonly number[]): Float64Array {
  const [p, n, beta, eps] = numbers as [number, number, number, number];
  const softplus = (a: number): number => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));
  const grows = softplus(p);
  const falls = beta + softplus(n);
  return x.map((a) => (a > 0 ? grows * a * a : (Math.expm1(Math.min(a, eps)) - a) * falls) + beta * a);
}

// Before softmax: sdpa has a factor, softmax a temperature.
function scaled(record: WornRecord, x: Float64Array): Float64Array {
  const number = record.numbers[0]!;
  if (number === 1) return x;
  return record.function === "sdpa" ? x.map((one) => one * number) : x.map((one) => one / number);
}

function alsoMasked(record: WornRecord, given: Dressed, first: First): Uint8Array {
  const { rows, columns, mask } = given;
  const forbids = MASKS[record.function]!;
  const found = mask === null ? new Uint8Array(rows * columns) : mask.slice();
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      if (forbids(first[0] + i, first[1] + j, record.numbers)) found[i * columns + j] = 1;
    }
  }
  return found;
}

// 1 also where k elements of the row are larger, or equal and further left; forbidden ones count as smallest. With an
// offset, by their sums with it; the first column has its entry `column`.
function beyondTheLargest(
  given: Dressed,
  k: number,
  offset: Float32Array | Float64Array | null,
  column: number,
): Uint8Array {
  const { rows, columns, x, mask } = given;
  const found = mask === null ? new Uint8Array(rows * columns) : mask.slice();
  for (let i = 0; i < rows; i++) {
    const start = i * columns;
    const size = (j: number): number => 
      mask?.[start + j] === 1 ? -Infinity : x[start + j]! + (offset === null ? 0 : offset[column + j]!);
    const order = Array.from({ length: columns }, (_, j) => j).sort((a, b) => falling(size(a), size(b)));
    for (const j of order.slice(k)) found[start + j] = 1;
  }
  return found;
}

// 1 for the largest element of every row, 0 for the others.
function onlyTheLargest(given: Dressed): Float64Array {
  const others = beyondTheLargest(given, 1, null, 0);
  return given.x.map((_, index) => 1 - others[index]!);
}

// Not a number comes first.
function falling(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  if (Number.isNaN(b)) return 1;
  return a === b ? 0 : b > a ? 1 : -1;
}

// The functions that can be computed here.
export const COMPUTED: readonly string[] = [
  ...Object.keys(POINTWISE),
  ...Object.keys(MASKS),
  ...["softmax", "softmax_sink", "xielu", "share", "cumsum", "onehot", "dropout", "batchnorm", "topk", "bias", "layernorm", "rmsnorm", "rope", "rope_pairs", "position_scale"],
];
