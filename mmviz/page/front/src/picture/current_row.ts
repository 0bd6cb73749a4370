// Which tokens an inset names where it has no room for all: mmviz.picture.marks.current_row.
import { margins, reach, spot, ways } from "../arithmetic/placement";
import { holds } from "../arithmetic/sweep";
import { dot, minus, plus, times } from "../arithmetic/vectors";
import type { MarksSection, TokenTexts } from "../document/marks";
import type { Lines, Matrix, Placement, Sheet, Sweep, TickLabels, Vector } from "./drawlist";
import type { Eye } from "./eye";
import { lines } from "./guides";
import { mean, readable } from "./labels";

export interface Naming {
  readonly ticks: readonly TickLabels[];
  readonly lines: Lines;
}

type Marks = Pick<MarksSection, "rules" | "tokens">;
type Rules = MarksSection["rules"];
type Texts = readonly [TokenTexts, TokenTexts]; // of rows and of columns

const NONE: TokenTexts = { texts: [], short: [], lengths: [] };

// Names the tokens of insets; what it gave last is kept, so that frames of one row share their texts.
export class Namer {
  readonly #marks: Marks;
  #latest: { key: string; naming: Naming } | null = null;

  constructor(marks: Marks) {
    this.#marks = marks;
  }

  // What is named of a matrix as it is shown; `height` of a capital, in cells; `axes`: names of its rows and columns.
  at(sheet: Sheet, lit: readonly Sweep[], height: number, eye: Eye, axes: readonly [string, string]): Naming {
    const { rules, tokens } = this.#marks;
    const texts = axes.map((axis) => tokens[axis] ?? NONE) as unknown as Texts;
    const columnsNamed = texts[1].texts.length === sheet.matrix.columns;
    const row = current(sheet.placement, sheet.shown, lit, rules.row.sampled);
    const columns = row !== null && columnsNamed ? strongest(sheet.matrix, sheet.masked, row, rules.row) : [];
    const key = JSON.stringify([height, row, columns]);
    if (this.#latest?.key !== key) {
      this.#latest = { key, naming: naming(rules, texts, sheet.path, sheet.placement, row, columns, height, eye) };
    }
    return this.#latest.naming;
  }
}

// The row that a person looks at, or else the last one that is there; null where there is none.
export function current(place: Placement, shown: Sweep, lit: readonly Sweep[], sampled: number): number | null {
  const picked = lit.find((one) => {
    const whole = one.rowTurn === 1 && one.columnTurn === 0;
    return one.first === one.last && (whole || (one.rowTurn === place.columns && one.columnTurn === 1));
  });
  if (picked !== undefined) return Math.floor(picked.first / picked.rowTurn);
  if (shown.first <= 0 && shown.rowTurn === 0 && shown.columnTurn === 0) {
    return shown.last >= 0 ? place.rows - 1 : null;
  }
  const count = Math.min(place.columns, sampled);
  const step = count > 1 ? (place.columns - 1) / (count - 1) : 0;
  const columns = Array.from({ length: count }, (_, number) => Math.floor(number * step + 1e-9));
  for (let row = place.rows - 1; row >= 0; row--) {
    if (columns.some((column) => holds(shown, row, column))) return row;
  }
  return null;
}

// The columns of a row that are named, the strongest first.
export function strongest(
  matrix: Matrix,
  masked: Uint8Array | null,
  row: number,
  rules: { readonly most: number; readonly least: number },
): number[] {
  const first = row * matrix.columns;
  const sizes = Array.from({ length: matrix.columns }, (_, column) => {
    const weight = matrix.values[first + column]!;
    return masked?.[first + column] === 1 || !Number.isFinite(weight) ? 0 : Math.abs(weight);
  });
  const most = sizes.reduce((one, other) => Math.max(one, other), 0);
  const order = [...sizes.keys()].sort((one, other) => sizes[other]! - sizes[one]!);
  return order.slice(0, rules.most).filter((column) => sizes[column]! > 0 && sizes[column]! >= rules.least * most);
}

// The middles of names in a line, in their order, as near to where they belong as they can be.
export function spaced(wanted: readonly number[], widths: readonly number[], start: number, end: number): number[] {
  let sum = 0;
  const before = widths.map((width) => (sum += width) - width / 2);
  const groups: { begin: number; count: number }[] = [];
  wanted.forEach((place, number) => {
    groups.push({ begin: place - before[number]!, count: 1 });
    for (let last = groups.length - 1; last > 0 && groups[last - 1]!.begin > groups[last]!.begin; last--) {
      const [one, other] = [groups[last - 1]!, groups[last]!];
      const count = one.count + other.count;
      const begin = (one.count * one.begin + other.count * other.begin) / count;
      groups.splice(last - 1, 2, { begin, count });
    }
  });
  const starts = groups.flatMap(({ begin, count }) => Array.from({ length: count }, () => begin));
  const last = Math.max(end - sum, start);
  return starts.map((begin, number) => Math.min(Math.max(begin, start), last) + before[number]!);
}

function naming(
  rules: Rules,
  texts: Texts,
  path: string,
  place: Placement,
  row: number | null,
  columns: readonly number[],
  height: number,
  eye: Eye,
): Naming {
  const [down, across] = ways(place);
  const points = [
    ...regular(rules, place, 0, times(across, -1), 0.4 * height),
    ...regular(rules, place, 1, times(down, -1), 0.4 * height),
  ];
  const ticks: TickLabels[] = [];
  if (row !== null) {
    const named = rowNamed(rules, texts[0], path, place, row, height, eye);
    ticks.push(named.ticks);
    points.push(...named.line);
  }
  const room = rules.row.away + rules.row.gap + Math.max(...texts[0].lengths, 0);
  const ends = [-room * height, reach(place)[1] + 1] as const;
  const numbers = fitting(rules, texts[1], columns, (ends[1] - ends[0]) / height);
  if (numbers.length > 0) {
    const named = columnsNamed(rules, texts[1], path, place, numbers, ends, height, eye);
    ticks.push(named.ticks);
    points.push(...named.lines);
  }
  return { ticks, lines: lines(`mark:${path} tokens`, points, rules.row.leader, 1.2) };
}

// What stands at the left of a row, and the ends of the line to it.
function rowNamed(
  rules: Rules,
  tokens: TokenTexts,
  path: string,
  place: Placement,
  row: number,
  height: number,
  eye: Eye,
): { ticks: TickLabels; line: Vector[] } {
  const [down, across] = ways(place);
  const edge = minus(spot(place, row, 0), times(across, margins(place, rules.guides.margin)[1]));
  const end = minus(edge, times(across, rules.row.away * height));
  const foot = minus(end, times(across, rules.row.gap * height));
  const read = readable(across, times(down, -1), eye, end);
  const texts = [tokens.short[row]!];
  const key = `tokens:${path}:0`;
  return { ticks: { ...ticked(key, texts, [foot], read, height, rules.row.named), ends: true }, line: [edge, end] };
}

// What stands above columns, between two ends of a line in cells, and the ends of the lines there.
function columnsNamed(
  rules: Rules,
  tokens: TokenTexts,
  path: string,
  place: Placement,
  numbers: readonly number[],
  ends: readonly [number, number],
  height: number,
  eye: Eye,
): { ticks: TickLabels; lines: Vector[] } {
  const [down, across] = ways(place);
  const { away, gap, space, named } = rules.row;
  const widths = numbers.map((number) => height * tokens.lengths[number]!);
  const [above] = margins(place, rules.guides.margin);
  const belong = numbers.map((number) => spot(place, 0, number));
  const wanted = belong.map((one) => dot(minus(one, place.origin), across));
  const room = widths.map((width) => width + space * height);
  const middles = spaced(wanted, room, ...ends);
  const edge = belong.map((one) => minus(one, times(down, above)));
  const feet = edge.map((one, number) => {
    const moved = plus(one, times(across, middles[number]! - wanted[number]!));
    return minus(moved, times(down, 2 * away * height));
  });
  const read = readable(across, times(down, -1), eye, mean(feet));
  const places = feet.map((foot, number) => {
    return minus(minus(foot, times(down, (0.5 + gap) * height)), times(across, widths[number]! / 2));
  });
  const texts = numbers.map((number) => tokens.short[number]!);
  const ticks = ticked(`tokens:${path}:1`, texts, places, read, height, named);
  return { ticks, lines: edge.flatMap((one, number) => [one, feet[number]!]) };
}

function ticked(
  key: string,
  texts: string[],
  places: readonly Vector[],
  read: { along: Vector; up: Vector },
  height: number,
  color: TickLabels["color"],
): TickLabels {
  return { key, texts, places: Float64Array.from(places.flat()), ...read, height, color, ends: false, opacities: [] };
}

// As many of the first columns as find room in a line, from left to right; `wide` is a share of the capitals.
function fitting(rules: Rules, tokens: TokenTexts, columns: readonly number[], wide: number): number[] {
  let sum = 0;
  const found = columns.filter((number) => (sum += tokens.lengths[number]! + rules.row.space) <= wide);
  return found.sort((one, other) => one - other);
}

// Ticks at regular distances along the rows' ends (axis 0) or the columns'.
function regular(rules: Rules, place: Placement, axis: 0 | 1, out: Vector, long: number): Vector[] {
  const size = axis === 0 ? place.rows : place.columns;
  let step = 1;
  for (let factor = 0; size / step > rules.row.ticks; factor++) step = [1, 2, 5][factor % 3]! * 10 ** Math.floor(factor / 3);
  const off = margins(place, rules.guides.margin)[axis === 0 ? 1 : 0];
  const points: Vector[] = [];
  for (let number = 0; number < size; number += step) {
    const cell = axis === 0 ? spot(place, number, 0) : spot(place, 0, number);
    const start = plus(cell, times(out, off));
    points.push(start, plus(start, times(out, long)));
  }
  return points;
}
