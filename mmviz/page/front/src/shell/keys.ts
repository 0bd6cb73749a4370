// Keys: which command a key gives, by the table that the window has, too; and the list of them that H shows.
import { element } from "./elements";

export interface Command {
  readonly name: string;
  readonly menu: string;
  readonly text: string;
  readonly keys: readonly string[]; // as Qt writes them, such as Ctrl+F, PgDown, Right
  readonly repeats: boolean; // again and again while its key is held
}

const NAMES: Readonly<Record<string, string>> = {
  " ": "Space",
  ArrowRight: "Right",
  ArrowLeft: "Left",
  ArrowUp: "Up",
  ArrowDown: "Down",
  PageDown: "PgDown",
  PageUp: "PgUp",
  Escape: "Esc",
};

export class Keys {
  readonly #commands = new Map<string, Command>();

  constructor(commands: readonly Command[]) {
    for (const command of commands) for (const key of command.keys) this.#commands.set(key, command);
  }

  // The command of a key that was pressed; none while a text is typed, or where a held key does not repeat.
  of(event: KeyboardEvent): string | null {
    const target = event.composedPath()[0];
    const typed = target instanceof HTMLInputElement && target.type !== "range";
    if (event.defaultPrevented || event.isComposing || typed) return null;
    const command = this.#commands.get(told(event));
    if (command === undefined || (event.repeat && !command.repeats)) return null;
    return command.name;
  }

  // Whether a key is one of a command, or belongs to what has the focus: to a field, a button or a slider.
  claims(event: KeyboardEvent): boolean {
    const target = event.composedPath()[0];
    const control = target instanceof HTMLElement && target.matches("input, button, select, dialog[open] *");
    return control || this.#commands.has(told(event));
  }
}

// A key as Qt writes it. Shift counts where the key is a letter: that of a sign is in the sign.
function told(event: KeyboardEvent): string {
  const name = NAMES[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const letter = /^[A-Z]$/.test(name) || name.length > 1;
  const held = [event.ctrlKey || event.metaKey ? "Ctrl+" : "", event.altKey ? "Alt+" : ""];
  if (event.shiftKey && letter) held.push("Shift+");
  return held.join("") + name;
}

// The dialog with all keys.
export function help(commands: readonly Command[], gestures: readonly (readonly [string, string])[]): HTMLDialogElement {
  const rows = commands.filter((one) => one.keys.length > 0).map((one) => row(one.keys.join(", "), one.text));
  const close = element("button", { type: "button", class: "close", "aria-label": "Close" }, "×");
  const made = element(
    "dialog",
    { class: "help", "aria-label": "Keys" },
    close,
    element("h2", {}, "Keys"),
    element("table", {}, element("tbody", {}, ...rows)),
    element("h2", {}, "Mouse and fingers"),
    element("table", {}, element("tbody", {}, ...gestures.map(([what, does]) => row(what, does)))),
  );
  close.addEventListener("click", () => {
    made.close();
  });
  return made;
}

function row(left: string, right: string): HTMLTableRowElement {
  return element("tr", {}, element("th", { scope: "row" }, left), element("td", {}, right));
}
