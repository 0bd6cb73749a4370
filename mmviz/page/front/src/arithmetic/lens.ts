// Which part of a larger picture a lens shows (mmviz.viewer.canvas.lens_part), and where it stands beside a finger.
import { rounded } from "./footprint";

type Pair = readonly [number, number];

// How large a lens is and what it does; the numbers come with the document.
export interface LensLaws {
  readonly diameter: number; // in pixels of the page
  readonly power: number; // how many times larger everything is
  readonly patience: number; // milliseconds after which a press that does not move opens it
  readonly rim: number; // width of its ring, in pixels of the page
}

// A square of a picture that is so many times larger than what is seen, in pixels from its lower left corner.
export interface LensPart {
  readonly size: Pair; // of the larger picture
  readonly left: number;
  readonly bottom: number;
  readonly side: number;
}

// middle: of the lens, in pixels of the page from the upper left corner of a picture of a size
// ratio: pixels of the screen to one of the page
export function lensPart(laws: LensLaws, [x, y]: Pair, [width, height]: Pair, ratio: number): LensPart {
  const scale = laws.power * ratio;
  const side = rounded(laws.diameter * ratio);
  return {
    size: [rounded(scale * width), rounded(scale * height)],
    left: rounded(scale * x - side / 2),
    bottom: rounded(scale * (height - y) - side / 2),
    side,
  };
}

// Where the middle of a lens stands that no finger shall cover: above it, or beside it, or below it, where there is room.
// apart: between the finger and the lens
export function besideFinger(laws: LensLaws, [x, y]: Pair, [width, height]: Pair, apart: number): Pair {
  const radius = laws.diameter / 2;
  const far = radius + apart;
  const within = (place: number, length: number): number => {
    return length < laws.diameter ? length / 2 : Math.min(Math.max(place, radius), length - radius);
  };
  const places: readonly Pair[] = [
    [within(x, width), y - far],
    [x < width / 2 ? x + far : x - far, within(y, height)],
    [within(x, width), y + far],
  ];
  const outside = ([right, down]: Pair): number => {
    return Math.max(radius - right, right + radius - width, radius - down, down + radius - height, 0);
  };
  return places.reduce((best, one) => (outside(one) < outside(best) ? one : best));
}
