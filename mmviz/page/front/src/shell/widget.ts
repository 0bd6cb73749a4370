// A scene in a notebook, by anywidget's contract: what is seen there and what Python has stay the same.
import type { Camera, Vector } from "../picture/drawlist";
import { sent } from "../reading/page";
import type { App } from "./app";
import { element } from "./elements";
import type { Session, Watcher } from "./link";
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

type Name = "step" | "playing" | "camera" | "picked";

const NAMES: readonly Name[] = ["step", "playing", "camera", "picked"];
const OFTEN = 100; // milliseconds between two messages to Python, at least
const SUPPRESSES = "data-lm-suppress-shortcuts"; // by which JupyterLab leaves a key to what has the focus
// Of a widget that is shown in several places, the one whose clock counts: where it was touched last.
const leading = new WeakMap<Model, Widget>();

class Widget implements Watcher {
  readonly #model: Model;
  readonly #root: ShadowRoot;
  #home: HTMLElement | null = null;
  #app: App | null = null;
  #telling = 0;
  #quiet = false; // what changes now is no news: to Python, or to this place
  #made = 0; // how many scenes have been begun; an older one that comes late is dropped

  constructor(model: Model, root: ShadowRoot) {
    this.#model = model;
    this.#root = root;
    const style = document.createElement("style");
    style.textContent = model.get("_style");
    root.append(style);
    if (!leading.has(model)) leading.set(model, this);
    for (const kind of ["pointerdown", "keydown"]) {
      root.addEventListener(kind, () => {
        leading.set(model, this);
      }, { capture: true });
    }
  }

  // Show the scene that Python has now; what was seen before stays as far as it is there.
  async show(): Promise<void> {
    const number = ++this.#made;
    const home = element("div", { tabindex: -1 });
    home.style.height = `${this.#model.get("height")}px`;
    try {
      await begin(home, sent(this.#model.get("_page")), null, this, (app) => {
        if (number !== this.#made) {
          app.end();
          return;
        }
        const before = this.#app;
        this.#app = null; // nothing that it does while it begins is news to Python
        this.#home?.remove();
        this.#home = home;
        this.#root.append(home);
        if (before !== null) app.take(before.session());
        before?.end();
        this.#app = app;
        this.take(before === null ? NAMES : ["step", "picked"]);
      });
    } catch (error) {
      this.#root.append(home);
      tell(home, error);
    }
  }

  // Somebody else has changed something: Python, or another place where the widget is shown.
  take(names: readonly Name[]): void {
    if (this.#app === null || this.#quiet) return;
    const model = this.#model;
    const taken = {
      step: { time: model.get("step"), chapter: null },
      playing: { playing: model.get("playing") },
      camera: { camera: cameraOf(model.get("camera")) },
      picked: { pinned: model.get("picked") },
    };
    this.#quiet = true;
    this.#app.take(names.reduce((session, name) => ({ ...session, ...taken[name] }), this.#app.session()));
    this.#quiet = false;
  }

  moved(_session: Session): void {
    if (this.#quiet || this.#app === null || this.#telling !== 0) return;
    this.#telling = window.setTimeout(() => {
      this.#telling = 0;
      this.#tell();
    }, OFTEN);
  }

  // The height that Python gives it.
  grow(): void {
    if (this.#home !== null) this.#home.style.height = `${this.#model.get("height")}px`;
  }

  // A key is pressed, here or elsewhere: whether it is one of the widget's, which its notebook leaves alone then.
  claim(event: KeyboardEvent): void {
    const inside = event.composedPath().includes(this.#root);
    this.#root.host.toggleAttribute(SUPPRESSES, inside && (this.#app?.claims(event) ?? false));
  }

  stop(): void {
    window.clearTimeout(this.#telling);
    this.#made++;
    this.#app?.end();
    this.#app = null;
    if (leading.get(this.#model) === this) leading.delete(this.#model);
  }

  // Tell Python what has changed.
  #tell(): void {
    const session = this.#app?.session();
    if (session === undefined) return;
    const told = { step: session.time ?? 0, playing: session.playing, camera: numbersOf(session.camera), picked: session.pinned };
    if (!leading.has(this.#model)) leading.set(this.#model, this);
    const follows = session.playing && leading.get(this.#model) !== this;
    const changed = NAMES.filter((name) => {
      return !(follows && name === "step") && JSON.stringify(this.#model.get(name)) !== JSON.stringify(told[name]);
    });
    this.#quiet = true;
    for (const name of changed) this.#model.set(name, told[name]);
    this.#quiet = false;
    if (changed.length > 0) this.#model.save_changes();
  }
}

// anywidget calls this for every place where the widget is shown.
export function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const host = element("div", {});
  el.append(host);
  const widget = new Widget(model, host.attachShadow({ mode: "open" }));
  const acts: [string, () => void][] = NAMES.map((name) => [`change:${name}`, (): void => { widget.take([name]); }]);
  acts.push(["change:_page", (): void => { void widget.show(); }], ["change:height", (): void => { widget.grow(); }]);
  const claim = (event: KeyboardEvent): void => {
    widget.claim(event);
  };
  for (const [event, act] of acts) model.on(event, act);
  window.addEventListener("keydown", claim, { capture: true });
  void widget.show();
  return () => {
    for (const [event, act] of acts) model.off(event, act);
    window.removeEventListener("keydown", claim, { capture: true });
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
