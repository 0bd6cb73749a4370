// A blockwise attention in space and time: mmviz.picture.time.tiling.
import type { TilesRecord, TimeSection } from "../document/time";
import type { Matrix, Placement, Sweep } from "../picture/drawlist";
import { I, J } from "./algorithms";
import { Blockwise, cellsOf, keysOf, rowsOf, type Stage, tileOf, type Turn, turnsOf } from "./blockwise";
import { slice } from "./cube";
import { eased } from "./easing";
import type { Finishing } from "./finishing";
import type { Matrices } from "./matrices";
import { between, spot } from "./placement";
import { type Plane, plane } from "./planes";
import { summed } from "./products";
import { sweep } from "./sweep";

export class Tiling {
  readonly path: string;
  readonly tiles: TilesRecord;
  readonly turns: readonly Turn[];
  readonly #time: TimeSection;
  readonly #matrices: Matrices;
  readonly #finishing: Finishing;
  #attention: Blockwise | null = null;
  #latest: { readonly step: number; readonly stage: Stage } | null = null;

  constructor(path: string, tiles: TilesRecord, time: TimeSection, matrices: Matrices, finishing: Finishing) {
    this.path = path;
    this.tiles = tiles;
    this.turns = turnsOf(tiles);
    this.#time = time;
    this.#matrices = matrices;
    this.#finishing = finishing;
  }

  // Whether all numbers have been read that it is computed from.
  get there(): boolean {
    const { scores, queries, keys, mixed } = this.tiles;
    return [this.path, scores, queries, keys, mixed].every((path) => this.#matrices.there(path));
  }

  // What is known after a step of the run.
  stage(step: number): Stage {
    if (this.#latest?.step !== step) this.#latest = { step, stage: this.#computed.at(this.turns[step]!) };
    return this.#latest.stage;
  }

  // What the scores, or the product itself, show in a step.
  matrix(path: string, step: number): Matrix {
    const stage = this.stage(step);
    return path === this.tiles.scores ? stage.weights : stage.sums;
  }

  // The cells of the scores, or of the product itself, that are there.
  shown(path: string, step: number): Sweep {
    const turn = this.turns[step]!;
    if (path === this.tiles.scores) return cellsOf(this.tiles, turn);
    return this.#rows(0, turn.query - (turn.phase === "scores" && turn.key === 0 ? 1 : 0));
  }

  // The cells that take part in a step, by path.
  lit(step: number): [string, Sweep][] {
    const turn = this.turns[step]!;
    const { scores, queries, keys, mixed, size } = this.tiles;
    const now = this.#rows(turn.query, turn.query);
    const range = { first: turn.key, last: turn.key };
    switch (turn.phase) {
      case "scores":
        return [
          [queries, now],
          [keys, sweep({ columnTurn: 1, ...range, columnSize: size[1] })],
        ];
      case "add":
        return [
          [scores, tileOf(this.tiles, turn)],
          [mixed, sweep({ rowTurn: 1, ...range, rowSize: size[1] })],
          [this.path, now],
        ];
      case "divide":
        return [
          [scores, tileOf(this.tiles, turn)],
          [this.path, now],
        ];
    }
  }

  // What flies and stands beside the matrices at time t of the run.
  planes(t: number): Plane[] {
    const step = Math.floor(t);
    const turn = this.turns[step]!;
    const stage = this.stage(step);
    const { scores, maximum, total, factor } = this.tiles;
    const begun = this.#rows(0, turn.query);
    const summedUp = this.shown(this.path, step);
    const found = [
      plane({ kind: "maximum", owner: scores, placement: maximum, matrix: stage.maxima, shown: begun }),
      plane({ kind: "total", owner: scores, placement: total, matrix: stage.totals, shown: summedUp }),
    ];
    if (turn.phase === "divide" || (turn.phase === "scores" && turn.key > 0)) {
      const shown = this.#rows(turn.query, turn.query);
      found.push(plane({ kind: "factor", owner: this.path, placement: factor, matrix: stage.factors, shown }));
    }
    if (turn.phase !== "divide") found.push(this.#flying(turn, stage, eased(t - step, this.#time.easing)));
    return found;
  }

  get #computed(): Blockwise {
    const { scores, queries, keys, mixed } = this.tiles;
    const of = (path: string): Matrix => this.#matrices.of(path);
    const ask = (): Float64Array => {
      return this.#finishing.logits(scores, summed(of(queries), of(keys), 0, of(queries).columns));
    };
    this.#attention ??= new Blockwise(this.tiles, ask, of(mixed), of(scores), of(this.path));
    return this.#attention;
  }

  // The scores of a block on their way through their cube, or what it adds to the result through that one's.
  #flying(turn: Turn, stage: Stage, share: number): Plane {
    const [top] = rowsOf(this.tiles, turn.query);
    const [left, right] = keysOf(this.tiles, turn.key);
    const matrix = stage.block;
    const shape = [matrix.rows, matrix.columns] as const;
    const isScores = turn.phase === "scores";
    const owner = isScores ? this.tiles.scores : this.path;
    const cube = this.#time.cubes[owner]!;
    const far = cube.resultLast ? 0 : cube.shape[1] - 1;
    const start = slice(cube, isScores ? [top, far, left] : [top, (left + right - 1) / 2, 0], shape, [I, J]);
    const first = [top, isScores ? left : 0] as const;
    const end: Placement = { ...start, origin: spot(this.#matrices.record(owner).placement, ...first) };
    const placement = between(start, end, share);
    const masked = stage.forbidden;
    return plane({ kind: isScores ? "scores" : "gain", owner, placement, matrix, masked, first });
  }

  // The rows of these blocks of queries.
  #rows(first: number, last: number): Sweep {
    return sweep({ rowTurn: 1, first, last, rowSize: this.tiles.size[0] });
  }
}
