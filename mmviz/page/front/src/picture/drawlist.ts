// A picture as plain data: mmviz.picture.drawlist, field by field. Everything that is needed to draw one frame.
//
// Who draws keeps what it made for an item under the item's key and compares arrays by identity: an item whose arrays
// are the same objects as in the frame before needs no new upload, only new settings.

export type Vector = readonly [number, number, number]; // x to the right, y up, z toward the viewer, in cells
export type Color = readonly [number, number, number]; // red, green, blue, 0..1

// A set of cells by their turn in the order of computation; see mmviz.picture.space.sweep.
export interface Sweep {
  readonly rowTurn: number;
  readonly columnTurn: number;
  readonly first: number;
  readonly last: number;
  readonly rowBlock: number;
  readonly columnBlock: number;
  readonly rowSize: number;
  readonly columnSize: number;
}

// Where a matrix stands; see mmviz.picture.space.placement.
export interface Placement {
  readonly rows: number;
  readonly columns: number;
  readonly origin: Vector; // centre of element (0, 0)
  readonly down: Vector; // step from one row to the next
  readonly across: Vector; // step from one column to the next
  readonly rowBlock: number; // 0: one block
  readonly columnBlock: number;
  readonly gap: number;
}

// Numbers of a matrix, row after row.
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

// An eye in space; see mmviz.picture.eye.camera.
export interface Camera {
  readonly position: Vector;
  readonly target: Vector;
  readonly up: Vector; // unit vector
  readonly viewAngle: number; // vertical, in degrees
}

export interface Sheet {
  readonly key: string; // as str(ItemKey), such as "matrix:left"
  readonly path: string; // of the matrix that it belongs to
  readonly placement: Placement;
  readonly matrix: Matrix;
  readonly scale: number;
  readonly masked: Uint8Array | null; // 1 where a mask forbids the cell
  readonly look: number; // index into the document's looks
  readonly shown: Sweep;
  readonly lit: readonly Sweep[]; // at most two are drawn
  readonly dimmed: number;
}

export interface Lines {
  readonly key: string;
  readonly points: Float64Array; // (2 * segments, 3)
  readonly color: Color;
  readonly width: number; // in pixels of a picture 1080 pixels high
  readonly opacity: number;
}

export interface Label {
  readonly key: string;
  readonly text: string;
  readonly center: Vector;
  readonly along: Vector; // unit vector, the direction of reading
  readonly up: Vector; // unit vector
  readonly height: number; // of a capital letter, in cells
  readonly color: Color;
  readonly opacity: number;
}

export interface TickLabels {
  readonly key: string;
  readonly texts: readonly string[];
  readonly places: Float64Array; // (texts, 3), at half the height of the capitals
  readonly along: Vector;
  readonly up: Vector;
  readonly height: number;
  readonly color: Color;
  readonly ends: boolean; // the texts end at their places
  readonly opacities: readonly number[]; // of each text; empty: all are there
}

export interface Patch {
  readonly key: string;
  readonly points: Float64Array; // (n, 3)
  readonly triangles: Int32Array; // (m, 3)
  readonly color: Color;
  readonly opacity: number;
}

export interface Caption {
  readonly key: string;
  readonly text: string;
  readonly level: number; // as a share of the picture's height: 0 bottom, 1 top
  readonly color: Color;
  readonly height: number; // of a capital, as a share of the picture's height
  readonly badge: boolean;
  readonly plate: Color | null;
}

export interface Inset {
  readonly key: string;
  readonly kind: string; // "inset" or "bar"
  readonly drawing: DrawList;
  readonly camera: Camera;
  readonly side: number; // as shares of the picture's height
  readonly margin: number;
  readonly bottom: number;
  readonly width: number | null;
}

export interface DrawList {
  readonly sheets: readonly Sheet[];
  readonly lines: readonly Lines[];
  readonly labels: readonly Label[];
  readonly ticks: readonly TickLabels[];
  readonly patches: readonly Patch[];
  readonly captions: readonly Caption[];
  readonly insets: readonly Inset[];
  readonly background: Color;
  readonly extent: Float64Array; // (n, 3): points that enclose everything
  readonly near: number;
}
