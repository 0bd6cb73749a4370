// Functions of one element and of the numbers that follow it: POINTWISE of mmviz.values.arithmetic.functions.
import { erf } from "./erf";

type Pointwise = (x: number, numbers: readonly number[]) => number;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const relu = (x: number): number => (x < 0 ? 0 : x);
const atMost = (x: number, most: number): number => (x > most ? most : x);
const atLeast = (x: number, least: number): number => (x < least ? least : x);

function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
}

// The number of so many binary digits that is nearest to x, of two the even one; infinite from where it would not fit.
function rounded(x: number, digits: number, least: number, most: number): number {
  const size = Math.abs(Math.fround(x)); // torch goes by way of float32
  if (!(size > 0 && size < Infinity)) return Math.fround(x);
  let exponent = Math.max(Math.floor(Math.log2(size)), least);
  if (2 ** exponent > size && exponent > least) exponent -= 1; // the logarithm itself is rounded
  if (2 ** (exponent + 1) <= size) exponent += 1;
  const step = 2 ** (exponent - digits + 1);
  const steps = Math.floor(size / step);
  const over = size / step - steps;
  const nearest = (over > 0.5 || (over === 0.5 && steps % 2 === 1) ? steps + 1 : steps) * step;
  return Math.sign(x) * (nearest > most ? Infinity : nearest);
}

export const POINTWISE: Readonly<Record<string, Pointwise>> = {
  exp: Math.exp,
  float16: (x) => rounded(x, 11, -14, 65504),
  bfloat16: (x) => rounded(x, 8, -126, (2 - 2 ** -7) * 2 ** 127),
  log: Math.log,
  abs: Math.abs,
  relu,
  relu2: (x) => relu(x) ** 2,
  leaky_relu: (x, [slope]) => (x > 0 ? x : x * slope!),
  gelu: (x) => x * 0.5 * (1 + erf(x * Math.SQRT1_2)),
  gelu_tanh: geluTanh,
  silu: (x) => x / (1 + Math.exp(-x)),
  swish: (x, [beta]) => x * sigmoid(beta! * x),
  sigmoid,
  tanh: Math.tanh,
  softcap: (x, [cap]) => cap! * Math.tanh(x / cap!),
  minimum: (x, [most]) => atMost(x, most!),
  maximum: (x, [least]) => atLeast(x, least!),
  clip: (x, [low, high]) => atMost(atLeast(x, low!), high!),
  square: (x) => x * x,
  power: (x, [exponent]) => x ** exponent!,
  add: (x, [term]) => x + term!,
  scale: (x, [factor]) => x * factor!,
};
