// Draws draw lists on a canvas by WebGL 2, as mmviz.render.opengl does: the page's second reader of them.
//
// `show` takes over a frame and `draw` draws it. Large matrices are computed in slices: `work` goes on with them, and
// what is there of them is drawn meanwhile. `refine` draws one more sample of every pixel, until there are all.
import type { LensPart } from "../arithmetic/lens";
import { placeOf, type Region } from "../arithmetic/places";
import type { Camera, DrawList } from "../picture/drawlist";
import type { Gl, Program } from "./program";
import { Targets } from "./targets";
import { Tools, type Drawn, type Ground } from "./tools";
import { View, type Sample } from "./view";

export const NO_WEBGL = "This page needs WebGL 2, which this browser does not offer or has switched off.";
const AT_ONCE = 20; // milliseconds of work on matrices that `show` does itself: small ones are there at once
const BESIDE = [0.9, 0.05] as const; // the ground of what lies beside the picture: so much of the picture's own, and white

// A round part of the picture, drawn over it once more and larger.
export interface Magnified {
  readonly part: LensPart;
  readonly power: number; // how many times larger it is
  readonly middle: readonly [number, number]; // of the lens, in pixels of the canvas from its lower left corner
}

export class Renderer {
  readonly #canvas: HTMLCanvasElement;
  readonly #drawn: Drawn;
  readonly #ground: Ground;
  readonly #gl: Gl;
  #tools: Tools;
  #targets: Targets;
  #main: View;
  readonly #insets = new Map<string, View>();
  #shown: { drawing: DrawList; camera: Camera } | null = null;
  #sample = 0; // of `refine`, the next one
  #only: Sample = { right: 0, up: 0, side: 1, ratio: 1 };
  #magnified: Magnified | null = null;
  #lost = false;

  // onLost is told true when the graphics card is lost, and false when it is back and everything is drawn anew.
  constructor(
    canvas: HTMLCanvasElement,
    drawn: Drawn,
    ground: Ground = { light: false, rimmed: false },
    onLost: (lost: boolean) => void = () => undefined,
  ) {
    const gl = canvas.getContext("webgl2", {
      alpha: false,
      antialias: false, // every shader smooths its own edges
      depth: true,
      stencil: false,
      powerPreference: "high-performance",
    });
    if (gl === null) throw new Error(NO_WEBGL);
    this.#canvas = canvas;
    this.#drawn = drawn;
    this.#ground = ground;
    this.#gl = gl;
    this.#tools = new Tools(gl, drawn, ground);
    this.#targets = new Targets(this.#tools);
    this.#main = new View(this.#tools);
    canvas.addEventListener("webglcontextlost", (event: Event) => {
      if (this.#lost) return; // it was given back
      event.preventDefault(); // it may come back
      this.#lost = true;
      onLost(true);
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.#restore();
      onLost(false);
    });
  }

  get lost(): boolean {
    return this.#lost;
  }

  // Why something cannot be drawn, where that is so.
  get trouble(): string | null {
    return this.#tools.trouble;
  }

  get size(): readonly [width: number, height: number] {
    return [this.#gl.drawingBufferWidth, this.#gl.drawingBufferHeight];
  }

  // Pictures have another size from now on, in pixels of the screen. ratio: how many of these are one of the page
  resize(width: number, height: number, ratio = 1): void {
    this.#only = { ...this.#only, ratio };
    if (this.#canvas.width === width && this.#canvas.height === height) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#sample = 0;
  }

  // Take over a frame; nothing is drawn yet.
  show(drawing: DrawList, camera: Camera): void {
    this.#shown = { drawing, camera };
    this.#sample = 0;
    if (this.#lost) return;
    this.#main.show(drawing, camera);
    const keys = new Set(drawing.insets.map((inset) => inset.key));
    for (const [key, view] of this.#insets) {
      if (keys.has(key)) continue;
      view.release();
      this.#insets.delete(key);
    }
    for (const inset of drawing.insets) {
      let view = this.#insets.get(inset.key);
      if (view === undefined) this.#insets.set(inset.key, (view = new View(this.#tools)));
      view.show(inset.drawing, inset.camera);
    }
    this.work(AT_ONCE);
  }

  // Go on with the matrices that are not computed yet, for so many milliseconds; true where nothing is left.
  work(milliseconds: number): boolean {
    if (this.#lost) return true;
    const until = performance.now() + milliseconds;
    let done = this.#main.work(until);
    for (const view of this.#insets.values()) {
      if (!done && performance.now() >= until) return false;
      done = view.work(until) && done;
    }
    return done;
  }

  // Draw what was shown last. coarse: side of the pixels in which matrices are drawn, for speed; all else is sharp.
  draw(coarse = 1): void {
    if (this.#shown === null || this.#lost) return;
    this.#sample = 0;
    const [width, height] = this.size;
    if (coarse <= 1) {
      this.#sampled(this.#only);
      this.#drawMagnified();
      return;
    }
    const { drawing } = this.#shown;
    const small = { left: 0, bottom: 0, width: Math.ceil(width / coarse), height: Math.ceil(height / coarse) };
    const into = this.#targets.begin(small.width, small.height);
    this.#clear(small, drawing);
    const sight = this.#main.sight(small, height, this.#only, width / height, into);
    this.#main.draw(sight, small, "matrices");
    this.#targets.end();
    const whole = { left: 0, bottom: 0, width, height };
    this.#clear(whole, drawing);
    const cover = (program: Program): void => {
      this.#main.cover(sight, program);
    };
    this.#targets.fill(width, height, cover, () => {
      this.#main.draw(this.#main.sight(whole, height, this.#only), whole, "others");
    });
    this.#drawInsets(drawing, this.#only);
    this.#drawMagnified();
  }

  // What is seen through a lens from now on; null: there is none.
  magnify(magnified: Magnified | null): void {
    this.#magnified = magnified;
  }

  // Draw what was drawn last once more, under another lens; false where that has to be drawn from the beginning.
  again(): boolean {
    const samples = this.#tools.laws.samples;
    if (this.#shown === null || this.#lost || this.#sample < samples.length) return false;
    this.#targets.mean(...this.size, samples.length);
    this.#drawMagnified();
    return true;
  }

  // Draw one more sample of every pixel, and their mean when all are there: true then.
  refine(): boolean {
    const samples = this.#tools.laws.samples;
    if (this.#shown === null || this.#lost || this.#sample >= samples.length) return true;
    const [right, up] = samples[this.#sample]!;
    const [width, height] = this.size;
    this.#targets.beginSample(this.#sample, width, height);
    this.#sampled({ ...this.#only, right, up, side: 1 / Math.sqrt(samples.length) });
    this.#targets.end();
    this.#sample += 1;
    if (this.#sample < samples.length) return false;
    this.#targets.mean(width, height, samples.length);
    this.#drawMagnified();
    return true;
  }

  // A mark behind all that the graphics card was asked for: whether it has come that far.
  mark(): () => boolean {
    const gl = this.#gl;
    const tools = this.#tools; // others once the graphics card was lost: it forgets its marks then
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    return () => {
      if (fence === null || this.#lost || tools !== this.#tools || gl.isContextLost()) return true;
      if (gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) return false;
      gl.deleteSync(fence);
      return true;
    };
  }

  // Give the graphics card back; browsers lend a page sixteen at most. Nothing more is drawn.
  release(): void {
    this.#lost = true;
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  // What was drawn last; four numbers a pixel, the bottom row first. Only right after it was drawn.
  readPixels(): Uint8Array {
    const [width, height] = this.size;
    const pixels = new Uint8Array(4 * width * height);
    this.#gl.readPixels(0, 0, width, height, this.#gl.RGBA, this.#gl.UNSIGNED_BYTE, pixels);
    return pixels;
  }

  #sampled(sample: Sample): void {
    const { drawing } = this.#shown!;
    const [width, height] = this.size;
    const whole = { left: 0, bottom: 0, width, height };
    this.#clear(whole, drawing);
    this.#main.draw(this.#main.sight(whole, height, sample), whole, "all");
    this.#drawInsets(drawing, sample);
  }

  #drawInsets(drawing: DrawList, sample: Sample, [left, bottom] = [0, 0], [width, height] = this.size, large = false): void {
    for (const inset of drawing.insets) {
      const place = placeOf(inset, width, height);
      const region = { ...place, left: left + place.left, bottom: bottom + place.bottom };
      if (Math.min(region.width, region.height) <= 0) continue;
      this.#clear(region, inset.drawing);
      const view = this.#insets.get(inset.key);
      view?.draw(view.sight(region, height, sample), region, "all", large);
    }
  }

  // The part of the picture under the lens, drawn anew and sharp, in a picture of its own that is laid over the other.
  #drawMagnified(): void {
    if (this.#magnified === null || this.#shown === null) return;
    const gl = this.#gl;
    const { part, power, middle } = this.#magnified;
    const { drawing } = this.#shown;
    const [most] = gl.getParameter(gl.MAX_VIEWPORT_DIMS) as Int32Array;
    const share = Math.min(1, most! / Math.max(...part.size)); // of a picture that is too large for the card
    const [left, bottom, side] = [part.left, part.bottom, part.side].map((one) => Math.round(share * one)) as [number, number, number];
    const [width, height] = part.size.map((one) => Math.round(share * one)) as [number, number];
    this.#targets.beginMagnified(side);
    const beside = drawing.background.map((one) => BESIDE[0] * one + BESIDE[1]) as [number, number, number];
    this.#clear({ left: 0, bottom: 0, width: side, height: side }, { ...drawing, background: beside });
    const whole = { left: -left, bottom: -bottom, width, height };
    const sample = { ...this.#only, ratio: share * power * this.#only.ratio };
    this.#clear(whole, drawing);
    this.#main.draw(this.#main.sight(whole, height, sample), whole, "all", true);
    this.#drawInsets(drawing, sample, [-left, -bottom], [width, height], true);
    this.#targets.end();
    this.#targets.lay(this.size, middle, part.side);
  }

  // A part of what is drawn into becomes empty, and what is drawn from now on lies in it.
  #clear(region: Region, drawing: DrawList): void {
    const gl = this.#gl;
    gl.viewport(region.left, region.bottom, region.width, region.height);
    gl.scissor(region.left, region.bottom, region.width, region.height);
    gl.clearColor(...drawing.background, 1);
    gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
  }

  // The graphics card is back: everything is made anew.
  #restore(): void {
    this.#lost = false;
    this.#tools = new Tools(this.#gl, this.#drawn, this.#ground);
    this.#targets = new Targets(this.#tools);
    this.#main = new View(this.#tools);
    this.#insets.clear();
    if (this.#shown !== null) this.show(this.#shown.drawing, this.#shown.camera);
    this.draw();
  }
}
