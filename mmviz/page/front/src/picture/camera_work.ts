// The camera at every moment of a film: mmviz.picture.shots.camera_work.
import { smooth } from "../arithmetic/easing";
import type { CameraRules, CamerasSection, Chapter, ShapedCameras, View } from "../document/cameras";
import { CameraPath } from "./camera_path";
import type { Camera } from "./drawlist";
import { same } from "./eye";
import { between, cameraOf, viewOf, wound } from "./flight";
import { orbit } from "./orbit";
import type { Moment } from "./pacing";
import { secondsOf } from "./pacing";

// All paths of a scene's camera, for pictures of one shape.
export class CameraWork {
  readonly #rules: CameraRules;
  readonly #own: Camera;
  readonly #spin: number;
  readonly #whole: Chapter;
  readonly #chapters: readonly Chapter[];
  readonly #path: CameraPath | null;
  readonly #paths: readonly (CameraPath | null)[];

  constructor(section: CamerasSection, shaped: ShapedCameras, own: Camera) {
    this.#rules = section.rules;
    this.#own = own;
    this.#spin = section.spin;
    this.#whole = section.whole;
    this.#chapters = section.chapters;
    this.#path = shaped.path === null ? null : new CameraPath(section.rules, shaped.path);
    this.#paths = shaped.paths.map((path) => (path === null ? null : new CameraPath(section.rules, path)));
  }

  // Whether the camera never moves.
  get stands(): boolean {
    return this.#path === null && this.#paths.every((path) => path === null) && this.#spin === 0;
  }

  // Where it stays it is the same object.
  at(moment: Moment): Camera {
    if (this.#spin === 0) return this.#led(moment);
    const start = moment.chapter === null ? 0 : this.#chapters[moment.chapter]!.start;
    return orbit(this.#led(moment), -this.#spin * (start + this.seconds(moment)), 0);
  }

  // How long its chapter has been going on; of a moment in no chapter, the animation.
  seconds(moment: Moment): number {
    const chapter = moment.chapter === null ? this.#whole : this.#chapters[moment.chapter]!;
    return (moment.time - chapter.first) / chapter.speed + moment.held;
  }

  #led(moment: Moment): Camera {
    const camera = this.#camera(moment);
    const number = moment.chapter;
    if (number === null || number === 0) return camera;
    const [chapter, before] = [this.#chapters[number]!, this.#chapters[number - 1]!];
    const seconds = this.seconds(moment);
    const time = Math.min(this.#rules.change, secondsOf(chapter) / 2);
    if (seconds >= time) return camera;
    const last: Moment = { time: before.last, chapter: number - 1, held: before.hold };
    if (same(this.#rules, camera, this.#camera(last))) return camera;
    const begins = wound(this.#view(last), this.#view({ time: chapter.first, chapter: number, held: 0 }).turn);
    return cameraOf(between(begins, this.#view(moment), smooth(seconds / time)));
  }

  #camera(moment: Moment): Camera {
    const { path, clock } = this.#clock(moment);
    return path === null ? this.#own : path.at(clock);
  }

  #view(moment: Moment): View {
    const { path, clock } = this.#clock(moment);
    return path === null ? viewOf(this.#own) : path.view(clock);
  }

  // The path that counts in a moment, and how far along it that is, in steps.
  #clock(moment: Moment): { path: CameraPath | null; clock: number } {
    const number = moment.chapter;
    const own = number === null ? null : (this.#paths[number] ?? null);
    if (own !== null) return { path: own, clock: moment.time + moment.held * this.#chapters[number!]!.speed };
    const atTheEnd = moment.time >= this.#whole.last;
    return { path: this.#path, clock: moment.time + (atTheEnd ? moment.held * this.#whole.speed : 0) };
  }
}
