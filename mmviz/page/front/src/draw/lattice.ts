// A matrix as one box whose fragment shader finds the sphere that each view ray meets: mmviz.render.opengl.lattice.
import { product, type Matrix4 } from "../arithmetic/matrix4";
import { steps, ways } from "../arithmetic/placement";
import { lateOf } from "../arithmetic/places";
import { Pyramid, type Content, type Tables } from "../arithmetic/pyramid";
import { levelsOf, textureSide } from "../arithmetic/sides";
import { EVERYWHERE, NOWHERE } from "../arithmetic/sweep";
import { cross, plus, times } from "../arithmetic/vectors";
import type { Arrays } from "../document";
import type { Look, LooksSection } from "../document/looks";
import type { Placement, Sheet, Sweep, Vector } from "../picture/drawlist";
import type { Drawable, Sight } from "./drawable";
import { KeptLattice } from "./kept";
import type { Gl, Program } from "./program";
import { Shape } from "./shape";
import { PyramidTextures } from "./textures";

const FORM = [["corner", 3]] as const;
// Corners of a box by the bits of their numbers: x, y and z; its faces turn outward.
const FACES = [
  [0, 4, 6, 2],
  [1, 3, 7, 5],
  [0, 1, 5, 4],
  [2, 6, 7, 3],
  [0, 2, 3, 1],
  [4, 5, 7, 6],
];
const TRIANGLES = Uint32Array.from(FACES.flatMap(([a, b, c, d]) => [a!, b!, c!, a!, c!, d!]));

// What all matrices of a page share.
export interface Lattices {
  readonly gl: Gl;
  readonly section: LooksSection;
  readonly arrays: Arrays;
  readonly light: boolean;
  // plain: of matrices in one block, whose rows and columns are equally far apart: these are drawn in less time.
  program(rule: number, plain: boolean): Program;
  named(name: "kept"): Program;
  // A matrix cannot be drawn, and why.
  refuse(why: string): void;
}

export class LatticeDrawable implements Drawable<Sheet> {
  readonly opaque = true;
  seen = false;
  middle: Vector = [0, 0, 0];
  readonly #lattices: Lattices;
  readonly #shape: Shape;
  readonly #uniforms = new Map<string, readonly number[]>(); // that depend on the sheet alone
  #sheet: Sheet | null = null;
  #waiting: Sheet | null = null;
  #next: Sheet | null = null; // with other numbers, which follow as soon as those before are done: running sums
  #toWorld: Matrix4 = new Float64Array(16);
  #plain = false;
  #unit = 1; // of the box, in cells
  #sides: readonly [number, number] = [0, 0]; // of the box
  #shown: Sweep = NOWHERE; // that the pyramid is of, or soon will be
  #pyramid: Pyramid | null = null;
  #textures: PyramidTextures | null = null;
  #work: Generator<undefined> | null = null;
  readonly #kept: KeptLattice;

  constructor(lattices: Lattices) {
    this.#lattices = lattices;
    this.#shape = new Shape(lattices.gl, FORM);
    this.#kept = new KeptLattice(lattices.gl);
  }

  update(sheet: Sheet): void {
    this.#waiting = null;
    this.seen = !sameSweep(sheet.shown, NOWHERE); // of a matrix that is not there yet nothing is made
    if (!this.seen) return;
    const { packed, footprints } = this.#look(sheet);
    if (!this.#lattices.arrays.there(packed) || !this.#lattices.arrays.there(footprints)) {
      this.#waiting = sheet; // the page is still being read
      this.seen = false;
      return;
    }
    const before = this.#sheet;
    if (!sameDrawn(sheet, before)) this.#kept.change();
    if (before === null || !sameForm(sheet, before)) this.#begin(sheet);
    else if (!sameNumbers(sheet, before)) this.#next = sheet;
    else if (this.#work === null && this.#pyramid !== null) this.#work = this.#follow(this.#pyramid, this.#shown);
    this.#shown = sheet.shown;
    if (sheet.placement !== before?.placement) this.#place(sheet.placement);
    this.#sheet = sheet;
    this.#light(sheet);
  }

  // Go on with what is not computed yet, until a time; true where nothing is left.
  work(until: number): boolean {
    if (this.#waiting !== null) this.update(this.#waiting);
    for (;;) {
      if (this.#work === null && this.#next !== null) this.#begin(this.#next, this.#pyramid);
      if (this.#work === null) break;
      if (this.#work.next().done === true) this.#work = null;
      else this.#kept.change();
      if (performance.now() >= until) break;
    }
    this.#textures?.upload();
    return this.#work === null && this.#next === null && this.#waiting === null;
  }

  draw(sight: Sight): void {
    const sheet = this.#sheet;
    const pyramid = this.#pyramid;
    if (sheet === null || pyramid === null || !this.seen) return;
    const draw = (): void => {
      this.#draw(sight, sheet, pyramid);
    };
    if (sight.into === null) draw();
    else {
      const box = product(sight.toClip, this.#toWorld);
      this.#kept.draw(sight, { box, sides: this.#sides }, draw, (set) => {
        this.cover(sight, this.#lattices.named("kept"), set);
      });
    }
  }

  // Draw the box by another program.
  cover(sight: Sight, program: Program, set?: (program: Program) => void): void {
    if (this.#sheet === null || this.#pyramid === null || !this.seen) return;
    program.use();
    program.set("view_height", sight.height);
    program.setMatrix("to_eye", product(sight.toEye, this.#toWorld));
    program.setMatrix("to_clip", product(sight.toClip, this.#toWorld));
    set?.(program);
    this.#box(program);
  }

  #draw(sight: Sight, sheet: Sheet, pyramid: Pyramid): void {
    const look = this.#look(sheet);
    const program = this.#lattices.program(look.rule, this.#plain);
    program.use();
    for (const [name, numbers] of this.#uniforms) program.set(name, ...numbers);
    if (look.range !== null) program.set("mm_range", ...look.range);
    program.set("levels", pyramid.ready);
    program.set("has_outliers", pyramid.hasOutliers ? 1 : 0);
    program.set("two_signs", pyramid.twoSigns ? 1 : 0);
    program.set("on_light", sight.light ? 1 : 0);
    program.set("sample_side", sight.sample);
    program.set("near", sight.near / this.#unit);
    program.set("view_height", sight.height);
    program.set("texels", 0);
    program.set("means", 1);
    program.setMatrix("to_eye", product(sight.toEye, this.#toWorld));
    program.setMatrix("to_clip", product(sight.toClip, this.#toWorld));
    this.#textures!.bind();
    this.#box(program);
  }

  // Its far sides.
  #box(program: Program): void {
    const gl = this.#lattices.gl;
    gl.enable(gl.CULL_FACE);
    gl.cullFace(gl.FRONT);
    this.#shape.draw(program);
    gl.disable(gl.CULL_FACE);
  }

  release(): void {
    this.#kept.release();
    this.#shape.release();
    this.#textures?.release();
  }

  #look(sheet: Sheet): Look {
    const { section, light } = this.#lattices;
    const own = section.looks[sheet.look]!;
    return light ? section.looks[own.light]! : own;
  }

  // Another matrix, or the first one. drawn: what is drawn until all of it is there; null: what there is of it
  #begin(sheet: Sheet, drawn: Pyramid | null = null): void {
    this.#next = null;
    const { arrays } = this.#lattices;
    const look = this.#look(sheet);
    const tables: Tables = {
      rule: { full: look.range === null ? sheet.scale : look.range[1], curve: look.curve, decades: look.decades },
      footprints: arrays.get(look.footprints) as Float32Array,
      packed: arrays.get(look.packed) as Uint16Array,
    };
    const { rows, columns, values } = sheet.matrix;
    const { rowBlock, columnBlock } = sheet.placement;
    const [lateRows, lateColumns] = lateOf(sheet.placement);
    const content: Content = {
      rows,
      columns,
      values,
      masked: sheet.masked,
      scale: sheet.scale,
      blocks: [rowBlock, columnBlock],
      late: [lateRows, lateColumns],
    };
    if (drawn === null) {
      this.#textures?.release();
      this.#textures = this.#pyramid = null;
    }
    this.#work = this.#build(content, tables, sheet.shown);
    this.#uniforms.set("cells", [columns, rows]);
    this.#uniforms.set("late", [lateColumns, lateRows]);
  }

  // Room for its textures, which takes a while of large matrices, and then all that is in them.
  *#build(content: Content, tables: Tables, shown: Sweep): Generator<undefined> {
    const { gl, section } = this.#lattices;
    const { rows, columns, blocks, late } = content;
    const { levels } = levelsOf([rows, columns], blocks, late);
    const most = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    if (textureSide(levels, section.pyramid.header) > most) {
      const elements = Math.floor((most * most * 3) / 4).toLocaleString("en");
      const size = `A matrix of ${rows}x${columns}`;
      this.#lattices.refuse(`${size} is larger than this graphics card can draw: at most ${elements} elements.`);
      return;
    }
    let made: Pyramid;
    try {
      made = new Pyramid(content, tables, section.pyramid, shown);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#lattices.refuse(`A matrix of ${rows}x${columns} is larger than this browser has memory for.`);
      return;
    }
    if (this.#pyramid === null) this.#take(made);
    yield;
    yield* made.build();
    if (this.#pyramid !== made) this.#take(made);
    yield* this.#follow(made, shown);
  }

  // This one is drawn from now on, in the room of one of the same form, if there is any.
  #take(made: Pyramid): void {
    this.#kept.change();
    this.#pyramid = made;
    if (this.#textures === null) this.#textures = new PyramidTextures(this.#lattices.gl, made);
    else this.#textures.take(made);
    this.#uniforms.set("unit", [made.unit]);
    this.#uniforms.set("texel_shift", [made.texelShift]);
    this.#uniforms.set("mean_shift", [made.meanShift]);
  }

  // The same matrix with other cells shown: those of the latest sheet, which may change meanwhile.
  *#follow(pyramid: Pyramid, shown: Sweep): Generator<undefined> {
    for (let done = shown; !sameSweep(done, this.#shown); ) {
      done = this.#shown;
      yield* pyramid.show(done);
    }
  }

  // The box, whose unit is the longer step and which begins where its first element does.
  #place(placement: Placement): void {
    const { rows, columns } = placement;
    const blocks = [placement.columnBlock || columns, placement.rowBlock || rows] as const;
    const [rowStep, columnStep] = steps(placement);
    const longer = (this.#unit = Math.max(rowStep, columnStep));
    this.#plain = rowStep === columnStep && blocks[0] >= columns && blocks[1] >= rows;
    const pitch = [columnStep / longer, rowStep / longer] as const;
    const gap = placement.gap / longer;
    const side = (axis: 0 | 1, size: number): number =>
      pitch[axis] * size + Math.floor((size - 1) / blocks[axis]) * gap;
    const [width, height] = [side(0, columns), side(1, rows)];
    if (this.#sides[0] !== width || this.#sides[1] !== height) {
      const corners = Array.from({ length: 8 }, (_, n) => [n & 1 ? width : 0, n & 2 ? height : 0, n & 4 ? 0.5 : -0.5]);
      this.#shape.set(Float32Array.from(corners.flat()), TRIANGLES);
      this.#sides = [width, height];
    }
    this.#uniforms.set("pitch", pitch);
    this.#uniforms.set("blocks", blocks);
    this.#uniforms.set("gap", [gap]);
    const [down, across] = ways(placement);
    const axes = [across, down, cross(across, down)]; // right-handed: front faces stay front faces
    for (const [column, axis] of axes.entries()) this.#toWorld.set(times(axis, longer), 4 * column);
    const origin = plus(placement.origin, times(plus(placement.across, placement.down), -0.5));
    this.#toWorld.set([...origin, 1], 12);
    this.middle = plus(origin, plus(times(across, 0.5 * longer * width), times(down, 0.5 * longer * height)));
  }

  #light(sheet: Sheet): void {
    for (let number = 0; number < this.#lattices.section.drawing.litSweeps; number++) {
      this.#setSweep(`lit${number}`, sheet.lit[number] ?? NOWHERE);
    }
    this.#uniforms.set("dimmed", [sheet.dimmed]);
  }

  #setSweep(name: string, sweep: Sweep): void {
    this.#uniforms.set(`${name}_turn`, [sweep.columnTurn, sweep.rowTurn]);
    this.#uniforms.set(`${name}_range`, [sweep.first, sweep.last]);
    this.#uniforms.set(`${name}_block`, [sweep.columnBlock, sweep.rowBlock]);
    const sides = [sweep.columnBlock, sweep.rowBlock, sweep.columnSize, sweep.rowSize];
    this.#uniforms.set(`${name}_per`, sides.map((each) => 1 / each));
  }
}

// Whether the textures of one sheet serve another, but for what is shown.
function sameNumbers(sheet: Sheet, before: Sheet): boolean {
  return sameForm(sheet, before) && sheet.matrix.values === before.matrix.values && sheet.masked === before.masked;
}

// Whether there is room for one in the textures of another.
function sameForm(sheet: Sheet, before: Sheet): boolean {
  const [a, b] = [sheet.placement, before.placement];
  const late = a === b || lateOf(a).every((number, axis) => number === lateOf(b)[axis]);
  return (
    sheet.matrix.rows === before.matrix.rows &&
    sheet.matrix.columns === before.matrix.columns &&
    sheet.scale === before.scale &&
    sheet.look === before.look &&
    a.rowBlock === b.rowBlock &&
    a.columnBlock === b.columnBlock &&
    late
  );
}

// Whether one sheet looks as another one does from the same place.
function sameDrawn(sheet: Sheet, before: Sheet | null): boolean {
  return (
    before !== null &&
    sheet.placement === before.placement &&
    sheet.dimmed === before.dimmed &&
    sameNumbers(sheet, before) &&
    sameSweep(sheet.shown, before.shown) &&
    sheet.lit.length === before.lit.length &&
    sheet.lit.every((sweep, number) => sameSweep(sweep, before.lit[number]!))
  );
}

export function sameSweep(a: Sweep, b: Sweep): boolean {
  if (a === b) return true;
  return (Object.keys(EVERYWHERE) as (keyof Sweep)[]).every((name) => a[name] === b[name]);
}
