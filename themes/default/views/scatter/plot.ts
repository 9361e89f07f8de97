/** From data to px and back: the frame of a plot, the window that fills it, and its axes. */
import { scale } from "vega";
import { kindOf } from "../../src/data/columns.ts";
import type { Column } from "../../src/page.ts";
import { textWidth } from "../../src/vega/widths.ts";
import { grown, type Bounds } from "./bounds.ts";
import type { Options } from "./options.ts";

/** A drawing in px, and the part of it that shows data. */
export interface Frame {
  width: number;
  height: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const HEIGHT = 420;
/** A plot on a phone leaves room to scroll beside it. */
const PHONE = { width: 440, height: 360 };

export function heightOf(written: number | null, width: number): number {
  const height = written ?? HEIGHT;
  return width <= PHONE.width ? Math.min(height, PHONE.height) : height;
}

export const FONT_SIZE = 12;
const AXIS = { left: 52, bottom: 44, top: 26, right: 12 };

export function frameOf({ axes }: Options, width: number, height: number): Frame {
  if (!axes) return { width, height, left: 0, top: 0, right: width, bottom: height };
  return {
    width,
    height,
    left: AXIS.left,
    top: AXIS.top,
    right: width - AXIS.right,
    bottom: height - AXIS.bottom,
  };
}

/** Space around the outermost points, as a share of the extent. */
const MARGIN = 0.04;

/** The window that shows everything. */
export function homeWindow(extent: Bounds, frame: Frame, isEqual: boolean): Bounds {
  return filling(grown(extent, MARGIN), frame, isEqual);
}

/** The window around these bounds that fills the frame: where distances compare it is grown to the frame's shape. */
export function filling(bounds: Bounds, frame: Frame, isEqual: boolean): Bounds {
  if (!isEqual) return bounds;
  const [left, right, bottom, top] = bounds;
  const shape = (frame.right - frame.left) / (frame.bottom - frame.top);
  const [width, height] = [right - left, top - bottom];
  if (width / height > shape) return [left, right, ...around((bottom + top) / 2, width / shape)];
  return [...around((left + right) / 2, height * shape), bottom, top];
}

function around(middle: number, size: number): [number, number] {
  return [middle - size / 2, middle + size / 2];
}

/** Places of a window's values in a frame. */
export class Projection {
  readonly window: Bounds;
  readonly frame: Frame;
  /** px for a unit of data. */
  readonly perX: number;
  readonly perY: number;

  constructor(window: Bounds, frame: Frame) {
    this.window = window;
    this.frame = frame;
    this.perX = (frame.right - frame.left) / (window[1] - window[0]);
    this.perY = (frame.bottom - frame.top) / (window[3] - window[2]);
  }

  x(value: number): number {
    return this.frame.left + (value - this.window[0]) * this.perX;
  }

  y(value: number): number {
    return this.frame.bottom - (value - this.window[2]) * this.perY;
  }

  valueX(pixel: number): number {
    return this.window[0] + (pixel - this.frame.left) / this.perX;
  }

  valueY(pixel: number): number {
    return this.window[2] + (this.frame.bottom - pixel) / this.perY;
  }
}

export interface Tick {
  at: number;
  text: string;
}

interface TickedScale {
  domain: (ends: readonly number[]) => TickedScale;
  ticks: (count: number) => (number | Date)[];
  tickFormat: (count: number) => (value: number | Date) => string;
}

const PX_PER_TICK = { x: 90, y: 56 };

/** Few round values with their texts; those that would touch their neighbour are left out. */
export function ticksOf(column: Column, axis: "x" | "y", projection: Projection): Tick[] {
  const { frame, window } = projection;
  const isX = axis === "x";
  const [low, high] = isX ? [window[0], window[1]] : [window[2], window[3]];
  const length = isX ? frame.right - frame.left : frame.bottom - frame.top;
  const count = Math.max(2, Math.ceil(length / PX_PER_TICK[axis]));
  const made = (scale(kindOf(column) === "time" ? "utc" : "linear") as unknown as () => TickedScale)();
  const ticked = made.domain([low, high]);
  const format = ticked.tickFormat(count);
  const ticks = ticked.ticks(count).map((value) => ({
    at: isX ? projection.x(Number(value)) : projection.y(Number(value)),
    text: format(value),
  }));
  return isX ? apart(ticks) : ticks;
}

function apart(ticks: readonly Tick[]): Tick[] {
  let end = -Infinity;
  return ticks.filter(({ at, text }) => {
    const half = textWidth(text, FONT_SIZE) / 2;
    if (at - half < end) return false;
    end = at + half + 8;
    return true;
  });
}

/** The diameter of a point in px for so many of them. */
export function sizeFor({ size }: Options, n: number): number {
  if (size !== null) return size;
  const found = 9 - 1.5 * Math.log10(Math.max(10, n));
  return Math.round(Math.min(7, Math.max(2.5, found)) * 2) / 2;
}

export function opacityFor({ opacity }: Options, n: number): number {
  if (opacity !== null) return opacity;
  return n > 10_000 ? 0.6 : n > 3_000 ? 0.7 : 0.85;
}
