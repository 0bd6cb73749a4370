// A matrix in large pixels as it was drawn before, with its depths: what does not change while other things move is
// drawn once, and copied from then on, which takes a part of the time.
import type { Matrix4 } from "../arithmetic/matrix4";
import type { Sight } from "./drawable";
import type { Gl, Program } from "./program";
import { bind, picture, type Picture } from "./targets";

const STILL = 2; // pictures in a row that are the same before one is kept
const AROUND = 2; // pixels around the box, since its corners are drawn farther out

// The box around a matrix: to clip coordinates, and its width and height.
export interface Box {
  readonly box: Matrix4;
  readonly sides: readonly [width: number, height: number];
}

interface Rectangle {
  readonly left: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

export class KeptLattice {
  readonly #gl: Gl;
  #still = 0;
  #seen: readonly number[] = []; // from where it was drawn last
  #picture: Picture | null = null;
  #at: Rectangle | null = null;

  constructor(gl: Gl) {
    this.#gl = gl;
  }

  // It looks different from now on.
  change(): void {
    this.#still = 0;
    this.release();
  }

  // draw: the matrix itself; copy: its box, by a program that is told where its picture is
  draw(sight: Sight, box: Box, draw: () => void, copy: (set: (program: Program) => void) => void): void {
    const seen = [...sight.toClip, sight.width, sight.height, sight.near];
    if (!seen.every((number, at) => number === this.#seen[at])) this.change();
    this.#seen = seen;
    if (this.#picture === null && this.#still++ >= STILL) this.#keep(sight, box, draw);
    const [kept, at] = [this.#picture, this.#at];
    if (kept === null || at === null) {
      draw();
      return;
    }
    bind(this.#gl, [kept.colors, kept.depths]);
    copy((program) => {
      program.set("colors", 0);
      program.set("depths", 1);
      program.set("begin", at.left, at.bottom);
    });
  }

  release(): void {
    if (this.#picture === null) return;
    const { colors, depths, buffer } = this.#picture;
    this.#gl.deleteTexture(colors);
    this.#gl.deleteTexture(depths);
    this.#gl.deleteFramebuffer(buffer);
    this.#picture = null;
  }

  #keep(sight: Sight, box: Box, draw: () => void): void {
    const gl = this.#gl;
    const at = around(sight, box);
    if (at.width <= 0 || at.height <= 0) return;
    this.#at = at;
    this.#picture = picture(gl, at.width, at.height, gl.NEAREST);
    gl.viewport(-at.left, -at.bottom, sight.width, sight.height);
    gl.scissor(0, 0, at.width, at.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.disable(gl.BLEND);
    draw();
    gl.enable(gl.BLEND);
    gl.bindFramebuffer(gl.FRAMEBUFFER, sight.into);
    gl.viewport(0, 0, sight.width, sight.height);
    gl.scissor(0, 0, sight.width, sight.height);
  }
}

// The pixels in which a box is; all where it reaches behind the eye.
function around(sight: Sight, { box, sides }: Box): Rectangle {
  const { width, height } = sight;
  const least = [Infinity, Infinity];
  const most = [-Infinity, -Infinity];
  for (let corner = 0; corner < 8; corner++) {
    const place = [corner & 1 ? sides[0] : 0, corner & 2 ? sides[1] : 0, corner & 4 ? 0.5 : -0.5, 1] as const;
    const [x, y, , w] = [0, 1, 2, 3].map((row) => place.reduce((sum, one, n) => sum + one * box[4 * n + row]!, 0));
    if (w! < 1e-6) return { left: 0, bottom: 0, width, height };
    for (const [axis, part] of [x! / w!, y! / w!].entries()) {
      least[axis] = Math.min(least[axis]!, part);
      most[axis] = Math.max(most[axis]!, part);
    }
  }
  const pixel = (part: number, size: number): number => (0.5 * part + 0.5) * size;
  const left = Math.max(Math.floor(pixel(least[0]!, width)) - AROUND, 0);
  const bottom = Math.max(Math.floor(pixel(least[1]!, height)) - AROUND, 0);
  const right = Math.min(Math.ceil(pixel(most[0]!, width)) + AROUND, width);
  const top = Math.min(Math.ceil(pixel(most[1]!, height)) + AROUND, height);
  return { left, bottom, width: right - left, height: top - bottom };
}
