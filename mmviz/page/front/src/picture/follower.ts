// Which names a person sees who turns the scene: those of the film, or of a view of the library that is clearly nearer
// than the one whose names are shown. Where the choice changes, names go from place to place for a moment.
import { smooth } from "../arithmetic/easing";
import { dot } from "../arithmetic/vectors";
import type { ReadingsSection } from "../document/marks";
import type { Camera, Vector } from "./drawlist";
import { eyeOf } from "./eye";
import type { Read, Readings } from "./readings";

export class Follower {
  readonly #readings: Readings;
  readonly #change: number;
  readonly #staying: number;
  #shown: { names: number; texts: number; toward: Vector } | null = null; // null: the film's
  #names: number | null = null; // that were shown last
  #before = 0; // from which these came
  #since = -Infinity; // in seconds

  constructor(readings: Readings, { change, staying }: Pick<ReadingsSection, "change" | "staying">) {
    this.#readings = readings;
    this.#change = change;
    this.#staying = staying;
  }

  // Which choices count now.
  //   film: those of the film at this moment
  //   own: the camera is the film's own
  read(film: Read, own: boolean, camera: Camera, seconds: number): Read {
    const next = own ? null : this.#next(film, camera, seconds);
    const [names, texts] = next === null ? [film.now, film.texts] : [next.names, next.texts];
    const changed = (next === null) !== (this.#shown === null) || next?.names !== this.#shown?.names;
    if (changed && this.#names !== null && this.#names !== names) {
      this.#before = this.#names;
      this.#since = seconds;
    }
    this.#shown = next;
    this.#names = names;
    if (this.changing(seconds)) {
      return { before: this.#before, now: names, share: smooth((seconds - this.#since) / this.#change), texts };
    }
    return next === null ? film : { before: names, now: names, share: 0, texts };
  }

  // Whether names are on their way: another picture has to be drawn soon.
  changing(seconds: number): boolean {
    return seconds - this.#since < this.#change;
  }

  #next(film: Read, camera: Camera, seconds: number): { names: number; texts: number; toward: Vector } {
    const { toward } = eyeOf(camera);
    const shown = this.#shown ?? { names: film.now, texts: film.texts, toward };
    if (this.changing(seconds)) return shown;
    const nearest = this.#readings.nearestView(camera);
    const degrees = (one: Vector): number => (Math.acos(Math.min(dot(toward, one), 1)) * 180) / Math.PI;
    if (degrees(shown.toward) - degrees(nearest.toward) < this.#staying) return shown;
    return { names: nearest.read.now, texts: nearest.read.texts, toward: nearest.toward };
  }
}
