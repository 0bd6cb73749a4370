// The titles of roots that stand side by side, upright for whoever looks: mmviz.picture.marks.root_titles.
import { dot, minus, plus, times } from "../arithmetic/vectors";
import type { TitleRecord } from "../document/marks";
import type { Label, Vector } from "./drawlist";
import { depth, type Eye } from "./eye";
import { mean } from "./labels";

export interface RootTitle extends Omit<TitleRecord, "corners"> {
  readonly corners: readonly Vector[];
}

// A title over the highest corner of its root; null where some of that is behind the eye.
export function over(rise: number, title: RootTitle, eye: Eye): Label | null {
  const middle = mean(title.corners);
  const far = depth(eye, middle);
  const depths = title.corners.map((corner) => depth(eye, corner));
  if (depths.some((one) => one <= 0)) return null;
  const seen = title.corners.map((corner, number) => {
    return minus(plus(eye.position, times(minus(corner, eye.position), far / depths[number]!)), middle); // all equally far
  });
  const [aside, up] = [seen.map((one) => dot(one, eye.right)), seen.map((one) => dot(one, eye.up))];
  const across = (Math.min(...aside) + Math.max(...aside)) / 2;
  const high = Math.max(...up) + rise * title.height;
  const center = plus(plus(middle, times(eye.right, across)), times(eye.up, high));
  const { key, text, height, color } = title;
  return { key, text, center, along: eye.right, up: eye.up, height, color, opacity: 1 };
}
