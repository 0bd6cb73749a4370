// What a time shows, as far as a picture needs to know: mmviz.picture.time.timeline and emphasis.
import type { Matrix, Placement, Sweep } from "./drawlist";

export interface DrawnState {
  readonly shown: Sweep; // cells that are there
  readonly lit: readonly Sweep[]; // cells that take part in the step
  readonly there: boolean; // its numbers have been read
  readonly matrix: Matrix; // what is shown, running sums included
}

export interface DrawnPlane {
  readonly key: string;
  readonly look: string; // under which its look and scale stand in the document
  readonly kind: string;
  readonly owner: string; // path of the matrix that it goes to
  readonly drawn: Placement;
  readonly matrix: Matrix;
  readonly shown: Sweep;
  readonly masked: Uint8Array | null;
}

export interface DrawnFrame {
  readonly states: ReadonlyMap<string, DrawnState>; // by path
  readonly planes: readonly DrawnPlane[];
}

// What of the animation a picture needs besides: the arithmetic's Timeline is one.
export interface DrawnTimeline {
  runningStep(path: string, t: number): number | null;
  summedUp(path: string, step: number, depth?: number): Matrix;
}

// What a person looks at just now; paths of matrices, and cells of them.
export interface Emphasis {
  readonly lit: ReadonlyMap<string, readonly Sweep[]>; // pinned
  readonly pointed: ReadonlyMap<string, readonly Sweep[]>; // likewise while nothing is pinned there
  readonly hidden: ReadonlySet<string>;
  readonly outlined: string | null; // the matrix that is selected
}

export const PLAIN: Emphasis = { lit: new Map(), pointed: new Map(), hidden: new Set(), outlined: null };
