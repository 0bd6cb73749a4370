// Where the products of one matrix product stand: mmviz.picture.space.cube.
import type { CubeRecord } from "../document/time";
import type { Placement, Vector } from "../picture/drawlist";
import type { Axis, Triple } from "./algorithms";
import { gather, spread } from "./placement";
import { dot, length, minus, plus, times } from "./vectors";

export interface CubeBlock {
  readonly first: Triple; // its first i, k, j
  readonly shape: Triple;
}

// Elements of a block along i, k and j; all where there is one block.
export function blockOf(cube: CubeRecord): Triple {
  const [i, k, j] = cube.shape;
  const [rows, inner, columns] = cube.blocks;
  return [rows === 0 ? i : rows, inner === 0 ? k : inner, columns === 0 ? j : columns];
}

// The blocks, those of j the fastest, then those of k.
export function cubeBlocks(cube: CubeRecord): CubeBlock[] {
  const block = blockOf(cube);
  const firsts = ([0, 1, 2] as Axis[]).map((axis) =>
    Array.from({ length: Math.ceil(cube.shape[axis] / block[axis]) }, (_, number) => number * block[axis]),
  );
  const size = (first: number, axis: Axis): number => Math.min(block[axis], cube.shape[axis] - first);
  return firsts[0]!.flatMap((i) =>
    firsts[1]!.flatMap((k) =>
      firsts[2]!.map((j) => ({ first: [i, k, j] as Triple, shape: [size(i, 0), size(k, 1), size(j, 2)] as Triple })),
    ),
  );
}

// The place of the product L[i, k] * R[k, j]; fractions lie between two of them.
export function productSpot(cube: CubeRecord, place: Triple): Vector {
  const apart = gapsOf(cube);
  const step = (axis: Axis, way: Vector): Vector =>
    times(way, spread(place[axis], cube.shape[axis], cube.blocks[axis], apart[axis]));
  return plus(plus(plus(cube.origin, step(0, cube.down)), step(2, cube.across)), step(1, cube.inward));
}

// Products within one block, as rows and columns, from one of them on.
export function slice(
  cube: CubeRecord,
  first: Triple,
  shape: readonly [number, number],
  axes: readonly [number, number],
): Placement {
  const ways = [cube.down, cube.inward, cube.across];
  return {
    rows: shape[0],
    columns: shape[1],
    origin: productSpot(cube, first),
    down: ways[axes[0]]!,
    across: ways[axes[1]]!,
    rowBlock: 0,
    columnBlock: 0,
    gap: 0,
  };
}

// The indices i, k, j of the product at a place; between two of them, of the one before.
export function productAt(cube: CubeRecord, place: Vector): Triple {
  const offset = minus(place, cube.origin);
  const apart = gapsOf(cube);
  const index = (axis: Axis, step: Vector): number =>
    gather(dot(offset, step) / dot(step, step) + 1e-9, cube.shape[axis], cube.blocks[axis], apart[axis]);
  return [index(0, cube.down), index(1, cube.inward), index(2, cube.across)];
}

// The gap between two blocks along i, k and j, counted in indices.
function gapsOf(cube: CubeRecord): Triple {
  if (cube.gap === 0 || cube.blocks.every((block) => block === 0)) return [cube.gap, cube.gap, cube.gap];
  return [cube.gap / length(cube.down), cube.gap / length(cube.inward), cube.gap / length(cube.across)];
}
