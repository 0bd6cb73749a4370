// Where a ray meets matrices and what flies between them: mmviz.picture.cell.rays.
import type { Placement, Vector } from "../picture/drawlist";
import { gaps, reach, steps } from "./placement";
import type { Plane } from "./planes";
import { cross, dot, length, minus, times } from "./vectors";

// What a ray may meet.
export interface Target {
  readonly path: string; // of the matrix, or of the one that a plane flies to
  readonly placement: Placement;
  readonly plane: Plane | null;
  readonly before: boolean; // the sheet behind the matrix
}

export interface Ray {
  readonly position: Vector; // the eye, in cells
  readonly direction: Vector; // unit vector
}

// A place on the plane of a target.
export interface Hit {
  readonly target: Target;
  readonly row: number; // steps down from the target's origin
  readonly column: number; // steps across
  readonly reach: number; // from the eye, in cells
}

// Where a ray meets the planes in front of the eye, nearest first.
export function hits(targets: readonly Target[], { position, direction }: Ray): Hit[] {
  const found = targets.flatMap((target): Hit[] => {
    const { down, across } = target.placement;
    const origin = minus(target.placement.origin, position);
    const normal = cross(down, across);
    const slope = dot(normal, direction);
    if (Math.abs(slope) <= 1e-9 * length(normal)) return [];
    const away = dot(normal, origin) / slope;
    if (away <= 0) return [];
    const spot = minus(times(direction, away), origin);
    const area = dot(normal, normal);
    const row = dot(cross(spot, across), normal) / area;
    return [{ target, row, column: dot(cross(down, spot), normal) / area, reach: away }];
  });
  return found.sort((a, b) => a.reach - b.reach);
}

// The element whose cell is met; null beside the matrix and between its blocks.
export function elementOf({ target, row, column }: Hit): readonly [number, number] | null {
  const { placement } = target;
  const [rowGap, columnGap] = gaps(placement);
  const i = indexAt(row, placement.rows, placement.rowBlock, rowGap);
  const j = indexAt(column, placement.columns, placement.columnBlock, columnGap);
  return i === null || j === null ? null : [i, j];
}

// Whether the matrix is met, be it between its blocks.
export function isWithin({ target, row, column }: Hit): boolean {
  const [height, width] = reach(target.placement);
  const [down, across] = steps(target.placement);
  return row >= -0.5 && row <= height / down + 0.5 && column >= -0.5 && column <= width / across + 0.5;
}

// The row or column whose cell covers a place along its axis; null between blocks and outside.
function indexAt(place: number, size: number, block: number, gap: number): number | null {
  const cut = block === 0 ? size : block;
  const number = Math.floor((place + 0.5) / (cut + gap));
  const within = Math.floor(place + 0.5 - number * (cut + gap));
  const index = number * cut + within;
  return within >= 0 && within < cut && index >= 0 && index < size ? index : null;
}
