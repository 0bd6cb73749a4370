// How much is there of the sheets behind matrices: mmviz.picture.marks.sheet_before.
import { center, corners, normal, reach } from "../arithmetic/placement";
import { dot, length, minus, times } from "../arithmetic/vectors";
import type { MarkRules } from "../document/marks";
import type { Placement, Vector } from "./drawlist";
import { clamp, depth, type Eye } from "./eye";

// From a matrix to a point, in cells: mmviz.picture.space.placement.distance.
export function distanceTo(place: Placement, points: readonly Vector[]): number {
  const [topLeft, topRight, , bottomLeft] = corners(place, 0.5);
  const sides = [minus(topRight, topLeft), minus(bottomLeft, topLeft)].map((side) => {
    const far = length(side);
    return { way: times(side, 1 / far), far };
  });
  const out = normal(place);
  const found = points.map((point) => {
    const offset = minus(point, topLeft);
    const beside = sides.map(({ way, far }) => Math.max(-dot(offset, way), dot(offset, way) - far, 0));
    return Math.hypot(dot(offset, out), ...beside);
  });
  return Math.min(...found);
}

// How much of the sheet behind a matrix is there, 0..1; `whole`: its colours know no scale, so it is there or not.
export function shareOf(rules: MarkRules, front: Placement, behind: Placement, eye: Eye, whole: boolean): number {
  const { near, close } = rules.behind;
  const away = clamp((distanceTo(behind, [eye.position]) - near) / (close - near), 0, 1);
  const share = away * (1 - lookedAt(rules, front, behind, eye));
  return whole ? (share > 0.5 ? 1 : 0) : share;
}

// How much a camera looks at a matrix alone, before the sheet behind it: 0 from the side and from afar, to 1.
function lookedAt(rules: MarkRules, front: Placement, behind: Placement, eye: Eye): number {
  const [middle, out] = [center(front), normal(front)];
  const side = dot(minus(eye.position, middle), out) * dot(minus(center(behind), middle), out);
  if (side >= 0) return 0;
  const large = (Math.max(...reach(front)) + 1) / Math.max(2 * depth(eye, middle) * eye.slope, 1e-9);
  const headOn = Math.abs(dot(eye.toward, out));
  return ramp(headOn, rules.behind.headOn) * ramp(large, rules.behind.large);
}

function ramp(x: number, [none, all]: readonly [number, number]): number {
  return clamp((x - none) / (all - none), 0, 1);
}
