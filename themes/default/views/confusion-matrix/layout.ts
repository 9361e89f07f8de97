/** Where the parts of a matrix are, in px: bands and labels to the left and above, cells, measures to the right. */
import { textWidth } from "../../src/vega/widths.ts";
import type { Model } from "./model.ts";
import type { MeasureName } from "./options.ts";
import type { Window } from "./state.ts";

export const LABEL = 12;
/** Room for the mark of a node that can be opened. */
export const MARK = 14;
/** The height of a line of text; labels nearer to each other leave some out. */
export const LINE = 13;

export interface MeasureColumn {
  name: MeasureName;
  x: number;
  width: number;
}

export interface Layout {
  width: number;
  height: number;
  /** The upper left corner of the cells, and their extent. */
  left: number;
  top: number;
  side: number;
  size: number;
  /** Room of a band's name, of a row's label and above a column. */
  band: number;
  label: number;
  header: number;
  isTurned: boolean;
  measures: readonly MeasureColumn[];
}

const NARROW = 480;
const LARGEST_SIDE = 720;
const LARGEST_CELL = 52;
const TITLE = 22;
const BELOW = 6;

export function layoutOf({ axis, look }: Model, width: number, height: number | null): Layout {
  const isNarrow = width < NARROW;
  const size = Math.max(1, axis.entries.length);
  const longest = Math.max(
    20,
    ...axis.entries.map((entry) => textWidth(entry.name, LABEL) + (entry.isClosed ? MARK : 0)),
  );
  const band = axis.levels ? (isNarrow ? 16 : 20) : 0;
  const label = Math.min(longest + 10, isNarrow ? 84 : 150);
  const left = Math.ceil(axis.levels * band + label);
  const measures = measuresIn(look.measures, width - left, isNarrow);
  const room = width - left - measures * measureWidth(isNarrow);
  const cell = Math.min(size < 6 ? 72 : LARGEST_CELL, room / size);
  const isTurned = longest > cell - 4;
  const header = isTurned ? Math.min(longest + 10, isNarrow ? 76 : 120) : 20;
  const top = Math.ceil(TITLE + axis.levels * band + header);
  const most = Math.max(120, Math.min(LARGEST_SIDE, height ? height - top - BELOW : LARGEST_SIDE));
  const side = Math.min(cell * size, most);
  return {
    ...{ width, left, top, side, size, band, label, header, isTurned },
    height: Math.ceil(top + side + BELOW),
    measures: look.measures.slice(0, measures).map((name, index) => ({
      name,
      x: left + side + index * measureWidth(isNarrow) + 12,
      width: measureWidth(isNarrow) - 12,
    })),
  };
}

function measureWidth(isNarrow: boolean): number {
  return isNarrow ? 48 : 88;
}

/** Measures take at most two fifths of the room; on a phone one of them, if any. */
function measuresIn(wanted: readonly MeasureName[], room: number, isNarrow: boolean): number {
  return Math.min(
    wanted.length,
    Math.max(0, Math.floor((room * (isNarrow ? 0.24 : 0.45)) / measureWidth(isNarrow))),
  );
}

/** What is looked at: all cells, or a square part of them. */
export class Sight {
  readonly layout: Layout;
  readonly window: Window;
  /** Px of a cell. */
  readonly scale: number;

  constructor(layout: Layout, window: Window | null) {
    this.layout = layout;
    this.window = window ? held(window, layout.size) : [0, layout.size, 0, layout.size];
    this.scale = layout.side / (this.window[1] - this.window[0]);
  }

  x(column: number): number {
    return this.layout.left + (column - this.window[0]) * this.scale;
  }

  y(row: number): number {
    return this.layout.top + (row - this.window[2]) * this.scale;
  }

  /** The rows, or columns, of which something is seen. */
  range(axis: "x" | "y"): readonly [from: number, to: number] {
    const [low, high] = axis === "x" ? [this.window[0], this.window[1]] : [this.window[2], this.window[3]];
    return [Math.max(0, Math.floor(low)), Math.min(this.layout.size, Math.ceil(high))];
  }

  get isWhole(): boolean {
    return this.window[1] - this.window[0] >= this.layout.size - 1e-9;
  }
}

/** A square of at least three cells that does not leave the matrix. */
export function held(window: Window, size: number): Window {
  const side = Math.min(size, Math.max(Math.min(3, size), window[1] - window[0]));
  const start = (from: number): number => Math.min(Math.max(0, from), size - side);
  const [left, top] = [start(window[0]), start(window[2])];
  return [left, left + side, top, top + side];
}

/** The window after zooming by a factor around a place and moving by px; null for the whole. */
export function moved(
  sight: Sight,
  factor: number,
  around: { x: number; y: number },
  by: { x: number; y: number },
): Window | null {
  const { window, scale, layout } = sight;
  const side = Math.min(layout.size, Math.max(Math.min(3, layout.size), (window[1] - window[0]) / factor));
  if (side >= layout.size) return null;
  const share = (pixel: number, start: number): number =>
    Math.min(1, Math.max(0, (pixel - start) / layout.side));
  const [u, v] = [share(around.x, layout.left), share(around.y, layout.top)];
  const [x, y] = [window[0] + u * (window[1] - window[0]), window[2] + v * (window[3] - window[2])];
  const [left, top] = [x - by.x / scale - u * side, y - by.y / scale - v * side];
  return held([left, left + side, top, top + side], layout.size);
}
