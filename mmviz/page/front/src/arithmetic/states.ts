// What one matrix shows at one time: mmviz.picture.time.states.
import type { Matrix, Sweep } from "../picture/drawlist";

// What gives its numbers, and whether what they are computed from has been read.
export interface Numbers {
  readonly there: boolean;
  readonly make: () => Matrix;
}

export class State {
  readonly path: string;
  readonly rows: number;
  readonly columns: number;
  readonly shown: Sweep; // cells that are there
  readonly lit: readonly Sweep[]; // cells that take part in the current step
  readonly there: boolean; // its numbers have been read
  readonly #make: () => Matrix;
  #matrix: Matrix | null = null;

  constructor(path: string, shape: readonly [number, number], shown: Sweep, lit: readonly Sweep[], numbers: Numbers) {
    this.path = path;
    this.rows = shape[0];
    this.columns = shape[1];
    this.shown = shown;
    this.lit = lit;
    this.there = numbers.there;
    this.#make = numbers.make;
  }

  // What is shown, running sums included; the same object in all frames of a step.
  get matrix(): Matrix {
    this.#matrix ??= this.#make();
    return this.#matrix;
  }
}
