// Texts that lie flat in space, never mirrored or upside down: mmviz.picture.marks.labels and marks.writing.
import { reach, spot, ways } from "../arithmetic/placement";
import { cross, dot, minus, plus, times } from "../arithmetic/vectors";
import type { MarkRules } from "../document/marks";
import type { DrawnPlane } from "./frame";
import type { Label, TickLabels, Vector } from "./drawlist";
import { depth, type Eye, pointsOf, unit } from "./eye";

const SIGNS = [
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
] as const;

export interface Writing {
  readonly along: Vector;
  readonly up: Vector;
}

// The signs of two axes of a plane under which text at a point is neither mirrored nor upside down.
export function readable(along: Vector, up: Vector, eye: Eye, at: Vector): Writing {
  const [a, b] = [unit(along), unit(up)];
  const faces = dot(cross(a, b), minus(eye.position, at)); // more than 0 where the pair is not mirrored
  const [rightward, upward, tilt] = [dot(a, eye.right), dot(b, eye.up), dot(a, eye.up)];
  let best: { straight: boolean; well: number; signs: readonly [number, number] } = {
    straight: false,
    well: -Infinity,
    signs: SIGNS[0],
  };
  for (const signs of SIGNS) {
    const [s, t] = signs;
    const straight = s * t * faces > 0;
    const well = s * rightward + 0.7 * t * upward + 0.05 * s * tilt;
    if (straight === best.straight ? well > best.well : straight) best = { straight, well, signs };
  }
  return { along: times(a, best.signs[0]), up: times(b, best.signs[1]) };
}

// The same text where it is, as it is read from another camera, and no larger than it may be.
export function turned(rules: MarkRules, label: Label, eye: Eye): Label {
  const read = { ...label, ...readable(label.along, label.up, eye, label.center) };
  const most = rules.largestSeen * 2 * depth(eye, label.center) * eye.slope;
  return 0 < most && most < read.height ? { ...read, height: most } : read;
}

export function turnedTicks(ticks: TickLabels, eye: Eye): TickLabels {
  const { along, up } = readable(ticks.along, ticks.up, eye, mean(pointsOf(ticks.places)));
  const [around, over] = [dot(along, ticks.along) < 0, dot(up, ticks.up) < 0];
  return around || over ? { ...ticks, along, up, ends: ticks.ends !== around } : ticks;
}

export function mean(points: readonly Vector[]): Vector {
  const sum = points.reduce<Vector>((one, other) => plus(one, other), [0, 0, 0]);
  return times(sum, 1 / points.length);
}

// What is written over columns of numbers that stand beside a matrix; `largest` capitals, in cells.
export function headings(rules: MarkRules, planes: readonly DrawnPlane[], largest: number, eye: Eye): Label[] {
  const { texts, ofColumn, color } = rules.headings;
  return planes.flatMap((plane) => {
    const said = texts[plane.kind];
    if (said === undefined) return [];
    const [text, shift] = said;
    const place = plane.drawn;
    const height = text.length > 1 ? Math.min(largest, ofColumn * (reach(place)[0] + 1)) : largest;
    const [down, across] = ways(place);
    const raised = minus(spot(place, 0, 0), times(down, 0.5 + height));
    const center = plus(raised, times(across, shift * height));
    const read = readable(place.across, place.down, eye, center);
    return [{ key: `heading:${plane.key}`, text, center, ...read, height, color, opacity: 1 }];
  });
}

// The corners of a text, one after the other around it; `length` in heights of a capital.
export function span(label: Label, length: number): Vector[] {
  const [half, rise] = [times(label.along, 0.5 * label.height * length), times(label.up, 0.7 * label.height)];
  const ends = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ] as const;
  return ends.map(([aside, upward]) => plus(plus(label.center, times(half, aside)), times(rise, upward)));
}

// The corners of a rectangle around a row of texts: mmviz.picture.marks.token_labels.corners.
export function spanOfTicks(ticks: TickLabels, longest: number): Vector[] {
  const places = pointsOf(ticks.places);
  const [first, last] = [places[0]!, places[places.length - 1]!];
  const far = times(ticks.along, (ticks.ends ? -1 : 1) * ticks.height * longest);
  const edge = times(ticks.up, 0.7 * ticks.height * (dot(minus(last, first), ticks.up) >= 0 ? 1 : -1));
  const [start, end] = [minus(first, edge), plus(last, edge)];
  return [start, end, plus(end, far), plus(start, far)];
}
