// What is read from where: the choices that mmviz.page.readings wrote, by the moment or by the nearest view.
import { smooth } from "../arithmetic/easing";
import { dot } from "../arithmetic/vectors";
import type { Arrays, Numbers } from "../document";
import type { CameraRules } from "../document/cameras";
import type { MarksSection, Reading, ReadingsOfHeight, ReadingsSection } from "../document/marks";
import type { Camera, Label, TickLabels, Vector } from "./drawlist";
import { type Eye, eyeOf, same } from "./eye";
import { span, spanOfTicks, turned, turnedTicks } from "./labels";
import type { Choices } from "./names";
import { ticksOf } from "./stored";

// Which choices count: those of before, those from now on, and how far the names are between the two.
export interface Read {
  readonly before: number; // rows of choices of names
  readonly now: number;
  readonly share: number;
  readonly texts: number; // a set of sizes and tokens
}

export interface FlatTexts {
  readonly labels: readonly Label[];
  readonly ticks: readonly TickLabels[];
}

export class Readings {
  readonly #marks: MarksSection;
  readonly #section: ReadingsSection;
  readonly #rules: CameraRules;
  readonly #arrays: Arrays;
  readonly #eyes: readonly Eye[]; // of the library
  readonly #rows = new Map<number, Choices>();
  readonly #tickRows = new Map<number, TickLabels>();
  #chosen: ReadingsOfHeight;
  #latest: { set: number; camera: Camera; hidden: ReadonlySet<string>; found: FlatTexts } | null = null;

  constructor(rules: CameraRules, marks: MarksSection, arrays: Arrays) {
    this.#rules = rules;
    this.#marks = marks;
    this.#section = marks.readings;
    this.#arrays = arrays;
    this.#chosen = this.#section.usual;
    this.#eyes = this.#section.library.map(eyeOf);
  }

  // Pictures are so many pixels of the page high from now on.
  fit(height: number): void {
    const { usual, low } = this.#section;
    this.#chosen = height < low.below ? low : usual;
  }

  // The choices of a moment of the film, some seconds after the beginning of its chapter, for pictures of a shape.
  filmed(shape: number, chapter: number | null, seconds: number): Read | null {
    const standing = this.#chosen.standing[shape] ?? null;
    if (standing !== null) return still(standing);
    const film = chapter === null ? undefined : this.#chosen.moving[shape]?.[chapter];
    if (film === undefined) return null;
    const number = Math.min(Math.max(Math.trunc(seconds / this.#section.pause), 0), film.names.length - 1);
    return {
      before: number > 0 ? film.names[number - 1]! : film.before,
      now: film.names[number]!,
      share: smooth(Math.min(seconds / this.#section.pause - number, 1)),
      texts: film.texts[number]!,
    };
  }

  // The choices of the view that is nearest to a camera.
  nearest(camera: Camera): Read {
    return still(this.#chosen.views[this.#nearest(camera)]!);
  }

  // The same, and from where that view looks.
  nearestView(camera: Camera): { read: Read; toward: Vector } {
    const number = this.#nearest(camera);
    return { read: still(this.#chosen.views[number]!), toward: this.#eyes[number]!.toward };
  }

  #nearest(camera: Camera): number {
    const exact = this.#section.library.findIndex((view) => same(this.#rules, view, camera));
    if (exact >= 0) return exact;
    const { toward, up } = eyeOf(camera);
    const near = this.#eyes.map((eye) => dot(toward, eye.toward) + 1e-3 * dot(up, eye.up));
    return near.indexOf(Math.max(...near));
  }

  // Where every name stands, of a row of choices.
  choices(row: number): Choices {
    let found = this.#rows.get(row);
    if (found === undefined) {
      const { places, heights, nowhere } = this.#section;
      const [all, high]: Numbers[] = [this.#arrays.get(places), this.#arrays.get(heights)];
      const count = this.#marks.names.all.length;
      found = Array.from({ length: count }, (_, name) => {
        const place = all![row * count + name]!;
        return place === nowhere ? null : { place, height: high![row * count + name]! };
      });
      this.#rows.set(row, found);
    }
    return found;
  }

  // The sizes and tokens of a set as a camera reads them; the same objects as long as that stays.
  texts(set: number, eye: Eye, hidden: ReadonlySet<string>): FlatTexts {
    const { camera } = eye;
    const latest = this.#latest;
    if (latest?.set === set && latest.camera === camera && latest.hidden === hidden) return latest.found;
    const { labels, heights, ticks } = this.#section.sets[set]!;
    const there = labels.flatMap((number, index) => {
      const label = this.#section.labels[number]!;
      if (hidden.has(label.path)) return [];
      return [turned(this.#marks.rules, { ...label, height: heights[index]! }, eye)];
    });
    const rows = ticks.filter((number) => !hidden.has(this.#section.ticks[number]!.path));
    const found = { labels: there, ticks: rows.map((number) => turnedTicks(this.#ticks(number), eye)) };
    this.#latest = { set, camera, hidden, found };
    return found;
  }

  // Corners of rectangles around the sizes and tokens of a set, in cells.
  spans(set: number, hidden: ReadonlySet<string>): Vector[] {
    const { labels, heights, ticks } = this.#section.sets[set]!;
    const flat = labels.flatMap((number, index) => {
      const label = this.#section.labels[number]!;
      return hidden.has(label.path) ? [] : span({ ...label, height: heights[index]! }, label.length);
    });
    const rows = ticks.flatMap((number) => {
      const { path, longest } = this.#section.ticks[number]!;
      return hidden.has(path) ? [] : spanOfTicks(this.#ticks(number), longest);
    });
    return [...flat, ...rows];
  }

  #ticks(number: number): TickLabels {
    let found = this.#tickRows.get(number);
    if (found === undefined) {
      const stored = this.#section.ticks[number]!;
      found = { ...ticksOf(this.#arrays, stored), texts: this.#marks.tokens[stored.axis]!.texts };
      this.#tickRows.set(number, found);
    }
    return found;
  }
}

function still(reading: Reading): Read {
  return { before: reading.names, now: reading.names, share: 0, texts: reading.texts };
}
