// Find a matrix by some letters of its name, and fly to it.
import { element } from "./elements";
import type { Named } from "./stage";

export class Finder {
  readonly element: HTMLDialogElement;
  readonly #list: HTMLUListElement;
  readonly #field: HTMLInputElement;
  readonly #matrices: readonly Named[];
  readonly #chosen: (path: string) => void;

  constructor(matrices: readonly Named[], chosen: (path: string) => void) {
    this.#matrices = matrices;
    this.#chosen = chosen;
    this.#field = element("input", { type: "search", placeholder: "Find a matrix", "aria-label": "Find a matrix" });
    this.#list = element("ul", { role: "listbox", "aria-label": "Matrices" });
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
    const wanted = this.#field.value.trim().toLowerCase();
    const found = this.#matrices.filter((one) => one.name.toLowerCase().includes(wanted));
    found.sort((one, other) => rank(one, wanted) - rank(other, wanted));
    this.#list.replaceChildren(
      ...found.map((one) => {
        const choice = element("button", { type: "button" }, one.name, element("small", {}, `${one.rows} × ${one.columns}`));
        choice.addEventListener("click", () => {
          this.element.close();
          this.#chosen(one.path);
        });
        return element("li", { role: "option" }, choice);
      }),
    );
    if (found.length === 0) this.#list.append(element("li", { class: "none" }, "No matrix has such a name."));
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
