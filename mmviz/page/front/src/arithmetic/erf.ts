// The error function in double precision: a Taylor series around the nearest of some places, at which it is known.
const APART = 1 / 8; // between two places
const COUNT = 49; // of places: from the last one on, at 6, it is 1
const ORDER = 13;
const NEAR = 8; // places up to here are summed up from 0; what those beyond lack of 1, from the last one back
const SLOPE = 2 / Math.sqrt(Math.PI); // at 0

interface Place {
  readonly x: number;
  readonly terms: Float64Array; // of the Taylor series; the first is not used
}

export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  const number = Math.round(size / APART);
  if (number >= COUNT - 1) return Math.sign(x);
  const change = changed(PLACES[number]!, size);
  const found = number <= NEAR ? NEARBY[number]! + change : 1 - (LACKING[number]! - change);
  return x < 0 ? -found : found;
}

// How much larger it is at a number than at the place beside it.
function changed({ x, terms }: Place, size: number): number {
  const away = size - x;
  let sum = 0;
  for (let order = ORDER; order >= 1; order--) sum = (sum + terms[order]!) * away;
  return sum;
}

// Derivatives of exp(-x^2) are Hermite polynomials times itself.
function taylor(x: number): Place {
  const terms = new Float64Array(ORDER + 1);
  const slope = SLOPE * Math.exp(-x * x);
  let [before, hermite] = [0, 1]; // H of order - 2 and of order - 1, each divided by its factorial
  for (let order = 1; order <= ORDER; order++) {
    terms[order] = ((order % 2 === 1 ? slope : -slope) * hermite) / order;
    [before, hermite] = [hermite, (2 * x * hermite - 2 * before) / order];
  }
  return { x, terms };
}

const PLACES = Array.from({ length: COUNT }, (_, number) => taylor(number * APART));

// From one place to the next.
function between(number: number): number {
  const middle = (number + 0.5) * APART;
  return changed(PLACES[number]!, middle) - changed(PLACES[number + 1]!, middle);
}

const NEARBY = [0];
for (let number = 0; number < NEAR; number++) NEARBY.push(NEARBY[number]! + between(number));
const LACKING = new Float64Array(COUNT);
for (let number = COUNT - 2; number > NEAR; number--) LACKING[number] = LACKING[number + 1]! + between(number);
