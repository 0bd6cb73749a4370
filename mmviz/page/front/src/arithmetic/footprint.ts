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

// What |x| / scale gives along a curve, 0..1.
function share(size: number, rule: Rule, least: number): number {
  const within = Number.isNaN(size) ? 0 : Math.min(size, 1);
  if (rule.curve === "sqrt") return Math.fround(Math.sqrt(within));
  if (rule.curve === "linear") return within;
  return Math.max(1 + Math.log10(Math.max(within, least)) / rule.decades, 0);
}

// Gives the row of a number, for one look and scale.
export function rowOf(rule: Rule, laws: PyramidLaws): (x: number) => number {
  const full = Math.fround(Math.max(rule.full, 1.5e-45));
  const most = Math.fround(1.000001);
  const middle = laws.first + laws.steps;
  return (x) => {
    if (Number.isNaN(x)) return laws.nan;
    const size = Math.fround(Math.abs(x) / full);
    if (size > most) {
      if (!Number.isFinite(x)) return laws.infinite;
      return x > 0 ? laws.beyond : laws.below;
    }
    if (x === 0) return middle;
    const step = Math.max(rounded(share(size, rule, laws.least) * laws.steps), 1);
    return x > 0 ? middle + step : middle - step;
  };
}
