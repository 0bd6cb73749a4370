// What stands in a canvas, or in a part of it: the drawables of one draw list, kept from frame to frame.
// mmviz.render.opengl.view.
import { axesOf, clipping, product, toClip, toEye } from "../arithmetic/matrix4";
import type { Region } from "../arithmetic/places";
import { dot, minus } from "../arithmetic/vectors";
import type { Camera, DrawList } from "../picture/drawlist";
import type { CaptionsDrawable } from "./captions";
import type { Drawable, Sight } from "./drawable";
import { LatticeDrawable } from "./lattice";
import { LettersDrawable } from "./letters";
import { LinesDrawable } from "./lines";
import { PatchDrawable } from "./patches";
import type { Program } from "./program";
import type { Tools } from "./tools";

interface Keyed {
  readonly key: string;
}

export interface Sample {
  readonly right: number; // by so many pixels the eye looks farther to the right
  readonly up: number;
  readonly side: number; // of what the sample stands for, in pixels
  readonly ratio: number; // pixels to one of the page
}

export class View {
  readonly #tools: Tools;
  readonly #lattices = new Map<string, LatticeDrawable>();
  readonly #lines = new Map<string, LinesDrawable>();
  readonly #patches = new Map<string, PatchDrawable>();
  readonly #names: LettersDrawable;
  readonly #ticks: LettersDrawable;
  readonly #captions: CaptionsDrawable;
  #larger: CaptionsDrawable | null = null; // those under a lens
  #shown: { drawing: DrawList; camera: Camera } | null = null;

  constructor(tools: Tools) {
    this.#tools = tools;
    this.#names = tools.letters();
    this.#ticks = tools.letters();
    this.#captions = tools.captions();
  }

  show(drawing: DrawList, camera: Camera): void {
    const { gl, laws } = this.#tools;
    sync(this.#lattices, drawing.sheets, () => new LatticeDrawable(this.#tools));
    sync(this.#lines, drawing.lines, () => new LinesDrawable(gl, this.#tools.named("lines"), laws));
    sync(this.#patches, drawing.patches, () => new PatchDrawable(gl, this.#tools.named("patches")));
    this.#names.show(drawing.labels);
    this.#ticks.show(drawing.ticks);
    this.#shown = { drawing, camera };
  }

  // Go on with what is not computed yet, until a time; true where nothing is left.
  work(until: number): boolean {
    let done = true;
    for (const lattice of this.#lattices.values()) {
      if (!done && performance.now() >= until) return false;
      done = lattice.work(until) && done;
    }
    return done;
  }

  // Draw into a part of what is drawn into, as it is looked at.
  //   what: "others" where matrices are there already, in large pixels
  //   large: it is under a lens, and the next picture is not
  draw(sight: Sight | null, region: Region, what: "all" | "matrices" | "others", large = false): void {
    if (this.#shown === null || sight === null) return;
    const { drawing, camera } = this.#shown;
    const toward = axesOf(camera)[2];
    const lattices = [...this.#lattices.values()].filter((one) => one.seen);
    const space: Drawable<never>[] = [];
    if (what !== "others") space.push(...lattices);
    if (what !== "matrices") space.push(...this.#lines.values(), ...this.#patches.values());
    const depth = (one: Drawable<never>): number => dot(minus(camera.position, one.middle), toward);
    const sorted = space.map((one) => ({ one, away: depth(one) })).sort((a, b) => b.away - a.away);
    const gl = this.#tools.gl;
    gl.enable(gl.DEPTH_TEST);
    gl.depthMask(true);
    for (const { one } of sorted) if (one.opaque) one.draw(sight);
    gl.depthMask(false);
    for (const { one } of sorted) if (!one.opaque) one.draw(sight);
    if (what !== "matrices") this.#texts(sight, region, drawing, large);
  }

  #texts(sight: Sight, region: Region, drawing: DrawList, large: boolean): void {
    this.#names.draw(sight);
    this.#ticks.draw(sight);
    const captions = large ? (this.#larger ??= this.#tools.captions()) : this.#captions;
    captions.draw(drawing, [region.width, region.height], [region.left, region.bottom], sight.ratio);
  }

  // Draw by a program where matrices are.
  cover(sight: Sight | null, program: Program): void {
    if (sight !== null) for (const lattice of this.#lattices.values()) lattice.cover(sight, program);
  }

  release(): void {
    for (const kept of [this.#lattices, this.#lines, this.#patches]) for (const one of kept.values()) one.release();
    this.#names.release();
    this.#ticks.release();
    this.#captions.release();
    this.#larger?.release();
  }

  // How a part of what is drawn into is looked at; null: nothing is shown.
  //   aspect: width divided by height of what it fills in the end
  //   into: what is drawn into, where matrices that do not change are kept from picture to picture
  sight(
    region: Region,
    pictureHeight: number,
    sample: Sample,
    aspect = region.width / region.height,
    into: WebGLFramebuffer | null = null,
  ): Sight | null {
    if (this.#shown === null) return null;
    const { drawing, camera } = this.#shown;
    const { width, height } = region;
    const eye = toEye(camera);
    const depths = clipping(camera, drawing.extent, this.#tools.laws);
    const project = toClip(camera, aspect, depths, [(2 * sample.right) / width, (2 * sample.up) / height]);
    return {
      toEye: eye,
      toClip: product(project, eye),
      project,
      width,
      height,
      pictureHeight,
      sample: sample.side,
      ratio: sample.ratio,
      light: this.#tools.light,
      near: drawing.near,
      into,
    };
  }
}

function sync<Item extends Keyed, Made extends Drawable<Item>>(
  kept: Map<string, Made>,
  items: readonly Item[],
  make: () => Made,
): void {
  const keys = new Set(items.map((item) => item.key));
  for (const [key, one] of kept) {
    if (keys.has(key)) continue;
    one.release();
    kept.delete(key);
  }
  for (const item of items) {
    let one = kept.get(item.key);
    if (one === undefined) kept.set(item.key, (one = make()));
    one.update(item);
  }
}
