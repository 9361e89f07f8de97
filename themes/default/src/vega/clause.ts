/**
 * Selections as clauses for the other views. An interval is half-open at pixel edges, `low <= value < high`, so that
 * Mosaic's pre-aggregation, which counts pixels, and a plain query give the same rows; at the right edge of the scale
 * one more pixel takes in the greatest value.
 */
import {
  clausePoints,
  type ClauseSource,
  type IntervalMetadata,
  type MosaicClient,
  type SelectionClause,
} from "@uwdata/mosaic-core";
import { and, gte, lt, sql, type ExprNode } from "@uwdata/mosaic-sql";
import { indexAt } from "./bins.ts";
import type { Channel } from "./channels.ts";
import { kindOf } from "../data/columns.ts";
import { dimension, finite, valueOf, type Chart, type Domains } from "./chart.ts";

/** What is read of a Vega scale. */
export interface PixelScale {
  type: string;
  domain: () => unknown[];
  range: () => number[];
  invert: (pixel: number) => number | Date;
}

export interface Interval {
  /** Data values, lower end inside, upper end outside. */
  low: number;
  high: number;
  /** Both ends as pre-aggregation compares them, just inside their pixels: rounding must not lose or add one. */
  inside: readonly [number, number];
}

/** Off a whole pixel by less counts as on it; restored brushes carry rounding errors. */
const ON_PIXEL = 1e-6;
const INSIDE = 0.001;

/**
 * A brush in pixels, snapped to the nearest whole ones and at least to one, as data values; both ends that move by the
 * same snap alike, so that a brush that is moved stays as wide. Null for an empty brush.
 */
export function snap(scale: PixelScale, pixels: readonly [number, number]): Interval | null {
  const range = scale.range() as [number, number];
  const ends = [Math.min(...range), Math.max(...range)] as const;
  const value = (pixel: number): number => Number(scale.invert(pixel));
  const isReversed = value(ends[0]) > value(ends[1]);
  // Pixels are counted from the lower end of the data, as pre-aggregation counts them.
  const at = (count: number): number => value(isReversed ? ends[1] - count : ends[0] + count);
  const length = ends[1] - ends[0];
  const counts = pixels.map((pixel) => (isReversed ? ends[1] - pixel : pixel - ends[0]));
  const [from, to] = [Math.min(...counts), Math.max(...counts)];
  if (!(to - from > ON_PIXEL)) return null;
  const nearest = (count: number): number => Math.floor(count + 0.5 + ON_PIXEL);
  const start = Math.min(nearest(from), Math.floor(to - ON_PIXEL));
  const end = Math.max(nearest(to), start + 1);
  const stop = to > length - ON_PIXEL || end >= length ? Math.ceil(length) + 1 : end;
  const edge = edgesOf(scale, at);
  return { low: edge(start), high: edge(stop), inside: [at(start + INSIDE), at(stop - INSIDE)] };
}

/**
 * The least value that pre-aggregation puts into a pixel. The scale's own inverse can be off by a rounding error, and
 * the pixel would then belong to the brush in one query and not in the other.
 */
function edgesOf(scale: PixelScale, at: (count: number) => number): (count: number) => number {
  const pixelOf = pixelsOf(scale);
  if (!pixelOf) return at;
  return (count) => {
    let [below, edge] = [at(count - 0.5), at(count + 0.5)];
    for (;;) {
      const middle = below + (edge - below) / 2;
      if (middle <= below || middle >= edge) return edge;
      if (pixelOf(middle) >= count) edge = middle;
      else below = middle;
    }
  };
}

/** Mosaic's own arithmetic (mosaic-core, PreAggregator), or null where it is left out. */
function pixelsOf(scale: PixelScale): ((value: number) => number) | null {
  if (!isLinear(scale)) return null;
  const { domain, range } = plainScale(scale);
  const [low, high] = [Math.min(...domain), Math.max(...domain)];
  const perUnit = Math.abs(range[1] - range[0]) / (high - low);
  return (value) => Math.floor(perUnit * (value - low));
}

/** Axes of other types are filtered by plain queries: the engine stops at the logarithm of zero. */
function isLinear(scale: PixelScale): boolean {
  return ["linear", "time", "utc"].includes(scale.type);
}

interface Origin {
  source: ClauseSource;
  clients: Set<MosaicClient>;
}

function channelsOf(chart: Chart): Channel[] {
  return chart.selection.channels.map((name) => chart.channels.find((channel) => channel.name === name)!);
}

/** Expressions are made once per chart: pre-aggregation recognises a clause's fields by identity. */
export function fieldsOf(chart: Chart, domains: Domains): ExprNode[] {
  return channelsOf(chart).map((channel) =>
    chart.selection.type === "interval" ? brushed(channel) : dimension(channel, domains),
  );
}

/** Pre-aggregation turns values into whole pixels, which NaN and infinities have none of. */
function brushed(channel: Channel): ExprNode {
  const value = valueOf(channel);
  return channel.column!.type.startsWith("float") ? finite(value) : value;
}

/** The clause of an interval; without scales (a restored link before the chart stands) it is not pre-aggregated. */
export function intervalClause(
  fields: ExprNode[],
  intervals: readonly Interval[],
  scales: readonly PixelScale[] | null,
  origin: Origin,
): SelectionClause {
  const parts = intervals.map(({ low, high }, index) =>
    and(gte(fields[index]!, sql`${low}::DOUBLE`), lt(fields[index]!, sql`${high}::DOUBLE`)),
  );
  const values = intervals.map(({ inside }) => [...inside]);
  const meta: IntervalMetadata = {
    type: "interval",
    pixelSize: 1,
    ...(scales?.every(isLinear) ? { scales: scales.map(plainScale) as IntervalMetadata["scales"] } : {}),
  };
  return {
    ...origin,
    fields,
    value: values.length === 1 ? values[0] : values,
    predicate: and(...parts),
    meta,
  };
}

function plainScale(scale: PixelScale): { type: string; domain: [number, number]; range: [number, number] } {
  const domain = scale.domain().map(Number) as [number, number];
  return { type: "linear", domain, range: scale.range() as [number, number] };
}

/** What marks are chosen by: an expression of the table, and how a value that a mark shows is compared with it. */
export interface PointField {
  node: ExprNode;
  /** Whether it can have the value: a link may say anything, and the database stops at a text among numbers. */
  accepts: (value: unknown) => boolean;
  /** The value as the expression has it. */
  compared: (value: unknown) => unknown;
}

/** The clause of chosen marks: one list of values per mark, in the order of the fields. */
export function pointClause(
  fields: readonly PointField[],
  points: readonly (readonly unknown[])[],
  origin: Origin,
): SelectionClause {
  const known = points.filter((point) => point.every((value, index) => fields[index]!.accepts(value)));
  const values = known.map((point) => point.map((value, index) => fields[index]!.compared(value)));
  const nodes = fields.map(({ node }) => node);
  return clausePoints(nodes, values.length ? values : null, origin);
}

/** The fields of a single chart's points; the expressions are those of `fieldsOf`. */
export function pointFields(chart: Chart, domains: Domains, nodes: readonly ExprNode[]): PointField[] {
  return channelsOf(chart).map((channel, index) => ({
    node: nodes[index]!,
    accepts: (value) => isOf(channel, domains, value),
    compared: (value) => comparable(channel, domains, value),
  }));
}

/** Whether the channel can show the value. */
function isOf(channel: Channel, domains: Domains, value: unknown): boolean {
  if (value === null) return true;
  const isText = channel.kind === "raw" && (kindOf(channel.column!) === "text" || hasOther(channel, domains));
  if (isText) return typeof value === "string";
  const isFlag = channel.kind === "raw" && kindOf(channel.column!) === "boolean";
  return isFlag ? typeof value === "boolean" : Number.isFinite(value);
}

function hasOther(channel: Channel, domains: Domains): boolean {
  return Boolean(domains.values[channel.name]?.kept);
}

/** Bins are drawn by their lower end and compared by index. */
function comparable(channel: Channel, domains: Domains, value: unknown): unknown {
  const found = channel.kind === "bin" ? domains.bins[channel.name] : null;
  return found && typeof value === "number" ? indexAt(value, found) : value;
}
