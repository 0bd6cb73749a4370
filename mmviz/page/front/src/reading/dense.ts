// Text that holds fifteen bits in each of its units, as bytes again: mmviz.page.dense.

const FIRST = 0x4000;
const BITS = 15;

// Bytes of one text after the other. Feed the pieces in order; `end` gives the bytes of all of them.
export function undense(pieces: Iterable<string>): Uint8Array<ArrayBuffer> {
  const texts = [...pieces];
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  const bytes = new Uint8Array(Math.floor((units * BITS) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const text of texts) {
    for (let index = 0; index < text.length; index++) {
      held = (held << BITS) | (text.charCodeAt(index) - FIRST);
      bits += BITS;
      while (bits >= 8) {
        bits -= 8;
        bytes[at++] = held >> bits;
      }
      held &= (1 << bits) - 1;
    }
  }
  return bytes;
}
