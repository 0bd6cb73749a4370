// The nearest camera from which everything is seen: `fit` and `placed` of mmviz.picture.eye.camera.
import { dot, length, minus, plus, times } from "../arithmetic/vectors";
import type { CameraRules } from "../document/cameras";
import type { Camera, Vector } from "./drawlist";
import { axes, slopeOf } from "./eye";

// What of a picture stays empty, as shares of its width and height: on each side, and besides at the left and below.
export interface Free {
  readonly border: readonly [number, number];
  readonly left?: number;
  readonly bottom?: number;
}

// From which side something is seen, and how near; `up`: null: the world's y.
export interface Look {
  readonly direction: Vector; // toward the eye
  readonly zoom: number; // 1: it just fits
  readonly up: Vector | null;
}

// The nearest camera in a direction from which every point is inside the picture.
export function fit(rules: CameraRules, points: readonly Vector[], look: Look, aspect: number, free: Free): Camera {
  const { right, up, toward } = sightOf(look);
  const half = slopeOf(rules.viewAngle);
  const { border, left = 0, bottom = 0 } = free;
  const wide = half * aspect;
  const across = [wide * (1 - 2 * border[0]), wide * (1 - 2 * border[0] - 2 * left)] as const;
  const upright = [half * (1 - 2 * border[1]), half * (1 - 2 * border[1] - 2 * bottom)] as const;
  const seen = points.map((point): Vector => [dot(point, right), dot(point, up), dot(point, toward)]);
  const [x, y, z] = nearestEye(rules, seen, across, upright);
  const far = seen.reduce((most, point) => Math.max(most, point[2]), -Infinity);
  const near = seen.reduce((least, point) => Math.min(least, point[2]), Infinity);
  const middle = (far + near) / 2;
  const target = plus(plus(times(right, x), times(up, y)), times(toward, middle));
  const position = plus(target, times(toward, (z - middle) / look.zoom));
  return { position, target, up, viewAngle: rules.viewAngle };
}

// The eye with the smallest z whose pyramid of sight, of these slopes, holds every point.
function nearestEye(
  rules: CameraRules,
  points: readonly Vector[],
  across: readonly [number, number],
  upright: readonly [number, number],
): Vector {
  let [right, left, top, bottom, nearest] = [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity];
  for (const [x, y, z] of points) {
    right = Math.max(right, x + across[0] * z);
    left = Math.max(left, -x + across[1] * z);
    top = Math.max(top, y + upright[0] * z);
    bottom = Math.max(bottom, -y + upright[1] * z);
    nearest = Math.max(nearest, z);
  }
  const [wide, high] = [across[0] + across[1], upright[0] + upright[1]];
  const z = Math.max((right + left) / wide, (top + bottom) / high, nearest + rules.clearance);
  const x = (right - left - (across[0] - across[1]) * z) / 2;
  return [x, (top - bottom - (upright[0] - upright[1]) * z) / 2, z];
}

// A camera at a fixed place; the angle is the height of a landscape, and a portrait sees that much more.
export function placed(
  rules: CameraRules,
  position: Vector,
  target: Vector,
  viewAngle: number,
  aspect: number,
): Camera {
  const sight = minus(position, target);
  const level = Math.hypot(sight[0], sight[2]) / length(sight) >= rules.level;
  const { up } = sightOf({ direction: sight, zoom: 1, up: level ? [0, 1, 0] : null });
  return { position, target, up, viewAngle: Math.min(viewAngle / Math.min(aspect, 1), rules.widest) };
}

// Unit vectors to the right, up and toward an eye in a direction; where the world's y turns to for one who comes to
// stand right above or below.
function sightOf({ direction, up }: Look): ReturnType<typeof axes> {
  const high = direction[1] / length(direction);
  const above: Vector = Math.abs(high) > 0.999 ? [0, 0, -Math.sign(high)] : [0, 1, 0];
  return axes(direction, up ?? above);
}
