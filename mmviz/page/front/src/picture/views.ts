// Cameras that a person asks for: all of a scene from a side, one matrix, a cell; see mmviz.picture.composition
// (camera_toward) and the window's navigation.
import { center, normal, spot } from "../arithmetic/placement";
import { dot, minus, plus, times } from "../arithmetic/vectors";
import type { Arrays } from "../document";
import type { CamerasSection, ShapedCameras } from "../document/cameras";
import type { MarksSection } from "../document/marks";
import type { MatrixRecord } from "../document/time";
import type { Camera, Placement, Vector } from "./drawlist";
import { depth, eyeOf, pointsOf, project } from "./eye";
import { placed, type Look } from "./fit";
import { beside, edgesOf, focus, type Over } from "./framing";
import { stand, turntable } from "./orbit";
import type { Readings } from "./readings";
import { shapeOf } from "./shapes";

const NOTHING: ReadonlySet<string> = new Set();

// What stands before a place of the picture, by its path; shares of the width from the left and the height from the top.
export type Pick = (camera: Camera, x: number, y: number) => string | null;

export class Views {
  readonly #section: CamerasSection;
  readonly #marks: MarksSection;
  readonly #readings: Readings;
  readonly #arrays: Arrays;
  readonly #places: ReadonlyMap<string, Placement>;
  readonly #extents: ReadonlyMap<string, readonly Vector[]>;

  constructor(
    document: { cameras: CamerasSection; marks: MarksSection; matrices: readonly MatrixRecord[] },
    readings: Readings,
    arrays: Arrays,
  ) {
    this.#section = document.cameras;
    this.#marks = document.marks;
    this.#readings = readings;
    this.#arrays = arrays;
    this.#places = new Map(document.matrices.map((one) => [one.path, one.placement]));
    const { counts, points } = document.cameras.extents;
    const all = pointsOf(arrays.get(points));
    let first = 0;
    this.#extents = new Map(document.matrices.map((one, index) => [one.path, all.slice(first, (first += counts[index]!))]));
  }

  // The scene's own camera for pictures of any shape: as it was told, or fitted anew.
  own(aspect: number): Camera {
    const { own, rules } = this.#section;
    const shaped = this.#shaped(aspect);
    if (Math.abs(shaped.aspect - aspect) < 1e-9) return shaped.own;
    if (own.position !== null) return placed(rules, own.position, own.target, own.viewAngle, aspect);
    const room = pointsOf(this.#arrays.get(shaped.room));
    const look = { direction: own.direction, zoom: own.zoom, up: null };
    return beside(rules, this.#over(aspect), room, this.#edges(NOTHING), look, aspect, rules.border);
  }

  // The camera that sees all that is not left out, from a side.
  toward(look: Look, aspect: number, hidden: ReadonlySet<string> = NOTHING): Camera {
    const { rules } = this.#section;
    const left = [...this.#places.keys()].filter((path) => !hidden.has(path));
    const none = left.length === 0 ? NOTHING : hidden;
    const extent = none.size === 0 ? pointsOf(this.#arrays.get(this.#section.extent)) : left.flatMap((path) => [...this.#extents.get(path)!]);
    const first = beside(rules, NO_INSET, extent, [], look, aspect, rules.border);
    const known = none.size === 0 ? this.#known(first, aspect) : null;
    if (known !== null) return known;
    const texts = this.#readings.spans(this.#readings.nearest(first).texts, none);
    const inset = this.#marks.inset?.path;
    const over = inset !== undefined && none.has(inset) ? { ...this.#over(aspect), inset: null } : this.#over(aspect);
    const edges = [...this.#edges(none), ...texts];
    return beside(rules, over, [...extent, ...texts], edges, look, aspect, rules.border);
  }

  // A standard view: from the left where the scene's own camera stands there.
  standard(name: string, aspect: number, hidden: ReadonlySet<string> = NOTHING): Camera {
    const [x, y, z] = this.#section.rules.standard[name]!;
    const atTheLeft = eyeOf(this.own(aspect)).toward[0] < 0;
    return this.toward({ direction: [atTheLeft ? -x : x, y, z], zoom: 1, up: null }, aspect, hidden);
  }

  // One matrix from a side.
  focused(path: string, look: Look, aspect: number): Camera {
    return focus(this.#section.rules, this.#over(aspect), this.#places.get(path)!, look, aspect);
  }

  // Right before one side of a matrix (1: its front); seen from above and below its rows run down.
  before(path: string, side: 1 | -1, camera: Camera, aspect: number): Camera {
    const place = this.#places.get(path)!;
    const direction = times(normal(place), side);
    return this.focused(path, { direction, zoom: 1, up: upright(direction, place.down, camera) }, aspect);
  }

  // Right before the side of a matrix that can be seen, by what stands before its cells.
  wellSeen(path: string, camera: Camera, aspect: number, pick: Pick): Camera {
    const { covered } = this.#section.rules;
    const place = this.#places.get(path)!;
    const nearer = dot(minus(camera.position, center(place)), normal(place)) < 0 ? 1 : 0;
    const cameras = [this.before(path, 1, camera, aspect), this.before(path, -1, camera, aspect)] as const;
    const shares = cameras.map((one) => this.#share(path, one, aspect, pick));
    return shares[1 - nearer]! > shares[nearer]! + covered ? cameras[1 - nearer]! : cameras[nearer];
  }

  // A cell in the middle of the picture, as near as that `closeUp` cells fill its height; never farther than now.
  closeUp(path: string, i: number, j: number, before: Camera, closeUp: number): Camera {
    const place = this.#places.get(path)!;
    const cell = spot(place, Math.min(i, place.rows - 1), Math.min(j, place.columns - 1));
    const eye = eyeOf(before);
    const far = Math.min(closeUp / (2 * eye.slope), depth(eye, cell));
    return { ...before, position: plus(cell, times(eye.toward, far)), target: cell };
  }

  // How far the eye may go, in cells.
  farthest(aspect: number): number {
    const own = this.own(aspect);
    return this.#section.rules.farthest * Math.hypot(...minus(own.position, own.target));
  }

  #share(path: string, camera: Camera, aspect: number, pick: Pick): number {
    const { sampled } = this.#section.rules;
    const [place, eye] = [this.#places.get(path)!, eyeOf(camera)];
    const free = sampled.flatMap((down) =>
      sampled.map((across) => {
        const cell = spot(place, Math.round(down * (place.rows - 1)), Math.round(across * (place.columns - 1)));
        const [x, y] = project(this.#section.rules, eye, cell, aspect);
        const found = pick(camera, x, 1 - y);
        return found === null || found === path;
      }),
    );
    return free.filter(Boolean).length / free.length;
  }

  // The view of the library that this camera stands for, if the picture has its shape: exactly as Python has it.
  #known(camera: Camera, aspect: number): Camera | null {
    const { aspects, rules } = this.#section;
    if (Math.abs(aspects[0]!.aspect - aspect) > 1e-9) return null;
    const eye = eyeOf(camera);
    const found = this.#marks.readings.library.find((view) => {
      const other = eyeOf(view);
      return dot(eye.toward, other.toward) > 1 - rules.rounding && dot(eye.up, other.up) > 1 - rules.rounding;
    });
    return found ?? null;
  }

  #shaped(aspect: number): ShapedCameras {
    const { aspects } = this.#section;
    return aspects[shapeOf(aspects, aspect)]!;
  }

  #over(aspect: number): Over {
    const shape = shapeOf(this.#section.aspects, aspect);
    return { inset: this.#marks.inset?.views[shape]?.side ?? null, bars: this.#section.aspects[shape]!.bars };
  }

  #edges(hidden: ReadonlySet<string>): Vector[] {
    return [...this.#places].flatMap(([path, place]) => (hidden.has(path) ? [] : edgesOf(place)));
  }

}

const NO_INSET: Over = { inset: null, bars: { right: 0, bottom: 0 } };

// What is up in an upright picture; right above and below a matrix its rows run down.
function upright(toward: Vector, down: Vector, camera: Camera): Vector {
  const [x, y, z] = toward;
  if (Math.abs(y) > 0.999) {
    const sign = Math.sign(y);
    return turntable(Math.atan2(sign * down[0], sign * down[2]), (sign * Math.PI) / 2).up;
  }
  const turn = Math.hypot(x, z) > 0 ? Math.atan2(x, z) : stand(camera).turn;
  return turntable(turn, Math.asin(Math.min(Math.max(y, -1), 1))).up;
}
