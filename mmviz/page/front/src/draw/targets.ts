// Pictures that are drawn into before they are seen: matrices in large pixels (mmviz.render.opengl.coarse), and the
// samples of pixels, of which the mean is shown.
import { DEPTHS_UNIT } from "./drawable";
import type { Gl, Program } from "./program";
import { Shape, rectangles } from "./shape";
import type { Tools } from "./tools";

export interface Picture {
  readonly colors: WebGLTexture;
  readonly depths: WebGLTexture;
  readonly buffer: WebGLFramebuffer;
  readonly width: number;
  readonly height: number;
}

export class Targets {
  readonly #tools: Tools;
  readonly #gl: Gl;
  readonly #square: Shape;
  readonly #open: WebGLTexture; // depths of where nothing stands
  #coarse: Picture | null = null;
  #samples: Picture[] = [];
  #magnified: Picture | null = null;

  constructor(tools: Tools) {
    this.#tools = tools;
    this.#gl = tools.gl;
    this.#square = new Shape(tools.gl, [["corner", 2]]);
    this.#square.set(Float32Array.of(0, 0, 1, 0, 1, 1, 0, 1), rectangles(1));
    const gl = tools.gl;
    this.#open = texture(gl, gl.R8, 1, 1, gl.NEAREST);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 1, 1, gl.RED, gl.UNSIGNED_BYTE, Uint8Array.of(255));
    this.#hideBehind(this.#open);
  }

  // Draw into a small picture from now on.
  begin(width: number, height: number): WebGLFramebuffer {
    this.#coarse = this.#picture(this.#coarse, width, height, this.#gl.LINEAR, null);
    this.#gl.bindFramebuffer(this.#gl.FRAMEBUFFER, this.#coarse.buffer);
    return this.#coarse.buffer;
  }

  // Draw into the picture of a sample from now on. All samples share the depths of the first one.
  beginSample(number: number, width: number, height: number): void {
    const shared = number > 0 ? this.#samples[0]!.depths : null;
    this.#samples[number] = this.#picture(this.#samples[number] ?? null, width, height, this.#gl.NEAREST, shared);
    this.#gl.bindFramebuffer(this.#gl.FRAMEBUFFER, this.#samples[number].buffer);
  }

  // Draw into a square picture of what is under a lens from now on.
  beginMagnified(side: number): void {
    this.#magnified = this.#picture(this.#magnified, side, side, this.#gl.LINEAR, null);
    this.#gl.bindFramebuffer(this.#gl.FRAMEBUFFER, this.#magnified.buffer);
  }

  // That picture lies over a canvas of a size, round, with a middle and a diameter in pixels.
  lay(canvas: readonly [number, number], middle: readonly [number, number], diameter: number): void {
    const gl = this.#gl;
    const program = this.#tools.named("round");
    gl.viewport(0, 0, ...canvas);
    gl.scissor(0, 0, ...canvas);
    gl.disable(gl.DEPTH_TEST);
    program.use();
    bind(gl, [this.#magnified!.colors]);
    program.set("colors", 0);
    program.set("side", diameter);
    const [left, bottom] = middle.map((place, axis) => (2 * (place - diameter / 2)) / canvas[axis]! - 1) as [number, number];
    program.set("place", left, bottom, (2 * diameter) / canvas[0], (2 * diameter) / canvas[1]);
    this.#square.draw(program);
    bind(gl, [null]);
  }

  // Draw onto the canvas again.
  end(): void {
    this.#gl.bindFramebuffer(this.#gl.FRAMEBUFFER, null);
  }

  // The small picture fills what is drawn into, where `cover` draws; what `others` draws is seen where it is not behind.
  fill(width: number, height: number, cover: (program: Program) => void, others: () => void): void {
    const gl = this.#gl;
    const program = this.#tools.named("picture");
    program.use();
    bind(gl, [this.#coarse!.colors]);
    program.set("colors", 0);
    program.set("side", 1 / width, 1 / height);
    gl.enable(gl.DEPTH_TEST);
    gl.depthMask(true);
    gl.depthFunc(gl.LESS);
    gl.disable(gl.BLEND);
    cover(program);
    gl.enable(gl.BLEND);
    gl.depthFunc(gl.LEQUAL);
    gl.clear(gl.DEPTH_BUFFER_BIT);
    bind(gl, [null]);
    this.#hideBehind(this.#coarse!.depths);
    others();
    this.#hideBehind(this.#open);
  }

  // The mean of the samples fills the canvas.
  mean(width: number, height: number, count: number): void {
    const gl = this.#gl;
    const program = this.#tools.named("mean");
    gl.viewport(0, 0, width, height);
    gl.scissor(0, 0, width, height);
    gl.disable(gl.DEPTH_TEST);
    program.use();
    bind(gl, this.#samples.slice(0, count).map((sample) => sample.colors));
    for (let number = 0; number < count; number++) program.set(`sample${number}`, number);
    this.#square.draw(program);
    bind(gl, Array.from({ length: count }, () => null));
  }

  #hideBehind(depths: WebGLTexture): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + DEPTHS_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, depths);
  }

  #picture(
    before: Picture | null,
    width: number,
    height: number,
    filter: number,
    shared: WebGLTexture | null,
  ): Picture {
    const gl = this.#gl;
    if (before?.width === width && before.height === height) return before;
    if (before !== null) {
      gl.deleteTexture(before.colors);
      if (shared === null) gl.deleteTexture(before.depths);
      gl.deleteFramebuffer(before.buffer);
    }
    return picture(gl, width, height, filter, shared);
  }
}

// What can be drawn into, which is bound then. shared: depths that another one has, too.
export function picture(
  gl: Gl,
  width: number,
  height: number,
  filter: number,
  shared: WebGLTexture | null = null,
): Picture {
  const colors = texture(gl, gl.RGBA8, width, height, filter);
  const depths = shared ?? texture(gl, gl.DEPTH_COMPONENT24, width, height, gl.NEAREST);
  const buffer = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, colors, 0);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.TEXTURE_2D, depths, 0);
  return { colors, depths, buffer, width, height };
}

function texture(gl: Gl, format: number, width: number, height: number, filter: number): WebGLTexture {
  const made = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0);
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return made;
}

export function bind(gl: Gl, textures: readonly (WebGLTexture | null)[]): void {
  for (const [unit, one] of textures.entries()) {
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, one);
  }
}
