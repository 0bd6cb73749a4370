// What a person looks at changes the picture of a frame, not the frame: mmviz.picture.marks.emphasis.
import type { MarkRules } from "../document/marks";
import type { Sheet, Sweep } from "./drawlist";
import type { DrawnFrame, Emphasis } from "./frame";

// The cells of a matrix that are lit: what is pinned, or else what is pointed at.
export function cellsOf(emphasis: Emphasis, path: string): readonly Sweep[] {
  return emphasis.lit.get(path) ?? emphasis.pointed.get(path) ?? [];
}

// A matrix with the cells lit that a person looks at; the others keep their colours, darker.
export function emphasized(rules: MarkRules, emphasis: Emphasis, sheet: Sheet): Sheet {
  const pinned = emphasis.lit.get(sheet.path);
  if (pinned !== undefined) return { ...sheet, lit: pinned, dimmed: rules.emphasis.dimmed };
  const pointed = emphasis.pointed.get(sheet.path);
  return pointed === undefined ? sheet : { ...sheet, lit: pointed, dimmed: rules.emphasis.softly };
}

// What is left of a frame; what flies is left out with the matrix that it goes to.
export function seenOf(emphasis: Emphasis, frame: DrawnFrame): DrawnFrame {
  const { hidden } = emphasis;
  if (hidden.size === 0) return frame;
  return {
    states: new Map([...frame.states].filter(([path]) => !hidden.has(path))),
    planes: frame.planes.filter((plane) => !hidden.has(plane.owner)),
  };
}
