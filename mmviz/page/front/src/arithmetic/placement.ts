// Where one matrix stands: mmviz.picture.space.placement.
import type { Placement, Vector } from "../picture/drawlist";
import { along, cross, length, plus, times } from "./vectors";

// The place of element (i, j), also beside the matrix; fractions lie between two elements.
export function spot(place: Placement, i: number, j: number): Vector {
  const [rowGap, columnGap] = gaps(place);
  const down = times(place.down, spread(i, place.rows, place.rowBlock, rowGap));
  const across = times(place.across, spread(j, place.columns, place.columnBlock, columnGap));
  return plus(place.origin, plus(down, across));
}

export function steps(place: Placement): [number, number] {
  return [length(place.down), length(place.across)];
}

// Unit vectors from row to row and from column to column.
export function ways(place: Placement): [Vector, Vector] {
  const [down, across] = steps(place);
  return [times(place.down, 1 / down), times(place.across, 1 / across)];
}

// The gap between two blocks of rows, counted in rows, and of columns, in columns.
export function gaps(place: Placement): [number, number] {
  if (place.gap === 0 || (place.rowBlock === 0 && place.columnBlock === 0)) return [place.gap, place.gap];
  const [down, across] = steps(place);
  return [place.gap / down, place.gap / across];
}

// From the first row to the last and from the first column to the last, gaps included, counted in rows and columns.
export function spans(place: Placement): [number, number] {
  const [rowGap, columnGap] = gaps(place);
  return [
    stretch(place.rows, place.rowBlock, rowGap),
    stretch(place.columns, place.columnBlock, columnGap),
  ];
}

// The same in cells.
export function reach(place: Placement): [number, number] {
  const [height, width] = spans(place);
  const [down, across] = steps(place);
  return [height * down, width * across];
}

export function center(place: Placement): Vector {
  const [height, width] = spans(place);
  return plus(place.origin, plus(times(place.down, height / 2), times(place.across, width / 2)));
}

// Toward the side from which columns run to the right and rows run down.
export function normal(place: Placement): Vector {
  const found = cross(place.down, place.across);
  return times(found, 1 / length(found));
}

// A margin off the outermost rows and columns, in cells: more along an axis whose elements are drawn longer.
export function margins(place: Placement, margin: number): [number, number] {
  const [down, across] = steps(place);
  return [margin * Math.max(1, down), margin * Math.max(1, across)];
}

// The centres of the corner elements, moved outward by the margins: top left, top right, bottom right, bottom left.
export function corners(place: Placement, margin = 0): [Vector, Vector, Vector, Vector] {
  const [down, across] = ways(place);
  const [above, beside] = margins(place, margin);
  const corner = (bottom: number, right: number): Vector => {
    const element = spot(place, bottom * (place.rows - 1), right * (place.columns - 1));
    const outward = plus(times(down, (2 * bottom - 1) * above), times(across, (2 * right - 1) * beside));
    return plus(element, outward);
  };
  return [corner(0, 0), corner(0, 1), corner(1, 1), corner(1, 0)];
}

// On the way from one place to another that is turned alike: 0 at the first, 1 at the second.
export function between(a: Placement, b: Placement, share: number): Placement {
  return { ...a, origin: along(a.origin, b.origin, share) };
}

// How far an index is from index 0 along an axis: one cell an element, and `gap` more between two blocks.
export function spread(index: number, size: number, block: number, gap: number): number {
  if (block === 0) return index;
  const whole = Math.min(Math.max(Math.floor(index), 0), size - 1);
  const share = index - whole;
  const widens = share > 0 && (whole + 1) % block === 0 && whole + 1 < size;
  return index + gap * (Math.floor(whole / block) + (widens ? share : 0));
}

// From the first element of an axis to its last, in cells.
export function stretch(size: number, block: number, gap: number): number {
  return size - 1 + gap * (block === 0 ? 0 : Math.floor((size - 1) / block));
}

// The last index of an axis that is no farther than `place` cells from index 0: `spread` the other way round.
export function gather(place: number, size: number, block: number, gap: number): number {
  const cut = block === 0 ? size : block;
  const number = Math.min(Math.max(Math.floor(place / (cut + gap)), 0), Math.floor((size - 1) / cut));
  const within = Math.min(Math.max(Math.floor(place - number * (cut + gap)), 0), cut - 1);
  return Math.min(number * cut + within, size - 1);
}
