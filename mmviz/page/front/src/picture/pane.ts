// Through which cells of a matrix an eye sees places behind it: `_before` of mmviz.picture.marks.arrows.
import { corners } from "../arithmetic/placement";
import { cross, dot, minus } from "../arithmetic/vectors";
import type { Placement, Vector } from "./drawlist";

export interface Pane {
  // Says of every place that is seen through the matrix its number and the row and column that are before it.
  through(places: readonly Vector[], take: (number: number, i: number, j: number) => void): void;
}

// A matrix as one eye sees it. It is asked for many places in every frame, and makes no objects for them.
export function pane(face: Placement, eye: Vector): Pane {
  const [topLeft, topRight, , bottomLeft] = corners(face, 0.5);
  const [across, down] = [minus(topRight, topLeft), minus(bottomLeft, topLeft)];
  const [out, offset] = [cross(down, across), minus(eye, topLeft)];
  const ahead = -dot(offset, out);
  const [rows, columns] = [face.rows / dot(down, down), face.columns / dot(across, across)];
  return {
    through(places, take) {
      for (let number = 0; number < places.length; number++) {
        const [px, py, pz] = places[number]!;
        const [x, y, z] = [px - eye[0], py - eye[1], pz - eye[2]];
        const way = ahead / (x * out[0] + y * out[1] + z * out[2]); // the place is at 1
        if (!(way > 0 && way < 1)) continue;
        const [a, b, c] = [offset[0] + way * x, offset[1] + way * y, offset[2] + way * z];
        const i = rows * (a * down[0] + b * down[1] + c * down[2]);
        if (!(i >= 0 && i < face.rows)) continue;
        const j = columns * (a * across[0] + b * across[1] + c * across[2]);
        if (j >= 0 && j < face.columns) take(number, Math.floor(i), Math.floor(j));
      }
    },
  };
}
