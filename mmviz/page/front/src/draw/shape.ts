// Triangles on the graphics card: numbers of their corners, and which corners make each.
import type { Gl, Program } from "./program";

// How the numbers of a corner follow each other: names of a shader with how many numbers each has.
export type Form = readonly (readonly [name: string, numbers: number])[];

export class Shape {
  readonly #gl: Gl;
  readonly #form: Form;
  readonly #corners: WebGLBuffer;
  readonly #triangles: WebGLBuffer;
  readonly #arrays = new Map<Program, WebGLVertexArrayObject>();
  #count = 0;

  constructor(gl: Gl, form: Form) {
    this.#gl = gl;
    this.#form = form;
    this.#corners = gl.createBuffer();
    this.#triangles = gl.createBuffer();
  }

  set(corners: Float32Array, triangles: Uint32Array): void {
    const gl = this.#gl;
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#corners);
    gl.bufferData(gl.ARRAY_BUFFER, corners, gl.DYNAMIC_DRAW);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#triangles);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, triangles, gl.DYNAMIC_DRAW);
    this.#count = triangles.length;
  }

  draw(program: Program): void {
    const gl = this.#gl;
    if (this.#count === 0) return;
    gl.bindVertexArray(this.#array(program));
    gl.drawElements(gl.TRIANGLES, this.#count, gl.UNSIGNED_INT, 0);
  }

  release(): void {
    for (const array of this.#arrays.values()) this.#gl.deleteVertexArray(array);
    this.#gl.deleteBuffer(this.#corners);
    this.#gl.deleteBuffer(this.#triangles);
  }

  #array(program: Program): WebGLVertexArrayObject {
    const known = this.#arrays.get(program);
    if (known !== undefined) return known;
    const gl = this.#gl;
    const made = gl.createVertexArray();
    gl.bindVertexArray(made);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#corners);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.#triangles);
    const size = 4 * this.#form.reduce((total, [, numbers]) => total + numbers, 0);
    let offset = 0;
    for (const [name, numbers] of this.#form) {
      const place = program.attribute(name);
      if (place >= 0) {
        gl.enableVertexAttribArray(place);
        gl.vertexAttribPointer(place, numbers, gl.FLOAT, false, size, offset);
      }
      offset += 4 * numbers;
    }
    this.#arrays.set(program, made);
    return made;
  }
}

// The triangles of rectangles whose four corners follow each other around each.
export function rectangles(count: number): Uint32Array {
  return Uint32Array.from({ length: 6 * count }, (_, n) => 4 * Math.floor(n / 6) + [0, 1, 2, 0, 2, 3][n % 6]!);
}
