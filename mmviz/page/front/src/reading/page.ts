// A page reads itself: its header, and then the parts of its numbers, one after the other in the background.
import type { Header } from "../document";
import { PartedArrays } from "./arrays";
import { undense } from "./dense";

export interface Opened {
  readonly header: Header;
  readonly arrays: PartedArrays;
}

// Read the header and the first part, in which all small arrays are.
export async function open(page: Document): Promise<Opened> {
  const header = JSON.parse(new TextDecoder().decode(await inflated(page, "document"))) as Header;
  const arrays = new PartedArrays(header.arrays);
  await readPart(page, header, arrays, 0);
  return { header, arrays };
}

// Read the other parts; `read` is told after each how many are there.
export async function readOn(page: Document, opened: Opened, read: (parts: number) => void): Promise<void> {
  const { header, arrays } = opened;
  for (let part = 1; part < header.parts.length; part++) {
    await readPart(page, header, arrays, part);
    read(part + 1);
    await new Promise((resume) => setTimeout(resume));
  }
}

async function readPart(page: Document, header: Header, arrays: PartedArrays, part: number): Promise<void> {
  const bytes = await inflated(page, `part-${part}`);
  if (bytes.byteLength !== header.parts[part]) throw cutOff();
  arrays.put(part, bytes);
}

async function inflated(page: Document, name: string): Promise<ArrayBuffer> {
  const blocks = [...page.querySelectorAll<HTMLScriptElement>(`script[data-of="${name}"]`)];
  if (blocks.length === 0) throw cutOff();
  const bytes = Number(blocks[0]!.dataset.bytes);
  const packed = undense(blocks.map((block) => block.textContent)).subarray(0, bytes);
  for (const block of blocks) block.remove(); // the text is of no use any more, and large
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  try {
    return await new Response(stream).arrayBuffer();
  } catch {
    throw cutOff();
  }
}

function cutOff(): Error {
  return new Error("this file is not whole: a part of its numbers is missing. Save or download it once more.");
}
