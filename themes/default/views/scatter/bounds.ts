/** Rectangles of data: the extent of a table, the window the reader looks through, the lattice density is counted on. */

/** Left, right, bottom, top in data values. */
export type Bounds = readonly [left: number, right: number, bottom: number, top: number];

/** Cells of equal size from a window's lower left corner. */
export interface Lattice {
  left: number;
  bottom: number;
  /** Of one cell, in data values. */
  width: number;
  height: number;
  columns: number;
  rows: number;
}

export function isBounds(value: unknown): value is Bounds {
  if (!Array.isArray(value) || value.length !== 4) return false;
  const [left, right, bottom, top] = value as number[];
  return value.every((end) => Number.isFinite(end)) && left! < right! && bottom! < top!;
}

/** The bounds of finite extents; a half to either side of a single value. */
export function boundsOf(x: readonly [number, number], y: readonly [number, number]): Bounds {
  return [...ends(x), ...ends(y)] as unknown as Bounds;
}

function ends([low, high]: readonly [number, number]): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (low < high) return [low, high];
  const half = Math.abs(low) > 1e6 ? Math.abs(low) * 1e-3 : 0.5;
  return [low - half, low + half];
}

/** Grown on every side by a share of its size. */
export function grown([left, right, bottom, top]: Bounds, share: number): Bounds {
  const [x, y] = [(right - left) * share, (top - bottom) * share];
  return [left - x, right + x, bottom - y, top + y];
}

export function holds(outer: Bounds, inner: Bounds): boolean {
  return outer[0] <= inner[0] && outer[1] >= inner[1] && outer[2] <= inner[2] && outer[3] >= inner[3];
}

/** Cells across the whole extent; a window always shows between this many and twice as many. */
export const CELLS = { across: 128, up: 96 };

/** Beyond, cells are smaller than doubles can tell apart. */
const MOST_HALVINGS = 40;

/**
 * The lattice over a window, or over the extent. Cells are halved as the window shrinks and their edges stay where they
 * are, so that density does not flicker while the reader moves.
 */
export function latticeOf(extent: Bounds, window: Bounds | null, isEqual: boolean): Lattice {
  const [width, height] = [extent[1] - extent[0], extent[3] - extent[2]];
  const shown = window ?? extent;
  const halvings = (whole: number, part: number): number =>
    Math.max(0, Math.min(MOST_HALVINGS, Math.floor(Math.log2(whole / part))));
  const side = Math.max(width, height);
  const [across, up] = isEqual
    ? [side / CELLS.across, side / CELLS.across]
    : [width / CELLS.across, height / CELLS.up];
  const [fineX, fineY] = isEqual
    ? Array<number>(2).fill(halvings(side, Math.max(shown[1] - shown[0], shown[3] - shown[2])))
    : [halvings(width, shown[1] - shown[0]), halvings(height, shown[3] - shown[2])];
  const [left, columns, cellWidth] = cut(extent[0], across / 2 ** fineX!, shown[0], shown[1]);
  const [bottom, rows, cellHeight] = cut(extent[2], up / 2 ** fineY!, shown[2], shown[3]);
  return { left, bottom, width: cellWidth, height: cellHeight, columns, rows };
}

/** The cells that cover `from` to `to`, of a row of cells that begins at `origin`; the greatest value is in the last. */
function cut(origin: number, size: number, from: number, to: number): [number, number, number] {
  const first = Math.floor((from - origin) / size);
  const last = Math.floor((to - origin) / size);
  return [origin + first * size, last - first + 1, size];
}

export function latticeBounds({ left, bottom, width, height, columns, rows }: Lattice): Bounds {
  return [left, left + columns * width, bottom, bottom + rows * height];
}
