// Which element a ray meets, and what to say about it: mmviz.picture.cell.picking, targets and cell_words.
import type { CellsSection } from "../document/cells";
import type { MatrixRecord } from "../document/time";
import { blockOf, productAt } from "./cube";
import { bracketed, elementName, placeName } from "./element_names";
import { short } from "./general";
import { spot } from "./placement";
import type { Plane } from "./planes";
import { elementOf, type Hit, hits, type Ray, type Target } from "./rays";
import { holds } from "./sweep";
import type { Frame, Timeline } from "./timeline";

// An element of a matrix, or one of the products that are being summed up to it.
export interface Picked {
  readonly path: string; // of the matrix; for a product in flight, of the matrix that it is summed up to
  readonly name: string; // of that matrix, or of the sheet behind it
  readonly i: number;
  readonly j: number;
  readonly value: number; // what is shown there at that time
  readonly masked: boolean; // a mask forbids the element
  readonly unfinished: boolean; // a running sum that is not complete
  readonly k: number | null; // of a product in flight, L[i, k] * R[k, j]
  readonly before: boolean; // on the sheet behind the matrix: the element before the last function
  readonly part: readonly [number, number] | null; // of the partial result of a k block: its first and its last k
  readonly kind: string; // of what flies or stands beside its matrix
}

// A few short lines about an element.
export interface CellWords {
  readonly title: string; // the matrix
  readonly places: readonly (readonly [string, string])[]; // what is counted, and which one it is
  readonly value: string;
  readonly note: string; // of what flies: what it is
}

const ELEMENT = { masked: false, unfinished: false, k: null, before: false, part: null, kind: "plane" } as const;

// The matrices of a frame, what flies between them, and the sheets behind the matrices at some paths.
export function targetsOf(timeline: Timeline, frame: Frame, behind: readonly string[]): Target[] {
  const { matrices } = timeline;
  const plain = { plane: null, before: false };
  return [
    ...[...frame.states.keys()].map((path) => ({ ...plain, path, placement: matrices.record(path).placement })),
    ...frame.planes.map((plane) => ({ path: plane.owner, placement: plane.drawn, plane, before: false })),
    ...behind.flatMap((path) => {
      const sheet = matrices.record(path).behind;
      return sheet === null || !matrices.read(sheet.numbers) ? [] : [{ path, placement: sheet.placement, plane: null, before: true }];
    }),
  ];
}

// Whether the element that is met is there at the frame's time, and does not give way to what is farther.
export function isThere(hit: Hit, frame: Frame, isSeen: (away: number) => boolean): boolean {
  const element = elementOf(hit);
  if (element === null || !isSeen(hit.reach)) return false;
  const { plane, path } = hit.target;
  if (plane !== null) return holds(plane.shown, ...element);
  const state = frame.states.get(path);
  return state?.there === true && holds(state.shown, ...element);
}

// Picks and describes elements of one scene.
export class Picking {
  readonly #cells: CellsSection;
  readonly #timeline: Timeline;

  constructor(cells: CellsSection, timeline: Timeline) {
    this.#cells = cells;
    this.#timeline = timeline;
  }

  // The nearest element that a ray meets; what is not there then, or gives way, is looked through; null: there is none.
  pick(
    frame: Frame,
    t: number,
    targets: readonly Target[],
    ray: Ray,
    isSeen: (away: number) => boolean,
  ): Picked | null {
    const hit = hits(targets, ray).find((one) => isThere(one, frame, isSeen));
    if (hit === undefined) return null;
    const [i, j] = elementOf(hit)!;
    const { plane, path, before } = hit.target;
    if (plane !== null) return this.#flying(plane, i, j);
    return before ? this.#elementBefore(t, path, i, j) : this.#element(frame, path, i, j);
  }

  // One line about an element, such as `attn[41 “ to”, 40 “ has”] = 0.9655   (rows: tokens, columns: tokens)`.
  describe(picked: Picked): string {
    const record = this.#record(picked.path);
    const element = elementName(this.#cells, record, picked.i, picked.j, picked.name);
    if (picked.k !== null) return this.#describedProduct(picked, picked.k, element);
    if (picked.part !== null) {
      const [first, last] = picked.part;
      return `${short(picked.value)}   (products k = ${first} to ${last} in the sum for ${element})`;
    }
    const value = picked.masked ? "masked" : short(picked.value);
    const meaning = this.#cells.meanings[picked.kind];
    if (meaning !== undefined) return `${value}   (${meaning} ${element})`;
    const ofRow = this.#cells.ofRows[picked.kind];
    if (ofRow !== undefined) {
      const place = placeName(this.#cells, record.axes[0], picked.i);
      return `${value}   (${ofRow} ${bracketed(picked.name)}[${place}])`;
    }
    const sides = [
      ["rows", record.axes[0]],
      ["columns", record.axes[1]],
    ] as const;
    const named = sides.flatMap(([side, axis]) => (axis === "" ? [] : [`${side}: ${axis}`])).join(", ");
    return `${element} = ${value}${soFar(picked)}${named === "" ? "" : `   (${named})`}`;
  }

  // What is said of an element at the pointer.
  words(picked: Picked): CellWords {
    if (!isPlain(picked)) {
      const told = this.describe(picked);
      const at = told.indexOf("   (");
      const [value, note] = at < 0 ? [told, ""] : [told.slice(0, at), told.slice(at + 4)];
      return { title: "", places: [], value, note: note.endsWith(")") ? note.slice(0, -1) : note };
    }
    const { axes } = this.#record(picked.path);
    const places = (["i", "j"] as const).map((letter, number) => {
      const axis = axes[number]!;
      const name = placeName(this.#cells, axis, number === 0 ? picked.i : picked.j);
      return [axis === "" ? letter : `${letter}  ${axis}`, name] as const;
    });
    const value = picked.masked ? "masked" : short(picked.value);
    return { title: this.#shortened(picked.name), places, value: value + soFar(picked), note: "" };
  }

  // In words which |x| of the element's matrix is drawn at full size; nothing of what flies or lies behind one.
  scaleTold(picked: Picked): string {
    return isPlain(picked) && !picked.before ? this.#record(picked.path).told : "";
  }

  #record(path: string): MatrixRecord {
    return this.#timeline.matrices.record(path);
  }

  #element(frame: Frame, path: string, i: number, j: number): Picked {
    const { name, columns } = this.#record(path);
    const { matrix } = frame.states.get(path)!;
    const index = i * columns + j;
    const masked = this.#timeline.matrices.masked(path)?.[index] === 1;
    const unfinished = matrix !== this.#timeline.matrices.of(path);
    return { ...ELEMENT, path, name, i, j, value: matrix.values[index]!, masked, unfinished };
  }

  #elementBefore(t: number, path: string, i: number, j: number): Picked {
    const { behind, columns, rows, worn } = this.#record(path);
    const { matrices } = this.#timeline;
    const { name, numbers, masked } = behind!;
    const step = this.#timeline.runningStep(path, t);
    const finished = matrices.stored(numbers, rows, columns);
    const matrix = step === null ? finished : this.#timeline.summedUp(path, step, worn.length - 1);
    const index = i * columns + j;
    const forbidden = matrices.mask(masked, rows, columns)?.[index] === 1;
    const value = matrix.values[index]!;
    return { ...ELEMENT, path, name, i, j, value, masked: forbidden, unfinished: step !== null, before: true };
  }

  #flying(plane: Plane, row: number, column: number): Picked {
    const { name } = this.#record(plane.owner);
    const value = plane.matrix.values[row * plane.matrix.columns + column]!;
    const told = { ...ELEMENT, path: plane.owner, name, value };
    const cube = this.#timeline.time.cubes[plane.owner];
    if (plane.kind === "plane") {
      // Its place in the cube says which product it is; a plane that glides has left its place by less than a step.
      const [i, k, j] = productAt(cube!, spot(plane.placement, row, column));
      return { ...told, i, j, k };
    }
    if (plane.kind === "partial") {
      const size = blockOf(cube!)[1];
      const first = plane.number * size;
      return { ...told, i: row, j: column, part: [first, Math.min(first + size, cube!.shape[1]) - 1] };
    }
    const masked = plane.masked?.[row * plane.matrix.columns + column] === 1;
    return { ...told, i: plane.first[0] + row, j: plane.first[1] + column, masked, kind: plane.kind };
  }

  #describedProduct(picked: Picked, k: number, element: string): string {
    const { left, right } = this.#record(picked.path);
    const one = elementName(this.#cells, this.#record(left), picked.i, k);
    const other = elementName(this.#cells, this.#record(right), k, picked.j);
    return `${one} * ${other} = ${short(picked.value)}   (product k = ${k} in the sum for ${element})`;
  }

  // A name of which the middle is left out where it is long.
  #shortened(name: string): string {
    const letters = Array.from(name);
    const half = Math.floor((this.#cells.longest - 3) / 2);
    if (letters.length <= this.#cells.longest) return name;
    return `${letters.slice(0, half).join("")} … ${letters.slice(-half).join("")}`;
  }
}

function soFar(picked: Picked): string {
  return picked.unfinished && !picked.masked ? " so far" : "";
}

function isPlain(picked: Picked): boolean {
  return picked.kind === "plane" && picked.k === null && picked.part === null;
}
