// Everything a scene shows at a time, as a draw list: mmviz.picture.composition. What was decided stands in the document.
import { corners } from "../arithmetic/placement";
import type { Matrices } from "../arithmetic/matrices";
import type { Arrays } from "../document";
import type { CamerasSection } from "../document/cameras";
import type { MarksSection } from "../document/marks";
import type { TimedDocument } from "../document/time";
import { Arrows } from "./arrows";
import { CameraWork } from "./camera_work";
import type { Camera, Caption, Color, DrawList, Inset, Lines, Vector } from "./drawlist";
import { emphasized, seenOf } from "./emphasis";
import { over, type RootTitle } from "./titles";
import { type Eye, eyeOf, pointsOf, same, widened } from "./eye";
import type { DrawnFrame, DrawnPlane, DrawnTimeline, Emphasis } from "./frame";
import { PLAIN } from "./frame";
import { reachOf, textsLeft, ticksLeft } from "./giving_way";
import { Follower } from "./follower";
import { border, selected, strokes } from "./guides";
import { Insets } from "./insets";
import { headings } from "./labels";
import { type Drawn, frontOf, Names } from "./names";
import { told } from "./narration";
import { type Moment, momentOf } from "./pacing";
import { type Read, Readings } from "./readings";
import { shapeOf } from "./shapes";
import { type Behind, Sheets } from "./sheets";
import { linesOf, wide } from "./stored";
import { Views } from "./views";

export interface ComposedDocument extends TimedDocument {
  readonly marks: MarksSection;
  readonly cameras: CamerasSection;
}

const BLACK: Color = [0, 0, 0];

interface KeptNames {
  readonly key: readonly unknown[];
  readonly drawn: readonly Drawn[];
}

interface Standing {
  readonly lines: Lines;
  readonly path: string;
  readonly behind: boolean;
}

// A scene that is ready to be drawn at any time from any side.
export class Composition {
  readonly document: ComposedDocument;
  readonly readings: Readings;
  readonly views: Views;
  readonly #extent: Float64Array;
  readonly #corners: readonly Vector[];
  readonly #sheets: Sheets;
  readonly #names: Names;
  readonly #arrows: Arrows;
  readonly #insets: Insets;
  readonly #standing: readonly Standing[];
  readonly #titles: readonly RootTitle[];
  #keptNames: KeptNames | null = null;
  #latest: { aspect: number; work: CameraWork } | null = null;
  #captions: { key: string; found: readonly Caption[] } | null = null;

  constructor(document: ComposedDocument, arrays: Arrays, matrices: Matrices, timeline: DrawnTimeline) {
    const { marks, cameras } = document;
    const faces = new Map(document.matrices.map((record) => [record.path, record.placement]));
    this.document = document;
    this.readings = new Readings(cameras.rules, marks, arrays);
    this.views = new Views(document, this.readings, arrays);
    this.#extent = wide(arrays, cameras.extent);
    this.#corners = pointsOf(this.#extent);
    this.#sheets = new Sheets(marks, document.matrices, document.time.scales, matrices, timeline);
    this.#names = new Names(marks.rules.names, marks.names.all, arrays.get(marks.names.points));
    this.#arrows = new Arrows(cameras.rules, marks, faces, arrays);
    this.#insets = new Insets(document, arrays, this.#sheets);
    this.#titles = marks.titles.map((one) => ({ ...one, corners: pointsOf(wide(arrays, one.corners)) }));
    this.#standing = marks.lines.map((stored) => {
      return { lines: linesOf(arrays, stored), path: stored.path, behind: stored.behind };
    });
  }

  // A time in steps as a moment: in the first chapter that shows it.
  moment(t: number): Moment {
    return momentOf(this.document.cameras.chapters, t);
  }

  // The camera of a moment: the scene's own, or where its keyframes and chapters lead it.
  cameraAt(moment: Moment, aspect: number): Camera {
    const work = this.#work(aspect);
    const camera = work.at(moment);
    const { aspects } = this.document.cameras;
    const told = aspects[shapeOf(aspects, aspect)]!.aspect;
    return work.stands || aspect >= told ? camera : widened(camera, told / aspect); // it sees as much from side to side
  }

  // The frame at a moment.
  //   read: which choices of names and sizes count; by default those of the film for its own camera, else of the
  //         nearest view
  at(
    given: DrawnFrame,
    moment: Moment,
    camera: Camera,
    aspect: number,
    emphasis: Emphasis = PLAIN,
    read: Read | null = null,
  ): DrawList {
    const { marks, cameras } = this.document;
    const [frame, eye] = [seenOf(emphasis, given), eyeOf(camera)];
    const behind = this.#sheets.seenFrom(eye);
    const shown = new Map([...frame.states].map(([path, state]) => [path, state.shown]));
    const flying = frame.planes.map((plane) => plane.drawn);
    const arrows = this.#arrows.at(eye, shown, flying, emphasis.hidden);
    const reading = read ?? this.#read(moment, camera, aspect);
    const texts = this.readings.texts(reading.texts, eye, emphasis.hidden);
    const names = this.#named(reading, frame, eye, aspect, emphasis);
    const large = marks.headings;
    const standing = this.#titles.filter((one) => !emphasis.hidden.has(one.path));
    const titles = standing.flatMap((one) => over(marks.rules.titleRise, one, eye) ?? []);
    return {
      sheets: this.#drawnSheets(frame, behind, moment.time, emphasis),
      lines: [...this.#lines(frame, emphasis, behind, arrows.edges), ...names.lines],
      labels: [
        ...textsLeft(cameras.rules, eye, [...names.labels, ...texts.labels, ...titles]),
        ...(large > 0 ? headings(marks.rules, frame.planes, large, eye) : []),
      ],
      ticks: ticksLeft(cameras.rules, eye, texts.ticks),
      patches: arrows.patches,
      captions: this.#captioned(moment),
      insets: this.#insetsOf(frame, aspect, emphasis),
      background: BLACK,
      extent: this.#extent,
      near: reachOf(cameras.rules, camera),
    };
  }

  #drawnSheets(frame: DrawnFrame, behind: Behind, t: number, emphasis: Emphasis): DrawList["sheets"] {
    const { rules } = this.document.marks;
    const sheets = [...frame.states.keys()].flatMap((path) => {
      const sheet = this.#sheets.of(path, frame);
      return sheet === null ? [] : [emphasized(rules, emphasis, sheet)];
    });
    const before = [...behind].flatMap(([path, share]) => this.#sheets.behind(path, share, frame, t) ?? []);
    return [...sheets, ...before, ...frame.planes.map((plane) => this.#sheets.flying(plane))];
  }

  // What stands, what is selected, the borders of planes, and strokes over what is pointed at.
  #lines(frame: DrawnFrame, emphasis: Emphasis, behind: Behind, edges: readonly Lines[]): Lines[] {
    const { rules } = this.document.marks;
    const { seen } = this.document.cameras.rules;
    const { outlined, hidden, pointed } = emphasis;
    const standing = this.#standing.filter((one) => {
      return !hidden.has(one.path) && (!one.behind || (behind.get(one.path) ?? 0) >= seen);
    });
    const place = (path: string) => this.document.matrices.find((record) => record.path === path)?.placement;
    const chosen = outlined === null || hidden.has(outlined) ? undefined : place(outlined);
    return [
      ...standing.map((one) => one.lines),
      ...edges,
      ...(chosen === undefined ? [] : [selected(rules, outlined!, chosen)]),
      ...frame.planes.map((plane: DrawnPlane) => border(rules, plane)),
      ...[...pointed].flatMap(([path, cells]) => {
        return frame.states.has(path) ? (strokes(rules, path, place(path)!, cells) ?? []) : [];
      }),
    ];
  }

  #named(read: Read, frame: DrawnFrame, eye: Eye, aspect: number, emphasis: Emphasis): ReturnType<Names["givingWay"]> {
    const flying = frame.planes.map((plane) => corners(plane.drawn, 0.5));
    return this.#names.givingWay(this.#drawnNames(read, eye, aspect, emphasis.hidden), flying, eye, aspect);
  }

  // The names as a camera sees them where nothing flies; the same objects as long as nothing changes.
  #drawnNames(read: Read, eye: Eye, aspect: number, hidden: ReadonlySet<string>): readonly Drawn[] {
    const key: KeptNames["key"] = [eye.camera, hidden, read.before, read.now, read.share, aspect];
    if (this.#keptNames === null || !key.every((part, index) => part === this.#keptNames?.key[index])) {
      const choices = [this.readings.choices(read.before), this.readings.choices(read.now)] as const;
      const front = frontOf(this.document.marks.rules.names.nearest, eye, this.#corners);
      const drawn = this.#names.drawn(choices, read.share, front, eye, aspect);
      this.#keptNames = { key, drawn: drawn.filter((one) => !hidden.has(one.path)) };
    }
    return this.#keptNames.drawn;
  }

  // The choices of names and sizes that the film has at a moment.
  filmed(moment: Moment, aspect: number): Read {
    const shape = shapeOf(this.document.cameras.aspects, aspect);
    const found = this.readings.filmed(shape, moment.chapter, this.#work(aspect).seconds(moment));
    return found ?? this.readings.nearest(this.cameraAt(moment, aspect));
  }

  // Whether a camera is that of the film at a moment.
  isOwn(moment: Moment, camera: Camera, aspect: number): boolean {
    return same(this.document.cameras.rules, camera, this.cameraAt(moment, aspect));
  }

  // What names a person sees while the scene is turned; one a picture.
  //   still: names do not fly from place to place
  follower(still = false): Follower {
    const { change, staying } = this.document.marks.readings;
    return new Follower(this.readings, { change: still ? 0 : change, staying });
  }

  #read(moment: Moment, camera: Camera, aspect: number): Read {
    return this.isOwn(moment, camera, aspect) ? this.filmed(moment, aspect) : this.readings.nearest(camera);
  }

  #work(aspect: number): CameraWork {
    if (this.#latest?.aspect !== aspect) {
      const { cameras } = this.document;
      const shaped = cameras.aspects[shapeOf(cameras.aspects, aspect)]!;
      this.#latest = { aspect, work: new CameraWork(cameras, shaped, this.views.own(aspect)) };
    }
    return this.#latest.work;
  }

  #captioned(moment: Moment): readonly Caption[] {
    const { marks, cameras } = this.document;
    const text = told(marks.told, cameras.chapters, moment);
    if (this.#captions?.key !== text) {
      const found = marks.captions.map((one) => (one.key === "caption" ? { ...one, text } : one));
      this.#captions = { key: text, found: found.filter((one) => one.text !== "") };
    }
    return this.#captions.found;
  }

  #insetsOf(frame: DrawnFrame, aspect: number, emphasis: Emphasis): Inset[] {
    const shape = shapeOf(this.document.cameras.aspects, aspect);
    return [...this.#insets.matrix(frame, shape, emphasis), ...this.#insets.bars(shape, aspect)];
  }
}
