// Which elements dropout drops: mmviz.scene.language.dropped, in numbers of 32 bits.
import type { Dressed, First } from "./functions";

const GOLDEN = 0x9e3779b9;
const WORDS = 2 ** 32;

export function isDropped(i: number, j: number, p: number, seed: number): boolean {
  const start = scattered((seed % WORDS) ^ scattered(Math.floor(seed / WORDS) + GOLDEN));
  return scattered(Math.imul(scattered(start ^ i), 5) + j) >>> 0 < p * WORDS;
}

// What is dropped is 0; what is kept is divided by the share of what is kept.
export function droppedOut(given: Dressed, p: number, seed: number, first: First): Float64Array {
  const { columns, x } = given;
  return x.map((one, index) => {
    const [i, j] = [first[0] + Math.floor(index / columns), first[1] + (index % columns)];
    return isDropped(i, j, p, seed) ? 0 : one / (1 - p);
  });
}

function scattered(word: number): number {
  let found = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  found = Math.imul(found ^ (found >>> 13), 0xc2b2ae35);
  return found ^ (found >>> 16);
}
