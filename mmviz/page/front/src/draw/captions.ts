// Lines of text in the picture's plane, on bands that keep them apart from what is behind: mmviz.render.opengl.captions.
//
// Letters are outlines that the browser fills, at the size and place that they have in the picture.
import { placed, type PlacedCaption, type Size } from "../arithmetic/captions";
import type { LettersSection } from "../document/letters";
import type { DrawList } from "../picture/drawlist";
import type { Gl, Program } from "./program";
import { Shape, rectangles } from "./shape";

const FINER = 4; // browsers smooth the edges of small letters coarsely: they are drawn so many times as large
const LARGEST = 8192; // side of the largest such picture, in its pixels
const COVERED = 255; // what the browser tells of a pixel that letters cover

interface Made {
  readonly caption: PlacedCaption;
  readonly texture: WebGLTexture;
  readonly left: number; // in whole pixels
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
  readonly whole: number; // what the texture has of a pixel that letters cover
}

export class CaptionsDrawable {
  readonly #gl: Gl;
  readonly #letters: LettersSection;
  readonly #program: Program;
  readonly #square: Shape;
  readonly #paths = new Map<number, Path2D>();
  #made: Made[] = [];
  #of: { drawing: DrawList; size: Size } | null = null;
  #told = "";

  constructor(gl: Gl, letters: LettersSection, program: Program) {
    this.#gl = gl;
    this.#letters = letters;
    this.#program = program;
    this.#square = new Shape(gl, [["corner", 2]]);
    this.#square.set(Float32Array.of(0, 0, 1, 0, 1, 1, 0, 1), rectangles(1));
  }

  // Draw those of a frame into a view of a size, whose lower left corner is at a pixel of what is drawn into.
  //   ratio: pixels of the view to one of the page
  draw(drawing: DrawList, size: Size, corner: readonly [number, number], ratio: number): void {
    this.#update(drawing, size, ratio);
    if (this.#made.length === 0) return;
    const gl = this.#gl;
    const program = this.#program;
    gl.disable(gl.DEPTH_TEST);
    program.use();
    program.set("coverage", 0);
    gl.activeTexture(gl.TEXTURE0);
    for (const made of this.#made) {
      const { caption, left, bottom, width, height } = made;
      gl.bindTexture(gl.TEXTURE_2D, made.texture);
      program.set("begin", corner[0] + left, corner[1] + bottom);
      program.set("whole", made.whole);
      program.set("first", left, bottom);
      program.set("band", ...caption.band);
      program.set("edges", left, bottom, left + width, bottom + height);
      program.set("soft", caption.soft);
      program.set("plate", ...(caption.plate === null ? [0, 0, 0, 0] : [...caption.plate, 1]));
      program.set("ink", ...caption.color);
      program.set("frame", ...caption.color.map((part) => this.#letters.laws.frame * part));
      const share = [(2 * left) / size[0] - 1, (2 * bottom) / size[1] - 1] as const;
      program.set("place", ...share, (2 * width) / size[0], (2 * height) / size[1]);
      this.#square.draw(program);
    }
  }

  release(): void {
    for (const made of this.#made) this.#gl.deleteTexture(made.texture);
    this.#made = [];
    this.#square.release();
  }

  #update(drawing: DrawList, size: Size, ratio: number): void {
    const before = this.#of;
    if (before?.drawing === drawing && before.size[0] === size[0] && before.size[1] === size[1]) return;
    this.#of = { drawing, size };
    const captions = placed(drawing, size, this.#letters, ratio);
    const told = JSON.stringify([size, captions]);
    if (told === this.#told) return;
    this.#told = told;
    for (const made of this.#made) this.#gl.deleteTexture(made.texture);
    this.#made = captions.map((caption) => this.#make(caption));
  }

  #make(caption: PlacedCaption): Made {
    const [left, bottom] = [Math.floor(caption.band[0]), Math.floor(caption.band[1])];
    const [width, height] = [Math.ceil(caption.band[2]) - left, Math.ceil(caption.band[3]) - bottom];
    const finer = Math.max(1, Math.min(FINER, Math.floor(LARGEST / Math.max(width, height))));
    const canvas = new OffscreenCanvas(finer * width, finer * height);
    const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    if (context === null) throw new Error("this browser draws no letters");
    context.fillStyle = "#fff";
    for (const { line, x, y, size } of caption.lines) {
      for (const [outline, right, up] of line.letters) {
        const scale = finer * size;
        const [aside, down] = [x + right * size - left, height - (y + up * size - bottom)];
        context.setTransform(scale, 0, 0, -scale, finer * aside, finer * down);
        context.fill(this.#path(outline));
      }
    }
    const covered = sums(context.getImageData(0, 0, finer * width, finer * height).data, width, height, finer);
    const gl = this.#gl;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R16UI, width, height, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, covered);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    return { caption, texture, left, bottom, width, height, whole: COVERED * finer * finer };
  }

  #path(outline: number): Path2D {
    let path = this.#paths.get(outline);
    if (path === undefined) this.#paths.set(outline, (path = new Path2D(this.#letters.outlines[outline]![0])));
    return path;
  }
}

// What the pixels of a picture that is so many times as large have in each pixel, added up; the bottom row first.
function sums(fine: Uint8ClampedArray, width: number, height: number, finer: number): Uint16Array {
  const found = new Uint16Array(width * height);
  let at = 0; // red, green, blue and opacity of each, the top row first
  for (let row = 0; row < finer * height; row++) {
    const start = (height - 1 - Math.floor(row / finer)) * width;
    for (let column = 0; column < width; column++) {
      for (let n = 0; n < finer; n++, at += 4) found[start + column]! += fine[at]!;
    }
  }
  return found;
}
