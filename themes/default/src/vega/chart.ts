/**
 * A chart as data: its dimensions, its measures, and the queries that answer them. Columns of the answers have names
 * of their own (`x`, `x_end`, `color`), one per channel, so that no column name can disturb Vega's field syntax.
 */
import {
  avg,
  cast,
  column as columnRef,
  count,
  desc,
  max,
  min,
  Query,
  sql,
  sum,
  type ExprNode,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import type { Column, Table } from "../page.ts";
import { ProblemError } from "../problem.ts";
import { amongWords, kindOf, titleOf } from "../data/columns.ts";
import { rowsOf } from "../data/rows.ts";
import { column as values, scalar } from "../data/result.ts";
import type { Filter, NamedQuery, Results } from "../view.ts";
import { binIndex, bins, binsIn, type Bins } from "./bins.ts";
import { readChannels, readMark, type Channel, type Json, type Mark } from "./channels.ts";
import { readSelection, type SelectionSpec } from "./selection.ts";
import { truncate } from "./timeunits.ts";
import { say } from "../words.ts";
import { titleOfOperation } from "./operations.ts";

export interface Chart {
  spec: Json;
  mark: Mark;
  writtenMark: Json;
  channels: Channel[];
  dimensions: Channel[];
  measures: Channel[];
  /** True where no channel aggregates: one mark per row. */
  raw: boolean;
  /** Whether of the groups in one place, told apart by colour alone, the largest is drawn for all of them. */
  isDominant: boolean;
  selection: SelectionSpec;
}

/** What the first queries found out: bins by channel, extents by channel, values by discrete channel. */
export interface Domains {
  bins: Record<string, Bins | null>;
  extents: Record<string, [number, number]>;
  values: Record<string, Values>;
  /** Whether it is drawn beside others on the same scales. */
  isShared?: boolean;
}

/** The values of a discrete channel: what it shows, how many there are, which have a colour of their own. */
export interface Values {
  shown: unknown[];
  all: number;
  kept: unknown[] | null;
}

/** Distinct values read for a discrete channel; beyond, the most frequent are shown and the chart says so. */
export const MOST_VALUES = { position: 60, color: 10 };

/** Rows drawn one by one; beyond, the chart shows an even sample of them and says so. */
export const MOST_POINTS = 20_000;

const UNREAD = [
  "layer",
  "hconcat",
  "vconcat",
  "concat",
  "facet",
  "repeat",
  "transform",
  "projection",
  "resolve",
];

export function readChart(spec: Json, table: Table): Chart {
  const unread = UNREAD.filter((key) => key in spec);
  if (unread.length) {
    throw new ProblemError(
      `"${unread[0]}" is not drawn by this client`,
      "write one view per chart; filters belong in the toolbar",
      unread[0],
    );
  }
  const { type: mark, written: writtenMark } = readMark(spec);
  const channels = readChannels(spec, table);
  return chartOf(spec, { mark, writtenMark }, channels);
}

export function chartOf(
  spec: Json,
  { mark, writtenMark }: Pick<Chart, "mark" | "writtenMark">,
  channels: Channel[],
): Chart {
  const measures = channels.filter((channel) => channel.kind === "aggregate");
  const dimensions = channels.filter((channel) => channel.kind !== "aggregate");
  const raw = measures.length === 0;
  const selection = readSelection(spec, mark, channels);
  return { spec, mark, writtenMark, channels, dimensions, measures, raw, isDominant: false, selection };
}

export function isDiscrete(channel: Channel): boolean {
  return channel.kind === "raw" && (channel.type === "nominal" || channel.type === "ordinal");
}

/** Whether a missing value has a place of its own: among names, and among times that are names. */
export function holdsMissing(channel: Channel): boolean {
  const isName = channel.type === "nominal" || channel.type === "ordinal";
  return isDiscrete(channel) || (channel.kind === "time" && isName);
}

export function isPosition(channel: Channel): boolean {
  return channel.name === "x" || channel.name === "y";
}

/** A number column cast to DOUBLE, a time as milliseconds, anything else as it is. */
export function valueOf(channel: Channel): ExprNode {
  const column = channel.column!;
  const reference = columnRef(column.name);
  const kind = kindOf(column);
  if (kind === "time") return sql`epoch_ms((${reference})::TIMESTAMP)`;
  return kind === "number" && !isDiscrete(channel) ? cast(reference, "DOUBLE") : reference;
}

/** Extents are of finite values only: one infinity would leave every axis blank. */
export function finite(expression: ExprNode): ExprNode {
  return sql`CASE WHEN isfinite((${expression})::DOUBLE) THEN (${expression})::DOUBLE END`;
}

function isScaled(channel: Channel): boolean {
  return !isDiscrete(channel) && channel.kind !== "time";
}

/** A sum's axis depends on the signs of what is added. */
function isSum(channel: Channel): boolean {
  return channel.operation === "sum" && kindOf(channel.column!) === "number";
}

/** First stage: how many rows, which extents, which values. */
export function domainQueries(chart: Chart, table: Table): Record<string, NamedQuery> {
  const continuous = [...chart.dimensions.filter(isScaled), ...chart.measures.filter(isSum)];
  const extents = Object.fromEntries(
    continuous.flatMap((channel) => [
      [`${channel.name}_low`, min(finite(valueOf(channel)))],
      [`${channel.name}_high`, max(finite(valueOf(channel)))],
    ]),
  );
  const queries: Record<string, NamedQuery> = {
    domain: {
      filtered: false,
      sql: () => rowsOf(table, null).select({ rows: cast(count(), "INTEGER"), ...extents }),
    },
  };
  for (const channel of chart.dimensions.filter(isDiscrete)) {
    queries[`values_${channel.name}`] = { filtered: false, sql: () => distinct(channel, table) };
  }
  return queries;
}

function distinct(channel: Channel, table: Table): Query {
  return valuesQuery(rowsOf(table, null), valueOf(channel), capOf(channel));
}

/** Values by frequency, ties by value, at most so many, and how many there are in all. */
export function valuesQuery(from: SelectQuery, value: ExprNode, most: number): Query {
  const grouped = from.select({ value, rows: count() }).groupby(value);
  return Query.from(grouped)
    .select({
      value: columnRef("value"),
      rows: columnRef("rows"),
      all: cast(sql`count(*) OVER ()`, "INTEGER"),
    })
    .orderby(desc(columnRef("rows")), columnRef("value"))
    .limit(most);
}

function capOf(channel: Channel): number {
  return isPosition(channel) ? MOST_VALUES.position : MOST_VALUES.color;
}

export function readDomains(chart: Chart, table: Table, results: Results): Domains {
  const domains: Domains = { bins: {}, extents: {}, values: {} };
  const answer = results["domain"]!;
  for (const channel of chart.dimensions.filter(isDiscrete))
    domains.values[channel.name] = readValues(channel, table, results);
  for (const channel of [...chart.dimensions.filter(isScaled), ...chart.measures.filter(isSum)]) {
    const low = scalar(answer, `${channel.name}_low`);
    const high = scalar(answer, `${channel.name}_high`);
    domains.extents[channel.name] = [low, high];
    if (channel.kind === "bin") domains.bins[channel.name] = binsOf(channel, low, high);
  }
  return domains;
}

/** Where a logarithm has no place for the least value, its axis goes through zero. */
function binsOf({ bin, written }: Channel, low: number, high: number): Bins | null {
  if (!bin.isScaled) return bins(low, high, bin.maxbins, bin.step);
  const { type } = written["scale"] as Json;
  return binsIn(type === "log" && low > 0 ? "log" : "symlog", low, high, bin.maxbins);
}

function readValues(channel: Channel, table: Table, results: Results): Values {
  const answer = results[`values_${channel.name}`]!;
  const found = values(answer, "value");
  const ordered = (some: readonly unknown[]): unknown[] =>
    table.classes.length ? inOrder([...some], table.classes) : [...some].sort(natural);
  const all = answer.rows ? scalar(answer, "all") : 0;
  if (isPosition(channel) || found.length >= all) return { shown: ordered(found), all, kept: null };
  const kept = ordered(found.slice(0, MOST_VALUES.color - 1));
  return { shown: [...kept.map(named), OTHER], all, kept };
}

/** A value among values that share one colour with others: text, for `Other` is text. */
function named(value: unknown): string | null {
  return value === null ? null : String(value);
}

function inOrder(found: unknown[], classes: readonly string[]): unknown[] {
  const rank = new Map(classes.map((name, index) => [name, index]));
  const of = (value: unknown): number => rank.get(String(value)) ?? classes.length;
  return found.sort((a, b) => of(a) - of(b) || natural(a, b));
}

/** Numbers by size, text by code point, null last: the same everywhere, whatever the locale. */
export function natural(a: unknown, b: unknown): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const difference = Number(a) - Number(b);
  if (!Number.isNaN(difference) && String(a).trim() !== "" && String(b).trim() !== "") return difference;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Second stage: the whole, and what passes the filters. */
export function dataQueries(chart: Chart, domains: Domains, table: Table): Record<string, NamedQuery> {
  const whole = chart.raw ? chart : withoutStack(chart);
  return {
    whole: { filtered: false, sql: (filter) => dataQuery(whole, domains, table, filter) },
    filtered: { filtered: true, sql: (filter) => dataQuery(chart, domains, table, filter) },
  };
}

/** The grey whole behind stacked bars is one bar: the channels that split it are left out. */
export function withoutStack(chart: Chart): Chart {
  if (chart.mark !== "bar" && chart.mark !== "area") return chart;
  const kept = new Set(["x", "y", "xOffset", "yOffset"]);
  return { ...chart, dimensions: chart.dimensions.filter((channel) => kept.has(channel.name)) };
}

function dataQuery(chart: Chart, domains: Domains, table: Table, filter: Filter): Query {
  const dimensions = Object.fromEntries(
    chart.dimensions.map((channel) => [channel.field, dimension(channel, domains)]),
  );
  const query = shownOnly(rowsOf(table, filter), chart, domains);
  if (chart.raw) return rawQuery(query, { ...dimensions, ...missingCounts(chart) }, table);
  const measures = Object.fromEntries(chart.measures.map((channel) => [channel.field, measure(channel)]));
  const infinite = Object.fromEntries(
    infiniteChannels(chart).map((channel) => [infiniteName(channel), sum(asInfinite(valueOf(channel)))]),
  );
  const keys = Object.keys(dimensions).map((name) => columnRef(name));
  const share = shareOf(chart);
  const trials = share ? { [trialsName(share)]: count(columnRef(share.column!.name)) } : {};
  const groups = query
    .select({ ...dimensions, ...measures, ...infinite, ...trials, rows: count() })
    .groupby(keys);
  return chart.isDominant ? dominant(chart, groups, Object.keys(infinite)) : groups.orderby(keys);
}

/** Bars that are shares of samples, one beside the other, each of which has an interval; null for other charts. */
export function shareOf({ mark, measures, dimensions }: Chart): Channel | null {
  const [measure, ...more] = measures;
  if (mark !== "bar" || !measure || more.length || !isPosition(measure)) return null;
  const isShare = measure.operation === "mean" && measure.column?.type === "bool";
  const isPlain = dimensions.every((channel) => isPosition(channel) && isDiscrete(channel));
  return isShare && isPlain ? measure : null;
}

/** Column of an answer: of how many rows a share is. */
export function trialsName({ field }: Channel): string {
  return `${field}_n`;
}

/** Of the groups in one place the largest, which stands for the rows of all; of equal ones the first. */
function dominant(chart: Chart, groups: Query, summed: readonly string[]): Query {
  const places = chart.dimensions.filter(isPosition).map(({ field }) => columnRef(field));
  const others = chart.dimensions
    .filter((channel) => !isPosition(channel))
    .map(({ field }) => columnRef(field));
  const place = sql`PARTITION BY ${commaed(places)}`;
  const first = sql`row_number() OVER (${place} ORDER BY rows DESC, ${commaed(others.map((each) => sql`${each} NULLS LAST`))})`;
  const kept = Object.fromEntries(chart.dimensions.map(({ field }) => [field, columnRef(field)]));
  const sums = [...summed, "rows"].map((name) => [
    name,
    sql`(sum(${columnRef(name)}) OVER (${place}))::INTEGER`,
  ]);
  const ranked = Query.from(groups).select({ ...kept, ...Object.fromEntries(sums), place: first });
  return Query.from(ranked)
    .select([...Object.keys(kept), ...summed, "rows"])
    .where(sql`place = 1`)
    .orderby(places);
}

function commaed(nodes: readonly ExprNode[]): ExprNode {
  return nodes.reduce((joined, node) => sql`${joined}, ${node}`);
}

/** The dimensions whose axis has no place for a row without a finite value. */
export function placedChannels(chart: Chart): Channel[] {
  return chart.dimensions.filter((channel) => !holdsMissing(channel));
}

/** Column of a raw chart's answer: how many of all rows that pass have no finite value of the channel. */
export function missingName({ field }: Channel): string {
  return `${field}_missing`;
}

function missingCounts(chart: Chart): Record<string, ExprNode> {
  const missing = placedChannels(chart).map((channel) => {
    const present = sql`count(${finite(valueOf(channel))}) OVER ()`;
    return [missingName(channel), sql`(count(*) OVER () - ${present})::INTEGER`];
  });
  const infinite = infiniteChannels(chart).map((channel) => [
    infiniteName(channel),
    sql`(sum(${asInfinite(valueOf(channel))}) OVER ())::INTEGER`,
  ]);
  return Object.fromEntries([...missing, ...infinite]) as Record<string, ExprNode>;
}

/** The channels whose column can hold infinities: no axis has a place for them, and no aggregate takes them in. */
export function infiniteChannels(chart: Chart): Channel[] {
  return chart.channels.filter(
    (channel) =>
      channel.column?.type.startsWith("float") && channel.operation !== "count" && !holdsMissing(channel),
  );
}

/** Column of an answer: how many of a mark's rows, or of all in a raw chart, are infinite in the channel. */
export function infiniteName({ field }: Channel): string {
  return `${field}_infinite`;
}

/** One for an infinite value, zero for any other: its sum counts them. */
export function asInfinite(expression: ExprNode): ExprNode {
  return sql`(CASE WHEN isinf((${expression})::DOUBLE) THEN 1 ELSE 0 END)::DOUBLE`;
}

/** At most so many rows in order of id, or as they stand where there is none, each with how many pass in all: an even sample where there are more. */
function rawQuery(query: SelectQuery, dimensions: Record<string, ExprNode>, table: Table): Query {
  const id = table.columns.find((column) => column.role === "id");
  const all = cast(sql`count(*) OVER ()`, "INTEGER");
  // A table without ids keeps its rows in the order of its file, in both engines.
  const reference = id ? columnRef(id.name) : sql`rowid`;
  const kind = id ? kindOf(id) : "number";
  const selected = query.select({
    ...dimensions,
    id: kind === "number" ? cast(reference, "DOUBLE") : reference,
    rows: all,
  });
  if (table.rows <= MOST_POINTS) return selected.orderby(reference).limit(MOST_POINTS);
  const sample = selected.orderby(scattered(reference, kind), reference).limit(MOST_POINTS);
  return Query.from(sample).select("*").orderby(columnRef("id"));
}

/** A number that ids in any order have evenly; the same in every engine, which their own hashes are not. */
export function scattered(id: ExprNode, kind: string): ExprNode {
  if (kind !== "number") return sql`md5((${id})::VARCHAR)`;
  // Knuth's multiplicative hash, twice: one product alone leaves neighbours in a pattern.
  const mixed = (value: ExprNode): ExprNode => sql`((${value}) * 2654435761 % 4294967296)`;
  const low = sql`((${id})::HUGEINT % 2147483648 + 2147483648)::BIGINT % 2147483648`;
  const once = mixed(low);
  return mixed(sql`xor(${once}, ${once} // 65536) % 2147483648`);
}

/** Rows whose value fell beyond a cap are not drawn, so they are not asked for. */
function shownOnly(query: SelectQuery, chart: Chart, domains: Domains): SelectQuery {
  for (const channel of chart.dimensions.filter((each) => isDiscrete(each) && isPosition(each))) {
    const { shown, all } = domains.values[channel.name]!;
    if (shown.length < all) query.where(isOneOf(valueOf(channel), shown));
  }
  return query;
}

export function isOneOf(expression: ExprNode, shown: readonly unknown[]): ExprNode {
  const present = shown.filter((value) => value !== null);
  const listed = present
    .map(literalOf)
    .reduce<ExprNode | null>((list, value) => (list ? sql`${list}, ${value}` : value), null);
  const inside = listed ? sql`(${expression}) IN (${listed})` : sql`FALSE`;
  return present.length < shown.length ? sql`(${inside} OR (${expression}) IS NULL)` : inside;
}

function literalOf(value: unknown): ExprNode {
  if (typeof value === "string") return sql`${sqlText(value)}`;
  if (typeof value === "number") return sql`'${String(value)}'::DOUBLE`;
  if (typeof value === "boolean") return sql`${value}`;
  throw new Error(`a ${typeof value} is no SQL literal`);
}

function sqlText(value: string): string {
  return `'${value.replace(/'/g, "''")}'`;
}

/** What a chart groups by, and what a picked mark is compared with. */
export function dimension(channel: Channel, domains: Domains): ExprNode {
  if (channel.kind === "time") return truncate(channel.unit!, columnRef(channel.column!.name));
  if (channel.kind !== "bin") return grouped(channel, domains);
  const found = domains.bins[channel.name];
  return found ? binIndex(valueOf(channel), found) : sql`NULL::INTEGER`;
}

export const OTHER = say("Other");

/** A colour stands for one value; the values beyond the cap share one, so that no row is dropped. */
function grouped(channel: Channel, domains: Domains): ExprNode {
  const value = valueOf(channel);
  const kept = domains.values[channel.name]?.kept;
  if (!kept) return value;
  // The text of a number is JavaScript's; the engines write numbers each in their own way.
  const cases = kept.map((each) => {
    const text = named(each);
    return sql`WHEN ${isOneOf(value, [each])} THEN ${text === null ? "NULL" : sqlText(text)}`;
  });
  const joined = cases.reduce((list, each) => sql`${list} ${each}`);
  return sql`CASE ${joined} ELSE ${sqlText(OTHER)} END`;
}

/** Booleans count as 0 and 1, so the mean of `correct` is the accuracy. NaN and infinities are left out. */
function measure(channel: Channel): ExprNode {
  if (channel.operation === "count") return count();
  const reference = columnRef(channel.column!.name);
  const kind = kindOf(channel.column!);
  const value =
    kind === "boolean"
      ? cast(cast(reference, "INTEGER"), "DOUBLE")
      : kind === "number"
        ? numeric(channel)
        : valueOf(channel);
  if (channel.operation === "sum") return sum(value);
  if (channel.operation === "mean") return avg(value);
  return channel.operation === "min" ? min(value) : max(value);
}

function numeric(channel: Channel): ExprNode {
  const value = valueOf(channel);
  return channel.column!.type.startsWith("float") ? finite(value) : value;
}

/** What an axis, legend or table heading calls the channel. */
export function titleOfChannel(channel: Channel, table: Table): string {
  const written = channel.written["title"];
  return typeof written === "string" ? written : titleOfColumn(channel.column, channel.operation, table);
}

/** What a column, or an aggregate of it, is called; a count needs no column but the table. */
export function titleOfColumn(column: Column | null, operation: string | null, table?: Table): string {
  if (operation === "count" || !column) return say(table ? nounOf(table) : "Number of rows");
  const isSaid = column.unit !== null && column.unit.startsWith(column.name);
  const unit = column.unit && !isSaid ? ` (${column.unit})` : "";
  const name =
    column.description && column.description.length <= 24 ? column.description : titleOf(column.name);
  if (operation)
    return (
      say("{operation} of {column}", {
        operation: titleOfOperation(operation),
        column: amongWords(titleOf(column.name)),
      }) + unit
    );
  return name + unit;
}

function nounOf(table: Table): string {
  return table.columns.some((column) => column.role === "id") ? "Number of samples" : "Number of rows";
}
