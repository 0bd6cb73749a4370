// What a view keeps for one item of a draw list, and what it is told when it draws it.
import type { Matrix4 } from "../arithmetic/matrix4";
import type { Vector } from "../picture/drawlist";
import type { Program } from "./program";

export const DEPTHS_UNIT = 15; // of that texture: the last that every browser has, which nothing else takes

// How a view is looked at, for one sample of its pixels.
export interface Sight {
  readonly toEye: Matrix4;
  readonly toClip: Matrix4; // from the world
  readonly project: Matrix4; // from the eye
  readonly width: number; // of the view, in pixels
  readonly height: number;
  readonly pictureHeight: number; // of the whole picture
  readonly sample: number; // side of what a sample of a pixel stands for, in pixels
  readonly ratio: number; // pixels to one of the page
  readonly light: boolean;
  readonly near: number; // cells before the eye within which things give way
  readonly into: WebGLFramebuffer | null; // that is drawn into, where matrices that do not change are kept; null: none are
}

export interface Drawable<Item> {
  readonly opaque: boolean;
  readonly middle: Vector; // of the box around it, in cells: what is farther away is drawn earlier
  update(item: Item): void; // show another item of the same key
  draw(sight: Sight): void;
  release(): void;
}

// A program does not draw what is behind the depths of a texture: those of the view's matrices, where there are any.
export function hiding(program: Program, sight: Sight): void {
  program.set("depths", DEPTHS_UNIT);
  program.set("depths_side", 1 / sight.width, 1 / sight.height);
}

// The middle of the box around some points, (n, 3).
export function middleOf(points: ArrayLike<number>): Vector {
  const least = [Infinity, Infinity, Infinity];
  const most = [-Infinity, -Infinity, -Infinity];
  for (let n = 0; n < points.length; n++) {
    least[n % 3] = Math.min(least[n % 3]!, points[n]!);
    most[n % 3] = Math.max(most[n % 3]!, points[n]!);
  }
  return [0.5 * (least[0]! + most[0]!), 0.5 * (least[1]! + most[1]!), 0.5 * (least[2]! + most[2]!)];
}
