// The arrays of a page out of its inflated parts: mmviz.page.arrays.
import type { Arrays, Entry, Numbers, Ref } from "../document";

const KINDS = {
  f32: Float32Array,
  f64: Float64Array,
  u8: Uint8Array,
  u16: Uint16Array,
  i32: Int32Array,
} as const;

export class PartedArrays implements Arrays {
  readonly #entries: readonly Entry[];
  readonly #parts = new Map<number, ArrayBuffer>();
  readonly #made = new Map<number, Numbers>();

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  // A part has been read.
  put(part: number, bytes: ArrayBuffer): void {
    this.#parts.set(part, bytes);
  }

  there(ref: Ref): boolean {
    return this.#parts.has(this.#entry(ref).part);
  }

  get(ref: Ref): Numbers {
    let made = this.#made.get(ref.array);
    if (made === undefined) {
      const entry = this.#entry(ref);
      const bytes = this.#parts.get(entry.part);
      if (bytes === undefined) throw new Error(`array ${ref.array} has not been read yet`);
      made = numbers(entry, bytes);
      this.#made.set(ref.array, made);
    }
    return made;
  }

  #entry(ref: Ref): Entry {
    const entry = this.#entries[ref.array];
    if (entry === undefined) throw new Error(`there is no array ${ref.array}`);
    return entry;
  }
}

function numbers(entry: Entry, part: ArrayBuffer): Numbers {
  const kind = KINDS[entry.dtype];
  const count = entry.shape.reduce((product, side) => product * side, 1);
  if (!entry.planes) return new kind(part, entry.offset, count);
  const size = kind.BYTES_PER_ELEMENT;
  const planes = new Uint8Array(part, entry.offset, count * size);
  const whole = new Uint8Array(count * size);
  for (let plane = 0; plane < size; plane++) {
    const first = plane * count;
    for (let index = 0; index < count; index++) whole[index * size + plane] = planes[first + index]!;
  }
  return new kind(whole.buffer);
}
