// Where the lines of captions stand in a picture of some size, how large, and what lies behind them.
// mmviz.render.text.captions. Lengths are in pixels, places are measured from the lower left corner.
import type { CaptionLaws, LettersSection, Outline } from "../document/letters";
import type { Caption, Color, DrawList } from "../picture/drawlist";
import { rounded } from "./footprint";
import { placeOf } from "./places";
import { wrapped, type Line } from "./wrapping";

export type Size = readonly [width: number, height: number];
export type Box = readonly [left: number, bottom: number, right: number, top: number];

export interface Written {
  readonly line: Line;
  readonly x: number; // where the line starts
  readonly y: number; // on what its letters stand
  readonly size: number; // of the font
}

export interface PlacedCaption {
  readonly key: string;
  readonly lines: readonly Written[];
  readonly color: Color;
  readonly band: Box;
  readonly plate: Color | null;
  readonly framed: boolean;
  readonly soft: number; // width of the rim over which the band fades away; 0: it ends sharply
}

interface Block {
  readonly caption: Caption;
  readonly lines: readonly Line[];
  readonly capital: number;
}

// All captions of a picture; those that have no room are left out.
//   ratio: pixels to one of the page, by which it goes whether letters can be read
export function placed(drawing: DrawList, size: Size, told: LettersSection, ratio = 1): PlacedCaption[] {
  const { readable, tiniest } = told.laws;
  const letters = { ...told, laws: { ...told.laws, readable: ratio * readable, tiniest: ratio * tiniest } };
  const captions = drawing.captions.filter((caption) => letters.captions[caption.text] !== undefined);
  const stack = new Stack(size, letters);
  const inset = covered(drawing, size);
  const roof = Math.min(
    ...drawing.insets.filter((one) => one.kind === "bar").map((one) => size[1] * one.bottom),
    Infinity,
  );
  const badges = captions.filter((caption) => caption.badge).map((caption) => stack.badge(caption));
  const found = badges.filter((badge) => badge !== null);
  const rest = captions.filter((caption) => !caption.badge);
  const titles = rest.filter((caption) => caption.level > 0.5).sort((a, b) => b.level - a.level);
  found.push(...stack.stacked(titles, [0, size[0]], found, Infinity));
  const below = rest.filter((caption) => caption.level <= 0.5).sort((a, b) => a.level - b.level);
  let lines = stack.stacked(below, [0, size[0]], [], roof);
  if (inset !== null && lines.some((line) => line.band[3] > inset[1] && line.band[0] < inset[2])) {
    const { narrowest, half } = letters.laws;
    const room = size[0] - inset[2];
    const beside = below.filter((one) => room >= narrowest * capitalOf(one, size, letters.laws));
    const under = stack.stacked(below, [0, size[0]], [], Math.min(roof, inset[1]));
    if (room < half * size[0] && under.every((line) => line.band[3] <= inset[1])) lines = under;
    else lines = stack.stacked(beside, [inset[2], size[0]], [], roof);
  }
  const order = new Map(captions.map((caption, number) => [caption.key, number]));
  return [...found, ...lines].sort((a, b) => order.get(a.key)! - order.get(b.key)!);
}

// What the insets but for colour bars cover.
function covered(drawing: DrawList, size: Size): Box | null {
  const places = drawing.insets.filter((one) => one.kind !== "bar").map((one) => placeOf(one, ...size));
  if (places.length === 0) return null;
  return [
    Math.min(...places.map((place) => place.left)),
    Math.min(...places.map((place) => place.bottom)),
    Math.max(...places.map((place) => place.left + place.width)),
    Math.max(...places.map((place) => place.bottom + place.height)),
  ];
}

function capitalOf(caption: Caption, [width, height]: Size, laws: CaptionLaws): number {
  return Math.max(caption.height * Math.min(height, width / laws.narrow), Math.min(laws.readable, laws.room * height));
}

class Stack {
  readonly #size: Size;
  readonly #letters: LettersSection;
  readonly #laws: CaptionLaws;

  constructor(size: Size, letters: LettersSection) {
    this.#size = size;
    this.#letters = letters;
    this.#laws = letters.laws;
  }

  // Captions at the top, each below the one before, or at the bottom, each above it.
  stacked(
    captions: readonly Caption[],
    across: readonly [number, number],
    beside: readonly PlacedCaption[],
    roof: number,
  ): PlacedCaption[] {
    const laws = this.#laws;
    const high = this.#size[1];
    const middleX = (across[0] + across[1]) / 2;
    const width = across[1] - across[0] - (1 - laws.widest) * this.#size[0];
    const seen = captions.filter((caption) => caption.height * high >= laws.tiniest);
    const found: PlacedCaption[] = [];
    let edge: number | null = null;
    for (const block of this.#fitting(seen, width, Math.min(laws.tallest * high, roof))) {
      const { capital } = block;
      const gap = laws.apart * capital;
      const middle = block.caption.level * high;
      let top: number;
      if (block.caption.level > 0.5) {
        top = Math.min(middle + capital / 2, high - laws.edge * capital);
        if (edge !== null) top = Math.min(top, edge - gap);
        const half = (Math.max(...block.lines.map((line) => line.length)) * capital) / laws.capital / 2;
        for (const one of beside) {
          if (half > one.band[0] - middleX) top = Math.min(top, one.band[1] - laws.padding[1] * capital);
        }
        edge = top - this.#height(block);
      } else {
        let bottom = Math.max(middle - capital / 2, laws.edge * capital);
        if (edge !== null) bottom = Math.max(bottom, edge + gap);
        edge = top = bottom + this.#height(block);
      }
      found.push(this.#placed(block, middleX, top));
    }
    return found;
  }

  // A line in a thin frame at the right, whose top is at its level; null where there is no room.
  badge(caption: Caption): PlacedCaption | null {
    const laws = this.#laws;
    const [width, height] = this.#size;
    const line = wrapped(this.#letters.captions[caption.text]!, Infinity, 1, this.#letters.more)[0]!;
    const capital = Math.min(
      capitalOf(caption, this.#size, laws),
      (laws.widest * width * laws.capital) / Math.max(line.length, 1e-6),
    );
    if (capital < laws.least) return null;
    const em = capital / laws.capital;
    const [aside, upward] = [laws.padding[0] * capital, laws.padding[1] * capital];
    const right = width - laws.badgeMargin * height;
    const foot = rounded(caption.level * height - upward - capital);
    const written = { line, x: right - aside - em * line.length, y: foot, size: em };
    const band: Box = [written.x - aside, foot - upward, right, foot + capital + upward];
    const { key, color, plate } = caption;
    return { key, lines: [written], color, band, plate, framed: true, soft: 0 };
  }

  // The lines of captions, in letters as large as they let them be; the last ones are cut where that is too much.
  #fitting(captions: readonly Caption[], width: number, tallest: number): Block[] {
    const laws = this.#laws;
    const high = this.#size[1];
    const wanted = captions.map((caption) => capitalOf(caption, this.#size, laws));
    const least = laws.room * high >= laws.readable ? laws.readable : laws.least;
    const tries = laws.shrinking.map((share) => [share, least] as const);
    tries.push([laws.shrinking[laws.shrinking.length - 1]!, laws.cramped * least]);
    for (const [share, floor] of tries) {
      const blocks = captions.map((caption, n) =>
        this.#block(caption, Math.max(Math.min(wanted[n]!, floor), share * wanted[n]!), width, 99),
      );
      const total = blocks.reduce(
        (sum, block) => sum + this.#height(block) + (laws.apart + laws.beside) * block.capital,
        0,
      );
      if (total <= tallest) return blocks;
    }
    const room = tallest / Math.max(1, captions.length) / (laws.leading * least);
    const most = Math.max(1, Math.trunc(room));
    return captions.map((caption, n) => this.#block(caption, Math.min(wanted[n]!, least), width, most));
  }

  #block(caption: Caption, capital: number, width: number, most: number): Block {
    const text = this.#letters.captions[caption.text]!;
    return { caption, lines: wrapped(text, (width * this.#laws.capital) / capital, most, this.#letters.more), capital };
  }

  // From the foot of the last line to the head of the first one.
  #height(block: Block): number {
    return block.capital * (1 + this.#laws.leading * (block.lines.length - 1));
  }

  // A block whose first line's capitals end at a height; letters stand on whole pixels, which keeps them sharp.
  #placed(block: Block, middle: number, top: number): PlacedCaption {
    const laws = this.#laws;
    const { capital } = block;
    const size = capital / laws.capital;
    const lines = block.lines.map((line, number) => ({
      line,
      x: middle - (size * line.length) / 2,
      y: rounded(top - capital - number * laws.leading * capital),
      size,
    }));
    const [aside, upward] = [laws.padding[0] * capital, laws.padding[1] * capital];
    const boxes = lines.map((line) => inkOf(line, this.#letters.outlines));
    const band: Box = [
      Math.min(...boxes.map((box) => box[0])) - aside,
      Math.min(lines[lines.length - 1]!.y, ...boxes.map((box) => box[1])) - upward,
      Math.max(...boxes.map((box) => box[2])) + aside,
      Math.max(lines[0]!.y + capital, ...boxes.map((box) => box[3])) + upward,
    ];
    const { key, color, plate } = block.caption;
    const soft = laws.soft * Math.max(Math.min(...lines.map((line) => line.y)) - band[1], laws.thinnest);
    return { key, lines, color, band, plate, framed: false, soft };
  }
}

// Left, bottom, right and top of what is drawn of a line.
function inkOf({ line, x, y, size }: Written, outlines: readonly Outline[]): Box {
  if (line.letters.length === 0) return [x, y, x, y];
  const sides: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [outline, right, up] of line.letters) {
    const box = outlines[outline]!;
    sides[0] = Math.min(sides[0], right + box[1]);
    sides[1] = Math.min(sides[1], up + box[2]);
    sides[2] = Math.max(sides[2], right + box[3]);
    sides[3] = Math.max(sides[3], up + box[4]);
  }
  return [x + size * sides[0], y + size * sides[1], x + size * sides[2], y + size * sides[3]];
}
