// The matrices of a frame as sheets, with what stands behind them and what flies: mmviz.picture.composition.
import { Latest } from "../arithmetic/latest";
import type { Matrices } from "../arithmetic/matrices";
import type { LookAndScale, MatrixRecord } from "../document/time";
import type { MarksSection } from "../document/marks";
import type { Matrix, Sheet } from "./drawlist";
import type { Eye } from "./eye";
import type { DrawnFrame, DrawnPlane, DrawnTimeline } from "./frame";
import { shareOf } from "./sheet_before";

// How much is there of the sheet behind each matrix, where anything is.
export type Behind = ReadonlyMap<string, number>;

export class Sheets {
  readonly #marks: MarksSection;
  readonly #matrices: Matrices;
  readonly #scales: Readonly<Record<string, LookAndScale>>;
  readonly #timeline: DrawnTimeline;
  readonly #withBehind: readonly MatrixRecord[];
  readonly #runningSum: Latest<Matrix>;

  constructor(
    marks: MarksSection,
    records: readonly MatrixRecord[],
    scales: Readonly<Record<string, LookAndScale>>,
    matrices: Matrices,
    timeline: DrawnTimeline,
  ) {
    this.#marks = marks;
    this.#matrices = matrices;
    this.#scales = scales;
    this.#timeline = timeline;
    const order = Object.keys(marks.behind);
    this.#withBehind = order.map((path) => records.find((record) => record.path === path)!);
    this.#runningSum = new Latest((path, step) => {
      return timeline.summedUp(path, step, matrices.record(path).worn.length - 1);
    });
  }

  of(path: string, frame: DrawnFrame): Sheet | null {
    const state = frame.states.get(path);
    if (state?.there !== true) return null;
    const record = this.#matrices.record(path);
    return {
      key: `matrix:${path}`,
      path,
      placement: record.placement,
      matrix: state.matrix,
      scale: record.scale,
      masked: this.#matrices.masked(path),
      look: record.look,
      shown: state.shown,
      lit: state.lit,
      dimmed: state.lit.length > 0 ? this.#marks.rules.emphasis.dimmed : 0,
    };
  }

  // The sheets behind matrices that are there for a camera.
  seenFrom(eye: Eye): Behind {
    const found = this.#withBehind.map(({ path, placement, behind }) => {
      const whole = this.#marks.wholeBehind;
      return [path, shareOf(this.#marks.rules, placement, behind!.placement, eye, whole)] as const;
    });
    return new Map(found.filter(([, share]) => share > 0));
  }

  // Some of the sheet behind a matrix: its cells are there when those of the matrix are.
  behind(path: string, share: number, frame: DrawnFrame, t: number): Sheet | null {
    const front = this.of(path, frame);
    const { behind, rows, columns } = this.#matrices.record(path);
    if (front === null || behind === null) return null;
    const step = this.#timeline.runningStep(path, t);
    return {
      ...front,
      key: this.#marks.behind[path]!,
      placement: behind.placement,
      matrix: step === null ? this.#matrices.stored(behind.numbers, rows, columns) : this.#runningSum.of(path, step),
      masked: this.#matrices.mask(behind.masked, rows, columns),
      scale: behind.scale / share ** 2, // sizes go by its root
      look: behind.look,
      dimmed: Math.max(front.dimmed, this.#marks.rules.behind.faint),
    };
  }

  flying(plane: DrawnPlane): Sheet {
    const { key, owner: path, drawn: placement, matrix, masked, shown } = plane;
    const { look, scale } = this.#scales[plane.look]!;
    return { key, path, placement, matrix, scale, masked, look, shown, lit: [], dimmed: 0 };
  }
}
