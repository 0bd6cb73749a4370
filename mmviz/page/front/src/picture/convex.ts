// Convex shapes in the plane of a picture: mmviz.picture.eye.convex.
import type { Flat } from "./eye";

// Whether a point lies in a convex shape, whose corners go around it either way; not on its border.
export function inside(point: Flat, shape: readonly Flat[]): boolean {
  const turns = shape.map((corner, number) => {
    const next = shape[(number + 1) % shape.length]!;
    const side = [next[0] - corner[0], next[1] - corner[1]] as const;
    return side[0] * (point[1] - corner[1]) - side[1] * (point[0] - corner[0]);
  });
  return turns.every((turn) => turn > 0) || turns.every((turn) => turn < 0);
}
