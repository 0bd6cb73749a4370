// What the document says of all that is drawn besides matrices: mmviz.page.marks_section and readings write it.
import type { Ref } from "../document";
import type { Camera, Caption, Color, Label, Lines, Sheet, TickLabels } from "../picture/drawlist";

// Items whose points lie among the arrays.
export type StoredLines = Omit<Lines, "points"> & { readonly points: Ref };
export type StoredTicks = Omit<TickLabels, "places"> & { readonly places: Ref };
export type StoredSheet = Omit<Sheet, "matrix" | "masked"> & {
  readonly matrix: { readonly rows: number; readonly columns: number; readonly values: Ref };
  readonly masked: Ref | null;
};
export interface StoredDrawing {
  readonly sheets: readonly StoredSheet[];
  readonly lines: readonly StoredLines[];
  readonly labels: readonly Label[];
  readonly ticks: readonly StoredTicks[];
  readonly captions: readonly Caption[];
  readonly background: Color;
  readonly extent: Ref;
  readonly near: number;
}
export interface StoredInset {
  readonly key: string;
  readonly kind: string;
  readonly drawing: StoredDrawing;
  readonly camera: Camera;
  readonly side: number;
  readonly margin: number;
  readonly bottom: number;
  readonly width: number | null;
}

export interface NameRules {
  readonly along: readonly number[];
  readonly rings: readonly number[];
  readonly inside: readonly (readonly [number, number])[];
  readonly far: readonly number[];
  readonly around: readonly (readonly [number, number])[];
  readonly pad: number;
  readonly rise: number;
  readonly touching: number;
  readonly nearest: number;
  readonly near: number;
  readonly close: number;
  readonly passed: number;
  readonly samples: readonly (readonly [number, number])[];
  readonly faintest: number;
  readonly line: Color;
  readonly width: number;
}
export interface ArrowRules {
  readonly shares: Ref; // (n, 3): of a vane's corners
  readonly triangles: Ref;
  readonly edges: Ref;
  readonly room: number;
  readonly large: number;
  readonly huge: number;
  readonly shielded: number;
  readonly gone: number;
  readonly steps: number;
  readonly width: number;
}
export interface RowRules {
  readonly most: number;
  readonly least: number;
  readonly space: number;
  readonly away: number;
  readonly gap: number;
  readonly ticks: number;
  readonly sampled: number;
  readonly named: Color;
  readonly leader: Color;
}
export interface MarkRules {
  readonly names: NameRules;
  readonly largestSeen: number;
  readonly behind: {
    readonly near: number;
    readonly close: number;
    readonly headOn: readonly [number, number];
    readonly large: readonly [number, number];
    readonly faint: number;
  };
  readonly arrows: ArrowRules;
  readonly emphasis: { readonly dimmed: number; readonly softly: number };
  readonly guides: {
    readonly margin: number;
    readonly selected: Color;
    readonly around: number;
    readonly flying: Color;
    readonly mark: number;
    readonly stroke: number;
  };
  readonly titleRise: number; // from the upper edge of a root to the middle of its title, in heights of a capital
  readonly headings: {
    readonly texts: Readonly<Record<string, readonly [string, number]>>; // by kind: the text, its shift
    readonly ofColumn: number;
    readonly color: Color;
  };
  readonly row: RowRules;
  readonly insets: { readonly columns: readonly string[]; readonly heading: number; readonly ground: Color };
}

export interface NameRecord {
  readonly key: string;
  readonly leader: string; // key of the line to it
  readonly path: string;
  readonly text: string;
  readonly color: Color;
  readonly width: number; // as a multiple of a capital's height
}

// What is written over a root, wherever one looks from.
export interface TitleRecord {
  readonly key: string;
  readonly path: string;
  readonly text: string;
  readonly color: Color;
  readonly height: number; // of a capital, in cells
  readonly corners: Ref; // (8, 3): of the root with all that it is made of
}

export interface ArrowRecord {
  readonly path: string;
  readonly vanes: readonly { readonly key: string; readonly color: Color }[];
  readonly outlines: readonly { readonly key: string; readonly color: Color }[];
  readonly width: number;
  readonly length: number;
}

// A choice of names, a row of `places` and `heights`, and of the sizes and tokens, one of `sets`.
export interface Reading {
  readonly names: number;
  readonly texts: number;
}
// The choices of one chapter, one every `pause` seconds.
export interface FilmedReadings {
  readonly before: number;
  readonly names: readonly number[];
  readonly texts: readonly number[];
}
// Choices for pictures of some height.
export interface ReadingsOfHeight {
  readonly standing: readonly (Reading | null)[]; // by aspect: of the scene's own camera, where that stands
  readonly moving: readonly (readonly FilmedReadings[] | null)[]; // by aspect, then by chapter: where it moves
  readonly views: readonly Reading[]; // of the library
}

export interface ReadingsSection {
  readonly pause: number; // seconds
  readonly change: number; // seconds in which names go from one choice to the next while a person turns the scene
  readonly staying: number; // degrees by which another view has to be nearer
  readonly library: readonly Camera[]; // of views from all sides
  readonly usual: ReadingsOfHeight;
  readonly low: ReadingsOfHeight & { readonly below: number }; // of pictures that are less high, in pixels of the page
  readonly nowhere: number; // place of a name that is not there
  readonly places: Ref; // (rows, names), u8
  readonly heights: Ref; // (rows, names), f32: of capitals, as shares of the picture's height
  readonly labels: readonly (Label & { readonly path: string; readonly length: number })[]; // in heights of a capital
  readonly ticks: readonly (StoredTicks & { readonly path: string; readonly longest: number; readonly axis: string })[]; // their texts are all tokens of the axis
  readonly sets: readonly {
    readonly labels: readonly number[];
    readonly heights: readonly number[]; // of the labels' capitals, in cells
    readonly ticks: readonly number[];
  }[];
}

export interface InsetViewRecord {
  readonly side: number;
  readonly camera: Camera;
  readonly ticks: readonly StoredTicks[];
  readonly naming: number | null; // height of the capitals of those tokens that are named, in cells
  readonly caption: Caption;
}

export interface TokenTexts {
  readonly texts: readonly string[];
  readonly short: readonly string[];
  readonly lengths: readonly number[]; // of the short ones, in heights of a capital
}

export interface MarksSection {
  readonly rules: MarkRules;
  readonly lines: readonly (StoredLines & { readonly path: string; readonly behind: boolean; readonly link: boolean })[];
  readonly behind: Readonly<Record<string, string>>; // keys of the sheets behind matrices, by the paths of these
  readonly wholeBehind: boolean; // their colours know no scale: each is there or not
  readonly arrows: { readonly points: Ref; readonly all: readonly ArrowRecord[] };
  readonly names: { readonly points: Ref; readonly all: readonly NameRecord[] }; // (names, points, 3): the middle first
  readonly titles: readonly TitleRecord[];
  readonly headings: number; // height of the largest capitals over columns, in cells; 0: there are none
  readonly tokens: Readonly<Record<string, TokenTexts>>; // by the name of the axes that count them
  readonly readings: ReadingsSection;
  readonly captions: readonly Caption[]; // that with the key "caption" has its text from `told`
  readonly told: {
    readonly separator: string;
    readonly steps: readonly number[]; // from which on other words are said
    readonly words: readonly (readonly [string, string])[]; // the scene's, and what is computed
  };
  readonly inset: { readonly path: string; readonly views: readonly (InsetViewRecord | null)[] } | null; // by aspect
  readonly bars: readonly ({ readonly slides: number; readonly inset: StoredInset } | null)[]; // by aspect
}
