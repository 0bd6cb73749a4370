// What is read from where: the choices that mmviz.page.readings wrote, by the moment or by the nearest view.
import { smooth } from "../arithmetic/easing";
import { dot } from "../arithmetic/vectors";
import type { Arrays, Numbers } from "../document";
import type { CameraRules } from "../document/cameras";
import type { MarksSection, Reading, ReadingsSection } from "../document/marks";
import type { Camera, Label, TickLabels } from "./drawlist";
import { type Eye, eyeOf, same } from "./eye";
import { turned, turnedTicks } from "./labels";
import type { Choices } from "./names";
import { ticksOf } from "./stored";

// Which choices count: those of before, those from now on, and how far the names are between the two.
export interface Read {
  readonly before: number; // rows of choices of names
  readonly now: number;
  readonly share: number;
  readonly texts: number; // a set of sizes and tokens
}

// The view whose choices a person sees who turns the scene, since when, and the one before it; in seconds.
export interface Following {
  readonly view: number;
  readonly before: number;
  readonly since: number;
}

export class Readings {
  readonly #marks: MarksSection;
  readonly #section: ReadingsSection;
  readonly #rules: CameraRules;
  readonly #arrays: Arrays;
  readonly #eyes: readonly Eye[]; // of the library
  readonly #rows = new Map<number, Choices>();
  readonly #tickRows = new Map<number, TickLabels>();

  constructor(rules: CameraRules, marks: MarksSection, arrays: Arrays) {
    this.#rules = rules;
    this.#marks = marks;
    this.#section = marks.readings;
    this.#arrays = arrays;
    this.#eyes = this.#section.views.map((view) => eyeOf(view.camera));
  }

  // The choices of a moment of the film, some seconds after the beginning of its chapter, for pictures of a shape.
  filmed(shape: number, chapter: number | null, seconds: number): Read | null {
    const standing = this.#section.standing[shape] ?? null;
    if (standing !== null) return still(standing);
    const film = chapter === null ? undefined : this.#section.moving[shape]?.[chapter];
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
    return still(this.#section.views[this.#nearest(camera)]!);
  }

  // The view that is followed from now on: another one only where that is clearly nearer.
  follow(latest: Following | null, camera: Camera, seconds: number): Following {
    const nearest = this.#nearest(camera);
    if (latest === null) return { view: nearest, before: nearest, since: -Infinity };
    if (nearest === latest.view || seconds - latest.since < this.#section.change) return latest;
    const toward = eyeOf(camera).toward;
    const degrees = (view: number): number =>
      (Math.acos(Math.min(dot(toward, this.#eyes[view]!.toward), 1)) * 180) / Math.PI;
    const clearly = degrees(latest.view) - degrees(nearest) >= this.#section.staying;
    return clearly ? { view: nearest, before: latest.view, since: seconds } : latest;
  }

  // The choices while a view is followed.
  followed(following: Following, seconds: number): Read {
    const { views, change } = this.#section;
    const now = views[following.view]!;
    const share = Math.min(Math.max((seconds - following.since) / change, 0), 1);
    return { before: views[following.before]!.names, now: now.names, share: smooth(share), texts: now.texts };
  }

  #nearest(camera: Camera): number {
    const exact = this.#section.views.findIndex((view) => same(this.#rules, view.camera, camera));
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

  // The sizes and tokens of a set as a camera reads them.
  texts(set: number, eye: Eye, hidden: ReadonlySet<string>): { labels: Label[]; ticks: TickLabels[] } {
    const { labels, heights, ticks } = this.#section.sets[set]!;
    const there = labels.flatMap((number, index) => {
      const { path, ...label } = this.#section.labels[number]!;
      return hidden.has(path) ? [] : [turned(this.#marks.rules, { ...label, height: heights[index]! }, eye)];
    });
    const rows = ticks.filter((number) => !hidden.has(this.#section.ticks[number]!.path));
    return { labels: there, ticks: rows.map((number) => turnedTicks(this.#ticks(number), eye)) };
  }

  #ticks(number: number): TickLabels {
    let found = this.#tickRows.get(number);
    if (found === undefined) {
      const stored = this.#section.ticks[number]!;
      found = { ...ticksOf(this.#arrays, stored), texts: this.#marks.tokens.texts };
      this.#tickRows.set(number, found);
    }
    return found;
  }
}

function still(reading: Reading): Read {
  return { before: reading.names, now: reading.names, share: 0, texts: reading.texts };
}
