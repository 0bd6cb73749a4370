// Text in space: a rectangle for each letter, all letters of a kind in one go, in front of everything else.
// mmviz.render.opengl.text.
import type { Arrays } from "../document";
import type { LettersSection, QuadsOf } from "../document/letters";
import type { DrawingLaws } from "../document/looks";
import type { Color, Label, TickLabels, Vector } from "../picture/drawlist";
import { plus, times } from "../arithmetic/vectors";
import type { Sight } from "./drawable";
import type { Gl, Program } from "./program";
import { Shape, rectangles } from "./shape";

const FORM = [
  ["corner", 3],
  ["place", 2],
  ["origin", 2],
  ["ink", 4],
  ["rimmed", 1],
] as const;
const NUMBERS = 12; // of a corner

interface Line {
  readonly quads: QuadsOf;
  readonly start: Vector; // where the line starts, at half the height of its capitals
  readonly along: Vector; // as long as a capital is high
  readonly up: Vector;
  readonly ink: readonly [number, number, number, number];
}

// The picture of all letters, on the graphics card as soon as it has been read.
export class LetterPicture {
  readonly section: LettersSection;
  readonly #gl: Gl;
  readonly #arrays: Arrays;
  #texture: WebGLTexture | null = null;

  constructor(gl: Gl, section: LettersSection, arrays: Arrays) {
    this.#gl = gl;
    this.#arrays = arrays;
    this.section = section;
  }

  get there(): boolean {
    const { picture, shapes, letters, places } = this.section;
    return [picture, shapes, letters, places].every((ref) => this.#arrays.there(ref));
  }

  get shapes(): Float32Array {
    return this.#arrays.get(this.section.shapes) as Float32Array;
  }

  get letters(): Int32Array {
    return this.#arrays.get(this.section.letters) as Int32Array;
  }

  get places(): Float32Array {
    return this.#arrays.get(this.section.places) as Float32Array;
  }

  bind(): void {
    this.#texture ??= this.#made();
    this.#gl.activeTexture(this.#gl.TEXTURE0);
    this.#gl.bindTexture(this.#gl.TEXTURE_2D, this.#texture);
  }

  #made(): WebGLTexture {
    const gl = this.#gl;
    const picture = this.#arrays.get(this.section.picture) as Uint8Array;
    const wide = 2 * this.section.width;
    const made = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, made);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, wide, picture.length / wide, 0, gl.RED, gl.UNSIGNED_BYTE, picture);
    for (const [name, value] of [
      [gl.TEXTURE_MIN_FILTER, gl.LINEAR],
      [gl.TEXTURE_MAG_FILTER, gl.LINEAR],
      [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
      [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
    ] as const) {
      gl.texParameteri(gl.TEXTURE_2D, name, value);
    }
    return made;
  }
}

export class LettersDrawable {
  readonly #picture: LetterPicture;
  readonly #program: Program;
  readonly #laws: DrawingLaws;
  readonly #rimmed: boolean;
  readonly #shape: Shape;
  #texts: readonly (Label | TickLabels)[] = [];
  #made = true;

  constructor(gl: Gl, picture: LetterPicture, program: Program, laws: DrawingLaws, rimmed: boolean) {
    this.#picture = picture;
    this.#program = program;
    this.#laws = laws;
    this.#rimmed = rimmed;
    this.#shape = new Shape(gl, FORM);
  }

  // Draw these texts from now on; each of them as long as it stays the same is the same object.
  show(texts: readonly (Label | TickLabels)[]): void {
    const before = this.#texts;
    if (texts.length === before.length && texts.every((text, n) => text === before[n])) return;
    this.#texts = texts;
    this.#made = false;
  }

  #make(): void {
    this.#made = true;
    const texts = this.#texts;
    const lines = texts.flatMap((text) => this.#lines(text)).filter((line) => line.quads.count > 0);
    const dark = this.#rimmed
      ? lines.filter((line) => Math.min(...line.ink.slice(0, 3)) > this.#laws.rimmedFrom)
      : [];
    // The rims of all letters first, so that none lies on another letter.
    const made = [...dark.map((line) => [line, 1] as const), ...lines.map((line) => [line, 0] as const)];
    const count = made.reduce((total, [line]) => total + line.quads.count, 0);
    const corners = new Float32Array(4 * NUMBERS * count);
    let letter = 0;
    for (const [line, rim] of made) {
      for (let n = 0; n < line.quads.count; n++) this.#corners(corners, letter++, line, line.quads.first + n, rim);
    }
    this.#shape.set(corners, rectangles(count));
  }

  draw(sight: Sight): void {
    if (this.#texts.length === 0 || !this.#picture.there) return;
    if (!this.#made) this.#make();
    this.#program.use();
    this.#picture.bind();
    this.#program.set("letters", 0);
    this.#program.set("rim", this.#laws.rim * this.#picture.section.em);
    this.#program.setMatrix("to_clip", sight.toClip);
    this.#shape.draw(this.#program);
  }

  release(): void {
    this.#shape.release();
  }

  #lines(text: Label | TickLabels): Line[] {
    const along = times(text.along, text.height);
    const up = times(text.up, text.height);
    const ink = (color: Color, opacity: number) => [...color, opacity] as const;
    if ("text" in text) {
      const [parts, left, right] = this.#spelled(text.text);
      const start = plus(text.center, times(along, -0.5 * (left + right)));
      return parts.map(([quads, shift]) => {
        return { quads, start: plus(start, times(along, shift)), along, up, ink: ink(text.color, text.opacity) };
      });
    }
    return text.texts.flatMap((one, n) => {
      const [parts, left, right] = this.#spelled(one);
      const place: Vector = [text.places[3 * n]!, text.places[3 * n + 1]!, text.places[3 * n + 2]!];
      const start = plus(place, times(along, -(text.ends ? right : left)));
      return parts.map(([quads, shift]) => {
        return { quads, start: plus(start, times(along, shift)), along, up, ink: ink(text.color, text.opacities[n] ?? 1) };
      });
    });
  }

  // A text as Python shaped it, or, where Python did not know it, such as a number, character by character: each with
  // where it begins, and where the whole ink begins and ends.
  #spelled(text: string): [parts: [QuadsOf, number][], left: number, right: number] {
    const { texts } = this.#picture.section;
    const whole = texts[text];
    if (whole !== undefined) return [[[whole, 0]], whole.left, whole.right];
    const parts: [QuadsOf, number][] = [];
    let length = 0;
    for (const character of text) {
      const quads = texts[character];
      if (quads === undefined) continue;
      parts.push([quads, length]);
      length += quads.length;
    }
    const [first, last] = [parts[0], parts[parts.length - 1]];
    if (first === undefined || last === undefined) return [[], 0, 0];
    return [parts, first[0].left, last[1] + last[0].right];
  }

  // Around a letter from its lower left corner.
  #corners(corners: Float32Array, letter: number, line: Line, number: number, rim: number): void {
    const { shapes, letters, places } = this.#picture;
    const shape = 4 * letters[number]!;
    for (let corner = 0; corner < 4; corner++) {
      const right = corner === 1 || corner === 2;
      const top = corner > 1;
      const across = places[4 * number + (right ? 2 : 0)]!;
      const rise = places[4 * number + (top ? 3 : 1)]!;
      const at = NUMBERS * (4 * letter + corner);
      for (let n = 0; n < 3; n++) corners[at + n] = line.start[n]! + across * line.along[n]! + rise * line.up[n]!;
      corners[at + 3] = right ? shapes[shape]! : 0;
      corners[at + 4] = top ? shapes[shape + 1]! : 0;
      corners[at + 5] = shapes[shape + 2]!;
      corners[at + 6] = shapes[shape + 3]!;
      corners.set(line.ink, at + 7);
      corners[at + 11] = rim;
    }
  }
}
