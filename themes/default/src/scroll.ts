/**
 * Where a reader is in more rows than a browser can make an element high. The scrollbar stands for all rows; near by,
 * rows follow the wheel pixel by pixel, and a leap of the scrollbar is a leap of the same share of the rows. The table
 * scrolls rows of one height by it, the samples cards below headings.
 */

/** Browsers cut elements off, the strictest at about 17 million px. */
export const MOST_HEIGHT = 8_000_000;

export interface Extent {
  /** Height of all there is to see, in px. */
  length: number;
  /** Height of the part of it that is in sight, in px. */
  sight: number;
}

/** Rows of one height. */
export interface RowExtent extends Extent {
  rows: number;
  /** Height of a row, in px. */
  rowHeight: number;
}

export function rowExtent(rows: number, rowHeight: number, sight: number): RowExtent {
  return { rows, rowHeight, sight, length: rows * rowHeight };
}

export interface Position {
  /** The scrollbar, in px of the element. */
  scroll: number;
  /** The upper edge of what is in sight, in px of all rows. */
  top: number;
}

export const START: Position = { scroll: 0, top: 0 };

/** Height of the element that stands for all rows. */
export function heightOf({ length }: Extent): number {
  return Math.min(MOST_HEIGHT, length);
}

function farthest(extent: Extent): { scroll: number; top: number } {
  return {
    scroll: Math.max(0, heightOf(extent) - extent.sight),
    top: Math.max(0, extent.length - extent.sight),
  };
}

/** The position after the scrollbar moved to `scroll`. */
export function follow(before: Position, scroll: number, extent: Extent): Position {
  const end = farthest(extent);
  if (end.scroll === end.top) return { scroll, top: Math.max(0, Math.min(end.top, scroll)) };
  // The last pixel may be a fraction of one.
  if (scroll >= end.scroll - 1) return { scroll, top: end.top };
  if (scroll <= 0) return { scroll, top: 0 };
  const step = scroll - before.scroll;
  const top = Math.abs(step) < extent.sight ? before.top + step : (scroll / end.scroll) * end.top;
  return { scroll, top: Math.max(0, Math.min(end.top, top)) };
}

/** The same rows with the scrollbar where they belong; steps near by leave it behind. */
export function settled(position: Position, extent: Extent): Position {
  const end = farthest(extent);
  return end.top === 0 ? START : { top: position.top, scroll: (position.top / end.top) * end.scroll };
}

/** A part of what there is to see, in px from its upper edge. */
export interface Part {
  top: number;
  height: number;
}

export function partOfRow(row: number, { rowHeight }: RowExtent): Part {
  return { top: row * rowHeight, height: rowHeight };
}

/** The least move that brings a part into sight. */
export function reveal(before: Position, { top: above, height }: Part, extent: Extent): Position {
  const top = Math.min(above, Math.max(before.top, above + height - extent.sight));
  return settled({ scroll: before.scroll, top: Math.max(0, top) }, extent);
}

/** A part at the upper edge of what is in sight, as far as there is enough below it. */
export function begin(part: Part, extent: Extent): Position {
  const top = Math.max(0, Math.min(part.top, farthest(extent).top));
  return settled({ scroll: 0, top }, extent);
}

export interface Drawn {
  /** The first row drawn, and the one after the last. */
  first: number;
  end: number;
  /** Empty room above and below the drawn rows, in px. */
  above: number;
  below: number;
}

/** Rows in sight. */
export function inSight(
  { top }: Position,
  { rows, rowHeight, sight }: RowExtent,
): { first: number; end: number } {
  return {
    first: Math.min(rows, Math.floor(top / rowHeight)),
    end: Math.min(rows, Math.ceil((top + sight) / rowHeight)),
  };
}

/** Rows to draw: those in sight and `beside` more on each side, where there is room for them. */
export function drawn(position: Position, extent: RowExtent, beside: number): Drawn {
  const { rowHeight } = extent;
  const seen = inSight(position, extent);
  const shift = position.top - position.scroll;
  const first = Math.max(seen.first - beside, Math.ceil(Math.max(0, shift) / rowHeight), 0);
  const above = Math.max(0, first * rowHeight - shift);
  const room = Math.floor((heightOf(extent) - above) / rowHeight + 1e-6);
  const end = Math.max(first, Math.min(extent.rows, seen.end + beside, first + room));
  return { first, end, above, below: Math.max(0, heightOf(extent) - above - (end - first) * rowHeight) };
}
