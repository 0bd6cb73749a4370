// Rows of tables on their way to what is taken of these, one a step: mmviz.picture.time.takings.
import type { RunRecord, TakingRecord, TimeSection } from "../document/time";
import type { Matrix, Placement, Sweep } from "../picture/drawlist";
import { eased } from "./easing";
import type { Matrices } from "./matrices";
import { between, spot } from "./placement";
import { type Plane, plane } from "./planes";
import { sweep } from "./sweep";

export class Takings {
  readonly #time: TimeSection;
  readonly #matrices: Matrices;

  constructor(time: TimeSection, matrices: Matrices) {
    this.#time = time;
    this.#matrices = matrices;
  }

  // The cells that a step takes: an id, and the row that it names; nothing of what comes all at once.
  lit(path: string, run: RunRecord, step: number): [string, Sweep][] {
    const taking = this.#time.takings[path]!;
    if (run.algorithm === "whole" || !this.#matrices.there(taking.ids)) return [];
    const place = step - run.start;
    const column = this.#matrices.record(taking.ids).columns === 1;
    return [
      [taking.ids, line(column ? 0 : 1, place)],
      [taking.table, line(taking.turned ? 1 : 0, this.#id(taking, place))],
    ];
  }

  // The row on its way at time t, in steps.
  planes(path: string, run: RunRecord, t: number): Plane[] {
    const taking = this.#time.takings[path]!;
    if (run.algorithm === "whole" || !this.#matrices.there(taking.ids) || !this.#matrices.there(path)) return [];
    const place = Math.floor(t) - run.start;
    const start = lineOf(this.#matrices.record(taking.table).placement, this.#id(taking, place), taking.turned);
    const end = lineOf(this.#matrices.record(path).placement, place, taking.turned);
    const share = eased(t - Math.floor(t), this.#time.easing);
    const placement = between({ ...end, origin: start.origin }, end, share);
    const matrix = this.#line(this.#matrices.of(path), place, taking.turned);
    return [plane({ kind: "term", owner: path, placement, matrix })];
  }

  #id(taking: TakingRecord, place: number): number {
    return this.#matrices.of(taking.ids).values[place]!;
  }

  #line({ rows, columns, values }: Matrix, place: number, turned: boolean): Matrix {
    if (!turned) return { rows: 1, columns, values: values.slice(place * columns, (place + 1) * columns) };
    return { rows, columns: 1, values: Float32Array.from({ length: rows }, (_, i) => values[i * columns + place]!) };
  }
}

// Where one row of a matrix stands; turned: one column.
function lineOf(matrix: Placement, number: number, turned: boolean): Placement {
  if (turned) return { ...matrix, columns: 1, origin: spot(matrix, 0, number), columnBlock: 0 };
  return { ...matrix, rows: 1, origin: spot(matrix, number, 0), rowBlock: 0 };
}

function line(axis: 0 | 1, number: number): Sweep {
  return sweep({ rowTurn: axis === 0 ? 1 : 0, columnTurn: axis, first: number, last: number });
}
