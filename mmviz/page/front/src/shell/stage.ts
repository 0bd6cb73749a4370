// What the shell asks of a scene: everything that is drawn, found and explained in it. It is told nothing of how.
import type { Camera } from "../picture/drawlist";
import type { Chapter, Moment } from "../playing/player";
import type { Seen } from "./lens";

export interface Cell {
  readonly path: string;
  readonly row: number;
  readonly column: number;
}

// What is under the pointer.
export interface Pointed {
  readonly cell: Cell;
  readonly name: string; // such as attn[41 “ to”, 40 “ has”]
  readonly value: string;
  readonly lines: readonly string[]; // what else is said of it
  readonly line: string; // all of it in one line
}

export interface Product {
  readonly k: string; // what it is called
  readonly left: string;
  readonly right: string;
  readonly product: string;
  readonly share: number; // of the sum of all |products|, 0..1
  readonly running: string; // sum so far
  readonly masked: boolean;
  readonly cells: readonly [Cell, Cell];
}

// How a number comes about.
export interface Told {
  readonly cell: Cell;
  readonly name: string;
  readonly value: string;
  readonly story: string; // in a sentence
  readonly origin: string; // the number before the first function, and where it is from
  readonly products: readonly Product[]; // the largest first; none where it is no product
  readonly columns: readonly [string, string]; // names of the left and the right matrix
  readonly operands: readonly { readonly name: string; readonly value: string; readonly cell: Cell }[];
  readonly stages: readonly { readonly words: string; readonly formula: string; readonly value: string; readonly quantities: readonly (readonly [string, string])[] }[];
  readonly scale: string;
}

export interface Named {
  readonly path: string;
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
}

// What a person looks at, and how.
export interface Sight {
  readonly moment: Moment;
  readonly camera: Camera | null; // null: the scene's own at that moment
  readonly hidden: ReadonlySet<string>;
  readonly pinned: Cell | null;
  readonly pointed: Cell | null;
  readonly hurried: boolean; // it moves just now: coarse is good enough
  readonly playing: boolean; // another picture follows this one
}

export type Side = "front" | "side" | "top" | "isometric";

export interface Stage {
  readonly title: string;
  readonly subtitle: string;
  readonly light: boolean; // the ground is white
  readonly steps: number;
  readonly chapters: readonly Chapter[];
  readonly matrices: readonly Named[]; // the root first
  resize(width: number, height: number, ratio: number): void; // in pixels of the screen, and how many of the page's are one
  show(sight: Sight): void;
  magnify(seen: Seen | null): void; // what is seen through a lens from now on; null: there is none
  again(): void; // what was shown last is shown once more, under another lens
  release(): void; // nothing more is drawn; what it holds of the graphics card is given back
  camera(moment: Moment): Camera; // the scene's own
  caption(moment: Moment): string;
  // Places are shares of the picture's width from the left and of its height from the top.
  pick(sight: Sight, x: number, y: number): Pointed | null;
  explain(cell: Cell): Told | null; // null: there is no such cell, or its numbers have not been read yet
  within(path: string): readonly string[]; // the paths of a matrix and all that it is made of
  turned(camera: Camera, right: number, up: number, about: Vector3 | null): Camera; // degrees
  moved(camera: Camera, right: number, up: number, depth: number | null): Camera; // heights of the picture
  nearer(camera: Camera, factor: number, toward: Vector3 | null): Camera;
  pointAt(sight: Sight, x: number, y: number): Vector3 | null; // what is under a place, in cells
  middleOf(cell: Cell | null): Vector3 | null; // of the matrix of a cell, in cells
  before(path: string, cell: Cell | null, sight: Sight): Camera; // before a matrix, or a cell of it
  from(side: Side, sight: Sight): Camera;
  between(one: Camera, other: Camera, share: number): Camera; // on a flight, 0..1
}

export type Vector3 = readonly [number, number, number];

export function sameCell(one: Cell | null, other: Cell | null): boolean {
  if (one === null || other === null) return one === other;
  return one.path === other.path && one.row === other.row && one.column === other.column;
}
