// A small cube that is turned as the scene is: mmviz.picture.eye.compass. Which sides and corners an eye sees, and where.
import { dot, length, plus, times } from "../arithmetic/vectors";
import type { CameraRules } from "../document/cameras";
import type { Camera, Vector } from "./drawlist";
import { eyeOf, type Flat } from "./eye";

export interface CubeSide {
  readonly name: string;
  readonly direction: Vector; // toward the eye that looks at it
  readonly corners: readonly Flat[]; // lower left, lower right, upper right, upper left of what is written on it
  readonly facing: number; // how far it is turned to the eye, 0..1
}
export interface CubeCorner {
  readonly direction: Vector;
  readonly place: Flat;
}

const SQUARE = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
] as const;

// What is seen of the sides, to the right and up in the picture; the cube's corners are 1 from its middle.
export function sidesSeen(rules: CameraRules, camera: Camera): CubeSide[] {
  const { right, up, toward } = eyeOf(camera);
  return Object.entries(rules.sides).flatMap(([name, [out, along, above]]) => {
    const facing = dot(toward, out);
    if (facing <= rules.edgeOn) return [];
    const square = SQUARE.map(([x, y]) => {
      const corner = times(plus(out, plus(times(along, x), times(above, y))), 1 / Math.sqrt(3));
      return [dot(corner, right), dot(corner, up)] as const;
    });
    return [{ name, direction: out, corners: square, facing }];
  });
}

// The corners at which sides are seen.
export function cornersSeen(rules: CameraRules, camera: Camera): CubeCorner[] {
  const { right, up, toward } = eyeOf(camera);
  const ends = [-1, 1];
  const all = ends.flatMap((x) => ends.flatMap((y) => ends.map((z): Vector => [x, y, z])));
  return all
    .filter((one) => one.some((part, axis) => part * toward[axis]! > rules.edgeOn))
    .map((direction) => {
      const corner = times(direction, 1 / Math.sqrt(3));
      return { direction, place: [dot(corner, right), dot(corner, up)] };
    });
}

// From where one looks who chooses a side or corner: from there, or from behind if one stands there already.
export function chosenFrom(rules: CameraRules, camera: Camera, direction: Vector): Vector {
  const there = dot(eyeOf(camera).toward, direction) >= rules.straight * length(direction);
  return there ? times(direction, -1) : direction;
}
