// The bar below the picture: play, step, scrub over the chapters, speed, loop, which step is shown; and ways to the rest.
import type { Player } from "../playing/player";
import { button, element, redraw } from "./elements";

const PLAY = "M7 4 L20 12 L7 20 Z";
const PAUSE = "M6 4 H10 V20 H6 Z M14 4 H18 V20 H14 Z";
const ON = "M5 4 L15 12 L5 20 Z M16 4 H19 V20 H16 Z";
const BACK = "M19 4 L9 12 L19 20 Z M5 4 H8 V20 H5 Z";
const LOOP = "M6 13 V11 A4 4 0 0 1 10 7 H16 V4 L21 8.5 L16 13 V10 H10 A1 1 0 0 0 9 11 V13 Z M18 11 V13 A4 4 0 0 1 14 17 H8 V20 L3 15.5 L8 11 V14 H14 A1 1 0 0 0 15 13 V11 Z";
const FIND = "M10 3 A7 7 0 1 0 14.2 15.6 L19.5 21 L21 19.5 L15.6 14.2 A7 7 0 0 0 10 3 Z M10 5 A5 5 0 1 1 10 15 A5 5 0 1 1 10 5 Z";
const HOME = "M12 3 L22 12 H19 V21 H14 V15 H10 V21 H5 V12 H2 Z";
const HELP = "M11 17 H13 V19 H11 Z M12 4 A5 5 0 0 0 7 9 H9 A3 3 0 1 1 13.6 11.5 C12 12.6 11 13.2 11 15.5 H13 C13 14 13.8 13.5 15 12.6 A5 5 0 0 0 12 4 Z";
const WHOLE = "M4 4 H10 V6 H6 V10 H4 Z M14 4 H20 V10 H18 V6 H14 Z M4 14 H6 V18 H10 V20 H4 Z M18 14 H20 V20 H14 V18 H18 Z";
const FINENESS = 100; // places of the slider in one step

export class Bar {
  readonly element: HTMLElement;
  readonly #play: HTMLButtonElement;
  readonly #loop: HTMLButtonElement;
  readonly #slider: HTMLInputElement;
  readonly #counter: HTMLOutputElement;
  readonly #speed: HTMLSelectElement;
  readonly #player: Player;

  constructor(player: Player, rates: readonly number[], act: (command: string) => void, changed: () => void) {
    this.#player = player;
    const does = (command: string) => (): void => {
      act(command);
    };
    this.#play = button("Play or pause", "Space", PLAY, does("play"));
    this.#loop = button("Play again and again", "Ctrl+R", LOOP, does("loop"));
    this.#slider = element("input", {
      type: "range",
      min: 0,
      max: Math.max(player.steps, 1) * FINENESS,
      "aria-label": "Step of the animation",
      list: "chapters",
    });
    this.#slider.addEventListener("input", () => {
      player.seek(Number(this.#slider.value) / FINENESS);
      changed();
    });
    this.#counter = element("output", { class: "counter" });
    this.#speed = element("select", { title: "Speed, as a multiple of the scene's own ([ and ])", "aria-label": "Speed" });
    for (const rate of rates) this.#speed.append(element("option", { value: rate }, `${rate}×`));
    this.#speed.addEventListener("change", () => {
      player.rate = Number(this.#speed.value);
      changed();
    });
    this.element = element(
      "div",
      { class: "bar", role: "toolbar", "aria-label": "Playback" },
      button("Step back", "Left", BACK, does("step_back")),
      this.#play,
      button("Step on", "Right", ON, does("step_on")),
      this.#chapters(),
      this.#counter,
      element("span", { class: "break" }),
      this.#speed,
      this.#loop,
      button("Find a matrix", "Ctrl+F", FIND, does("find")),
      button("Back to the scene's own view", "R", HOME, does("reset")),
      ...(document.fullscreenEnabled ? [button("Full screen", "F11", WHOLE, does("full_screen"))] : []),
      button("Keys", "H", HELP, does("help")),
    );
    this.update();
  }

  // Show what the player shows.
  update(): void {
    const player = this.#player;
    this.#slider.value = String(Math.round(player.time * FINENESS));
    this.#slider.setAttribute("aria-valuetext", `step ${Math.floor(player.time)} of ${player.steps}`);
    this.#counter.textContent = `${Math.floor(player.time + 1e-6)} / ${player.steps}`;
    this.#speed.value = String(player.rate);
    this.#loop.setAttribute("aria-pressed", String(player.loop));
    const told = player.playing ? "true" : "false";
    if (this.#play.getAttribute("aria-pressed") !== told) {
      this.#play.setAttribute("aria-pressed", told);
      redraw(this.#play, player.playing ? PAUSE : PLAY);
    }
  }

  // The slider, and the beginnings of the chapters on it.
  #chapters(): HTMLElement {
    const steps = Math.max(this.#player.steps, 1);
    const firsts = [...new Set(this.#player.chapters.map((one) => one.first))].filter((first) => first > 0);
    const marks = firsts.map((first) => {
      const title = this.#player.chapters.find((one) => one.first === first)?.title ?? "";
      const mark = element("i", { class: "mark", title });
      mark.style.left = `${(100 * first) / steps}%`;
      return mark;
    });
    return element("div", { class: "scrub" }, ...marks, this.#slider);
  }
}
