// A shader program, whose uniforms are handed to the graphics card only where they have changed.
import type { ProgramText } from "../document/looks";

export type Gl = WebGL2RenderingContext;

export class Program {
  readonly #gl: Gl;
  readonly #program: WebGLProgram;
  readonly #uniforms = new Map<string, Uniform>();

  constructor(gl: Gl, text: ProgramText) {
    this.#gl = gl;
    this.#program = gl.createProgram();
    const shaders = [
      [gl.VERTEX_SHADER, text.vertex],
      [gl.FRAGMENT_SHADER, text.fragment],
    ] as const;
    const made = shaders.map(([kind, source]) => {
      const shader = gl.createShader(kind);
      if (shader === null) throw new Error("the graphics card was lost");
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.#program, shader);
      return shader;
    });
    gl.linkProgram(this.#program);
    if (!gl.getProgramParameter(this.#program, gl.LINK_STATUS) && !gl.isContextLost()) {
      const words = [...made.map((shader) => gl.getShaderInfoLog(shader)), gl.getProgramInfoLog(this.#program)];
      throw new Error(`this browser's WebGL 2 refuses a shader: ${words.filter(Boolean).join(" ").slice(0, 400)}`);
    }
    const count = gl.getProgramParameter(this.#program, gl.ACTIVE_UNIFORMS) as number | null;
    for (let number = 0; number < (count ?? 0); number++) {
      const told = gl.getActiveUniform(this.#program, number);
      const place = told && gl.getUniformLocation(this.#program, told.name);
      if (place) this.#uniforms.set(told.name, new Uniform(told.type, place));
    }
  }

  use(): void {
    this.#gl.useProgram(this.#program);
  }

  // Only of the program that is used. Names that the program does not have are passed over.
  set(name: string, ...numbers: readonly number[]): void {
    this.#uniforms.get(name)?.set(this.#gl, numbers);
  }

  setMatrix(name: string, matrix: Float64Array): void {
    this.#uniforms.get(name)?.set(this.#gl, matrix);
  }

  attribute(name: string): number {
    return this.#gl.getAttribLocation(this.#program, name);
  }
}

class Uniform {
  readonly #type: number;
  readonly #place: WebGLUniformLocation;
  #before: ArrayLike<number> = [];

  constructor(type: number, place: WebGLUniformLocation) {
    this.#type = type;
    this.#place = place;
  }

  set(gl: Gl, numbers: ArrayLike<number>): void {
    if (same(numbers, this.#before)) return;
    this.#before = numbers;
    const n = (at: number): number => numbers[at] ?? 0;
    const [x, y, z, w] = [n(0), n(1), n(2), n(3)];
    const place = this.#place;
    switch (this.#type) {
      case gl.FLOAT:
        gl.uniform1f(place, x);
        break;
      case gl.FLOAT_VEC2:
        gl.uniform2f(place, x, y);
        break;
      case gl.FLOAT_VEC3:
        gl.uniform3f(place, x, y, z);
        break;
      case gl.FLOAT_VEC4:
        gl.uniform4f(place, x, y, z, w);
        break;
      case gl.INT_VEC2:
        gl.uniform2i(place, x, y);
        break;
      case gl.INT_VEC4:
        gl.uniform4i(place, x, y, z, w);
        break;
      case gl.FLOAT_MAT4:
        gl.uniformMatrix4fv(place, false, Float32Array.from(numbers));
        break;
      default:
        gl.uniform1i(place, x); // whole numbers and samplers
    }
  }
}

function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let n = 0; n < a.length; n++) if (a[n] !== b[n]) return false;
  return true;
}
