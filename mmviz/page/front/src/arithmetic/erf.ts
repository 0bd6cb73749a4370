// The error function in double precision: a Taylor series around the nearest of some places, at which it is known.
const APART = 1 / 8; // between two places
const FARTHEST = 6; // from there on it is 1
const ORDER = 13;
const SLOPE = 2 / Math.sqrt(Math.PI); // at 0

export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  if (size >= FARTHEST) return Math.sign(x);
  const number = Math.round(size / APART);
  const away = size - number * APART;
  const coefficients = PLACES[number]!;
  let sum = 0;
  for (let order = ORDER; order >= 0; order--) sum = sum * away + coefficients[order]!;
  return x < 0 ? -sum : sum;
}

const PLACES = Array.from({ length: Math.round(FARTHEST / APART) + 1 }, (_, number) => taylor(number * APART));

// The coefficients around a place: derivatives of exp(-x^2) are Hermite polynomials times itself.
function taylor(place: number): Float64Array {
  const found = new Float64Array(ORDER + 1);
  found[0] = series(place);
  const slope = SLOPE * Math.exp(-place * place);
  let [before, hermite] = [0, 1]; // H of order - 2 and of order - 1, each divided by its factorial
  for (let order = 1; order <= ORDER; order++) {
    found[order] = (((order - 1) % 2 === 0 ? slope : -slope) * hermite) / order;
    [before, hermite] = [hermite, (2 * place * hermite - 2 * before) / order];
  }
  return found;
}

// exp(-x^2) times a series whose terms are all positive.
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-18; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return SLOPE * Math.exp(-x * x) * sum;
}
