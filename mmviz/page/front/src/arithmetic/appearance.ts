// Which cells of each matrix are there at a time, and which have just come: mmviz.picture.time.appearance.
import type { JoinRecord, MatrixRecord, TimeSection, WayRecord } from "../document/time";
import type { Sweep } from "../picture/drawlist";
import { computed, type Triple } from "./algorithms";
import { blockOf } from "./cube";
import { EVERYWHERE, NOWHERE, same, sweep, turned } from "./sweep";

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

  // The cells of the terms of sums and of the parts of joins that make the newest cells of these, by path.
  taken(t: number, there: There): [string, Sweep][] {
    const moving = this.#nodes.filter((node) => {
      const own = there.get(node.path)!;
      return node.path in this.#time.orders && gathers(node) && !same(own, EVERYWHERE) && !same(own, NOWHERE);
    });
    if (moving.length === 0) return [];
    const before = this.at(Math.floor(t) - 1);
    return moving.flatMap((node) => {
      const found = newest(there.get(node.path)!, before.get(node.path)!);
      return found === null ? [] : argumentsOf(node).map((path): [string, Sweep] => [path, found]);
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
    if (node.path in time.joins) return this.#prefix(time.joins[node.path]!, t);
    if (order === undefined || t < time.begins[node.path]!) return NOWHERE;
    if (gathers(node)) return argumentsOf(node).map((path) => there.get(path)!).reduce(common);
    if (node.kind === "product" || node.kind === "taken") return this.#ofProduct(node.path, time.ways[order]!, t);
    const arrival = time.arriving[node.path];
    if (arrival === undefined) return NOWHERE;
    const block: Triple = [arrival.block[0], 1, arrival.block[1]];
    return computed(time.ways[arrival.order]!, block, Math.floor(t) - arrival.begins);
  }

  // The parts of a join that are complete, as far as all before them are.
  #prefix({ axis, parts }: JoinRecord, t: number): Sweep {
    const coming = parts.findIndex(({ path }) => t < this.#time.ready[path]!);
    const complete = coming < 0 ? parts : parts.slice(0, coming);
    const length = complete.reduce((sum, { placement }) => sum + [placement.rows, placement.columns][axis]!, 0);
    if (length === 0) return NOWHERE;
    return sweep({ rowTurn: axis === 0 ? 1 : 0, columnTurn: axis, first: 0, last: length - 1 });
  }

  #ofProduct(path: string, way: WayRecord, t: number): Sweep {
    const block = this.#time.takings[path]?.block ?? blockOf(this.#time.cubes[path]!);
    return computed(way, block, Math.floor(t) - this.#time.runs[path]!.start);
  }
}

// Whether the cells of a matrix come with those of what it is made of.
function gathers(node: MatrixRecord): boolean {
  return ["sum", "join", "cut", "reduced"].includes(node.kind);
}

// The paths of the terms of a sum, of the parts of a join, or of what is cut or reduced.
function argumentsOf(node: MatrixRecord): string[] {
  if (node.pieces.length > 0) return node.pieces.map(({ path }) => path);
  return node.kind === "reduced" ? [node.left] : [node.left, node.right];
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
