// Which pixels a part of a picture takes: mmviz.render.region.shares and Inset.place of mmviz.picture.drawlist.
import type { Inset, Placement } from "../picture/drawlist";
import { rounded } from "./footprint";
import { steps } from "./placement";

export interface Region {
  readonly left: number; // in pixels from the lower left corner
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

export function placeOf(inset: Inset, width: number, height: number): Region {
  const aspect = width / height;
  const across = inset.width ?? inset.side;
  const pixels = (share: number, side: number): number => Math.trunc(share * side + 0.5);
  const left = pixels(inset.margin / aspect, width);
  const bottom = pixels(inset.bottom, height);
  return {
    left,
    bottom,
    width: pixels(Math.min(1, (inset.margin + across) / aspect), width) - left,
    height: pixels(inset.bottom + inset.side, height) - bottom,
  };
}

// How many times columns are put together in pairs before rows are, and rows before columns are: Placement.late.
export function lateOf(placement: Placement): [number, number] {
  const [rowStep, columnStep] = steps(placement);
  const apart = rounded(Math.log2(rowStep / columnStep));
  const bits = (number: number): number => 32 - Math.clz32(number);
  return [
    Math.max(Math.min(apart, bits(placement.columns - 1)), 0),
    Math.max(Math.min(-apart, bits(placement.rows - 1)), 0),
  ];
}
