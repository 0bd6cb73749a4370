// What stands close before the eye gives way: mmviz.picture.eye.giving_way and marks.near_marks.
import { length, minus } from "../arithmetic/vectors";
import type { CameraRules } from "../document/cameras";
import type { Camera, Label, TickLabels, Vector } from "./drawlist";
import { clamp, distanceOf, type Eye, point } from "./eye";

// Distance from the eye, in cells, within which things give way.
export function reachOf(rules: CameraRules, camera: Camera): number {
  return Math.min(rules.few, rules.share * distanceOf(camera));
}

// How much of something is there, 0..1: nothing up to half of the reach, all from the reach on.
export function presence(away: number, reach: number): number {
  if (reach <= 0) return 1;
  const share = clamp((2 * away) / reach - 1, 0, 1);
  return share * share * (3 - 2 * share);
}

// How much of a text is there, 0..1: less where it is close to the eye, or would fill the picture.
export function ofText(rules: CameraRules, eye: Eye, center: Vector, height: number): number {
  const away = length(minus(center, eye.position));
  const large = height / Math.max(2 * away * eye.slope, 1e-9);
  const not = clamp((rules.huge - large) / (rules.huge - rules.large), 0, 1);
  return presence(away, reachOf(rules, eye.camera)) * not;
}

// Texts, fainter where they are close to the eye; those that are not are the same objects.
export function textsLeft(rules: CameraRules, eye: Eye, labels: readonly Label[]): Label[] {
  return labels.flatMap((label) => {
    const share = ofText(rules, eye, label.center, label.height);
    if (share === 1) return [label];
    return share > 0 ? [{ ...label, opacity: label.opacity * share }] : [];
  });
}

// Rows of texts: those close to the eye are fainter, or left out.
export function ticksLeft(rules: CameraRules, eye: Eye, rows: readonly TickLabels[]): TickLabels[] {
  return rows.flatMap((row) => {
    const shares = row.texts.map((_, number) => ofText(rules, eye, point(row.places, number), row.height));
    if (shares.every((share) => share === 1)) return [row];
    const there = [...shares.keys()].filter((number) => shares[number]! > 0);
    if (there.length === 0) return [];
    return [
      {
        ...row,
        texts: there.map((number) => row.texts[number]!),
        places: Float64Array.from(there.flatMap((number) => [...point(row.places, number)])),
        opacities: there.map((number) => shares[number]!),
      },
    ];
  });
}
