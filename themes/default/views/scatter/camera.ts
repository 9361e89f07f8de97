/** The window that the reader looks through: zoomed, moved, held within bounds, and what to ask for it. */
import { grown, holds, type Bounds } from "./bounds.ts";
import type { Projection } from "./plot.ts";
import { roundedTo } from "./regions.ts";

/** So many times the plot can be enlarged. */
const CLOSEST = 2 ** 20;
/** Asked beyond each side of the window, so that small moves need not wait for an answer. */
const BEYOND = 0.15;

interface Place {
  x: number;
  y: number;
}

/** The window after moving by px and zooming around a place in px; null for the home window or a larger one. */
export function moved(
  projection: Projection,
  home: Bounds,
  factor: number,
  around: Place,
  by: Place = { x: 0, y: 0 },
): Bounds | null {
  const now = projection.window;
  const width = home[1] - home[0];
  const kept = Math.max(width / CLOSEST, (now[1] - now[0]) / factor) / (now[1] - now[0]);
  const [x, y] = [projection.valueX(around.x - by.x), projection.valueY(around.y - by.y)];
  const [dx, dy] = [by.x / projection.perX, -by.y / projection.perY];
  const at = (value: number, fixed: number, shift: number): number =>
    fixed + (value - fixed) * kept - shift * kept;
  const next: Bounds = [at(now[0], x, dx), at(now[1], x, dx), at(now[2], y, dy), at(now[3], y, dy)];
  const isWhole = next[1] - next[0] >= width * (1 - 1e-6) && factor <= 1;
  return isWhole ? null : heldIn(next, home);
}

/** The middle of the window stays within the home window. */
function heldIn(window: Bounds, home: Bounds): Bounds {
  const back = (low: number, high: number, least: number, most: number): number =>
    Math.min(Math.max((low + high) / 2, least), most) - (low + high) / 2;
  const x = back(window[0], window[1], home[0], home[1]);
  const y = back(window[2], window[3], home[2], home[3]);
  return [window[0] + x, window[1] + x, window[2] + y, window[3] + y];
}

export function windowToAsk(window: Bounds | null): Bounds | undefined {
  return window ? grown(window, BEYOND) : undefined;
}

/**
 * Whether what was asked shows a window as its link would: it was asked for this very window, or it is points of all that
 * would be asked for. What is left of another window's cells may be too coarse, or be cells where points can be drawn.
 */
export function isServed(window: Bounds | null, asked: Bounds | undefined, hasPoints: boolean): boolean {
  const wanted = windowToAsk(window);
  if (!asked) return hasPoints || !wanted;
  if (!wanted) return false;
  return hasPoints ? holds(asked, wanted) : wanted.every((end, index) => end === asked[index]);
}

/** As it stands in the link: no finer than the px of a screen. */
export function roundedWindow(projection: Projection): Bounds {
  const { window, perX, perY } = projection;
  const [x, y] = [1 / perX, 1 / perY];
  return [roundedTo(window[0], x), roundedTo(window[1], x), roundedTo(window[2], y), roundedTo(window[3], y)];
}
