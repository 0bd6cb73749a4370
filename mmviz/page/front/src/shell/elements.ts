// Elements of the page, made without markup: whatever text they get is text.

type Attributes = Readonly<Record<string, string | number | boolean>>;

// An element with attributes and what is in it; true stands for an attribute without a value, false for none.
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...inside: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...inside);
  return made;
}

// A button that shows a drawing of one path in a square of 24, and tells its words and its key.
export function button(words: string, key: string, path: string, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", title: key ? `${words} (${key})` : words, "aria-label": words });
  made.append(drawing(path));
  made.addEventListener("click", act);
  return made;
}

// Another drawing in the place of the one that a button shows.
export function redraw(one: HTMLButtonElement, path: string): void {
  one.replaceChildren(drawing(path));
}

function drawing(path: string): HTMLElement {
  const made = element("i", { "aria-hidden": "true" });
  made.style.clipPath = `path("${path}")`;
  return made;
}
