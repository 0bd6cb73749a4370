// What flies through a cube in one step: mmviz.picture.time.planes.
import type { CubeRecord, WayRecord } from "../document/time";
import type { Matrix, Placement, Sweep } from "../picture/drawlist";
import { type Axis, computed, countSteps, I, type Indices, indices, type Triple } from "./algorithms";
import { blockOf, type CubeBlock, cubeBlocks, slice } from "./cube";
import { eased, type Easing } from "./easing";
import { summed } from "./products";
import { EVERYWHERE, sweep } from "./sweep";

// Products in flight, or something else that is there only during a run or stands beside a matrix.
export interface Plane {
  readonly key: string; // the same in every frame
  readonly look: string; // under which its look and scale stand in the document
  readonly kind: string;
  readonly owner: string; // path of the product, or of the sum
  readonly number: number; // tells the planes of an owner from each other
  readonly placement: Placement;
  readonly drawn: Placement; // where it is drawn, if that is elsewhere
  readonly matrix: Matrix;
  readonly shown: Sweep;
  readonly masked: Uint8Array | null;
  readonly first: readonly [number, number]; // row and column of its matrix that its own first ones are; not of products
}

export interface PlaneSaid {
  readonly kind: string;
  readonly owner: string;
  readonly placement: Placement;
  readonly matrix: Matrix;
  readonly number?: number;
  readonly shown?: Sweep;
  readonly masked?: Uint8Array | null;
  readonly first?: readonly [number, number];
  readonly apart?: Placement | null;
}

export function plane(said: PlaneSaid): Plane {
  const { kind, owner, placement, matrix, number = 0, apart = null } = said;
  const look = `${kind}:${owner}`;
  return {
    key: number === 0 ? look : `${look}:${number}`,
    look,
    kind,
    owner,
    number,
    placement,
    drawn: apart ?? placement,
    matrix,
    shown: said.shown ?? EVERYWHERE,
    masked: said.masked ?? null,
    first: said.first ?? [0, 0],
  };
}

// The planes of one product, at any step of its run.
export class Planes {
  readonly #owner: string;
  readonly #cube: CubeRecord;
  readonly #way: WayRecord;
  readonly #easing: Easing;
  readonly #blocks: readonly CubeBlock[];
  readonly #block: Triple;
  readonly hasPartials: boolean;

  constructor(owner: string, cube: CubeRecord, way: WayRecord, easing: Easing) {
    this.#owner = owner;
    this.#cube = cube;
    this.#way = way;
    this.#easing = easing;
    this.#blocks = cubeBlocks(cube);
    this.#block = blockOf(cube);
    this.hasPartials = cube.partials.length > 0;
  }

  // L[i, k] * R[k, j] of one step for every block; empty where a block is past its end.
  products(left: Matrix, right: Matrix, step: number): Matrix[] {
    const at = indices(this.#way, this.#block, step);
    return this.#blocks.map((block) => this.#products(block, left, right, at));
  }

  #products(block: CubeBlock, left: Matrix, right: Matrix, at: Indices): Matrix {
    const start = ([0, 1, 2] as Axis[]).map((axis) => block.first[axis] + (at[axis] ?? 0));
    const end = ([0, 1, 2] as Axis[]).map(
      (axis) => block.first[axis] + Math.min((at[axis] ?? block.shape[axis] - 1) + 1, block.shape[axis]),
    );
    const size = (axis: number): number => Math.max(end[axis]! - start[axis]!, 0);
    if (size(0) * size(1) * size(2) === 0) return { rows: 0, columns: 0, values: new Float32Array(0) };
    const [rows, columns] = [size(this.#way.plane[0]), size(this.#way.plane[1])];
    const values = new Float32Array(rows * columns);
    let index = 0;
    for (let i = start[0]!; i < end[0]!; i++) {
      for (let k = start[1]!; k < end[1]!; k++) {
        const factor = left.values[i * left.columns + k]!;
        const other = k * right.columns;
        for (let j = start[2]!; j < end[2]!; j++) values[index++] = factor * right.values[other + j]!;
      }
    }
    return { rows, columns, values };
  }

  // For every k block the sums over it.
  partialSums(left: Matrix, right: Matrix): Matrix[] {
    const size = this.#block[1];
    return this.#cube.partials.map((_, number) => {
      const [first, end] = [number * size, Math.min((number + 1) * size, left.columns)];
      const sums = summed(left, right, first, end);
      return { rows: left.rows, columns: right.columns, values: new Float32Array(sums) };
    });
  }

  // The products in flight at time t of the run; a limit is the axis of which there is nothing yet after the step.
  inFlight(t: number, products: readonly Matrix[], limit: number | undefined): Plane[] {
    const shown = limit === undefined ? EVERYWHERE : this.#soFar(limit, Math.floor(t));
    return this.#blocks.flatMap((block, number) => {
      const matrix = products[number]!;
      if (matrix.values.length === 0) return [];
      const placement = this.#place(block, t, [matrix.rows, matrix.columns]);
      return [plane({ kind: "plane", owner: this.#owner, placement, matrix, number, shown })];
    });
  }

  #soFar(axis: number, step: number): Sweep {
    const rows = this.#way.plane[0] === axis;
    return sweep({ rowTurn: rows ? 1 : 0, columnTurn: rows ? 0 : 1, first: 0, last: step });
  }

  // The partial results at a step.
  partials(step: number, sums: readonly Matrix[]): Plane[] {
    const shown = computed(this.#way, this.#block, step);
    return this.#cube.partials.map(({ placement, apart }, number) =>
      plane({ kind: "partial", owner: this.#owner, placement, matrix: sums[number]!, number, shown, apart }),
    );
  }

  // Where the plane of a block is; between two steps on its way along the axis that moves alone.
  #place(moved: CubeBlock, t: number, shape: readonly [number, number]): Placement {
    const step = Math.floor(t);
    const now = indices(this.#way, this.#block, step);
    const last = countSteps(this.#way, this.#block) - 1;
    const coming = indices(this.#way, this.#block, Math.min(step + 1, last));
    const moving = ([I, 1, 2] as Axis[]).filter((axis) => coming[axis] !== now[axis]);
    const place = [now[0] ?? 0, now[1] ?? 0, now[2] ?? 0];
    const [axis] = moving;
    if (moving.length === 1 && axis !== undefined) {
      const next = coming[axis]!;
      if (now[axis]! < next && next < moved.shape[axis]) place[axis]! += eased(t - step, this.#easing);
    }
    const [i, k, j] = moved.first.map((first, one) => first + place[one]!) as [number, number, number];
    return slice(this.#cube, [i, k, j], shape, this.#way.plane);
  }
}
