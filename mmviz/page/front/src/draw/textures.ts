// The two textures of a matrix: what is new of a pyramid goes to the graphics card, row by row, and nothing else.
import type { Dirty, Pyramid } from "../arithmetic/pyramid";
import type { Gl } from "./program";

export class PyramidTextures {
  readonly #gl: Gl;
  #pyramid: Pyramid;
  readonly #texels: WebGLTexture;
  readonly #means: WebGLTexture;

  constructor(gl: Gl, pyramid: Pyramid) {
    this.#gl = gl;
    this.#pyramid = pyramid;
    this.#texels = texture(gl, gl.R32F, pyramid.texels.length, pyramid.texelShift);
    this.#means = texture(gl, gl.RGBA16UI, pyramid.means.length / 4, pyramid.meanShift);
  }

  // Another one of the same form takes the place; all of it is new.
  take(pyramid: Pyramid): void {
    this.#pyramid = pyramid;
  }

  upload(): void {
    const gl = this.#gl;
    const { texels, means, texelShift, meanShift, newTexels, newMeans } = this.#pyramid;
    this.#rows(newTexels, texelShift, this.#texels, (row, rows) => {
      const part = texels.subarray(row << texelShift, (row + rows) << texelShift);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, row, 1 << texelShift, rows, gl.RED, gl.FLOAT, part);
    });
    this.#rows(newMeans, meanShift, this.#means, (row, rows) => {
      const part = means.subarray(4 * (row << meanShift), 4 * ((row + rows) << meanShift));
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, row, 1 << meanShift, rows, gl.RGBA_INTEGER, gl.UNSIGNED_SHORT, part);
    });
  }

  bind(): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#texels);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.#means);
  }

  release(): void {
    this.#gl.deleteTexture(this.#texels);
    this.#gl.deleteTexture(this.#means);
  }

  // Rows of the texture that have new texels; what is next to each other goes at once.
  #rows(dirty: Dirty, shift: number, of: WebGLTexture, put: (row: number, rows: number) => void): void {
    const gl = this.#gl;
    let [from, to] = [0, 0];
    const bind = (): void => {
      gl.activeTexture(gl.TEXTURE0);
      gl.bindTexture(gl.TEXTURE_2D, of);
    };
    for (const [level, [start, end]] of dirty.entries()) {
      if (start === end) continue;
      dirty[level] = [0, 0];
      const [first, last] = [start >>> shift, ((end - 1) >>> shift) + 1];
      if (first <= to && to > from) {
        to = Math.max(to, last);
        continue;
      }
      if (to > from) {
        bind();
        put(from, to - from);
      }
      [from, to] = [first, last];
    }
    if (to > from) {
      bind();
      put(from, to - from);
    }
  }
}

function texture(gl: Gl, format: number, texels: number, shift: number): WebGLTexture {
  const made = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0);
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.texStorage2D(gl.TEXTURE_2D, 1, format, 1 << shift, texels >>> shift);
  for (const [name, value] of [
    [gl.TEXTURE_MIN_FILTER, gl.NEAREST],
    [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
    [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ] as const) {
    gl.texParameteri(gl.TEXTURE_2D, name, value);
  }
  return made;
}
