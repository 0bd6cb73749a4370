// Frames for a white ground: light and dark change places, hues stay. mmviz.picture.ground; looks of matrices have their
// own rule for a light ground in the document, and texts that differ there are told by Python.
import type { Color, DrawList } from "./drawlist";

// The colour of the same hue that is as light as this one is dark: hue and chroma stay, lightness l becomes 1 - l.
export function turned([red, green, blue]: Color): Color {
  const lighter = 1 - Math.max(red, green, blue) - Math.min(red, green, blue);
  return [red + lighter, green + lighter, blue + lighter];
}

// Draw lists on white. Items that stay the same are repainted once.
export class Repainter {
  readonly #kept = new WeakMap();

  paint(drawing: DrawList): DrawList {
    return {
      ...drawing,
      lines: drawing.lines.map((one) => this.#painted(one)),
      labels: drawing.labels.map((one) => this.#painted(one)),
      ticks: drawing.ticks.map((one) => this.#painted(one)),
      patches: drawing.patches.map((one) => this.#painted(one)),
      captions: drawing.captions.map((one) => this.#painted(one)),
      insets: drawing.insets.map((one) => ({ ...one, drawing: this.paint(one.drawing) })),
      background: turned(drawing.background),
    };
  }

  #painted<Item extends { readonly color: Color; readonly plate?: Color | null }>(item: Item): Item {
    let painted = this.#kept.get(item) as Item | undefined;
    if (painted === undefined) {
      painted = { ...item, color: turned(item.color) };
      if (item.plate) painted = { ...painted, plate: turned(item.plate) };
      this.#kept.set(item, painted);
    }
    return painted;
  }
}
