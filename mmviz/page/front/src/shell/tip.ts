// The small plate beside the pointer: name, tokens and number of the cell there.
import { element } from "./elements";
import type { Pointed } from "./stage";

const AWAY = 14; // pixels from the pointer

export class Tip {
  readonly element = element("div", { class: "tip", hidden: true, "aria-hidden": "true" }); // what it says is said by the status, too
  readonly #delay: number;
  #timer = 0;
  #shown: Pointed | null = null;
  on = true;

  constructor(delay: number) {
    this.#delay = delay;
  }

  // Something, or nothing, is under the pointer at a place of what it lies in, in pixels from its upper left corner.
  point(pointed: Pointed | null, x: number, y: number): void {
    const same = pointed !== null && this.#shown !== null && alike(pointed, this.#shown);
    this.#shown = pointed;
    if (pointed === null || !this.on) {
      this.hide();
    } else if (!this.element.hidden) {
      this.#come(pointed, x, y);
    } else if (!same || this.#timer === 0) {
      window.clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => {
        this.#come(pointed, x, y);
      }, this.#delay);
    }
  }

  hide(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    this.element.hidden = true;
  }

  #come(pointed: Pointed, x: number, y: number): void {
    this.element.replaceChildren(
      element("b", {}, pointed.name),
      element("span", { class: "number" }, pointed.value),
      ...pointed.lines.map((line) => element("div", {}, line)),
    );
    this.element.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const around = this.element.parentElement;
    const left = x + AWAY + width > (around?.clientWidth ?? Infinity) ? x - AWAY - width : x + AWAY;
    const top = y + AWAY + height > (around?.clientHeight ?? Infinity) ? y - AWAY - height : y + AWAY;
    this.element.style.left = `${Math.max(left, 0)}px`;
    this.element.style.top = `${Math.max(top, 0)}px`;
  }
}

function alike(one: Pointed, other: Pointed): boolean {
  const { path, row, column } = one.cell;
  return path === other.cell.path && row === other.cell.row && column === other.cell.column && one.name === other.name;
}
