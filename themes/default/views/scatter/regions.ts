/**
 * Areas that the reader draws, as data: which points are inside, in the page and in SQL. Both follow one rule with the
 * same arithmetic in the same order, so that what is highlighted is what the other views are filtered by.
 */
import { and, column as columnRef, or, sql, type ExprNode } from "@uwdata/mosaic-sql";
import type { Bounds } from "./bounds.ts";

/** Corners of one lasso, areas of one selection, and corners of them all: a statement has a longest length. */
export const MOST_VERTICES = 64;
export const MOST_REGIONS = 8;
export const TOTAL_VERTICES = 112;

/** One side of a polygon, from its lower end: it is crossed to the left of a point when `x < (y - low) * slope + start`. */
export interface Edge {
  low: number;
  high: number;
  start: number;
  slope: number;
}

/** The sides of a closed polygon `x, y, x, y, …`; level ones are never crossed and left out. */
export function edgesOf(polygon: readonly number[]): Edge[] {
  const edges: Edge[] = [];
  for (let at = 0; at < polygon.length; at += 2) {
    const next = (at + 2) % polygon.length;
    const [x0, y0, x1, y1] = [polygon[at]!, polygon[at + 1]!, polygon[next]!, polygon[next + 1]!];
    if (y0 === y1) continue;
    const [low, high, start, end] = y0 < y1 ? [y0, y1, x0, x1] : [y1, y0, x1, x0];
    // Twelve digits are finer than any px, and keep the statement short.
    const slope = Number(((end - start) / (high - low)).toPrecision(12));
    edges.push({ low, high, start, slope });
  }
  return edges;
}

/** Whether a ray to the right crosses an odd number of sides (even–odd rule); a side holds its lower end only. */
export function isInside(edges: readonly Edge[], x: number, y: number): boolean {
  let inside = false;
  for (const { low, high, start, slope } of edges)
    if (y >= low && y < high && x < (y - low) * slope + start) inside = !inside;
  return inside;
}

export function isInBox([left, right, bottom, top]: Bounds, x: number, y: number): boolean {
  return x >= left && x < right && y >= bottom && y < top;
}

export function polygonBounds(polygon: readonly number[]): Bounds {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = 0; at < polygon.length; at += 2) {
    const [x, y] = [polygon[at]!, polygon[at + 1]!];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [bottom, top] = [Math.min(bottom, y), Math.max(top, y)];
  }
  return [left, right, bottom, top];
}

/** A number that both engines read as the same double, wherever it stands in an expression. */
export function double(value: number): ExprNode {
  const text = String(Math.abs(value));
  const written = /e/.test(text) ? text : `${text}e0`;
  return sql`${value < 0 || Object.is(value, -0) ? `(-${written})` : written}`;
}

/** Points in a box: it holds its left and lower ends. */
export function boxPredicate(x: ExprNode, y: ExprNode, [left, right, bottom, top]: Bounds): ExprNode {
  return sql`(${x} >= ${double(left)} AND ${x} < ${double(right)} AND ${y} >= ${double(bottom)} AND ${y} < ${double(top)})`;
}

/** Points in a polygon; its bounds come first, so that few points are followed around its sides. */
export function lassoPredicate(x: ExprNode, y: ExprNode, polygon: readonly number[]): ExprNode {
  const edges = edgesOf(polygon);
  if (edges.length === 0) return sql`FALSE`;
  const [left, right, bottom, top] = polygonBounds(polygon);
  const near = sql`${x} >= ${double(left)} AND ${x} <= ${double(right)} AND ${y} >= ${double(bottom)} AND ${y} < ${double(top)}`;
  return sql`(${near} AND ${odd(edges.map((edge) => crossing(x, y, edge)))})`;
}

function crossing(x: ExprNode, y: ExprNode, { low, high, start, slope }: Edge): ExprNode {
  return sql`(${y} >= ${double(low)} AND ${y} < ${double(high)} AND ${x} < (${y} - ${double(low)}) * ${double(slope)} + ${double(start)})`;
}

/** Whether an odd number holds; halved again and again, because the engines nest 128 levels and no more. */
function odd(terms: readonly ExprNode[]): ExprNode {
  if (terms.length === 1) return terms[0]!;
  const half = Math.ceil(terms.length / 2);
  return sql`(${odd(terms.slice(0, half))} <> ${odd(terms.slice(half))})`;
}

export interface Regions {
  boxes?: readonly Bounds[] | undefined;
  lassos?: readonly (readonly number[])[] | undefined;
}

/** Points in any of the areas, or null where none is drawn. */
export function regionsPredicate(
  x: ExprNode,
  y: ExprNode,
  { boxes = [], lassos = [] }: Regions,
): ExprNode | null {
  const parts = [
    ...boxes.map((box) => boxPredicate(x, y, box)),
    ...lassos.map((lasso) => lassoPredicate(x, y, lasso)),
  ];
  return parts.length ? or(...parts) : null;
}

/** The same in the page, for points that are drawn. */
export function regionsTest({ boxes = [], lassos = [] }: Regions): (x: number, y: number) => boolean {
  const polygons = lassos.map((lasso) => ({ bounds: polygonBounds(lasso), edges: edgesOf(lasso) }));
  return (x, y) =>
    boxes.some((box) => isInBox(box, x, y)) ||
    polygons.some(
      ({ bounds, edges }) => x >= bounds[0] && x <= bounds[1] && y < bounds[3] && isInside(edges, x, y),
    );
}

/** Rounds to the decimals that one px still shows: links stay short, and both engines read the same number. */
export function roundedTo(value: number, pixel: number): number {
  const decimals = Math.max(0, Math.min(15, 1 - Math.floor(Math.log10(pixel))));
  return Number(value.toFixed(decimals));
}

/**
 * The polygon with at most so many corners: again and again the corner goes that spans the smallest triangle with its
 * neighbours (Visvalingam and Whyatt 1993), as long as there are too many or the triangle is below `least`.
 */
export function simplified(polygon: readonly number[], most: number, least: number): number[] {
  const corners = pairs(polygon);
  const area = (at: number): number => {
    const [a, b, c] = [-1, 0, 1].map((by) => corners[(at + by + corners.length) % corners.length]!) as [
      Corner,
      Corner,
      Corner,
    ];
    return Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2;
  };
  const areas = corners.map((_, at) => area(at));
  while (corners.length > 3) {
    const smallest = areas.reduce((least_, each, at) => (each < areas[least_]! ? at : least_), 0);
    if (corners.length <= most && areas[smallest]! >= least) break;
    corners.splice(smallest, 1);
    areas.splice(smallest, 1);
    for (const at of [smallest - 1, smallest]) {
      const near = (at + corners.length) % corners.length;
      areas[near] = area(near);
    }
  }
  return corners.flat();
}

type Corner = [number, number];

function pairs(polygon: readonly number[]): Corner[] {
  return Array.from({ length: polygon.length / 2 }, (_, at) => [polygon[at * 2]!, polygon[at * 2 + 1]!]);
}

export function isAnyOf(name: string, ids: readonly (string | number)[]): ExprNode {
  const listed = ids
    .map((id) => (typeof id === "string" ? sql`${`'${id.replace(/'/g, "''")}'`}` : double(id)))
    .reduce((list, each) => sql`${list}, ${each}`);
  return sql`(${columnRef(name)} IN (${listed}))`;
}

export function both(first: ExprNode | null, second: ExprNode | null): ExprNode | null {
  return first && second ? and(first, second) : (first ?? second);
}

export function either(first: ExprNode | null, second: ExprNode | null): ExprNode | null {
  return first && second ? or(first, second) : (first ?? second);
}
