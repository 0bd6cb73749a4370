// The data of a scene are read: the header, and then the parts of its numbers, one after the other in the background.
import type { Header } from "../document";
import { PartedArrays } from "./arrays";
import { undense } from "./dense";

const TOO_OLD = "This browser is too old for this page: it cannot inflate numbers (DecompressionStream).";

export interface Opened {
  readonly header: Header;
  readonly arrays: PartedArrays;
}

// Where the deflated data are: by the name of a block, once; null where there is none.
export type Source = (name: string) => Uint8Array<ArrayBuffer> | null;

// Read the header and the first part, in which all small arrays are.
export async function open(source: Source): Promise<Opened> {
  const header = JSON.parse(new TextDecoder().decode(await inflated(source, "document"))) as Header;
  const arrays = new PartedArrays(header.arrays);
  await readPart(source, header, arrays, 0);
  return { header, arrays };
}

// Read the other parts; `read` is told after each.
export async function readOn(source: Source, { header, arrays }: Opened, read: () => void): Promise<void> {
  for (let part = 1; part < header.parts.length; part++) {
    await readPart(source, header, arrays, part);
    read();
    await new Promise((resume) => setTimeout(resume));
  }
}

// The data that stand in a page as dense text.
export function standing(page: Document): Source {
  return (name) => {
    const blocks = [...page.querySelectorAll<HTMLScriptElement>(`script[data-of="${name}"]`)];
    if (blocks.length === 0) return null;
    const bytes = Number(blocks[0]!.dataset.bytes);
    const packed = undense(blocks.map((block) => block.textContent)).subarray(0, bytes);
    for (const block of blocks) block.remove(); // the text is of no use any more, and large
    return packed;
  };
}

// The data that a widget was sent: four bytes that say how long the header is, the header, and the parts.
export function sent(message: DataView<ArrayBuffer>): Source {
  const length = message.getUint32(0, true);
  const at = (first: number, size: number): Uint8Array<ArrayBuffer> =>
    new Uint8Array(message.buffer, message.byteOffset + first, size);
  const sizes = new Uint32Array(at(4 + length, message.byteLength - 4 - length).slice(0, 4).buffer);
  const parts = sizes[0] ?? 0;
  const table = new Uint32Array(at(8 + length, 4 * parts).slice().buffer);
  return (name) => {
    if (name === "document") return at(4, length);
    const part = Number(name.replace("part-", ""));
    if (!(part < parts)) return null;
    const before = table.subarray(0, part).reduce((sum, size) => sum + size, 0);
    return at(8 + length + 4 * parts + before, table[part]!);
  };
}

async function readPart(source: Source, header: Header, arrays: PartedArrays, part: number): Promise<void> {
  const bytes = await inflated(source, `part-${part}`);
  if (bytes.byteLength !== header.parts[part]) throw cutOff();
  arrays.put(part, bytes);
}

async function inflated(source: Source, name: string): Promise<ArrayBuffer> {
  if (typeof DecompressionStream === "undefined") throw new Error(TOO_OLD);
  const packed = source(name);
  if (packed === null) throw cutOff();
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  try {
    return await new Response(stream).arrayBuffer();
  } catch {
    throw cutOff();
  }
}

function cutOff(): Error {
  return new Error("This file is not whole: a part of its numbers is missing. Save or download it once more.");
}
