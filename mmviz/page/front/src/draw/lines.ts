// Straight lines of a width in pixels: mmviz.render.opengl.lines.
import type { DrawingLaws } from "../document/looks";
import type { Lines, Vector } from "../picture/drawlist";
import { hiding, middleOf, type Drawable, type Sight } from "./drawable";
import type { Gl, Program } from "./program";
import { Shape, rectangles } from "./shape";

const FORM = [
  ["corner", 3],
  ["other_end", 3],
  ["side", 2],
] as const;
const SIDES = [-1, 1, 1, 1, 1, -1, -1, -1]; // of each corner: left or right of the line, and which way the other end lies

export class LinesDrawable implements Drawable<Lines> {
  readonly opaque = false;
  middle: Vector = [0, 0, 0];
  readonly #program: Program;
  readonly #laws: DrawingLaws;
  readonly #shape: Shape;
  #lines: Lines | null = null;

  constructor(gl: Gl, program: Program, laws: DrawingLaws) {
    this.#program = program;
    this.#laws = laws;
    this.#shape = new Shape(gl, FORM);
  }

  update(lines: Lines): void {
    if (this.#lines?.points !== lines.points) {
      this.#shape.set(corners(lines.points), rectangles(lines.points.length / 6));
      this.middle = middleOf(lines.points);
    }
    this.#lines = lines;
  }

  draw(sight: Sight): void {
    const lines = this.#lines;
    if (lines === null) return;
    const laws = this.#laws;
    const half = Math.max(laws.thinnest, (0.5 * lines.width * sight.pictureHeight) / laws.referenceHeight);
    const program = this.#program;
    program.use();
    program.setMatrix("to_clip", sight.toClip);
    program.set("picture_size", sight.width, sight.height);
    program.set("reach", half + laws.fading);
    program.set("half_width", half);
    program.set("near", sight.near);
    hiding(program, sight);
    program.set("ink", ...lines.color, lines.opacity);
    this.#shape.draw(program);
  }

  release(): void {
    this.#shape.release();
  }
}

// Two corners at each end of every segment.
function corners(points: Float64Array): Float32Array {
  const made = new Float32Array((points.length / 6) * 32);
  for (let segment = 0; segment < points.length / 6; segment++) {
    for (let corner = 0; corner < 4; corner++) {
      const at = 32 * segment + 8 * corner;
      const here = 6 * segment + (corner < 2 ? 0 : 3);
      const there = 6 * segment + (corner < 2 ? 3 : 0);
      for (let n = 0; n < 3; n++) {
        made[at + n] = points[here + n]!;
        made[at + 3 + n] = points[there + n]!;
      }
      made[at + 6] = SIDES[2 * corner]!;
      made[at + 7] = SIDES[2 * corner + 1]!;
    }
  }
  return made;
}
