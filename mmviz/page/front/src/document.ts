// What Python wrote of a scene, once: the header of a page as JSON, and the arrays that it refers to.
// Each section has its interface in a file of document/ and is written by one module of mmviz/page.

import type { CamerasSection } from "./document/cameras";
import type { CellsSection } from "./document/cells";
import type { MarksSection } from "./document/marks";
import type { LettersSection } from "./document/letters";
import type { LooksSection } from "./document/looks";
import type { ComposedDocument } from "./picture/composition";
import type { ShellSection } from "./document/shell";

export interface Ref {
  readonly array: number;
}

export interface Entry {
  readonly dtype: "f32" | "f64" | "u8" | "u16" | "i32";
  readonly shape: readonly number[];
  readonly part: number;
  readonly offset: number; // in the part, in bytes
  readonly planes: boolean; // all first bytes of the items come first, then all second ones ...
}

export interface Header extends ComposedDocument {
  readonly version: number;
  readonly title: string;
  readonly shell: ShellSection;
  readonly looks: LooksSection;
  readonly letters: LettersSection;
  readonly marks: MarksSection;
  readonly cameras: CamerasSection;
  readonly cells: CellsSection;
  readonly arrays: readonly Entry[];
  readonly parts: readonly number[]; // their sizes, in bytes, when inflated
}

export type Numbers = Float32Array | Float64Array | Uint8Array | Uint16Array | Int32Array;

// The arrays of a page; those whose part has not been read yet are not there.
export interface Arrays {
  get(ref: Ref): Numbers;
  there(ref: Ref): boolean;
}
