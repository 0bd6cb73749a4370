// Which names a person sees who turns the scene: those of the film, or of a view of the library that is clearly nearer
// than the one whose names are shown. Where the choice changes, names go from place to place for a moment.
//
// Where nothing moves any more, names are those of the nearest view, whatever was shown on the way: a link opens the same
// picture. Names of matrices that are hidden are left out, and the others stay, as choosing is Python's alone.
import { smooth } from "../arithmetic/easing";
import { dot } from "../arithmetic/vectors";
import type { ReadingsSection } from "../document/marks";
import type { Camera, Vector } from "./drawlist";
import { eyeOf } from "./eye";
import type { Read, Readings } from "./readings";

// What is read from a side.
interface View {
  readonly names: number;
  readonly texts: number;
  readonly toward: Vector;
}

export class Follower {
  readonly #readings: Readings;
  readonly #change: number;
  readonly #staying: number;
  #shown: View | null = null; // null: the film's
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
  //   home: the film's own camera at this moment; null: that is the camera
  //   settled: the camera does not move any more
  read(film: Read, home: Camera | null, camera: Camera, seconds: number, settled = false): Read {
    const next = home === null ? null : this.#next(film, home, camera, seconds, settled);
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

  #next(film: Read, home: Camera, camera: Camera, seconds: number, settled: boolean): View {
    const { toward } = eyeOf(camera);
    const films = { names: film.now, texts: film.texts, toward: eyeOf(home).toward };
    const shown = this.#shown ?? films;
    if (this.changing(seconds)) return shown;
    const { read, toward: side } = this.#readings.nearestView(camera);
    const nearest = { names: read.now, texts: read.texts, toward: side };
    const degrees = (one: View): number => (Math.acos(Math.min(dot(toward, one.toward), 1)) * 180) / Math.PI;
    if (settled || this.#names === null) return degrees(films) <= degrees(nearest) ? films : nearest;
    return degrees(shown) - degrees(nearest) < this.#staying ? shown : nearest;
  }
}
