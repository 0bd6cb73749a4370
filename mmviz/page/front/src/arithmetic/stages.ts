// What the functions that a matrix wears make of one of its elements, number by number: mmviz.picture.stages.
import type { WornRecord } from "../document/time";
import type { Dressed, Wearing } from "./functions";
import { isDropped } from "./dropped";
import { general } from "./general";
import { MASK_WORDS } from "./mask_words";
import { MASKS } from "./masks";
import { positionFactor } from "./positions";
import { meanSquare, moments } from "./rows";

export type Quantity = readonly [string, number]; // a number that a function meets on its way, with its name

// One function, at one element.
export interface Stage {
  readonly function: string;
  readonly before: number;
  readonly after: number;
  readonly formula: string; // how the number after is made: of x, the number before, and the quantities
  readonly quantities: readonly Quantity[];
  readonly masked: boolean; // after it a mask forbids the element, which counts as 0
}

// What is around one element, before the first function of its matrix and after each of them.
export interface Around {
  readonly first: readonly [number, number]; // row and column of the first element of every pane
  readonly panes: readonly Dressed[];
  readonly inner: number | null;
}

type Steps = readonly [string, readonly Quantity[]];

// A row of a function's argument, or some of it, as the function sees it.
interface Row {
  readonly numbers: Float64Array; // before
  readonly x: number; // the element, before
  readonly after: number;
  readonly allowed: readonly boolean[]; // after
  readonly at: number; // where in them the element is
  readonly position: number; // which row of the argument it is
  readonly column: number; // of the element, in that row
  readonly wasMasked: boolean;
}

// The functions of a matrix at element (i, j), innermost first.
export function stagesOf(worn: readonly Wearing[], around: Around, i: number, j: number): Stage[] {
  return worn.map((one, number) => {
    const [before, after] = [around.panes[number]!, around.panes[number + 1]!];
    const row = rowOf(one.record, before, after, [i - around.first[0], j - around.first[1]], [i, j]);
    const told = { function: one.record.function, before: row.x, after: row.after };
    if (!row.allowed[row.at]!) {
      return { ...told, formula: along(one.record, whyMasked(one.record, row)), quantities: [], masked: true };
    }
    const [formula, quantities] = stepsOf(one, row, around.inner);
    const named = quantities.map(([name, value]): Quantity => [along(one.record, name), value]);
    return { ...told, formula: along(one.record, formula), quantities: named, masked: false };
  });
}

// What is said of a row, said of a column where the function works along those.
function along(worn: WornRecord, words: string): string {
  return worn.axis === 0 ? words.replaceAll("row", "column") : words;
}

type Place = readonly [number, number];

function rowOf(worn: WornRecord, before: Dressed, after: Dressed, within: Place, place: Place): Row {
  const { columns, rows } = before;
  const [row, column] = within;
  const index = (k: number): number => (worn.turned ? k * columns + column : row * columns + k);
  const numbers = Float64Array.from({ length: worn.turned ? rows : columns }, (_, k) => before.x[index(k)]!);
  const at = worn.turned ? row : column;
  return {
    numbers,
    x: numbers[at]!,
    after: after.x[row * columns + column]!,
    allowed: Array.from(numbers, (_, k) => after.mask?.[index(k)] !== 1),
    at,
    position: worn.turned ? place[1] : place[0],
    column: worn.turned ? place[0] : place[1],
    wasMasked: before.mask?.[index(at)] === 1,
  };
}

function whyMasked(worn: WornRecord, row: Row): string {
  if (row.wasMasked) return "masked already; it takes no part";
  if (worn.function === "topk") {
    const offset = worn.vectors.length > 0 ? ", with what is added to each," : "";
    const count = row.allowed.filter(Boolean).length;
    return `masked: ${count} elements of the row${offset} are larger, or as large and further left`;
  }
  return `masked: ${maskWords(worn).why(row.position, row.column, maskNumbers(worn))}`;
}

function whyNotMasked({ record, vectors }: Wearing, row: Row): string {
  if (record.function !== "topk") return maskWords(record).whyNot(row.position, row.column, maskNumbers(record));
  const [added] = vectors;
  const by = row.numbers.map((one, k) => one + (added === undefined ? 0 : added[k]!));
  const larger = by.filter((one, k) => row.allowed[k]! && one > by[row.at]!).length;
  const offset = added === undefined ? "" : ", with what is added to each";
  return `one of the ${record.numbers[0]!} largest of its row${offset}; ${larger} are larger`;
}

function maskWords(worn: WornRecord): (typeof MASK_WORDS)[string] {
  return MASK_WORDS[worn.function === "sdpa" ? "tril" : worn.function]!;
}

function maskNumbers(worn: WornRecord): readonly number[] {
  return worn.function === "sdpa" ? [] : worn.numbers;
}

// A formula, and the numbers in it by their names.
function stepsOf(worn: Wearing, row: Row, inner: number | null): Steps {
  const { record } = worn;
  const own = STEPS[record.function];
  if (own !== undefined) return own(row, worn, inner);
  if (record.function in MASKS || record.function === "topk") return [`not masked: ${whyNotMasked(worn, row)}`, []];
  return [record.meaning, record.names.map((name, number): Quantity => [name, record.numbers[number]!])];
}

type Told = (row: Row, worn: Wearing, inner: number | null) => Steps;

const STEPS: Readonly<Record<string, Told>> = {
  sdpa: (row, { record }, inner) => softmax(record, row, inner),
  softmax: (row, { record }, inner) => softmax(record, row, inner),
  softmax_sink: (row, worn) => softmaxWithSink(row, vectorsAt(worn, row)[0]!),
  scale: (_, { record }, inner) => ["x * factor", factorOf(record, inner)],
  rope: (row, worn) => rope(worn, row),
  rope_pairs: (row, worn) => rope(worn, row),
  layernorm: (row, worn) => layernorm(row, vectorsAt(worn, row), worn.record.numbers[0]!),
  rmsnorm: (row, worn) => rmsnorm(row, vectorsAt(worn, row), worn.record.numbers[0]!),
  position_scale: (row, { record }) => positionScale(row, record.numbers[0]!, record.numbers[1]!, record.numbers[2]!),
  share: (row) => ["x / sum of the row", [["sum of the row", sumOf(allowedOf(row, row.numbers))]]],
  cumsum: (row) => ["x + sum of the row before it", [["sum of the row before it", sumOf(allowedBefore(row))]]],
  onehot: (row) => [onehotWords(row), [["maximum of the row", largestOf(allowedOf(row, row.numbers))]]],
  batchnorm: (row, worn) => batchnorm(row, vectorsAt(worn, row), worn.record.numbers[0]!),
  dropout: (row, { record }) => dropout(row, record.numbers[0]!, record.numbers[1]!),
  bias: (row, worn) => ["x + bias", [["bias", vectorsAt(worn, row)[0]!]]],
};

// What the function's vectors have for the element.
function vectorsAt({ record, vectors }: Wearing, row: Row): number[] {
  const place = record.single ? 0 : record.along === "columns" ? row.position : row.column;
  return vectors.map((vector) => vector[place]!);
}

function allowedOf(row: Row, numbers: Float64Array): Float64Array {
  return numbers.filter((_, k) => row.allowed[k]!);
}

function allowedBefore(row: Row): Float64Array {
  return row.numbers.filter((_, k) => k < row.at && row.allowed[k]!);
}

function onehotWords(row: Row): string {
  if (row.after !== 0) return "1: it is the largest of the row";
  const isAsLarge = row.x === largestOf(allowedOf(row, row.numbers));
  return isAsLarge ? "0: one as large stands before it in the row" : "0: it is not the largest of the row";
}

function batchnorm(row: Row, vectors: readonly number[], eps: number): Steps {
  const isGiven = vectors.length > 2;
  const [mean, variance] = isGiven ? [vectors[2]!, vectors[3]!] : moments(row.numbers);
  const source = isGiven ? "" : " of the row";
  const formula = "(x - mean) / sqrt(variance + eps)";
  return weighted(formula, vectors.slice(0, 2), [
    [`mean${source}`, mean],
    [`variance${source}`, variance],
    ["eps", eps],
    [formula, (row.x - mean) / Math.sqrt(variance + eps)],
  ]);
}

function dropout(row: Row, p: number, seed: number): Steps {
  const formula = isDropped(row.position, row.column, p, seed) ? "0: it is dropped" : "x / (1 - p): it is kept";
  return [
    formula,
    [
      ["p", p],
      ["seed", seed],
    ],
  ];
}

function sumOf(numbers: Float64Array): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

function largestOf(numbers: Float64Array): number {
  return numbers.reduce((largest, one) => (Number.isNaN(one) || one > largest ? one : largest), -Infinity);
}

// What scores are multiplied by; where nothing is said, by the inner size of the product.
function factorOf(record: WornRecord, inner: number | null): Quantity[] {
  if (!record.bySize) return [["factor", record.numbers[0]!]];
  return [
    ["k", inner ?? 1],
    ["factor = 1 / sqrt(k)", record.numbers[0]!],
  ];
}

// The steps of a softmax over the allowed elements of a row, from how its element got there.
function softmax(record: WornRecord, row: Row, inner: number | null): Steps {
  const number = record.numbers[0]!;
  const isScaled = record.function === "sdpa";
  const scaled = row.numbers.map((one) => (isScaled ? one * number : one / number));
  const own = scaled[row.at]!;
  const soFar: Quantity[] = isScaled
    ? [...factorOf(record, inner), ["x * factor", own]]
    : number === 1
      ? []
      : [
          ["temperature", number],
          ["x / temperature", own],
        ];
  const largest = largestOf(allowedOf(row, scaled));
  const powers = allowedOf(row, scaled).map((one) => Math.exp(one - largest));
  const name = `exp(${soFar.at(-1)?.[0] ?? "x"} - maximum)`;
  const quantities: Quantity[] = [
    ...soFar,
    ["maximum of the row", largest],
    [name, Math.exp(own - largest)],
    ["sum of these over the row", sumOf(powers)],
  ];
  return [`${name} / sum`, quantities];
}

function softmaxWithSink(row: Row, sink: number): Steps {
  const allowed = allowedOf(row, row.numbers);
  const largest = Math.max(largestOf(allowed), sink);
  const name = "exp(x - maximum)";
  const quantities: Quantity[] = [
    ["maximum of the row and the sink", largest],
    [name, Math.exp(row.x - largest)],
    ["sum of these over the row", sumOf(allowed.map((one) => Math.exp(one - largest)))],
    ["sink", sink],
    ["exp(sink - maximum)", Math.exp(sink - largest)],
  ];
  return [`${name} / (sum + exp(sink - maximum))`, quantities];
}

// What a row is multiplied by for its position.
function positionScale(row: Row, rate: number, length: number, start: number): Steps {
  const position = row.position + start;
  const passed = Math.floor(Math.fround(position / Math.fround(length)));
  const quantities: Quantity[] = [
    [`floor(${position} / ${general(length)})`, passed],
    [`factor = 1 + ${general(rate)} * log(1 + that)`, positionFactor(position, rate, length)],
  ];
  return ["x * factor", quantities];
}

// The turn of a pair of columns; the angle in float32.
function rope({ record, frequencies }: Wearing, row: Row): Steps {
  const half = frequencies!.length;
  const size = 2 * half;
  if (row.column >= size) return [`x, as it is: only the first ${size} columns turn`, []];
  const neighbours = record.function === "rope_pairs";
  const gain = record.numbers[2]!;
  const apart = neighbours ? 1 : half;
  const pair = neighbours ? Math.floor(row.column / 2) : row.column % half;
  const isFirst = neighbours ? row.column === 2 * pair : row.column < half;
  const partner = isFirst ? row.column + apart : row.column - apart;
  const angle = Math.fround(row.position * frequencies![pair]!);
  const [cos, sin, other] = [gain * Math.cos(angle), gain * Math.sin(angle), row.numbers[partner]!];
  const times = gain === 1 ? "" : `, times ${general(gain)}`;
  const quantities: Quantity[] = [
    [`partner, of column ${partner}`, other],
    [`angle of position ${row.position} in radians`, angle],
    [`cos${times}`, cos],
    [`sin${times}`, sin],
    ["x * cos", row.x * cos],
    [`${isFirst ? "-" : ""}partner * sin`, (isFirst ? -other : other) * sin],
  ];
  return [`x * cos ${isFirst ? "-" : "+"} partner * sin`, quantities];
}

function layernorm(row: Row, vectors: readonly number[], eps: number): Steps {
  const [mean, variance] = moments(row.numbers);
  const formula = "(x - mean) / sqrt(variance + eps)";
  return weighted(formula, vectors, [
    ["mean of the row", mean],
    ["variance of the row", variance],
    ["eps", eps],
    [formula, (row.x - mean) / Math.sqrt(variance + eps)],
  ]);
}

function rmsnorm(row: Row, vectors: readonly number[], eps: number): Steps {
  const square = meanSquare(row.numbers);
  const formula = "x / sqrt(mean square + eps)";
  return weighted(formula, vectors, [
    ["mean square of the row", square],
    ["eps", eps],
    [formula, row.x / Math.sqrt(square + eps)],
  ]);
}

// A norm's weight, and its bias, where it has them.
function weighted(formula: string, vectors: readonly number[], numbers: readonly Quantity[]): Steps {
  const names = ["weight", "bias"].slice(0, vectors.length);
  const words = names.map((name, number) => `${"*+"[number]!} ${name}`);
  return [[formula, ...words].join(" "), [...numbers, ...names.map((name, one): Quantity => [name, vectors[one]!])]];
}
