// The page begins: it reads itself, draws, and says in one line what keeps it from that.
import { open, readOn, standing, type Source } from "../reading/page";
import { PageAddress } from "./address";
import { App } from "./app";
import { DrawnStage } from "./drawn_stage";
import { element } from "./elements";
import type { Watcher } from "./link";
import type { Address } from "./remembering";

const LOST = "The graphics card was lost; the picture comes back when it does.";

// Begin in a page whose data stand in it.
export function start(page: Document): void {
  page.querySelector(".reading")?.remove();
  begin(page.body, standing(page), new PageAddress()).catch((error: unknown) => {
    tell(page.body, error);
  });
}

// Draw a scene in an element.
//   ready: told of what the element has become, before all numbers are there
export async function begin(
  home: HTMLElement,
  source: Source,
  address: Address | null,
  watcher: Watcher | null = null,
  ready: (app: App) => void = () => undefined,
): Promise<App> {
  const opened = await open(source);
  const canvas = element("canvas", { tabindex: 0, role: "img" });
  home.append(canvas);
  let app: App | null = null;
  const stage = new DrawnStage(canvas, opened.header, opened.arrays, (there) => {
    if (!there) tell(home, LOST);
    else {
      if (home.querySelector(".trouble")?.textContent === LOST) home.querySelector(".trouble")?.remove();
      app?.refresh();
    }
  }, (why) => {
    tell(home, why);
  });
  app = new App(home, canvas, stage, opened.header.shell, address, watcher);
  ready(app);
  await readOn(source, opened, () => {
    app.refresh();
  });
  home.dataset.read = "yes";
  return app;
}

export function tell(home: HTMLElement, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  home.querySelector(".trouble")?.remove();
  home.classList.add("mmviz");
  home.append(element("p", { class: "trouble", role: "alert" }, message));
}
