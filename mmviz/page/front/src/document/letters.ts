// The letters of all texts of a page: their picture, where each stands in its text, and their outlines for captions.
// Written by mmviz/page/letters_section.py.
import type { Ref } from "../document";

// A text in space: mmviz.render.text.atlas.Quads.
export interface QuadsOf {
  readonly first: number; // of its letters among all of them
  readonly count: number;
  readonly left: number; // of the first letter's ink, in heights of a capital
  readonly right: number; // of the last one's
  readonly length: number; // with the room around its letters
}

// An outline, the place of its origin in ems, and the cluster that it belongs to.
export type Letter = readonly [outline: number, x: number, y: number, cluster: number];

// What stays together in a line of a caption, with the spaces after it: mmviz.render.text.wrapping. Lengths are in ems.
export interface Piece {
  readonly length: number;
  readonly seen: number; // without those spaces
  readonly stops: readonly number[]; // its length up to the end of each cluster
  readonly letters: readonly Letter[];
}

// A caption: its lines are its pieces one after the other, or, where letters depend on others, told one by one, by the
// numbers of their first piece and of the one after the last.
export interface CaptionText {
  readonly length: number; // of all of it as one line
  readonly pieces: readonly Piece[];
  readonly lines: Readonly<Record<string, readonly Letter[]>> | null;
  readonly lengths: Readonly<Record<string, number>> | null;
}

export type Outline = readonly [path: string, left: number, bottom: number, right: number, top: number];

export interface LettersSection {
  readonly picture: Ref; // (height, 2 * width), u8, the bottom row first
  readonly width: number; // of the picture without its smaller levels, in texels
  readonly em: number; // size of the font in the picture, in texels
  readonly shapes: Ref; // (shapes, 4) f32: width, height, left and bottom in the picture, in texels
  readonly letters: Ref; // (letters,) i32: the shape of each
  readonly places: Ref; // (letters, 4) f32: left, bottom, right, top, in heights of a capital
  readonly texts: Readonly<Record<string, QuadsOf>>;
  readonly outlines: readonly Outline[]; // as paths of SVG, in ems, y upward, and what they reach
  readonly captions: Readonly<Record<string, CaptionText>>;
  readonly more: Piece; // what ends a text of which there is no room for the rest
  readonly laws: CaptionLaws;
}

// The constants of mmviz.render.text.captions and mmviz.picture.marks.captions.
export interface CaptionLaws {
  readonly capital: number; // height of a capital, in ems
  readonly leading: number;
  readonly apart: number;
  readonly padding: readonly [aside: number, upward: number];
  readonly readable: number;
  readonly room: number;
  readonly least: number;
  readonly tiniest: number;
  readonly shrinking: readonly number[];
  readonly cramped: number;
  readonly widest: number;
  readonly narrow: number; // width divided by height below which letters go by the width
  readonly half: number; // share of the width beside an inset from which on captions stand there
  readonly narrowest: number;
  readonly tallest: number;
  readonly beside: number;
  readonly edge: number;
  readonly badgeMargin: number;
  readonly frame: number;
  readonly soft: number;
  readonly thinnest: number;
}
