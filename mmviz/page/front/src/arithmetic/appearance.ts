// Which cells of each matrix are there at a time, and which have just come: mmviz.picture.time.appearance.
import type { MatrixRecord, TimeSection, WayRecord } from "../document/time";
import type { Sweep } from "../picture/drawlist";
import { computed, type Triple } from "./algorithms";
import { blockOf } from "./cube";
import { EVERYWHERE, NOWHERE, same, turned } from "./sweep";

export type There = ReadonlyMap<string, Sweep>;

export class Appearance {
  readonly #nodes: readonly MatrixRecord[];
  readonly #time: TimeSection;

  constructor(nodes: readonly MatrixRecord[], time: TimeSection) {
    this.#nodes = nodes;
    this.#time = time;
  }

  // By path the cells that are there at time t and that will not change any more.
  at(t: number): There {
    const there = new Map<string, Sweep>();
    for (const node of this.#nodes) {
      there.set(node.path, t >= this.#time.ready[node.path]! ? EVERYWHERE : this.#coming(node, t, there));
    }
    return there;
  }

  // The cells of the terms of sums that make the newest cells of these, by path.
  taken(t: number, there: There): [string, Sweep][] {
    const moving = this.#nodes.filter((node) => {
      const own = there.get(node.path)!;
      return node.kind === "sum" && !same(own, EVERYWHERE) && !same(own, NOWHERE);
    });
    if (moving.length === 0) return [];
    const before = this.at(Math.floor(t) - 1);
    return moving.flatMap((node) => {
      const found = newest(there.get(node.path)!, before.get(node.path)!);
      const both: [string, Sweep][] = found === null ? [] : [[node.left, found], [node.right, found]];
      return both;
    });
  }

  // The cells that are there of a matrix that is not complete.
  #coming(node: MatrixRecord, t: number, there: There): Sweep {
    const time = this.#time;
    const order = time.orders[node.path];
    if (node.kind === "leaf" && node.target !== null) {
      const piecewise = order !== undefined || node.path in time.twins;
      return piecewise ? turned(there.get(node.target)!, node.transposed) : NOWHERE;
    }
    if (order === undefined || t < time.begins[node.path]!) return NOWHERE;
    if (node.kind === "sum") return common(there.get(node.left)!, there.get(node.right)!);
    if (node.kind === "product") return this.#ofProduct(node.path, time.ways[order]!, t);
    const arrival = time.arriving[node.path];
    if (arrival === undefined) return NOWHERE;
    const block: Triple = [arrival.block[0], 1, arrival.block[1]];
    return computed(time.ways[arrival.order]!, block, Math.floor(t) - arrival.begins);
  }

  #ofProduct(path: string, way: WayRecord, t: number): Sweep {
    return computed(way, blockOf(this.#time.cubes[path]!), Math.floor(t) - this.#time.runs[path]!.start);
  }
}

// The cells of two sweeps that go in one order, as far as both have come; NOWHERE where their orders differ.
export function common(a: Sweep, b: Sweep): Sweep {
  if (same(a, EVERYWHERE)) return b;
  if (same(b, EVERYWHERE)) return a;
  if (a.rowTurn !== b.rowTurn || a.columnTurn !== b.columnTurn) return NOWHERE;
  return b.last < a.last ? b : a;
}

// The cells that came in the last step; null where nothing did.
function newest(now: Sweep, before: Sweep): Sweep | null {
  const first = same(before, NOWHERE) ? 0 : before.last + 1;
  return first <= now.last ? { ...now, first } : null;
}
