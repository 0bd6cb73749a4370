// What is shown at a time: mmviz.picture.time.timeline. frame(t) depends on t alone, in steps.
import type { Arrays } from "../document";
import type { MatrixRecord, RunRecord, TimedDocument, TimeSection, WayRecord } from "../document/time";
import type { Matrix, Sweep } from "../picture/drawlist";
import { taken } from "./algorithms";
import { Appearance, type There } from "./appearance";
import { blockOf } from "./cube";
import { Finishing } from "./finishing";
import { Latest } from "./latest";
import { Matrices, transposed } from "./matrices";
import { Parts } from "./parts";
import { plane, type Plane, Planes } from "./planes";
import { RunningSums } from "./running_sums";
import { type Numbers, State } from "./states";
import { EVERYWHERE, NOWHERE } from "./sweep";
import { Takings } from "./takings";
import { Tiling } from "./tiling";
import { Totals } from "./totals";

// The whole scene at one time: the state of every matrix by its path, in the document's order, and what flies.
export interface Frame {
  readonly states: ReadonlyMap<string, State>;
  readonly planes: readonly Plane[];
}

export class Timeline {
  readonly matrices: Matrices;
  readonly finishing: Finishing;
  readonly time: TimeSection;
  patience = Infinity; // how many multiplications of running sums a frame waits for; without them a matrix is not there
  readonly #records: readonly MatrixRecord[];
  readonly #appearance: Appearance;
  readonly #totals: Totals;
  readonly #parts: Parts;
  readonly #takings: Takings;
  readonly #planes: ReadonlyMap<string, Planes>; // by path of a product
  readonly #tilings: ReadonlyMap<string, Tiling>; // by path of the product and of its scores
  readonly #sums = new Map<string, RunningSums>();
  readonly #waiting = new Map<string, number>(); // by path: the step whose running sums the last frame does not wait for
  readonly #products = new Latest((path, step) => this.#planes.get(path)!.products(...this.inputs(path), step));
  readonly #partialSums = new Latest((path) => this.#planes.get(path)!.partialSums(...this.inputs(path)));
  readonly #runningSum = new Latest((path, step) => this.#computeRunningSum(path, step));
  readonly #total = new Latest((path, step) => this.#totals.value(path, step, this.#appearance.at(step)));

  constructor(document: TimedDocument, arrays: Arrays) {
    const { matrices, time } = document;
    this.#records = matrices;
    this.time = time;
    this.matrices = new Matrices(matrices, arrays);
    this.finishing = new Finishing(this.matrices);
    this.#appearance = new Appearance(matrices, time);
    this.#parts = new Parts(time, this.matrices);
    this.#takings = new Takings(time, this.matrices);
    this.#totals = new Totals(matrices, time, this.matrices, this.finishing);
    const flying = Object.entries(time.runs).filter(([path, run]) => this.#way(run).flies && path in time.cubes);
    this.#planes = new Map(
      flying.map(([path, run]) => [path, new Planes(path, time.cubes[path]!, this.#way(run), time.easing)]),
    );
    this.#tilings = new Map(
      Object.entries(time.tiles).flatMap(([path, tiles]) => {
        const tiling = new Tiling(path, tiles, time, this.matrices, this.finishing);
        return [[path, tiling] as const, [tiles.scores, tiling] as const];
      }),
    );
  }

  // How many steps the whole animation takes.
  get steps(): number {
    return this.time.steps;
  }

  frame(t: number): Frame {
    if (!(t >= 0 && t <= this.steps)) {
      throw new RangeError(`frame(${t}): the animation runs from step 0 to step ${this.steps}.`);
    }
    this.#waiting.clear();
    const running = this.running(t);
    const there = this.#appearance.at(t);
    const lit = new Map<string, Sweep[]>();
    for (const [path, cells] of [
      ...running.flatMap((one) => this.#lit(one, Math.floor(t))),
      ...this.#appearance.taken(t, there),
    ]) {
      lit.set(path, [...(lit.get(path) ?? []), cells]);
    }
    const states = new Map<string, State>();
    for (const record of this.#records) {
      if (this.time.merged.includes(record.path)) continue;
      states.set(record.path, this.#state(record, t, there, lit.get(record.path) ?? []));
    }
    const planes = running.flatMap((path) => this.#planesOf(path, t));
    const gathered = [...this.#totals.planes(t), ...this.#parts.planes(t, there)];
    return { states, planes: [...planes, ...gathered, ...this.#sinks(states)] };
  }

  // Whether running sums are missing in the last frame, for which there was no patience.
  get waits(): boolean {
    return this.#waiting.size > 0;
  }

  // Go on with these as long as one may; true where some are there now, and another frame has them.
  work(may: () => boolean): boolean {
    for (const [path, step] of this.#waiting) {
      for (const going = this.#sumsOf(path).toward(step); going.next().done !== true; ) if (!may()) return false;
      this.#waiting.delete(path);
      return true;
    }
    return false;
  }

  // The cells of a matrix that are there at time t and will not change any more.
  final(path: string, t: number): Sweep {
    return this.#appearance.at(t).get(path)!;
  }

  // The products that are being computed at time t.
  running(t: number): string[] {
    return Object.entries(this.time.runs).flatMap(([path, run]) => (within(run, t) ? [path] : []));
  }

  // The finished left and right matrix of a product.
  inputs(path: string): [Matrix, Matrix] {
    const { left, right } = this.matrices.record(path);
    return [this.matrices.of(left), this.matrices.of(right)];
  }

  // The step of its run that a product is in at time t, where it shows running sums.
  runningStep(path: string, t: number): number | null {
    const run = this.time.runs[path];
    if (run === undefined || !this.#way(run).summing || !within(run, t)) return null;
    return Math.floor(t) - run.start;
  }

  // The running sums of a product in a step of its run, before any function; valid until another step is asked for.
  sums(path: string, step: number): Float64Array {
    return this.#sumsOf(path).sums(step);
  }

  // What a matrix shows for its running sums after the first `depth` of its functions; 0 where none has begun.
  summedUp(path: string, step: number, depth?: number): Matrix {
    const sums = this.#sumsOf(path);
    const found = this.finishing.finish(path, sums.sums(step), depth);
    const begun = sums.begun(step);
    for (let j = 0; j < found.columns; j++) {
      if (begun(j)) continue;
      for (let index = j; index < found.values.length; index += found.columns) found.values[index] = 0;
    }
    return found;
  }

  // The blockwise attention that computes a matrix at time t, and the step of its run.
  tiling(path: string, t: number): [Tiling, number] | null {
    const run = this.time.runs[path];
    const found = this.#tilings.get(path);
    return found === undefined || run === undefined || !within(run, t) ? null : [found, Math.floor(t) - run.start];
  }

  #way(run: RunRecord): WayRecord {
    return this.time.ways[run.algorithm]!;
  }

  #waitsFor(path: string, step: number): boolean {
    if (this.patience === Infinity || this.#sumsOf(path).missing(step) <= this.patience) return false;
    this.#waiting.set(path, step);
    return true;
  }

  #sumsOf(path: string): RunningSums {
    let found = this.#sums.get(path);
    if (found === undefined) {
      const way = this.#way(this.time.runs[path]!);
      found = new RunningSums(...this.inputs(path), way, blockOf(this.time.cubes[path]!), this.time.kept);
      this.#sums.set(path, found);
    }
    return found;
  }

  #state(record: MatrixRecord, t: number, there: There, lit: readonly Sweep[]): State {
    const { path, rows, columns } = record;
    const [shown, numbers] = this.#seen(path, t, there);
    if (this.time.hidesInputs && !this.time.results.includes(path)) return new State(path, [rows, columns], NOWHERE, [], numbers);
    return new State(path, [rows, columns], shown, lit, numbers);
  }

  // The cells of a matrix that are there, and what gives its numbers.
  #seen(path: string, t: number, there: There): [Sweep, Numbers] {
    const source = this.time.twins[path]?.path ?? path;
    const step = this.runningStep(source, t);
    if (step !== null) {
      const numbers = this.matrices.ingredientsThere(source) && !this.#waitsFor(source, step);
      return [EVERYWHERE, { there: numbers, make: () => this.#runningSum.of(path, step) }];
    }
    const tiling = this.tiling(path, t);
    if (tiling !== null) {
      const [own, now] = tiling;
      return [own.shown(path, now), { there: own.there, make: () => own.matrix(path, now) }];
    }
    if (this.#totals.unfinished(path, t)) {
      const now = Math.floor(t);
      const numbers = this.matrices.ingredientsThere(path);
      return [this.#totals.shown(path, now, there), { there: numbers, make: () => this.#total.of(path, now) }];
    }
    return [there.get(path)!, { there: this.matrices.there(path), make: () => this.matrices.of(path) }];
  }

  #computeRunningSum(path: string, step: number): Matrix {
    const twin = this.time.twins[path];
    if (twin === undefined) return this.summedUp(path, step);
    const shown = this.#runningSum.of(twin.path, step);
    if (!twin.turned) return shown;
    const { rows, columns, values } = shown;
    return { rows: columns, columns: rows, values: transposed(values, rows, columns, new Float32Array(values.length)) };
  }

  // Which cells of its arguments a product takes in a step.
  #lit(path: string, step: number): [string, Sweep][] {
    const run = this.time.runs[path]!;
    if (path in this.time.takings) return this.#takings.lit(path, run, step);
    const tiling = this.#tilings.get(path);
    if (tiling !== undefined) return tiling.path === path ? tiling.lit(step - run.start) : [];
    const block = blockOf(this.time.cubes[path]!);
    const sweeps = taken(this.#way(run), block, step - run.start, this.time.limited[path]);
    const { left, right } = this.matrices.record(path);
    const sides: [string, Sweep | null][] = [
      [left, sweeps[0]],
      [right, sweeps[1]],
    ];
    return sides.filter((side): side is [string, Sweep] => side[1] !== null);
  }

  #planesOf(path: string, t: number): Plane[] {
    const run = this.time.runs[path]!;
    if (path in this.time.takings) return this.#takings.planes(path, run, t);
    const tiling = this.#tilings.get(path);
    if (tiling !== undefined) return tiling.path === path && tiling.there ? tiling.planes(t - run.start) : [];
    const own = this.#planes.get(path);
    const { left, right } = this.matrices.record(path);
    if (own === undefined || !this.matrices.there(left) || !this.matrices.there(right)) return [];
    const step = Math.floor(t) - run.start;
    const partials = own.hasPartials ? own.partials(step, this.#partialSums.of(path, 0)) : [];
    return [...partials, ...own.inFlight(t - run.start, this.#products.of(path, step), this.time.limited[path])];
  }

  // The columns of the patterns that are there; a row of each is there as soon as that of its pattern begins.
  #sinks(states: ReadonlyMap<string, State>): Plane[] {
    return this.time.sinks.flatMap(({ path, placement, shares }) => {
      const state = states.get(path);
      if (state === undefined || !this.matrices.read(shares)) return [];
      const matrix = this.matrices.stored({ ...shares, turned: false }, placement.rows, 1);
      return [plane({ kind: "sink", owner: path, placement, matrix, shown: state.shown })];
    });
  }
}

function within(run: RunRecord, t: number): boolean {
  return run.start <= t && t < run.start + run.steps;
}
