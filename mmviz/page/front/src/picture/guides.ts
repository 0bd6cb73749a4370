// Lines that go by the time and by what a person looks at: mmviz.picture.marks.guides.
import { corners, margins, normal, reach, spot, ways } from "../arithmetic/placement";
import { minus, plus, times } from "../arithmetic/vectors";
import type { MarkRules } from "../document/marks";
import type { DrawnPlane } from "./frame";
import type { Color, Lines, Placement, Sweep, Vector } from "./drawlist";

export function lines(key: string, points: readonly Vector[], color: Color, width: number): Lines {
  return { key, points: Float64Array.from(points.flat()), color, width, opacity: 1 };
}

function around(places: readonly Vector[]): Vector[] {
  return places.flatMap((corner, number) => [corner, places[(number + 1) % places.length]!]);
}

// A bright frame around a plane in flight.
export function border(rules: MarkRules, plane: DrawnPlane): Lines {
  const { margin, flying } = rules.guides;
  return lines(`border:${plane.key}`, around(corners(plane.drawn, margin)), flying, 1.2);
}

// A frame around the matrix that is selected.
export function selected(rules: MarkRules, path: string, place: Placement): Lines {
  const { around: margin, selected: color } = rules.guides;
  return lines(`selected:${path}`, around(corners(place, margin)), color, 2.6);
}

// A bright frame around a cell that is lit alone, at some distance; null where none is.
export function mark(rules: MarkRules, path: string, place: Placement, lit: readonly Sweep[]): Lines | null {
  const one = lit[0];
  const alone = lit.length === 1 && one?.first === one?.last;
  if (one === undefined || !alone || one.rowTurn !== place.columns || one.columnTurn !== 1) return null;
  const far = Math.max(1, rules.guides.mark * (Math.max(...reach(place)) + 1));
  const [down, across] = ways(place).map((way) => times(way, far)) as [Vector, Vector];
  const cell = spot(place, Math.floor(one.first / place.columns), one.first % place.columns);
  const middle = plus(cell, times(normal(place), 0.6)); // before the spheres
  const offsets = [minus(times(down, -1), across), minus(across, down), plus(down, across), minus(down, across)];
  return lines(`mark:${path}`, around(offsets.map((way) => plus(middle, way))), rules.guides.flying, 1.6);
}

// Short strokes at both ends of rows and columns that are lit.
export function strokes(rules: MarkRules, path: string, place: Placement, lit: readonly Sweep[]): Lines | null {
  const [down, across] = ways(place);
  const [above, beside] = margins(place, rules.guides.margin);
  const long = rules.guides.stroke * (Math.min(...reach(place)) + 1);
  const points = lit.flatMap((one) => {
    const row = one.rowTurn !== 0;
    const way = row ? across : down;
    const ends = row
      ? [spot(place, one.first, 0), spot(place, one.first, place.columns - 1)]
      : [spot(place, 0, one.first), spot(place, place.rows - 1, one.first)];
    return ends.flatMap((end, number) => {
      const out = times(way, number === 0 ? -1 : 1);
      const off = row ? beside : above;
      return [off, off + long].map((far) => plus(end, times(out, far)));
    });
  });
  return points.length === 0 ? null : lines(`mark:${path} pointed`, points, rules.guides.flying, 1.6);
}
