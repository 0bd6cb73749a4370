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

// Keys that do something while they are held: each with what that is.
export type Held = readonly (readonly [key: string, does: string])[];

export class Keys {
  readonly #commands = new Map<string, Command>();
  readonly #held: ReadonlySet<string>;

  constructor(commands: readonly Command[], held: Held) {
    this.#held = new Set(held.map(([key]) => key));
    for (const command of commands) for (const key of command.keys) this.#commands.set(key, command);
  }

  // The command of a key that was pressed; none while a text is typed, or where a held key does not repeat.
  of(event: KeyboardEvent): string | null {
    if (event.defaultPrevented || typed(event)) return null;
    const command = this.#commands.get(told(event));
    if (command === undefined || (event.repeat && !command.repeats)) return null;
    return command.name;
  }

  // Whether a key is held from now on that does something as long as it is.
  holds(event: KeyboardEvent): boolean {
    return !event.defaultPrevented && !event.repeat && !typed(event) && this.held(event);
  }

  // Whether a key is one of those, whatever else is held.
  held(event: KeyboardEvent): boolean {
    return this.#held.has(event.type === "keyup" ? nameOf(event) : told(event));
  }

  // Whether a key is one of a command, or belongs to what has the focus: to a field, a button or a slider.
  claims(event: KeyboardEvent): boolean {
    const target = event.composedPath()[0];
    const control = target instanceof HTMLElement && target.matches("input, button, select, dialog[open] *");
    return control || this.held(event) || this.#commands.has(told(event));
  }
}

// Whether a text is written with a key.
function typed(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return event.isComposing || (target instanceof HTMLInputElement && target.type !== "range");
}

function nameOf(event: KeyboardEvent): string {
  return NAMES[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
}

// A key as Qt writes it. Shift counts where the key is a letter: that of a sign is in the sign.
function told(event: KeyboardEvent): string {
  const name = nameOf(event);
  const letter = /^[A-Z]$/.test(name) || name.length > 1;
  const held = [event.ctrlKey || event.metaKey ? "Ctrl+" : "", event.altKey ? "Alt+" : ""];
  if (event.shiftKey && letter) held.push("Shift+");
  return held.join("") + name;
}

// The dialog with all keys.
export function help(commands: readonly Command[], held: Held, gestures: readonly (readonly [string, string])[]): HTMLDialogElement {
  const rows = commands.filter((one) => one.keys.length > 0).map((one) => row(one.keys.join(", "), one.text));
  rows.push(...held.map(([key, does]) => row(`${key}, held`, does)));
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
