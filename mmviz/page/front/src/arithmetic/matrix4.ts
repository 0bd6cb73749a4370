// Matrices of 4 x 4 for what OpenGL draws, column after column; and where an eye looks.
import type { Camera, Vector } from "../picture/drawlist";
import type { DrawingLaws } from "../document/looks";
import { cross, dot, length, minus, times } from "./vectors";

export type Matrix4 = Float64Array;

export function product(a: Matrix4, b: Matrix4): Matrix4 {
  const made = new Float64Array(16);
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let n = 0; n < 4; n++) sum += a[4 * n + row]! * b[4 * column + n]!;
      made[4 * column + row] = sum;
    }
  }
  return made;
}

// Unit vectors to the right, up and toward the eye.
export function axesOf(camera: Camera): [Vector, Vector, Vector] {
  const sight = minus(camera.position, camera.target);
  const toward = times(sight, 1 / length(sight));
  const beside = cross(camera.up, toward);
  const right = times(beside, 1 / length(beside));
  return [right, cross(toward, right), toward];
}

// Half the height of what the picture shows at a distance of 1.
export function slopeOf(camera: Camera): number {
  return Math.tan((camera.viewAngle * Math.PI) / 360);
}

// From the world to the space whose origin is the eye, which looks along -z.
export function toEye(camera: Camera): Matrix4 {
  const axes = axesOf(camera);
  const matrix = new Float64Array(16);
  for (const [row, axis] of axes.entries()) {
    for (let column = 0; column < 3; column++) matrix[4 * column + row] = axis[column]!;
    matrix[12 + row] = -dot(axis, camera.position);
  }
  matrix[15] = 1;
  return matrix;
}

// From the eye to OpenGL's clip coordinates.
// shift: how far the middle of the picture lies from where the eye looks, in halves of the picture.
export function toClip(
  camera: Camera,
  aspect: number,
  [near, far]: readonly [number, number],
  shift: readonly [number, number],
): Matrix4 {
  const slope = slopeOf(camera);
  const matrix = new Float64Array(16);
  matrix[0] = 1 / (slope * aspect);
  matrix[5] = 1 / slope;
  matrix[8] = shift[0];
  matrix[9] = shift[1];
  matrix[10] = -(far + near) / (far - near);
  matrix[11] = -1;
  matrix[14] = (-2 * far * near) / (far - near);
  return matrix;
}

// Nearest and farthest depth that is drawn, in cells: mmviz.render.looking.clipping. extent: (n, 3).
export function clipping(camera: Camera, extent: Float64Array, laws: DrawingLaws): [number, number] {
  const toward = axesOf(camera)[2];
  let [least, most] = [Infinity, -Infinity];
  for (let n = 0; n < extent.length; n += 3) {
    const depth = dot(minus(camera.position, [extent[n]!, extent[n + 1]!, extent[n + 2]!]), toward);
    least = Math.min(least, depth);
    most = Math.max(most, depth);
  }
  const far = Math.max(most * laws.far[0] + laws.far[1], 1);
  return [Math.max(least * laws.near[0] + laws.near[1], far * laws.nearest), far];
}
