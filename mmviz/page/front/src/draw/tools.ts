// What all views of a canvas share: its WebGL 2, programs that are compiled when they are needed, the picture of letters.
import type { Arrays } from "../document";
import type { LettersSection } from "../document/letters";
import type { DrawingLaws, LooksSection } from "../document/looks";
import { CaptionsDrawable } from "./captions";
import type { Lattices } from "./lattice";
import { LetterPicture, LettersDrawable } from "./letters";
import { Program, type Gl } from "./program";

export interface Drawn {
  readonly looks: LooksSection;
  readonly letters: LettersSection;
  readonly arrays: Arrays;
}

export interface Ground {
  readonly light: boolean; // the colours are for a light ground
  readonly rimmed: boolean; // names have dark rims: the ground is not known
}

export type ProgramName = keyof LooksSection["programs"];

export class Tools implements Lattices {
  readonly gl: Gl;
  readonly section: LooksSection;
  readonly arrays: Arrays;
  readonly laws: DrawingLaws;
  readonly light: boolean;
  readonly #ground: Ground;
  trouble: string | null = null; // the first thing that cannot be drawn
  readonly #rules = new Map<string, Program>();
  readonly #named = new Map<ProgramName, Program>();
  readonly #letters: LettersSection;
  readonly #picture: LetterPicture;

  constructor(gl: Gl, drawn: Drawn, ground: Ground) {
    this.gl = gl;
    this.section = drawn.looks;
    this.arrays = drawn.arrays;
    this.laws = drawn.looks.drawing;
    this.light = ground.light;
    this.#ground = ground;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.PACK_ALIGNMENT, 1);
    gl.enable(gl.BLEND);
    gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.depthFunc(gl.LEQUAL);
    gl.enable(gl.SCISSOR_TEST);
    this.#letters = drawn.letters;
    this.#picture = new LetterPicture(gl, drawn.letters, drawn.arrays);
  }

  readonly refuse = (why: string): void => {
    this.trouble ??= why;
  };

  program(rule: number, plain: boolean): Program {
    const name = `${rule} ${plain}`;
    let program = this.#rules.get(name);
    if (program === undefined) {
      const text = this.section.rules[rule]!;
      const fragment = plain ? text.replace("\n", "\n#define PLAIN\n") : text; // after the language's version
      program = new Program(this.gl, { vertex: this.section.latticeVertex, fragment });
      this.#rules.set(name, program);
    }
    return program;
  }

  named(name: ProgramName): Program {
    let program = this.#named.get(name);
    if (program === undefined) this.#named.set(name, (program = new Program(this.gl, this.section.programs[name])));
    return program;
  }

  letters(): LettersDrawable {
    return new LettersDrawable(this.gl, this.#picture, this.named("letters"), this.laws, this.#ground.rimmed);
  }

  captions(): CaptionsDrawable {
    return new CaptionsDrawable(this.gl, this.#letters, this.named("captions"));
  }
}
