// A scene on a canvas: the page's arithmetic, composition and renderer behind what the shell asks.
import { type Cell as Element, Explainer, litBy } from "../arithmetic/explanation";
import type { Picked } from "../arithmetic/picking";
import { litAround } from "../arithmetic/lit_lines";
import { center } from "../arithmetic/placement";
import { Timeline } from "../arithmetic/timeline";
import type { Arrays, Header } from "../document";
import { Renderer } from "../draw/renderer";
import { Composition } from "../picture/composition";
import type { Camera, DrawList, Inset, Sweep } from "../picture/drawlist";
import { same } from "../picture/eye";
import { cameraOf, between, viewOf } from "../picture/flight";
import { type Emphasis, PLAIN } from "../picture/frame";
import { type Place, Pointing } from "../picture/pointing";
import type { Follower } from "../picture/follower";
import { Repainter } from "../picture/ground";
import { told as narrated } from "../picture/narration";
import { approach, orbit, pan } from "../picture/orbit";
import { smooth } from "../arithmetic/easing";
import type { Chapter, Moment } from "../playing/player";
import type { Seen } from "./lens";
import { still } from "./looking";
import { Pace, Stopwatch } from "./pace";
import { told } from "./telling";
import type { Cell, Named, Pointed, Side, Sight, Stage, Told, Vector3 } from "./stage";

const PATIENCE = 1 << 25; // multiplications of running sums that a picture waits for: some 40 milliseconds
const SLICE = 12; // milliseconds of work on large matrices between two frames
const STILL = 120; // milliseconds without another picture after which nothing moves any more
const TOGETHER = 250; // milliseconds within which two cameras are one movement, such as by the wheel

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
  readonly #pointing: Pointing;
  readonly #explainer: Explainer;
  #insets: readonly Inset[] = []; // of the last picture
  readonly #later: (there: boolean) => void;
  readonly #trouble: (why: string) => void;
  #troubled = false;
  #aspect = 16 / 9;
  #ratio = 1; // pixels of the screen to one of the page
  readonly #pace = new Pace();
  readonly #watch = new Stopwatch();
  #shown: { at: number; camera: Camera | null; coarse: number; moving: boolean; flown: boolean; playing: boolean } | null = null;
  #resting = 0; // what follows when nothing moves any more

  // later: told when more of the picture is there, or when the graphics card was lost or is back.
  // trouble: told once what cannot be drawn, and why.
  constructor(
    canvas: HTMLCanvasElement,
    header: Header,
    arrays: Arrays,
    later: (there: boolean) => void,
    trouble: (why: string) => void,
  ) {
    const { marks, cameras, shell, matrices } = header;
    this.#canvas = canvas;
    this.#later = later;
    this.#trouble = trouble;
    this.#header = header;
    this.title = header.title;
    this.subtitle = marks.captions.find((one) => one.key === "subtitle")?.text ?? "";
    this.light = shell.light;
    this.chapters = cameras.chapters;
    this.matrices = [...matrices].reverse().map(({ path, name, rows, columns }) => ({ path, name, rows, columns }));
    this.#timeline = new Timeline(header, arrays);
    this.#timeline.patience = PATIENCE;
    this.steps = this.#timeline.steps;
    this.#composition = new Composition(header, arrays, this.#timeline.matrices, this.#timeline);
    this.#pointing = new Pointing(header, this.#timeline);
    this.#explainer = new Explainer(header.cells, this.#timeline.matrices, this.#timeline.finishing);
    this.#follower = this.#composition.follower(still());
    this.#repainter = this.light ? new Repainter() : null;
    const ground = { light: this.light, rimmed: false };
    this.#renderer = new Renderer(canvas, { ...header, arrays }, ground, (lost) => {
      later(!lost);
    });
  }

  resize(width: number, height: number, ratio: number): void {
    this.#renderer.resize(width, height, ratio);
    this.#ratio = ratio;
    this.#aspect = width / height;
    this.#composition.readings.fit(height / ratio);
  }

  show(sight: Sight): void {
    window.clearTimeout(this.#resting);
    delete this.#canvas.dataset.rests;
    const before = this.#shown;
    const flown = before !== null && sight.camera !== before.camera && performance.now() - before.at < TOGETHER;
    const moving = sight.hurried || flown;
    this.#renderer.show(this.#drawing(sight, !moving), this.#camera(sight));
    const at = performance.now();
    this.#watch.look(at, this.#pace);
    const coarse = moving ? this.#pace.coarse : 1;
    this.#shown = { at, camera: sight.camera, coarse, moving, flown: flown && !sight.hurried, playing: sight.playing };
    this.#timed(coarse, () => {
      this.#renderer.draw(coarse);
    });
    this.#resting = window.setTimeout(() => {
      this.#rest();
    }, 0);
  }

  magnify(seen: Seen | null): void {
    if (seen === null) {
      this.#renderer.magnify(null);
      return;
    }
    const { part, middle } = seen;
    const [x, y] = middle.map((place) => Math.round(place * this.#ratio)) as [number, number];
    const { power } = this.#header.shell.gestures.lens;
    this.#renderer.magnify({ part, power, middle: [x, this.#renderer.size[1] - y] });
  }

  again(): void {
    const coarse = this.#shown?.coarse ?? 1;
    if (this.#renderer.again()) return;
    this.#timed(0, () => {
      this.#renderer.draw(coarse);
    });
  }

  release(): void {
    window.clearTimeout(this.#resting);
    this.#renderer.release();
  }

  camera(moment: Moment): Camera {
    return this.#composition.cameraAt(moment, this.#aspect);
  }

  caption(moment: Moment): string {
    return narrated(this.#header.marks.told, this.#header.cameras.chapters, moment);
  }

  pick(sight: Sight, x: number, y: number): Pointed | null {
    const place = this.#place(sight, this.#camera(sight), x, y);
    const picked = this.#pointing.pick(place, this.#insets);
    if (picked === null) return null;
    const { picking } = this.#pointing;
    const { title, places, value, note } = picking.words(picked);
    const lines = [...places.map(([what, which]) => `${what}: ${which}`), note].filter((line) => line !== "");
    return { cell: this.#cellOf(picked), name: title, value, lines, line: picking.describe(picked) };
  }

  explain({ path, row, column }: Cell): Told | null {
    if (!this.#explainer.holds({ path, i: row, j: column }) || !this.#explainer.there(path)) return null;
    return told(this.#explainer.of(path, row, column));
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

  pointAt(sight: Sight, x: number, y: number): Vector3 | null {
    return this.#pointing.meant(this.#place(sight, this.#camera(sight), x, y));
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

  #drawing(sight: Sight, settled: boolean): DrawList {
    const frame = this.#timeline.frame(sight.moment.time);
    const emphasis = this.#emphasis(sight);
    const camera = this.#camera(sight);
    const own = this.#composition.isOwn(sight.moment, camera, this.#aspect);
    const film = this.#composition.filmed(sight.moment, this.#aspect);
    const read = this.#follower.read(film, own ? null : this.camera(sight.moment), camera, performance.now() / 1000, settled);
    const drawing = this.#composition.at(frame, sight.moment, camera, this.#aspect, emphasis, read);
    this.#insets = drawing.insets;
    return this.#repainter?.paint(drawing) ?? drawing;
  }

  // The matrix that stands before a place of the picture.
  #pathAt(sight: Sight, camera: Camera, x: number, y: number): string | null {
    return this.#pointing.pick(this.#place(sight, camera, x, y))?.path ?? null;
  }

  #place(sight: Sight, camera: Camera, x: number, y: number): Place {
    const t = sight.moment.time;
    return { frame: this.#timeline.frame(t), t, hidden: sight.hidden, camera, aspect: this.#aspect, x, y };
  }

  // The element itself; of what flies, the one that it is summed up to.
  #cellOf({ path, i, j }: Picked): Cell {
    const { rows, columns } = this.#timeline.matrices.record(path);
    return { path, row: Math.min(i, rows - 1), column: Math.min(j, columns - 1) };
  }

  // The cells to light: of what is pinned all that it is made of, of what is pointed at its row and its column.
  #emphasis({ pinned, pointed, hidden }: Sight): Emphasis {
    const lit = new Map<string, readonly Sweep[]>();
    if (pinned !== null && this.#explainer.holds(elementOf(pinned)) && this.#explainer.there(pinned.path)) {
      const found = litBy(this.#explainer.of(pinned.path, pinned.row, pinned.column), this.#timeline.matrices);
      for (const [path, sweep] of found) lit.set(path, [sweep]);
    }
    return { ...PLAIN, lit, pointed: pointed === null ? PLAIN.pointed : this.#linesOf(pointed), hidden };
  }

  // The row and the column of a cell, and where they go on in other matrices.
  #linesOf({ path, row, column }: Cell): ReadonlyMap<string, readonly Sweep[]> {
    const { lines, alike } = this.#header.shell;
    return new Map(litAround(lines, alike, path, row, column));
  }

  // What the graphics card is asked for is measured until it is there.
  #timed(coarse: number, draw: () => void): void {
    const begun = performance.now();
    draw();
    this.#watch.begin(begun, coarse, this.#renderer.mark());
  }

  // Large matrices are computed to their end; and where nothing moves, every pixel gets several samples.
  #rest(): void {
    if (this.#follower.changing(performance.now() / 1000)) {
      this.#later(true);
      return;
    }
    const until = performance.now() + SLICE;
    if (this.#timeline.work(() => performance.now() < until)) {
      this.#later(true);
      return;
    }
    const computed = this.#renderer.work(SLICE);
    if (this.#renderer.trouble !== null && !this.#troubled) {
      this.#troubled = true;
      this.#trouble(this.#renderer.trouble);
    }
    const rests = this.#still();
    if (rests && this.#shown!.flown) {
      this.#later(true); // names are chosen for where it has come to rest
      return;
    }
    if (rests && this.#sharpen(computed)) {
      this.#canvas.dataset.rests = "yes";
      return;
    }
    this.#resting = window.setTimeout(() => {
      this.#rest();
    }, 0);
  }

  // What was asked for is there, and what moved has come to rest.
  #still(): boolean {
    const now = performance.now();
    this.#watch.look(now, this.#pace);
    if (this.#timeline.waits || this.#watch.busy || this.#shown === null || this.#shown.playing) return false;
    return !this.#shown.moving || now - Math.max(this.#shown.at, this.#watch.free) > STILL;
  }

  // One more sample; or all anew, where matrices are in large pixels or not computed yet. True where nothing is left.
  #sharpen(computed: boolean): boolean {
    if (!computed || this.#shown!.coarse > 1) {
      this.#shown = { ...this.#shown!, coarse: 1 };
      this.#timed(0, () => {
        this.#renderer.draw();
      });
      return false;
    }
    let done = false;
    this.#timed(1, () => {
      done = this.#renderer.refine();
    });
    return done;
  }
}

function elementOf({ path, row, column }: Cell): Element {
  return { path, i: row, j: column };
}
