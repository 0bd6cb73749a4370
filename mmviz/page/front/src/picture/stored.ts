// Items of draw lists that Python wrote, with their arrays: mmviz.page.items.
import type { Arrays, Ref } from "../document";
import type { StoredInset, StoredLines, StoredSheet, StoredTicks } from "../document/marks";
import type { Inset, Lines, Sheet, TickLabels } from "./drawlist";

export function wide(arrays: Arrays, ref: Ref): Float64Array {
  return Float64Array.from(arrays.get(ref));
}

export function linesOf(arrays: Arrays, stored: StoredLines): Lines {
  const { key, points, color, width, opacity } = stored;
  return { key, points: wide(arrays, points), color, width, opacity };
}

export function ticksOf(arrays: Arrays, stored: StoredTicks): TickLabels {
  return { ...stored, places: wide(arrays, stored.places) };
}

function sheetOf(arrays: Arrays, stored: StoredSheet): Sheet {
  const { rows, columns, values } = stored.matrix;
  return {
    ...stored,
    matrix: { rows, columns, values: arrays.get(values) as Float32Array },
    masked: stored.masked === null ? null : (arrays.get(stored.masked) as Uint8Array),
  };
}

export function insetOf(arrays: Arrays, stored: StoredInset): Inset {
  const { drawing } = stored;
  return {
    ...stored,
    drawing: {
      ...drawing,
      sheets: drawing.sheets.map((sheet) => sheetOf(arrays, sheet)),
      lines: drawing.lines.map((lines) => linesOf(arrays, lines)),
      ticks: drawing.ticks.map((ticks) => ticksOf(arrays, ticks)),
      patches: [],
      insets: [],
      extent: wide(arrays, drawing.extent),
    },
  };
}
