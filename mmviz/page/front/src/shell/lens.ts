// A round magnifier under the pointer, or beside a finger, while M is held or after a long press: mmviz.viewer.canvas.lens.
import { besideFinger, lensPart, type LensLaws, type LensPart } from "../arithmetic/lens";
import { element } from "./elements";
import type { Place } from "./pointer";

const APART = 28; // pixels between a finger and the lens

// What is seen through it, and where its middle stands, in pixels of the page from the upper left corner of the picture.
export interface Seen {
  readonly part: LensPart;
  readonly middle: readonly [number, number];
}

export type Holding = "key" | "mouse" | "finger";

export class Lens {
  readonly element = element("div", { class: "lens", hidden: true, "aria-hidden": "true" });
  readonly #canvas: HTMLElement;
  readonly #laws: LensLaws;
  readonly #show: (seen: Seen | null) => void;
  #held: Holding | null = null;

  constructor(canvas: HTMLElement, laws: LensLaws, show: (seen: Seen | null) => void) {
    this.#canvas = canvas;
    this.#laws = laws;
    this.#show = show;
    const { style } = this.element;
    style.width = style.height = `${laws.diameter}px`;
    style.borderWidth = `${laws.rim}px`;
  }

  get open(): boolean {
    return this.#held !== null;
  }

  // It opens over a place of the picture.
  hold(held: Holding, place: Place): void {
    this.#held ??= held;
    this.follow(place);
  }

  // It goes to another place, where it is open.
  follow({ x, y }: Place): void {
    if (this.#held === null) return;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const spot = [x * width, y * height] as const;
    const middle = this.#held === "finger" ? besideFinger(this.#laws, spot, [width, height], APART) : spot;
    this.element.hidden = false;
    this.element.style.transform = `translate(${middle[0]}px, ${middle[1]}px) translate(-50%, -50%)`;
    this.#show({ part: lensPart(this.#laws, spot, [width, height], window.devicePixelRatio || 1), middle });
  }

  // It is let go. held: by what, where it may be open by something else
  close(held: Holding | null = null): void {
    if (this.#held === null || (held !== null && held !== this.#held)) return;
    this.#held = null;
    this.element.hidden = true;
    this.#show(null);
  }
}
