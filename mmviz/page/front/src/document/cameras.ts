// What the document says of cameras: mmviz.page.cameras_section writes it. Aspects are widths divided by heights.
import type { Ref } from "../document";
import type { Camera, Vector } from "../picture/drawlist";

// Numbers of the rules by which cameras are made and moved; each stands in Python beside its meaning.
export interface CameraRules {
  readonly viewAngle: number;
  readonly widest: number;
  readonly clearance: number;
  readonly beside: number;
  readonly level: number;
  readonly rounding: number;
  readonly nearest: number;
  readonly back: number;
  readonly backing: number;
  readonly change: number;
  readonly ramp: number;
  readonly few: number;
  readonly share: number;
  readonly large: number;
  readonly huge: number;
  readonly seen: number;
  readonly border: readonly [number, number];
  readonly focusBorder: readonly [number, number];
  readonly roomForInset: readonly number[];
  readonly sharesAbove: readonly number[];
  readonly insetSide: number;
  readonly insetMargin: number;
  readonly insetBottom: number;
  readonly farthest: number; // how many times farther than the scene's own camera the eye may go
  readonly flight: number; // seconds of a flight that a person asked for
  readonly sampled: readonly number[];
  readonly covered: number;
  readonly standard: Readonly<Record<string, Vector>>; // toward the eye, by the views' names
  readonly sides: Readonly<Record<string, readonly [Vector, Vector, Vector]>>; // out, to the right, up
  readonly edgeOn: number;
  readonly straight: number;
}

export interface Chapter {
  readonly first: number; // steps
  readonly last: number;
  readonly speed: number; // steps a second
  readonly hold: number; // seconds
  readonly start: number; // second of the film
  readonly title: string;
  readonly joined: boolean;
}

// A camera as seen from a pivot; see mmviz.picture.eye.flight.
export interface View {
  readonly pivot: Vector;
  readonly offset: readonly [number, number];
  readonly distance: number;
  readonly turn: number; // radians
  readonly climb: number;
  readonly viewAngle: number; // degrees
}

// Where a pivot is at some times, in steps; between two of them it goes on evenly.
export interface Way {
  readonly clocks: readonly number[];
  readonly pivots: readonly Vector[];
}

export interface Stop {
  readonly clock: number; // steps
  readonly view: View;
  readonly orbit: number; // degrees
  readonly wide: View | null;
  readonly follow: Way | null;
}

export interface PathRecord {
  readonly stops: readonly Stop[];
  readonly after: Stop | null; // where an orbit from the last stop ends
  readonly leaving: number; // steps
}

export interface Room {
  readonly right: number; // of the picture's width, what colour bars take
  readonly bottom: number; // of its height
}

export interface ShapedCameras {
  readonly aspect: number;
  readonly own: Camera;
  readonly room: Ref; // (n, 3): what has to be in the picture
  readonly bars: Room;
  readonly path: PathRecord | null; // through the whole animation
  readonly paths: readonly (PathRecord | null)[]; // one a chapter; null: that through the whole
}

export interface OwnCamera {
  readonly direction: Vector;
  readonly zoom: number;
  readonly position: Vector | null;
  readonly target: Vector;
  readonly viewAngle: number;
}

export interface CamerasSection {
  readonly rules: CameraRules;
  readonly spin: number; // degrees a second
  readonly whole: Chapter;
  readonly chapters: readonly Chapter[];
  readonly extent: Ref; // (n, 3): points that enclose everything
  readonly extents: { readonly counts: readonly number[]; readonly points: Ref }; // those of each matrix, in their order
  readonly own: OwnCamera;
  readonly aspects: readonly ShapedCameras[]; // the widest first
}
