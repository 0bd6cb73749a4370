// The page begins: it reads itself, draws, and says in one line what keeps it from that.
import { open, readOn } from "../reading/page";

// Begin in a page whose data stand in it.
export function start(page: Document): void {
  begin(page).catch((error: unknown) => {
    tell(page, error instanceof Error ? error.message : String(error));
  });
}

async function begin(page: Document): Promise<void> {
  const opened = await open(page);
  const heading = page.createElement("h1");
  heading.textContent = opened.header.title;
  page.body.append(heading);
  await readOn(page, opened, () => undefined);
}

function tell(page: Document, message: string): void {
  const line = page.createElement("p");
  line.setAttribute("role", "alert");
  line.className = "trouble";
  line.textContent = message;
  page.body.append(line);
}
