// A scene on a canvas: the page's arithmetic, composition and renderer behind what the shell asks.
import { center } from "../arithmetic/placement";
import { Timeline } from "../arithmetic/timeline";
import type { Arrays, Header } from "../document";
import { Renderer } from "../draw/renderer";
import { Composition } from "../picture/composition";
import type { Camera, DrawList } from "../picture/drawlist";
import { same } from "../picture/eye";
import { cameraOf, between, viewOf } from "../picture/flight";
import { PLAIN } from "../picture/frame";
import type { Follower } from "../picture/follower";
import { Repainter } from "../picture/ground";
import { told } from "../picture/narration";
import { approach, orbit, pan } from "../picture/orbit";
import { smooth } from "../arithmetic/easing";
import type { Chapter, Moment } from "../playing/player";
import type { Cell, Named, Pointed, Side, Sight, Stage, Told, Vector3 } from "./stage";

const COARSE = 2; // side of the pixels of matrices while something moves, where pictures take long
const FLUENT = 60; // milliseconds that a picture may take while it moves
const SLICE = 12; // milliseconds of work on large matrices between two frames

export class DrawnStage implements Stage {
  readonly title: string;
  readonly subtitle: string;
  readonly light: boolean;
  readonly steps: number;
  readonly chapters: readonly Chapter[];
  readonly matrices: readonly Named[];
  readonly #canvas: HTMLCanvasElement;
  readonly #header: Header;
  readonly #timeline: Timeline;
  readonly #composition: Composition;
  readonly #renderer: Renderer;
  readonly #repainter: Repainter | null;
  readonly #follower: Follower;
  readonly #later: (there: boolean) => void;
  #aspect = 16 / 9;
  #took = 0; // milliseconds of the last picture
  #resting = 0; // what follows when nothing moves any more

  // later: told when more of the picture is there, or when the graphics card was lost or is back.
  constructor(canvas: HTMLCanvasElement, header: Header, arrays: Arrays, later: (there: boolean) => void) {
    const { marks, cameras, shell, matrices } = header;
    this.#canvas = canvas;
    this.#later = later;
    this.#header = header;
    this.title = header.title;
    this.subtitle = marks.captions.find((one) => one.key === "subtitle")?.text ?? "";
    this.light = shell.light;
    this.chapters = cameras.chapters;
    this.matrices = [...matrices].reverse().map(({ path, name, rows, columns }) => ({ path, name, rows, columns }));
    this.#timeline = new Timeline(header, arrays);
    this.steps = this.#timeline.steps;
    this.#composition = new Composition(header, arrays, this.#timeline.matrices, this.#timeline);
    this.#follower = this.#composition.follower();
    this.#repainter = this.light ? new Repainter() : null;
    const ground = { light: this.light, rimmed: false };
    this.#renderer = new Renderer(canvas, { ...header, arrays }, ground, (lost) => {
      later(!lost);
    });
  }

  resize(width: number, height: number): void {
    this.#renderer.resize(width, height);
    this.#aspect = width / height;
  }

  show(sight: Sight): void {
    window.clearTimeout(this.#resting);
    delete this.#canvas.dataset.rests;
    const begun = performance.now();
    this.#renderer.show(this.#drawing(sight), this.#camera(sight));
    const hurried = sight.hurried && this.#took > FLUENT;
    this.#renderer.draw(hurried ? COARSE : 1);
    this.#took = hurried ? this.#took : performance.now() - begun;
    this.#resting = window.setTimeout(() => {
      this.#rest();
    }, 0);
  }

  camera(moment: Moment): Camera {
    return this.#composition.cameraAt(moment, this.#aspect);
  }

  caption(moment: Moment): string {
    return told(this.#header.marks.told, this.#header.cameras.chapters, moment);
  }

  pick(): Pointed | null {
    return null;
  }

  explain(): Told | null {
    return null;
  }

  within(path: string): readonly string[] {
    const inside = (other: string): boolean => path === "" || other === path || other.startsWith(`${path}.`);
    return this.matrices.map((one) => one.path).filter(inside);
  }

  turned(camera: Camera, right: number, up: number, about: Vector3 | null): Camera {
    return orbit(camera, right, up, about);
  }

  moved(camera: Camera, right: number, up: number, depth: number | null): Camera {
    return pan(camera, right, up, depth);
  }

  nearer(camera: Camera, factor: number, toward: Vector3 | null): Camera {
    const { views } = this.#composition;
    return approach(this.#header.cameras.rules, camera, toward ?? camera.target, factor, views.farthest(this.#aspect));
  }

  pointAt(): Vector3 | null {
    return null;
  }

  middleOf(cell: Cell | null): Vector3 | null {
    const found = this.#header.matrices.find((one) => one.path === cell?.path);
    return found === undefined ? null : center(found.placement);
  }

  before(path: string, cell: Cell | null, sight: Sight): Camera {
    const { views, document } = this.#composition;
    const now = this.#camera(sight);
    const before = views.wellSeen(path, now, this.#aspect, (camera, x, y) => this.#pathAt(sight, camera, x, y));
    if (cell === null || !same(document.cameras.rules, now, before)) return before;
    return views.closeUp(path, cell.row, cell.column, now, this.#header.shell.gestures.closeUp);
  }

  from(side: Side, sight: Sight): Camera {
    return this.#composition.views.standard(side, this.#aspect, sight.hidden);
  }

  between(one: Camera, other: Camera, share: number): Camera {
    return cameraOf(between(viewOf(one), viewOf(other), smooth(share)));
  }

  #camera(sight: Sight): Camera {
    return sight.camera ?? this.camera(sight.moment);
  }

  #drawing(sight: Sight): DrawList {
    const frame = this.#timeline.frame(sight.moment.time);
    const emphasis = { ...PLAIN, hidden: sight.hidden };
    const camera = this.#camera(sight);
    const own = this.#composition.isOwn(sight.moment, camera, this.#aspect);
    const film = this.#composition.filmed(sight.moment, this.#aspect);
    const read = this.#follower.read(film, own, camera, performance.now() / 1000);
    const drawing = this.#composition.at(frame, sight.moment, camera, this.#aspect, emphasis, read);
    return this.#repainter?.paint(drawing) ?? drawing;
  }

  // The matrix that stands before a place of the picture.
  #pathAt(_sight: Sight, _camera: Camera, _x: number, _y: number): string | null {
    return null;
  }

  // Nothing moves: large matrices are computed to their end, and every pixel gets several samples.
  #rest(): void {
    if (this.#follower.changing(performance.now() / 1000)) {
      this.#later(true);
      return;
    }
    if (!this.#renderer.work(SLICE)) {
      this.#renderer.draw();
    } else if (this.#renderer.refine()) {
      this.#canvas.dataset.rests = "yes";
      return;
    }
    this.#resting = window.setTimeout(() => {
      this.#rest();
    }, 0);
  }
}
