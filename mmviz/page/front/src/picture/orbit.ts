// How a camera is moved: mmviz.picture.eye.orbit. Pure functions, no state.
import { cross, dot, minus, plus, times } from "../arithmetic/vectors";
import type { CameraRules } from "../document/cameras";
import type { Camera, Vector } from "./drawlist";
import { clamp, depth, distanceOf, eyeOf } from "./eye";

// How far an eye has gone around the vertical axis, from the front to its right, and climbed, in radians.
export function stand(camera: Camera): { turn: number; climb: number } {
  const { right, toward } = eyeOf(camera);
  return { turn: Math.atan2(-right[2], right[0]), climb: Math.asin(clamp(toward[1], -1, 1)) };
}

// Unit vectors toward an eye that stands so, and up in its picture.
export function turntable(turn: number, climb: number): { toward: Vector; up: Vector } {
  const [sin, cos, rise, level] = [Math.sin(turn), Math.cos(turn), Math.sin(climb), Math.cos(climb)];
  return { toward: [sin * level, rise, cos * level], up: [-sin * rise, level, -cos * rise] };
}

// The camera on its way around a point, which stays where it is in the picture; around its target by default.
export function orbit(camera: Camera, rightDegrees: number, upDegrees: number, about: Vector | null = null): Camera {
  const { turn, climb } = stand(camera);
  const climbed = clamp(climb + (upDegrees * Math.PI) / 180, -Math.PI / 2, Math.PI / 2);
  const { toward, up } = turntable(turn + (rightDegrees * Math.PI) / 180, climbed);
  const far = times(toward, distanceOf(camera));
  if (about === null) return { ...camera, position: plus(camera.target, far), up };
  const eye = eyeOf(camera);
  const rest = minus(camera.position, about);
  const across = times(cross(up, toward), dot(eye.right, rest));
  const moved = plus(plus(across, times(up, dot(eye.up, rest))), times(toward, dot(eye.toward, rest)));
  const position = plus(about, moved);
  return { ...camera, position, target: minus(position, far), up };
}

// The camera `factor` times nearer to a point, which stays where it is in the picture; below 1 the eye goes away, at
// most so far as `farthest`, in cells.
export function approach(
  rules: CameraRules,
  camera: Camera,
  point: Vector,
  factor: number,
  farthest = Infinity,
): Camera {
  const eye = eyeOf(camera);
  const far = depth(eye, point);
  if (far <= 0) return camera;
  const wanted = wantedDepth(rules, far, factor, farthest);
  const position = plus(point, times(minus(camera.position, point), wanted / far));
  return { ...camera, position, target: minus(position, times(eye.toward, wanted)) };
}

function wantedDepth(rules: CameraRules, far: number, factor: number, farthest: number): number {
  const { nearest, back } = rules;
  if (factor >= 1) return Math.min(far, nearest + Math.max(far - nearest, 0) / factor);
  const away = Math.max(nearest + (far - nearest) / factor, far * (1 + back * (1 / factor - 1)));
  return Math.max(Math.min(away, farthest), Math.min(far, away));
}

// The camera moved sideways, its target with it, by shares of the picture's height at a depth.
export function pan(camera: Camera, right: number, up: number, far: number | null = null): Camera {
  const eye = eyeOf(camera);
  const height = 2 * (far ?? distanceOf(camera)) * eye.slope;
  const shift = plus(times(eye.right, height * right), times(eye.up, height * up));
  return { ...camera, position: plus(camera.position, shift), target: plus(camera.target, shift) };
}
