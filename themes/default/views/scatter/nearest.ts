/** Which point is meant: the nearest to the pointer, or the next one in a direction. */
import type { Projection } from "./plot.ts";
import type { Points } from "./queries.ts";

/** Points in a square, on average. */
const PER_SQUARE = 4;
const MOST_SQUARES = 128;

/** Points by squares of the plane, so that the pointer's neighbours are found without looking at all. */
export class PointGrid {
  private readonly points: Points;
  private readonly side: number;
  private readonly left: number;
  private readonly bottom: number;
  private readonly width: number;
  private readonly height: number;
  /** Where each square's points begin in `order`. */
  private readonly starts: Int32Array;
  private readonly order: Int32Array;

  constructor(points: Points) {
    this.points = points;
    this.side = Math.max(1, Math.min(MOST_SQUARES, Math.floor(Math.sqrt(points.n / PER_SQUARE))));
    const [left, right] = ends(points.x);
    const [bottom, top] = ends(points.y);
    [this.left, this.bottom] = [left, bottom];
    this.width = (right - left) / this.side || 1;
    this.height = (top - bottom) / this.side || 1;
    this.starts = new Int32Array(this.side * this.side + 1);
    this.order = new Int32Array(points.n);
    this.sort();
  }

  /** Counting sort by square. */
  private sort(): void {
    const { points, starts, order } = this;
    const squares = Int32Array.from({ length: points.n }, (_, index) =>
      this.squareOf(this.columnOf(points.x[index]!), this.rowOf(points.y[index]!)),
    );
    for (const square of squares) starts[square + 1]!++;
    for (let square = 0; square < starts.length - 1; square++) starts[square + 1]! += starts[square]!;
    const next = starts.slice();
    squares.forEach((square, index) => (order[next[square]!++] = index));
  }

  private columnOf(x: number): number {
    return Math.max(0, Math.min(this.side - 1, Math.floor((x - this.left) / this.width)));
  }

  private rowOf(y: number): number {
    return Math.max(0, Math.min(this.side - 1, Math.floor((y - this.bottom) / this.height)));
  }

  private squareOf(column: number, row: number): number {
    return row * this.side + column;
  }

  /** The nearest point within `reach` px of a place in px, or null. Of two as near, the one drawn on top. */
  nearest(
    projection: Projection,
    place: { x: number; y: number },
    reach: number,
    isShown: (index: number) => boolean,
  ): number | null {
    const { points } = this;
    const [x, y] = [projection.valueX(place.x), projection.valueY(place.y)];
    const [across, up] = [reach / projection.perX, reach / projection.perY];
    let [best, least] = [-1, reach * reach];
    for (let row = this.rowOf(y - up); row <= this.rowOf(y + up); row++)
      for (let column = this.columnOf(x - across); column <= this.columnOf(x + across); column++) {
        const square = this.squareOf(column, row);
        for (let at = this.starts[square]!; at < this.starts[square + 1]!; at++) {
          const index = this.order[at]!;
          const distance =
            ((points.x[index]! - x) * projection.perX) ** 2 + ((points.y[index]! - y) * projection.perY) ** 2;
          if (distance > least || !isShown(index)) continue;
          [best, least] = [index, distance];
        }
      }
    return best < 0 ? null : best;
  }
}

function ends(values: Float64Array): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return low <= high ? [low, high] : [0, 1];
}

export type Direction = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

export const DIRECTIONS: Readonly<Record<Direction, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What is aside counts more than what is ahead. */
const ASIDE = 2;

/**
 * The next place in a direction: ahead rather than aside, within the window and a quarter turn. `places` tells the px of
 * each; null where there is none.
 */
export function nextIn(
  direction: Direction,
  from: { x: number; y: number },
  count: number,
  placeOf: (index: number) => { x: number; y: number } | null,
): number | null {
  const [along, across] = DIRECTIONS[direction];
  let [best, least] = [-1, Infinity];
  for (let index = 0; index < count; index++) {
    const place = placeOf(index);
    if (!place) continue;
    const [dx, dy] = [place.x - from.x, place.y - from.y];
    const ahead = dx * along + dy * across;
    const aside = Math.abs(dx * across) + Math.abs(dy * along);
    if (ahead < 0.5 || aside > ahead) continue;
    const cost = ahead + ASIDE * aside;
    if (cost < least) [best, least] = [index, cost];
  }
  return best < 0 ? null : best;
}
