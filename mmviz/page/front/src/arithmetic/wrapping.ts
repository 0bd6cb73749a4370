// Where a caption is broken into lines that fit: mmviz.render.text.wrapping, by lengths that Python measured. In ems.
import type { CaptionText, Letter, Piece } from "../document/letters";

// A line of text, from left to right.
export interface Line {
  readonly letters: readonly Letter[];
  readonly length: number;
}

// A piece, or a part of one that is too long for a line.
interface Part {
  readonly number: number; // of the piece
  readonly from: number; // its first cluster, and the one after its last
  readonly to: number;
  readonly length: number;
  readonly seen: number; // without the spaces at its end
}

export function wrapped(text: CaptionText, width: number, most: number, more: Piece): Line[] {
  const whole = text.pieces.map((piece, number) => wholePart(piece, number));
  if (text.length <= width) return [lineOf(text, whole)];
  const parts = whole.flatMap((part) => fitting(text.pieces[part.number]!, part, width));
  const lines = filled(parts, width);
  if (lines.length > most) {
    const rest = lines.slice(most - 1).flat();
    return [...lines.slice(0, most - 1).map((line) => lineOf(text, line)), cut(text, rest, width, more)];
  }
  return filled(parts, narrowest(parts, lines.length, width)).map((line) => lineOf(text, line));
}

function wholePart(piece: Piece, number: number): Part {
  return { number, from: 0, to: piece.stops.length, length: piece.length, seen: piece.seen };
}

// About the least width that needs no more lines.
function narrowest(parts: readonly Part[], count: number, width: number): number {
  let low = Math.max(...parts.map((part) => part.seen));
  let high = width;
  while (high - low > 0.01 * width) {
    const middle = (low + high) / 2;
    if (filled(parts, middle).length <= count) high = middle;
    else low = middle;
  }
  return high;
}

// Lines that are as long as they can be.
function filled(parts: readonly Part[], width: number): Part[][] {
  const lines: Part[][] = [];
  let length = 0;
  for (const part of parts) {
    let line = lines[lines.length - 1];
    if (line === undefined || length + part.seen > width) {
      lines.push((line = []));
      length = 0;
    }
    line.push(part);
    length += part.length;
  }
  return lines;
}

// A piece that is too long for a line, broken anywhere between its clusters.
function fitting(piece: Piece, part: Part, width: number): Part[] {
  if (part.seen <= width) return [part];
  const parts: Part[] = [];
  let from = 0;
  for (let to = 1; to <= piece.stops.length; to++) {
    const tooLong = to - from > 1 && stop(piece, to) - stop(piece, from) > width;
    if (!tooLong) continue;
    parts.push(cutPart(piece, part.number, from, to - 1));
    from = to - 1;
  }
  parts.push(cutPart(piece, part.number, from, piece.stops.length));
  return parts;
}

function cutPart(piece: Piece, number: number, from: number, to: number): Part {
  const length = stop(piece, to) - stop(piece, from);
  return { number, from, to, length, seen: Math.min(length, piece.seen - stop(piece, from)) };
}

// The length of a piece up to a cluster.
function stop(piece: Piece, cluster: number): number {
  return cluster > 0 ? piece.stops[cluster - 1]! : 0;
}

// As much of the beginning as fits, and a sign that there is more.
function cut(text: CaptionText, parts: readonly Part[], width: number, more: Piece): Line {
  const all = lineOf(text, parts);
  if (all.length <= width) return all;
  const ends = parts.flatMap((part, n) => {
    const piece = text.pieces[part.number]!;
    const count = part.to - part.from;
    return Array.from({ length: count }, (_, k) => [
      ...parts.slice(0, n),
      cutPart(piece, part.number, part.from, part.from + k + 1),
    ]);
  });
  const begun = (count: number): Line => {
    const line = count > 0 ? lineOf(text, ends[count - 1]!) : { letters: [], length: 0 };
    const moved = more.letters.map(([outline, x, y, cluster]): Letter => [outline, x + line.length, y, cluster]);
    return { letters: [...line.letters, ...moved], length: line.length + more.length };
  };
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    if (begun(middle).length <= width) low = middle;
    else high = middle - 1;
  }
  return begun(low);
}

// The letters of some parts that follow each other, without spaces at the end.
function lineOf(text: CaptionText, parts: readonly Part[]): Line {
  const last = parts[parts.length - 1];
  if (last === undefined) return { letters: [], length: 0 };
  const told = `${parts[0]!.number} ${last.number + 1}`;
  if (text.lines?.[told] !== undefined) return { letters: text.lines[told], length: text.lengths![told]! };
  const letters: Letter[] = [];
  let start = 0;
  for (const part of parts) {
    const piece = text.pieces[part.number]!;
    const shift = start - stop(piece, part.from);
    for (const [outline, x, y, cluster] of piece.letters) {
      if (cluster >= part.from && cluster < part.to) letters.push([outline, x + shift, y, cluster]);
    }
    start += part.length;
  }
  return { letters, length: start - last.length + last.seen };
}
