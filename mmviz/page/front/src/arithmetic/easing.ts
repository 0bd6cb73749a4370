// How something goes from one place to the next: mmviz.picture.easing.
import type { TimeSection } from "../document/time";

export type Easing = TimeSection["easing"];

// The share of the way at a share of the time, both 0..1; "none" waits at the start.
export function eased(share: number, easing: Easing): number {
  if (easing === "linear") return share;
  return easing === "smooth" ? smooth(share) : 0;
}

// A soft start and a soft stop; 0 at 0 and 1 at 1.
export function smooth(share: number): number {
  return share * share * (3 - 2 * share);
}
