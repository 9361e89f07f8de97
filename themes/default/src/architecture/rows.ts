/** Breaking a long figure into rows: where one connection alone leads from left to right, the rest may stand below. */
import type { Cell } from "./cells.ts";
import type { Placed } from "./layout.ts";
import type { Box, Point } from "./scene.ts";

export interface Rowed {
  width: number;
  height: number;
  cells: readonly Point[];
  frames: readonly Box[];
  /** The ways of each edge; one that is broken has several, the last of which ends where the edge does. */
  edges: readonly (readonly (readonly Point[])[])[];
  rows: number;
}

/** A place between columns that one edge crosses, or several which are still one line. */
interface Break {
  x: number;
  edges: readonly number[];
  y: number;
}

/** Share of a figure that makes it one. */
const WHOLE = 0.6;
/** Room between rows, in which connections lead back. */
const ROW_GAP = 18;
/** Room at both ends of a row for them. */
const TURN = 8;

/** A figure as it is laid out, broken nowhere. */
export const asOneRow = (placed: Placed): Rowed => ({
  ...placed,
  edges: placed.edges.map((way) => [way]),
  rows: 1,
});

export function rowed(placed: Placed, cells: readonly Cell[], width: number | null): Rowed {
  const whole = asOneRow(placed);
  if (width === null || placed.width <= width) return whole;
  const possible = breaksOf(placed, cells);
  // Where nearly all of it cannot be broken, rows for the rest would only tear it apart.
  const widest = widestOf(possible, placed.width);
  if (widest > width && widest > placed.width * WHOLE) return whole;
  const breaks = chosen(possible, placed.width, width - 2 * TURN);
  return breaks.length ? broken(placed, cells, breaks) : whole;
}

function widestOf(breaks: readonly Break[], width: number): number {
  const ends = [0, ...breaks.map(({ x }) => x), width];
  return Math.max(...ends.slice(1).map((end, index) => end - ends[index]!));
}

function breaksOf(placed: Placed, cells: readonly Cell[]): Break[] {
  const boxes = [
    ...cells.map(({ width }, index) => [placed.cells[index]![0], placed.cells[index]![0] + width] as const),
    ...placed.frames.map(({ x, width }) => [x, x + width] as const),
  ].sort((a, b) => a[0] - b[0]);
  const found: Break[] = [];
  let end = boxes[0]?.[1] ?? 0;
  for (const [from, to] of boxes) {
    const x = (end + from) / 2;
    for (const at of from > end + 1 ? [end + 1, x, from - 1] : []) {
      const crossing = crossingsAt(placed, at);
      if (!isOneLine(crossing, placed)) continue;
      found.push({ x: at, y: crossing[0]!.y, edges: crossing.map(({ edge }) => edge) });
      break;
    }
    end = Math.max(end, to);
  }
  return found;
}

interface Crossing {
  edge: number;
  y: number;
}

function isOneLine(crossing: readonly Crossing[], { edges }: Placed): boolean {
  const [first] = crossing;
  if (!first) return false;
  const [x, y] = edges[first.edge]![0]!;
  return crossing.every(
    (each) => each.y === first.y && edges[each.edge]![0]![0] === x && edges[each.edge]![0]![1] === y,
  );
}

/** Edges that cross a vertical line, with the height at which they do. */
function crossingsAt({ edges }: Placed, x: number): Crossing[] {
  return edges.flatMap((way, edge) => {
    const at = way.findIndex((point, index) => point[0] <= x && (way[index + 1]?.[0] ?? -Infinity) > x);
    return at < 0 ? [] : [{ edge, y: way[at]![1] }];
  });
}

/** As few breaks as needed, each as far to the right as its row allows; none where a row would still be too wide. */
function chosen(breaks: readonly Break[], width: number, most: number): Break[] {
  const found: Break[] = [];
  let start = 0;
  while (width - start > most) {
    const next = breaks.filter(({ x }) => x > start + 1 && x - start <= most).at(-1);
    if (!next) {
      const later = breaks.find(({ x }) => x > start + 1);
      if (!later) return found;
      found.push(later);
      start = later.x;
      continue;
    }
    found.push(next);
    start = next.x;
  }
  return found;
}

function broken(placed: Placed, cells: readonly Cell[], breaks: readonly Break[]): Rowed {
  const starts = [0, ...breaks.map(({ x }) => x)];
  const rowOf = (x: number): number => starts.findLastIndex((start) => x >= start - 0.01);
  const extents = starts.map(() => [Infinity, -Infinity] as [number, number]);
  const cover = (row: number, top: number, bottom: number): void => {
    const extent = extents[row]!;
    [extent[0], extent[1]] = [Math.min(extent[0], top), Math.max(extent[1], bottom)];
  };
  for (const [index, [x, y]] of placed.cells.entries()) cover(rowOf(x), y, y + cells[index]!.height);
  for (const { x, y, height } of placed.frames) cover(rowOf(x), y, y + height);
  for (const way of placed.edges) for (const [x, y] of way) cover(rowOf(x), y, y);
  const offsets: Point[] = [];
  let bottom = 0;
  for (const [row, [top, low]] of extents.entries()) {
    offsets.push([(row === 0 ? 0 : TURN) - starts[row]!, bottom - top]);
    bottom += low - top + ROW_GAP;
  }
  const shift = ([x, y]: Point, row: number): Point => [x + offsets[row]![0], y + offsets[row]![1]];
  const ends = [...starts.slice(1), placed.width];
  const width = Math.max(...ends.map((end, row) => end + offsets[row]![0])) + TURN;
  const turns = breaks.map((each, row) => turnOf(each, row, shift, width, offsets, extents));
  return {
    ...{ width, height: bottom - ROW_GAP, rows: starts.length },
    cells: placed.cells.map((point) => shift(point, rowOf(point[0]))),
    frames: placed.frames.map((box) => {
      const [x, y] = shift([box.x, box.y], rowOf(box.x));
      return { ...box, x, y };
    }),
    edges: placed.edges.map((way, edge) => brokenWay(way, edge, breaks, turns, rowOf, shift)),
  };
}

/** From the end of a row around to the start of the next. */
function turnOf(
  { x, y }: Break,
  row: number,
  shift: (point: Point, row: number) => Point,
  width: number,
  offsets: readonly Point[],
  extents: readonly (readonly [number, number])[],
): Point[] {
  const [, from] = shift([x, y], row);
  const [, to] = shift([x, y], row + 1);
  const between = extents[row + 1]![0] + offsets[row + 1]![1] - ROW_GAP / 2;
  return [
    [width - TURN / 2, from],
    [width - TURN / 2, between],
    [TURN / 2, between],
    [TURN / 2, to],
  ];
}

function brokenWay(
  way: readonly Point[],
  edge: number,
  breaks: readonly Break[],
  turns: readonly (readonly Point[])[],
  rowOf: (x: number) => number,
  shift: (point: Point, row: number) => Point,
): Point[][] {
  const [first, last] = [rowOf(way[0]![0]), rowOf(way.at(-1)![0])];
  const points: Point[] = [];
  for (let row = first; row <= last; row++) {
    points.push(...way.filter(([x]) => rowOf(x) === row).map((point) => shift(point, row)));
    if (row < last && breaks[row]!.edges.includes(edge)) points.push(...turns[row]!);
  }
  return [points];
}
