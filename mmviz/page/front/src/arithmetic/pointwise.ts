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

export const POINTWISE: Readonly<Record<string, Pointwise>> = {
  exp: Math.exp,
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
