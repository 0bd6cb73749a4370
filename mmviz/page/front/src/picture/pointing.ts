// What is at a place of the picture: mmviz.picture.cell.picking and targets. x goes from left to right, y from top to
// bottom, both 0..1.
import { type Picked, Picking, isThere, targetsOf } from "../arithmetic/picking";
import { spot } from "../arithmetic/placement";
import { hits, isWithin, type Ray, type Target } from "../arithmetic/rays";
import type { Frame, Timeline } from "../arithmetic/timeline";
import { dot, plus, times } from "../arithmetic/vectors";
import type { CellsSection } from "../document/cells";
import type { Camera, Inset, Placement, Vector } from "./drawlist";
import { depth, type Eye, eyeOf, project, ray } from "./eye";
import { presence, reachOf } from "./giving_way";
import type { ComposedDocument } from "./composition";
import { Sheets } from "./sheets";

export interface PointedDocument extends ComposedDocument {
  readonly cells: CellsSection;
}

// A place of a picture, and who looks at what.
export interface Place {
  readonly frame: Frame;
  readonly t: number;
  readonly hidden: ReadonlySet<string>; // paths of matrices that are left out
  readonly camera: Camera;
  readonly aspect: number;
  readonly x: number;
  readonly y: number;
}

export class Pointing {
  readonly picking: Picking;
  readonly #document: PointedDocument;
  readonly #timeline: Timeline;
  readonly #sheets: Sheets;

  constructor(document: PointedDocument, timeline: Timeline) {
    const { marks, matrices, time, cells } = document;
    this.picking = new Picking(cells, timeline);
    this.#document = document;
    this.#timeline = timeline;
    this.#sheets = new Sheets(marks, matrices, time.scales, timeline.matrices, timeline);
  }

  // The nearest element; each inset hides what is behind it. null: there is none.
  pick(place: Place, insets: readonly Inset[] = []): Picked | null {
    const { camera, aspect, x, y, t } = place;
    const frame = left(place);
    for (const inset of insets) {
      const [from, top, width, height] = cornerOf(inset, aspect);
      if (x < from || x > from + width || y < top || y > top + height) continue;
      if (inset.kind === "bar") return null;
      const path = inset.key.slice(inset.kind.length + 1);
      const shown = targetsOf(this.#timeline, { ...frame, planes: [] }, []).filter((target) => target.path === path);
      const inside = ray(eyeOf(inset.camera), (x - from) / width, (y - top) / height, 1);
      return this.picking.pick(frame, t, shown, inside, () => true);
    }
    const eye = eyeOf(camera);
    return this.picking.pick(frame, t, this.#targets(frame, eye), ray(eye, x, y, aspect), this.#isSeen(camera));
  }

  // The point in space that is meant at a place: on the element there; else on the matrix that has its place there;
  // beside everything, as far before the eye as the matrix that is nearest in the picture; and where nothing is in
  // front of the eye, as far as what the camera looks at.
  meant(place: Place): Vector {
    const eye = eyeOf(place.camera);
    const looking = ray(eye, place.x, place.y, place.aspect);
    const away = this.#met(place, eye, looking) ?? this.#depthBeside(place, eye) / -dot(eye.toward, looking.direction);
    return plus(looking.position, times(looking.direction, away));
  }

  // How far away an element or a matrix is met; null beside everything.
  #met(place: Place, eye: Eye, looking: Ray): number | null {
    const frame = left(place);
    const isSeen = this.#isSeen(place.camera);
    const within = hits(this.#targets(frame, eye), looking).filter((hit) => isWithin(hit) && isSeen(hit.reach));
    const found =
      within.find((hit) => isThere(hit, frame, isSeen)) ??
      within.find(({ target }) => target.plane === null && !target.before);
    return found?.reach ?? null;
  }

  // How far before the eye the place on a matrix is that is nearest to a spot of the picture.
  #depthBeside(place: Place, eye: Eye): number {
    const { rules } = this.#document.cameras;
    const { before, grid } = this.#document.cells;
    const { x, y, aspect } = place;
    let [nearest, found] = [Infinity, Math.max(depth(eye, place.camera.target), before)];
    for (const path of left(place).states.keys()) {
      for (const point of gridOf(this.#timeline.matrices.record(path).placement, grid)) {
        const far = depth(eye, point);
        if (far <= before) continue;
        const [across, up] = project(rules, eye, point, aspect);
        const away = ((across - x) * aspect) ** 2 + (up - (1 - y)) ** 2;
        if (away < nearest) [nearest, found] = [away, far];
      }
    }
    return found;
  }

  #targets(frame: Frame, eye: Eye): Target[] {
    const { seen } = this.#document.cameras.rules;
    const behind = [...this.#sheets.seenFrom(eye)].filter(([path, share]) => frame.states.has(path) && share >= seen);
    return targetsOf(this.#timeline, frame, behind.map(([path]) => path));
  }

  // Whether so much of something is there that a click on it means it.
  #isSeen(camera: Camera): (away: number) => boolean {
    const { rules } = this.#document.cameras;
    const reach = reachOf(rules, camera);
    return (away) => presence(away, reach) >= rules.seen;
  }
}

// What is left of a frame; what flies is left out with the matrix that it goes to.
function left({ frame, hidden }: Place): Frame {
  if (hidden.size === 0) return frame;
  return {
    states: new Map([...frame.states].filter(([path]) => !hidden.has(path))),
    planes: frame.planes.filter((plane) => !hidden.has(plane.owner)),
  };
}

// An inset's left, top, width and height, as shares of the picture.
function cornerOf(inset: Inset, aspect: number): [number, number, number, number] {
  const from = inset.margin / aspect;
  const to = Math.min(1, (inset.margin + (inset.width ?? inset.side)) / aspect);
  return [from, 1 - (inset.bottom + inset.side), to - from, inset.side];
}

// Places all over a matrix, so many along each side, its corners among them.
function gridOf(placement: Placement, count: number): Vector[] {
  const places = (size: number): number[] =>
    Array.from({ length: count }, (_, number) => -0.5 + (size * number) / (count - 1));
  return places(placement.rows).flatMap((i) => places(placement.columns).map((j) => spot(placement, i, j)));
}
