// How things are drawn: the text of shaders, the looks of matrices, and the constants of mmviz.render.
// Written by mmviz/page/looks_section.py.
import type { Ref } from "../document";

export interface ProgramText {
  readonly vertex: string;
  readonly fragment: string;
}

// A Palette or an MmLook; see mmviz.picture.look.palette.
export interface Look {
  readonly rule: number; // index into the fragment shaders of lattices
  readonly range: readonly [number, number] | null; // of an MmLook: |x| at which size and lightness begin and end
  readonly curve: "sqrt" | "linear" | "log";
  readonly decades: number;
  readonly footprints: Ref; // (rows, 9) f32: what can be summed up of an element
  readonly packed: Ref; // (rows, 4) u16: light and coverage
  readonly light: number; // index of the same look on a light ground
}

export interface PyramidLaws {
  readonly masked: number;
  readonly units: readonly [number, number];
  readonly smallest: number;
  readonly lift: number;
  readonly header: number;
  readonly full: number;
  readonly offsets: number;
  readonly standsOut: number;
  readonly faint: number;
  readonly tiny: number;
  readonly around: number;
  readonly steps: number; // rows of a table of footprints for each sign
  readonly first: number; // row of the first ordinary number
  readonly absent: number; // rows of what is no ordinary number
  readonly beyond: number;
  readonly nan: number;
  readonly below: number;
  readonly infinite: number;
  readonly least: number; // of |x| / scale under a logarithm
}

export interface DrawingLaws {
  readonly referenceHeight: number;
  readonly samples: readonly (readonly [number, number])[]; // from the middle of a pixel to the right and up
  readonly litSweeps: number;
  readonly far: readonly [number, number]; // the farthest depth: that of what is there times, and plus
  readonly near: readonly [number, number]; // the nearest depth likewise
  readonly nearest: number; // least share of the nearest depth in the farthest one
  readonly thinnest: number; // half the width of the thinnest line, in pixels
  readonly fading: number; // how far beyond half its width a line's rectangle reaches, in pixels
  readonly rim: number; // as a share of the font's size
  readonly rimmedFrom: number; // letters with all colours above this have rims where they have any
}

export interface LooksSection {
  readonly programs: Readonly<
    Record<"lines" | "patches" | "letters" | "captions" | "picture" | "kept" | "mean" | "round", ProgramText>
  >;
  readonly latticeVertex: string;
  readonly rules: readonly string[]; // the fragment shaders of lattices
  readonly looks: readonly Look[];
  readonly pyramid: PyramidLaws;
  readonly drawing: DrawingLaws;
}
