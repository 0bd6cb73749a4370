// Find a matrix by some letters of its name, or a cell by its numbers, too; fly to it.
import { element } from "./elements";
import type { Cell, Named } from "./stage";

const CELL = /^(.*?)[\s[]+(\d+)[\s,]+(\d+)\s*\]?$/; // such as attn[3, 1]

export class Finder {
  readonly element: HTMLDialogElement;
  readonly #list: HTMLUListElement;
  readonly #field: HTMLInputElement;
  readonly #matrices: readonly Named[];
  readonly #chosen: (path: string, cell: Cell | null) => void;

  constructor(matrices: readonly Named[], chosen: (path: string, cell: Cell | null) => void) {
    this.#matrices = matrices;
    this.#chosen = chosen;
    this.#field = element("input", { type: "search", placeholder: "A matrix, or a cell: Q[3, 1]", "aria-label": "Find a matrix, or a cell of one" });
    this.#list = element("ul", { "aria-label": "Matrices" });
    this.element = element("dialog", { class: "finder", "aria-label": "Find a matrix" }, this.#field, this.#list);
    this.#field.addEventListener("input", () => {
      this.#fill();
    });
    this.#field.addEventListener("keydown", (event) => {
      this.#press(event);
    });
  }

  open(): void {
    this.#field.value = "";
    this.#fill();
    this.element.showModal();
    this.#field.focus();
  }

  #fill(): void {
    const typed = this.#field.value.trim().toLowerCase();
    const [, named, row, column] = CELL.exec(typed) ?? [];
    const wanted = named ?? typed;
    const cell = named === undefined ? null : { row: Number(row), column: Number(column) };
    const found = this.#matrices.filter((one) => {
      const has = cell === null || (cell.row < one.rows && cell.column < one.columns);
      return has && one.name.toLowerCase().includes(wanted);
    });
    found.sort((one, other) => rank(one, wanted) - rank(other, wanted));
    this.#list.replaceChildren(
      ...found.map((one) => {
        const choice = element("button", { type: "button" }, cell === null ? one.name : `${one.name}[${cell.row}, ${cell.column}]`, element("small", {}, `${one.rows} × ${one.columns}`));
        choice.addEventListener("click", () => {
          this.element.close();
          this.#chosen(one.path, cell === null ? null : { path: one.path, ...cell });
        });
        return element("li", {}, choice);
      }),
    );
    if (found.length === 0) this.#list.append(element("li", { class: "none" }, cell === null ? "No matrix has such a name." : "No matrix of such a name has that cell."));
  }

  #press(event: KeyboardEvent): void {
    const choices = [...this.#list.querySelectorAll("button")];
    if (event.key === "Enter") choices[0]?.click();
    else if (event.key === "ArrowDown") choices[0]?.focus();
    else return;
    event.preventDefault();
  }
}

// Names that are what was typed come first, then those that begin with it.
function rank(one: Named, wanted: string): number {
  const name = one.name.toLowerCase();
  return name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2;
}
