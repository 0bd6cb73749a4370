// The panel that tells how the number of one cell comes about, with ways on to what it is made of.
import { element } from "./elements";
import type { Place } from "./pointer";
import type { Cell, Product, Told } from "./stage";

const MOST = 200; // products in the table; the rest is told as one line

export class Explaining {
  readonly element = element("aside", { class: "explain", "aria-label": "How this number comes about", hidden: true });
  readonly #wanted: (cell: Cell) => void;
  readonly #closed: () => void;

  constructor(wanted: (cell: Cell) => void, closed: () => void) {
    this.#wanted = wanted;
    this.#closed = closed;
  }

  // It stands on the other side than a place of the picture that was clicked.
  away({ x, y }: Place): void {
    if (!this.element.hidden) return;
    this.element.classList.toggle("left", x > 0.5);
    this.element.classList.toggle("upper", y > 0.5);
  }

  show(told: Told | null): void {
    this.element.hidden = told === null;
    if (told === null) return;
    const close = element("button", { type: "button", class: "close", "aria-label": "Let go of this cell", title: "Let go (Esc)" }, "×");
    close.addEventListener("click", this.#closed);
    const parts: Node[] = [close, element("h2", {}, told.name, element("span", { class: "number" }, `= ${told.value}`))];
    parts.push(element("p", { class: "quiet" }, told.story), element("p", {}, told.origin));
    for (const operand of told.operands) parts.push(this.#way(operand.name, operand.value, operand.cell));
    if (told.products.length > 0) parts.push(...this.#products(told));
    for (const stage of told.stages) {
      const rows = stage.quantities.map(([name, value]) => element("tr", {}, element("th", {}, name), element("td", {}, value)));
      const head = element("p", { class: "stage" }, element("b", {}, stage.words), ": ", stage.value);
      parts.push(head, element("code", {}, stage.formula), element("table", { class: "quantities" }, element("tbody", {}, ...rows)));
    }
    if (told.scale) parts.push(element("p", { class: "quiet" }, told.scale));
    this.element.replaceChildren(...parts);
    this.element.scrollTop = 0;
  }

  #way(name: string, value: string, cell: Cell): HTMLElement {
    const made = element("button", { type: "button", class: "way" }, name, element("span", { class: "number" }, value));
    made.addEventListener("click", () => {
      this.#wanted(cell);
    });
    return made;
  }

  #products(told: Told): Node[] {
    const heads = ["", ...told.columns, "product", "so far"].map((text) => element("th", { scope: "col" }, text));
    const shown = told.products.slice(0, MOST);
    const table = element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...shown.map((one) => this.#row(one))),
    );
    const rest = told.products.length - shown.length;
    return rest > 0 ? [table, element("p", { class: "quiet" }, `and ${rest} smaller products`)] : [table];
  }

  #row(one: Product): HTMLElement {
    const factors = ([one.left, one.right] as const).map((value, side) => {
      const way = element("button", { type: "button" }, value);
      way.addEventListener("click", () => {
        this.#wanted(one.cells[side as 0 | 1]);
      });
      return element("td", {}, way);
    });
    const share = element("td", { class: "share" }, one.masked ? "masked" : one.product);
    share.style.setProperty("--share", `${100 * one.share}%`);
    return element("tr", {}, element("th", { scope: "row" }, one.k), ...factors, share, element("td", {}, one.running));
  }
}
