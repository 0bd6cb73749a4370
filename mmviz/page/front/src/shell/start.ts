// The page begins: it reads itself, draws, and says in one line what keeps it from that.
import { open, readOn } from "../reading/page";
import { PageAddress } from "./address";
import { App } from "./app";
import { DrawnStage } from "./drawn_stage";
import { element } from "./elements";

// Begin in a page whose data stand in it.
export function start(page: Document): void {
  begin(page).catch((error: unknown) => {
    tell(error instanceof Error ? error.message : String(error));
  });
}

async function begin(page: Document): Promise<void> {
  const opened = await open(page);
  const canvas = element("canvas", { tabindex: 0, role: "img" });
  page.body.append(canvas);
  let app: App | null = null;
  const stage = new DrawnStage(canvas, opened.header, opened.arrays, (there) => {
    if (there) app?.refresh();
    else tell("The graphics card was lost; the picture comes back when it does.");
  });
  app = new App(page.body, canvas, stage, opened.header.shell, new PageAddress());
  await readOn(page, opened, () => {
    app.refresh();
  });
  page.body.dataset.read = "yes";
}

function tell(message: string): void {
  document.querySelector(".trouble")?.remove();
  document.body.append(element("p", { class: "trouble", role: "alert" }, message));
}
