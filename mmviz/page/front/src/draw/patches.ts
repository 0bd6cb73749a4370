// Flat, unlit triangles: mmviz.render.opengl.shapes.
import type { Patch, Vector } from "../picture/drawlist";
import { hiding, middleOf, type Drawable, type Sight } from "./drawable";
import type { Gl, Program } from "./program";
import { Shape } from "./shape";

const FORM = [["corner", 3]] as const;

export class PatchDrawable implements Drawable<Patch> {
  opaque = true;
  middle: Vector = [0, 0, 0];
  readonly #program: Program;
  readonly #shape: Shape;
  #patch: Patch | null = null;

  constructor(gl: Gl, program: Program) {
    this.#program = program;
    this.#shape = new Shape(gl, FORM);
  }

  update(patch: Patch): void {
    if (this.#patch?.points !== patch.points || this.#patch.triangles !== patch.triangles) {
      this.#shape.set(Float32Array.from(patch.points), Uint32Array.from(patch.triangles));
      this.middle = middleOf(patch.points);
    }
    this.opaque = patch.opacity >= 1;
    this.#patch = patch;
  }

  draw(sight: Sight): void {
    if (this.#patch === null) return;
    this.#program.use();
    this.#program.setMatrix("to_clip", sight.toClip);
    this.#program.set("ink", ...this.#patch.color, this.#patch.opacity);
    hiding(this.#program, sight);
    this.#shape.draw(this.#program);
  }

  release(): void {
    this.#shape.release();
  }
}
