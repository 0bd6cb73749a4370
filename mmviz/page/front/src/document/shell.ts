// What the document says of the page around the picture: mmviz.page.shell_section writes it.
import type { Pace } from "../playing/player";
import type { Command, Held } from "../shell/keys";
import type { Gestures } from "../shell/pointer";

export interface ShellSection {
  readonly step: number | null; // at which the page opens; null: it plays from the beginning
  readonly pace: Pace;
  readonly gestures: Gestures & { readonly delay: number; readonly closeUp: number };
  readonly commands: readonly Command[];
  readonly held: Held; // keys that do something while they are held
  readonly mouse: readonly (readonly [string, string])[];
  readonly light: boolean;
  readonly lines: Readonly<Record<string, readonly [number, number]>>; // by path: numbers of the lines that rows and columns lie on
  readonly alike: Readonly<Record<string, readonly (readonly [string, boolean])[]>>; // matrices with the same cell; true: turned
}
