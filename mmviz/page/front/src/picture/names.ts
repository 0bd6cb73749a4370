// Names and signs as they are drawn: mmviz.picture.marks.names, and of name_places the arithmetic of one place.
import { minus, plus, times } from "../arithmetic/vectors";
import type { Numbers } from "../document";
import type { NameRecord, NameRules } from "../document/marks";
import { inside } from "./convex";
import type { Label, Lines, Vector } from "./drawlist";
import { clamp, depth, type Eye, type Flat, point, seen } from "./eye";

// Where one name stands: its place, and the height of its capitals as a share of the picture's.
export interface Choice {
  readonly place: number;
  readonly height: number;
}
export type Choices = readonly (Choice | null)[]; // one a name

type Box = readonly [number, number, number, number]; // left, bottom, right and top

interface Written {
  readonly box: Box;
  readonly line: readonly [Flat, Flat]; // from the matrix to the text
  readonly height: number;
  readonly opacity: number;
  readonly lined: number; // opacity of the line
}

export interface Drawn {
  readonly path: string;
  readonly label: Label;
  readonly line: Lines | null;
  readonly box: Box;
}

export class Names {
  readonly #rules: NameRules;
  readonly #all: readonly NameRecord[];
  readonly #points: Numbers; // (names, anchors + 1, 3)
  readonly #each: number;

  constructor(rules: NameRules, all: readonly NameRecord[], points: Numbers) {
    this.#rules = rules;
    this.#all = all;
    this.#points = points;
    this.#each = 1 + 4 * rules.along.length + rules.inside.length;
  }

  // The names of a moment.
  //   choices: where the names stood, and where they will; `share` says how far the moment is between the two
  //   front: depth before which nothing stands, in cells
  drawn(choices: readonly [Choices, Choices], share: number, front: number, eye: Eye, aspect: number): Drawn[] {
    return this.#all.flatMap((name, number) => {
      const written = this.#written(number, choices, share, eye, aspect);
      if (written === null || written.opacity < this.#rules.faintest) return [];
      return [this.#item(name, written, front, eye, aspect)];
    });
  }

  #item(name: NameRecord, written: Written, front: number, eye: Eye, aspect: number): Drawn {
    const { box, height, opacity, lined } = written;
    const middle: Flat = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const label: Label = {
      key: name.key,
      text: name.text,
      center: before(eye, aspect, middle, front),
      along: eye.right,
      up: eye.up,
      height: height * 2 * front * eye.slope,
      color: name.color,
      opacity,
    };
    const { faintest, line: color, width } = this.#rules;
    if (lined < faintest) return { path: name.path, label, line: null, box };
    const points = Float64Array.from(written.line.flatMap((end) => [...before(eye, aspect, end, front)]));
    return { path: name.path, label, line: { key: name.leader, points, color, width, opacity: lined }, box };
  }

  #written(
    number: number,
    choices: readonly [Choices, Choices],
    share: number,
    eye: Eye,
    aspect: number,
  ): Written | null {
    const [one, other] = [choices[0][number] ?? null, choices[1][number] ?? null];
    const first = one === null ? null : this.#spot(number, one, eye, aspect);
    const last = other === null ? null : this.#spot(number, other, eye, aspect);
    if (first !== null && last !== null) return between(first, last, share);
    if (first !== null) return faded(first, 1 - share);
    return last === null ? null : faded(last, share);
  }

  // A name at one of its places.
  #spot(number: number, choice: Choice, eye: Eye, aspect: number): Written {
    const { rise, touching, near, close } = this.#rules;
    const { anchor, direction, away } = this.#place(number, choice.place, eye, aspect);
    const found = seen(eye, this.#anchor(number, anchor + 1), aspect);
    const half = [0.5 * this.#all[number]!.width * choice.height, rise * choice.height] as const;
    const support = Math.abs(direction[0]) * half[0] + Math.abs(direction[1]) * half[1];
    const far = away === null ? 0 : away * choice.height + support;
    const start = found.place;
    const center: Flat = [start[0] + far * direction[0], start[1] + far * direction[1]];
    const box: Box = [center[0] - half[0], center[1] - half[1], center[0] + half[0], center[1] + half[1]];
    const end: Flat = [clamp(start[0], box[0], box[2]), clamp(start[1], box[1], box[3])];
    const apart = (end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2;
    const isLined = away !== null && apart > (touching * choice.height) ** 2;
    const there = clamp((found.depth - near) / (close - near), 0, 1);
    return { box, line: [start, end], height: choice.height, opacity: there, lined: isLined ? there : 0 };
  }

  // From which point of its matrix a place is counted, in which direction, and how far it is from there, in heights of
  // a capital; null: it is there.
  #place(
    number: number,
    place: number,
    eye: Eye,
    aspect: number,
  ): { anchor: number; direction: Flat; away: number | null } {
    const { along, rings, inside: within, far, around, pad } = this.#rules;
    const beside = 4 * along.length * rings.length;
    if (place < beside) {
      const anchor = Math.floor(place / rings.length);
      const direction = this.#outward(number, Math.floor(anchor / along.length), eye, aspect);
      return { anchor, direction, away: pad + rings[place % rings.length]! };
    }
    const edges = 4 * along.length;
    const on = place - beside;
    if (on < within.length) return { anchor: edges + on, direction: [0, 0], away: null };
    const off = on - within.length;
    const each = around.length * far.length;
    const direction = around[Math.floor((off % each) / far.length)]!;
    return { anchor: edges + Math.floor(off / each), direction, away: far[off % far.length]! };
  }

  // A unit vector out of the matrix across one of its edges, as it is seen.
  #outward(number: number, edge: number, eye: Eye, aspect: number): Flat {
    const { along } = this.#rules;
    const at = (index: number): Flat => seen(eye, this.#anchor(number, index), aspect).place;
    const first = 1 + edge * along.length;
    const [start, end] = [at(first + along.indexOf(0)), at(first + along.indexOf(1))];
    const [middle, side] = [at(0), at(first)];
    let way: Flat = [-(end[1] - start[1]), end[0] - start[0]];
    if (way[0] * (side[0] - middle[0]) + way[1] * (side[1] - middle[1]) < 0) way = [-way[0], -way[1]];
    const long = Math.max(Math.hypot(...way), 1e-12);
    return [way[0] / long, way[1] / long];
  }

  #anchor(number: number, index: number): Vector {
    return point(this.#points, number * this.#each + index);
  }

  // The labels and lines of names, fainter where something flies before them.
  givingWay(
    drawn: readonly Drawn[],
    flying: readonly (readonly Vector[])[],
    eye: Eye,
    aspect: number,
  ): { labels: Label[]; lines: Lines[] } {
    const shapes = flying
      .map((corners) => corners.map((corner) => seen(eye, corner, aspect)))
      .filter((corners) => corners.every((corner) => corner.depth > 0))
      .map((corners) => corners.map((corner) => corner.place));
    const kept = drawn.map((one) => 1 - this.#rules.passed * this.#hidden(one.box, shapes));
    return {
      labels: drawn.map((one, number) => fainter(one.label, kept[number]!)),
      lines: drawn.flatMap((one, number) => (one.line === null ? [] : [fainter(one.line, kept[number]!)])),
    };
  }

  // The share of a text that is seen over some convex shapes.
  #hidden(box: Box, shapes: readonly (readonly Flat[])[]): number {
    if (shapes.length === 0) return 0;
    const { samples } = this.#rules;
    const covered = samples.filter(([x, y]) => {
      const place: Flat = [box[0] + x * (box[2] - box[0]), box[1] + y * (box[3] - box[1])];
      return shapes.some((shape) => inside(place, shape));
    });
    return covered.length / samples.length;
  }
}

// What is seen at a place of the picture, at a depth.
function before(eye: Eye, aspect: number, place: Flat, far: number): Vector {
  const scale = 2 * far * eye.slope;
  const [across, up] = [(place[0] - 0.5 * aspect) * scale, (place[1] - 0.5) * scale];
  const straight = minus(eye.position, times(eye.toward, far));
  return plus(straight, plus(times(eye.right, across), times(eye.up, up)));
}

function fainter<Item extends Label | Lines>(item: Item, share: number): Item {
  return share === 1 ? item : { ...item, opacity: share * item.opacity };
}

function faded(one: Written, share: number): Written {
  return { ...one, opacity: share * one.opacity, lined: share * one.lined };
}

// A name on its way from one place to the next.
function between(first: Written, last: Written, share: number): Written {
  const mean = (one: number, other: number): number => (1 - share) * one + share * other;
  const flat = (one: Flat, other: Flat): Flat => [mean(one[0], other[0]), mean(one[1], other[1])];
  const [a, b] = [first.box, last.box];
  return {
    box: [mean(a[0], b[0]), mean(a[1], b[1]), mean(a[2], b[2]), mean(a[3], b[3])],
    line: [flat(first.line[0], last.line[0]), flat(first.line[1], last.line[1])],
    height: mean(first.height, last.height),
    opacity: mean(first.opacity, last.opacity),
    lined: mean(first.lined, last.lined),
  };
}

// Depth before which nothing stands: where names are drawn, in cells; `nearest` is a share of the scene's depth.
export function frontOf(nearest: number, eye: Eye, extent: readonly Vector[]): number {
  const depths = extent.map((one) => depth(eye, one));
  return Math.max(Math.min(...depths), 4 * nearest * Math.max(...depths));
}
