// What is said in one line: of the cell that is pointed at, to those who hear the page; and messages, to everybody.
import { element } from "./elements";

const SECONDS = 4; // that a message stays

export class Status {
  readonly element = element("p", { class: "status", role: "status", "aria-live": "polite" });
  readonly #hinted = new Set<string>();

  // To those who hear the page; the others see it elsewhere.
  tell(words: string): void {
    this.element.textContent = words;
    this.element.classList.remove("said");
  }

  // To everybody, once.
  hint(words: string): void {
    if (!this.#hinted.has(words)) this.say(words);
    this.#hinted.add(words);
  }

  // To everybody, for a while.
  say(words: string): void {
    this.element.textContent = words;
    this.element.classList.add("said");
    window.setTimeout(() => {
      if (this.element.textContent === words) this.tell("");
    }, 1000 * SECONDS);
  }
}
