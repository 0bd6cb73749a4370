// A scene in a notebook, by anywidget's contract: what is seen there and what Python has stay the same.
import type { Camera, Vector } from "../picture/drawlist";
import { sent } from "../reading/page";
import type { App, Watcher } from "./app";
import { element } from "./elements";
import type { Session } from "./link";
import { begin, tell } from "./start";

// What Python and the widget have in common.
interface Shared {
  readonly _page: DataView<ArrayBuffer>; // the data of the scene
  readonly _style: string;
  readonly height: number; // pixels
  readonly step: number;
  readonly playing: boolean;
  readonly camera: readonly number[]; // position, target, up, view angle; none: the scene's own
  readonly picked: { readonly path: string; readonly row: number; readonly column: number } | null;
}

interface Model {
  get<Name extends keyof Shared>(name: Name): Shared[Name];
  set<Name extends keyof Shared>(name: Name, value: Shared[Name]): void;
  save_changes(): void;
  on(event: string, act: () => void): void;
  off(event: string, act: () => void): void;
}

const OFTEN = 100; // milliseconds between two messages to Python, at least

class Widget implements Watcher {
  readonly #model: Model;
  readonly #root: ShadowRoot;
  #home: HTMLElement | null = null;
  #app: App | null = null;
  #telling = 0;
  #taking = false;
  #made = 0; // how many scenes have been begun; an older one that comes late is dropped

  constructor(model: Model, root: ShadowRoot) {
    this.#model = model;
    this.#root = root;
    const style = document.createElement("style");
    style.textContent = model.get("_style");
    root.append(style);
  }

  // Show the scene that Python has now; what was seen before stays as far as it is there.
  async show(): Promise<void> {
    const number = ++this.#made;
    const before = this.#app?.session() ?? null;
    const home = element("div", { tabindex: 0 });
    home.style.height = `${this.#model.get("height")}px`;
    try {
      await begin(home, sent(this.#model.get("_page")), null, this, (app) => {
        if (number !== this.#made) return;
        this.#home?.remove();
        this.#home = home;
        this.#root.append(home);
        this.#app = null; // nothing that it does while it begins is news to Python
        if (before !== null) app.take(before);
        this.#app = app;
        if (before === null) this.take();
      });
    } catch (error) {
      this.#root.append(home);
      tell(home, error);
    }
  }

  // Python has changed something.
  take(): void {
    if (this.#app === null || this.#telling !== 0) return;
    const now = this.#app.session();
    const model = this.#model;
    this.#taking = true;
    this.#app.take({
      ...now,
      time: model.get("step"),
      playing: model.get("playing"),
      camera: cameraOf(model.get("camera")),
      pinned: model.get("picked"),
    });
    this.#taking = false;
  }

  moved(_session: Session): void {
    if (this.#taking || this.#app === null || this.#telling !== 0) return;
    this.#telling = window.setTimeout(() => {
      this.#telling = 0;
      this.#tell();
    }, OFTEN);
  }

  stop(): void {
    window.clearTimeout(this.#telling);
    this.#made++;
    this.#app = null;
  }

  // Tell Python what has changed.
  #tell(): void {
    const session = this.#app?.session();
    if (session === undefined) return;
    const told = { step: session.time ?? 0, playing: session.playing, camera: numbersOf(session.camera), picked: session.pinned };
    const changed = (Object.keys(told) as (keyof typeof told)[]).filter((name) => {
      return JSON.stringify(this.#model.get(name)) !== JSON.stringify(told[name]);
    });
    for (const name of changed) this.#model.set(name, told[name]);
    if (changed.length > 0) this.#model.save_changes();
  }
}

// anywidget calls this for every place where the widget is shown.
export function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const widget = new Widget(model, el.attachShadow({ mode: "open" }));
  const take = (): void => {
    widget.take();
  };
  const show = (): void => {
    void widget.show();
  };
  const names = ["step", "playing", "camera", "picked"];
  for (const name of names) model.on(`change:${name}`, take);
  model.on("change:_page", show);
  show();
  return () => {
    for (const name of names) model.off(`change:${name}`, take);
    model.off("change:_page", show);
    widget.stop();
  };
}

function numbersOf(camera: Camera | null): number[] {
  return camera === null ? [] : [...camera.position, ...camera.target, ...camera.up, camera.viewAngle];
}

function cameraOf(numbers: readonly number[]): Camera | null {
  if (numbers.length !== 10) return null;
  const at = (first: number): Vector => [numbers[first]!, numbers[first + 1]!, numbers[first + 2]!];
  return { position: at(0), target: at(3), up: at(6), viewAngle: numbers[9]! };
}
