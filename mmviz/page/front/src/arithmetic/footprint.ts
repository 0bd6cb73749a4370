// The row of a look's table of footprints for each element: _rows of mmviz.render.footprint.
import type { PyramidLaws } from "../document/looks";

export interface Rule {
  readonly full: number; // |x| that is drawn at full size
  readonly curve: "sqrt" | "linear" | "log";
  readonly decades: number;
}

// Rounded to the nearest integer, halves to the even one.
export function rounded(number: number): number {
  const below = Math.floor(number);
  const rest = number - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

// What |x| / scale, 0..1, gives along a curve, 0..1.
function shareOf({ curve, decades }: Rule, least: number): (size: number) => number {
  if (curve === "sqrt") return (size) => Math.fround(Math.sqrt(size));
  if (curve === "linear") return (size) => size;
  return (size) => Math.max(1 + Math.log10(Math.max(size, least)) / decades, 0);
}

// Gives the row of a number, for one look and scale. It is asked for every element.
export function rowOf(rule: Rule, laws: PyramidLaws): (x: number) => number {
  const { steps, nan, infinite, beyond, below } = laws;
  const share = shareOf(rule, laws.least);
  const full = Math.fround(Math.max(rule.full, 1.5e-45));
  const most = Math.fround(1.000001);
  const middle = laws.first + steps;
  return (x) => {
    const size = Math.fround(Math.abs(x) / full);
    if (!(size <= most)) {
      if (Number.isNaN(x)) return nan;
      if (!Number.isFinite(x)) return infinite;
      return x > 0 ? beyond : below;
    }
    if (x === 0) return middle;
    const step = Math.max(rounded(share(Math.min(size, 1)) * steps), 1);
    return x > 0 ? middle + step : middle - step;
  };
}
