// A camera with what is worked out of it once: mmviz.picture.eye.camera.
import { cross, dot, length, minus, plus, times } from "../arithmetic/vectors";
import type { CameraRules } from "../document/cameras";
import type { Numbers } from "../document";
import type { Camera, Vector } from "./drawlist";

export type Flat = readonly [number, number]; // a place in the picture, as shares of its height

export interface Eye {
  readonly camera: Camera;
  readonly position: Vector;
  readonly right: Vector; // unit vectors
  readonly up: Vector;
  readonly toward: Vector; // the eye
  readonly slope: number; // half the height of what the picture shows at a distance of 1
}

export function eyeOf(camera: Camera): Eye {
  const { position, target, up, viewAngle } = camera;
  return { camera, position, ...axes(minus(position, target), up), slope: slopeOf(viewAngle) };
}

export function slopeOf(viewAngle: number): number {
  return Math.tan((viewAngle * Math.PI) / 360);
}

export function axes(sight: Vector, above: Vector): { right: Vector; up: Vector; toward: Vector } {
  const toward = unit(sight);
  const right = unit(cross(above, toward));
  return { right, up: cross(toward, right), toward };
}

export function unit(vector: Vector): Vector {
  return times(vector, 1 / length(vector));
}

// From the eye to what it looks at, in cells.
export function distanceOf(camera: Camera): number {
  return length(minus(camera.position, camera.target));
}

// How far a point is before the eye, in cells; negative behind it.
export function depth(eye: Eye, point: Vector): number {
  return dot(minus(eye.position, point), eye.toward);
}

// Where a point is seen, as shares of the picture's height from its lower left corner, and its depth, in cells.
export function seen(eye: Eye, point: Vector, aspect: number): { place: Flat; depth: number } {
  const ray = minus(point, eye.position);
  const far = -dot(ray, eye.toward);
  const scale = 2 * Math.max(far, 1e-9) * eye.slope;
  return { place: [0.5 * aspect + dot(ray, eye.right) / scale, 0.5 + dot(ray, eye.up) / scale], depth: far };
}

// Where a point is seen: shares of the width from the left and of the height from the bottom.
export function project(rules: CameraRules, eye: Eye, point: Vector, aspect: number): Flat {
  const ray = minus(point, eye.position);
  const half = -dot(ray, eye.toward) * eye.slope;
  const high = half === 0 ? rules.beside : half;
  return [0.5 + (0.5 * dot(ray, eye.right)) / (high * aspect), 0.5 + (0.5 * dot(ray, eye.up)) / high];
}

// Where a point of the picture looks: from left to right and from top to bottom, 0..1.
export function ray(eye: Eye, x: number, y: number, aspect: number): { position: Vector; direction: Vector } {
  const across = times(eye.right, (2 * x - 1) * eye.slope * aspect);
  const way = minus(plus(across, times(eye.up, (1 - 2 * y) * eye.slope)), eye.toward);
  return { position: eye.position, direction: unit(way) };
}

// Whether two cameras see the same, but for rounding.
export function same(rules: CameraRules, one: Camera, other: Camera): boolean {
  if (one === other) return true;
  const far = largest(minus(one.position, one.target));
  const [a, b] = [eyeOf(one), eyeOf(other)];
  const turned = Math.max(...(["right", "up", "toward"] as const).map((axis) => largest(minus(a[axis], b[axis]))));
  return (
    largest(minus(one.position, other.position)) <= rules.rounding * far &&
    turned <= rules.rounding &&
    Math.abs(one.viewAngle - other.viewAngle) <= rules.rounding
  );
}

function largest(vector: Vector): number {
  return Math.max(...vector.map(Math.abs));
}

// A point of many, (n, 3).
export function point(points: Numbers, index: number): Vector {
  return [points[3 * index]!, points[3 * index + 1]!, points[3 * index + 2]!];
}

export function pointsOf(points: Numbers): Vector[] {
  return Array.from({ length: points.length / 3 }, (_, index) => point(points, index));
}

export function clamp(number: number, low: number, high: number): number {
  return Math.min(Math.max(number, low), high);
}

// A camera whose picture is so many times higher.
export function widened(camera: Camera, factor: number): Camera {
  return { ...camera, viewAngle: (360 / Math.PI) * Math.atan(slopeOf(camera.viewAngle) * factor) };
}
