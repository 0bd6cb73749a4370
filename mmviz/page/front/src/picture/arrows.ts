// Arrows inside cubes, which give way to what is before them: mmviz.picture.marks.arrows.Yielding.
import { smooth } from "../arithmetic/easing";
import { holds } from "../arithmetic/sweep";
import { length, minus, plus, times } from "../arithmetic/vectors";
import type { Arrays } from "../document";
import type { CameraRules } from "../document/cameras";
import type { ArrowRecord, ArrowRules, MarksSection } from "../document/marks";
import type { Lines, Patch, Placement, Sweep, Vector } from "./drawlist";
import { clamp, type Eye, pointsOf } from "./eye";
import { presence, reachOf } from "./giving_way";
import { pane } from "./pane";
import { distanceTo } from "./sheet_before";

interface Arrow extends ArrowRecord {
  readonly patches: readonly Patch[];
  readonly edges: readonly Lines[];
  readonly places: readonly Vector[]; // in the vanes, at which it is asked what is before them
}

interface Kept {
  readonly opacity: number;
  readonly patches: readonly Patch[];
  readonly edges: readonly Lines[];
}

// What one camera sees of all arrows, whatever flies and whichever cells are there.
interface Seen {
  readonly eye: Eye;
  readonly through: { path: string; number: number; i: number; j: number }[]; // places behind a matrix, and its cells
  readonly notHuge: readonly number[]; // of each arrow
}

export class Arrows {
  readonly #camera: CameraRules;
  readonly #rules: ArrowRules;
  readonly #faces: ReadonlyMap<string, Placement>;
  readonly #arrows: readonly Arrow[];
  readonly #drawn = new Map<string, Kept>();
  #latest: Seen | null = null;

  constructor(camera: CameraRules, marks: MarksSection, faces: ReadonlyMap<string, Placement>, arrays: Arrays) {
    this.#camera = camera;
    this.#rules = marks.rules.arrows;
    this.#faces = faces;
    const points = pointsOf(arrays.get(marks.arrows.points));
    this.#arrows = marks.arrows.all.map((record, number) =>
      made(record, this.#rules, points.slice(12 * number, 12 * number + 12), arrays),
    );
  }

  // The vanes and the outlines of those that are there.
  at(
    eye: Eye,
    shown: ReadonlyMap<string, Sweep>,
    flying: readonly Placement[],
    hidden: ReadonlySet<string>,
  ): { patches: Patch[]; edges: Lines[] } {
    if (this.#arrows.length === 0) return { patches: [], edges: [] };
    const seen = this.#seen(eye);
    const behind = this.#behind(seen, shown, flying);
    const { shielded, gone, room, steps } = this.#rules;
    const found: Kept[] = [];
    this.#arrows.forEach((one, number) => {
      if (hidden.has(one.path)) return;
      const covered = behind[number]! / one.places.length;
      let there = clamp(1 - shielded * covered, 0, 1) * seen.notHuge[number]!;
      if (there > gone) {
        const nearest = Math.min(...flying.map((place) => distanceTo(place, one.places)), Infinity);
        there *= Math.min(nearest / (room * one.width), 1);
      }
      const opacity = evenRound(steps * smooth(Math.max(1 - (1 - there) / (1 - gone), 0))) / steps;
      if (opacity > 0) found.push(this.#faded(one, opacity));
    });
    return { patches: found.flatMap((one) => one.patches), edges: found.flatMap((one) => one.edges) };
  }

  // How many places of each arrow are seen through elements, or through what flies.
  #behind(seen: Seen, shown: ReadonlyMap<string, Sweep>, flying: readonly Placement[]): number[] {
    const places = this.#arrows.map((one) => one.places.map(() => false));
    const each = places[0]!.length;
    for (const { path, number, i, j } of seen.through) {
      const sweep = shown.get(path);
      if (sweep !== undefined && holds(sweep, i, j)) places[Math.floor(number / each)]![number % each] = true;
    }
    for (const place of flying) {
      this.#arrows.forEach((one, arrow) => {
        pane(place, seen.eye.position).through(one.places, (number) => {
          places[arrow]![number] = true;
        });
      });
    }
    return places.map((one) => one.filter(Boolean).length);
  }

  #seen(eye: Eye): Seen {
    if (this.#latest?.eye.camera !== eye.camera) {
      const all = this.#arrows.flatMap((one) => one.places);
      const through: Seen["through"] = [];
      for (const [path, face] of this.#faces) {
        pane(face, eye.position).through(all, (number, i, j) => through.push({ path, number, i, j }));
      }
      this.#latest = { eye, through, notHuge: this.#arrows.map((one) => this.#notHuge(one, eye)) };
    }
    return this.#latest;
  }

  // 0 where an arrow is close before the eye or would fill the picture, 1 from some distance on.
  #notHuge(one: Arrow, eye: Eye): number {
    const { huge, large } = this.#rules;
    const nearest = Math.min(...one.places.map((place) => length(minus(place, eye.position))));
    const seen = one.length / Math.max(2 * nearest * eye.slope, 1e-9);
    return clamp((huge - seen) / (huge - large), 0, 1) * presence(nearest, reachOf(this.#camera, eye.camera));
  }

  // Vanes and outlines of some opacity; the same objects as long as that stays.
  #faded(one: Arrow, opacity: number): Kept {
    let kept = this.#drawn.get(one.path);
    if (kept?.opacity !== opacity) {
      kept = {
        opacity,
        patches: one.patches.map((vane) => ({ ...vane, opacity })),
        edges: one.edges.map((line) => ({ ...line, opacity })),
      };
      this.#drawn.set(one.path, kept);
    }
    return kept;
  }
}

// An arrow of its corners: of each vane those of one side and then those of the other.
function made(record: ArrowRecord, rules: ArrowRules, points: readonly Vector[], arrays: Arrays): Arrow {
  const triangles = arrays.get(rules.triangles) as Int32Array;
  const [edges, shares] = [arrays.get(rules.edges), pointsOf(arrays.get(rules.shares))];
  const vanes = [points.slice(0, 6), points.slice(6, 12)];
  return {
    ...record,
    patches: record.vanes.map(({ key, color }, side) => {
      return { key, points: Float64Array.from(vanes[side]!.flat()), triangles, color, opacity: 1 };
    }),
    edges: record.outlines.map(({ key, color }, side) => {
      const ends = Array.from(edges, (number) => vanes[side]![number]!);
      return { key, points: Float64Array.from(ends.flat()), color, width: rules.width, opacity: 1 };
    }),
    places: vanes.flatMap((vane) => {
      const flat = [0, 1, 2].map((corner) => times(plus(vane[corner]!, vane[corner + 3]!), 0.5));
      return shares.map(([a, b, c]) => plus(plus(times(flat[0]!, a), times(flat[1]!, b)), times(flat[2]!, c)));
    }),
  };
}

// The nearest whole number, of two the even one, as Python rounds.
function evenRound(number: number): number {
  const low = Math.floor(number);
  if (number - low !== 0.5) return Math.round(number);
  return low % 2 === 0 ? low : low + 1;
}
