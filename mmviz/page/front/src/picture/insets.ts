// Pictures in the picture: a matrix by itself from the front, and colour bars; see mmviz.picture.composition.
import { corners, reach } from "../arithmetic/placement";
import type { Arrays } from "../document";
import type { CamerasSection } from "../document/cameras";
import type { InsetViewRecord, MarksSection } from "../document/marks";
import type { MatrixRecord } from "../document/time";
import { Namer } from "./current_row";
import type { Inset, Lines, TickLabels } from "./drawlist";
import { cellsOf, emphasized } from "./emphasis";
import { type Eye, eyeOf } from "./eye";
import type { DrawnFrame, Emphasis } from "./frame";
import { border, mark } from "./guides";
import { headings } from "./labels";
import type { Sheets } from "./sheets";
import { insetOf, linesOf, ticksOf } from "./stored";

interface Shown {
  readonly view: InsetViewRecord;
  readonly eye: Eye;
  readonly ticks: readonly TickLabels[];
}

export class Insets {
  readonly #marks: MarksSection;
  readonly #cameras: CamerasSection;
  readonly #sheets: Sheets;
  readonly #record: MatrixRecord | null;
  readonly #shown: readonly (Shown | null)[]; // by shape
  readonly #lines: readonly Lines[];
  readonly #bars: readonly (Inset | null)[]; // by shape
  readonly #namer: Namer;

  constructor(
    document: { matrices: readonly MatrixRecord[]; marks: MarksSection; cameras: CamerasSection },
    arrays: Arrays,
    sheets: Sheets,
  ) {
    const { marks, cameras, matrices } = document;
    this.#marks = marks;
    this.#cameras = cameras;
    this.#sheets = sheets;
    this.#record = matrices.find((record) => record.path === marks.inset?.path) ?? null;
    this.#shown = (marks.inset?.views ?? []).map((view) => {
      if (view === null) return null;
      return { view, eye: eyeOf(view.camera), ticks: view.ticks.map((ticks) => ticksOf(arrays, ticks)) };
    });
    const own = marks.lines.filter((line) => line.path === this.#record?.path && !line.behind && !line.link);
    this.#lines = own.map((line) => linesOf(arrays, line));
    this.#bars = marks.bars.map((bars) => (bars === null ? null : insetOf(arrays, bars.inset)));
    this.#namer = new Namer(marks);
  }

  // One matrix from the front: rows run down, columns to the right.
  matrix(frame: DrawnFrame, shape: number, emphasis: Emphasis): Inset[] {
    const [record, shown] = [this.#record, this.#shown[shape] ?? null];
    const plain = record === null ? null : this.#sheets.of(record.path, frame);
    if (record === null || shown === null || plain === null) return [];
    const { rules } = this.#marks;
    const { view, eye } = shown;
    const { path, placement } = record;
    const columns = frame.planes.filter((plane) => plane.owner === path && rules.insets.columns.includes(plane.kind));
    const lit = cellsOf(emphasis, path);
    const sheet = emphasized(rules, emphasis, { ...plain, dimmed: 0 });
    const naming = view.naming === null ? null : this.#namer.at(sheet, lit, view.naming, eye, record.axes);
    const large = rules.insets.heading * (Math.max(...reach(placement)) + 1);
    const drawing = {
      sheets: [sheet, ...columns.map((plane) => this.#sheets.flying(plane))],
      lines: [
        ...this.#lines,
        ...columns.map((plane) => border(rules, plane)),
        ...[mark(rules, path, placement, lit), naming?.lines ?? null].filter((one) => one !== null),
      ],
      labels: headings(rules, columns, large, eye),
      ticks: naming === null ? shown.ticks : naming.ticks,
      patches: [],
      captions: [view.caption],
      insets: [],
      background: rules.insets.ground,
      extent: Float64Array.from(corners(placement, rules.guides.margin).flat()),
      near: 0,
    };
    const { insetMargin: margin, insetBottom: bottom } = this.#cameras.rules;
    return [{ key: `inset:${path}`, kind: "inset", drawing, camera: view.camera, side: view.side, margin, bottom, width: null }];
  }

  // Colour bars keep their place at the right border, or in the middle.
  bars(shape: number, aspect: number): Inset[] {
    const [bars, inset] = [this.#marks.bars[shape] ?? null, this.#bars[shape] ?? null];
    if (bars === null || inset === null) return [];
    const wider = aspect - this.#cameras.aspects[shape]!.aspect;
    return [{ ...inset, margin: inset.margin + bars.slides * wider }];
  }
}
