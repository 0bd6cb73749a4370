// Which camera sees what beside the inset and the colour bars: mmviz.picture.shots.framing.
import { corners, spot } from "../arithmetic/placement";
import type { CameraRules, Room } from "../document/cameras";
import type { Camera, Placement, Vector } from "./drawlist";
import { distanceOf, eyeOf, project } from "./eye";
import { fit, type Free, type Look } from "./fit";

// What lies over the picture: the inset, of this side as a share of the picture's height, if there is one, and bars.
export interface Over {
  readonly inset: number | null;
  readonly bars: Room;
}

// The nearest camera that sees some points beside an inset, or above it where there is no room beside; `edges` are what
// the inset must not cover.
export function beside(
  rules: CameraRules,
  over: Over,
  room: readonly Vector[],
  edges: readonly Vector[],
  look: Look,
  aspect: number,
  border: readonly [number, number],
): Camera {
  const bottom = Math.max(0, over.bars.bottom - border[1]);
  const free: Free = { border: [Math.max(border[0], over.bars.right), border[1]], bottom };
  const side = over.inset;
  if (side === null) return fit(rules, room, look, aspect, free);
  const uncovered = (camera: Camera): boolean => !covers(rules, side, camera, edges, aspect);
  for (const left of rules.roomForInset) {
    const camera = fit(rules, room, look, aspect, { ...free, left });
    if (uncovered(camera)) return camera;
  }
  const above = Math.max(0, side + rules.insetBottom + rules.insetMargin - border[1]);
  const bottoms = rules.sharesAbove.map((share) => Math.max(bottom, share * above));
  const cameras = rules.roomForInset.flatMap((left) =>
    bottoms.map((lifted) => fit(rules, room, look, aspect, { ...free, left, bottom: lifted })),
  );
  const found = cameras.filter(uncovered);
  const all = cameras[rules.sharesAbove.length - 1]!; // all of it above the inset
  return found.reduce<Camera | null>((best, one) => {
    return best === null || distanceOf(one) < distanceOf(best) ? one : best;
  }, null) ?? all;
}

// One matrix, beside the inset and the colour bars.
export function focus(rules: CameraRules, over: Over, place: Placement, look: Look, aspect: number): Camera {
  const around = corners(place, 0.5);
  return beside(rules, over, around, [...around, ...edgesOf(place)], look, aspect, rules.focusBorder);
}

// Whether an inset would cover one of some points of a picture.
function covers(rules: CameraRules, side: number, camera: Camera, points: readonly Vector[], aspect: number): boolean {
  const eye = eyeOf(camera);
  const [right, top] = [side + 2 * rules.insetMargin, side + rules.insetBottom + rules.insetMargin];
  return points.some((point) => {
    const [across, up] = project(rules, eye, point, aspect);
    return across * aspect < right && up < top;
  });
}

// Points along the border of a matrix.
export function edgesOf(place: Placement): Vector[] {
  const along = Array.from({ length: 17 }, (_, number) => number / 16);
  const at = (i: number, j: number): Vector => spot(place, i * place.rows - 0.5, j * place.columns - 0.5);
  return along.flatMap((share) => [at(0, share), at(1, share), at(share, 0), at(share, 1)]);
}
