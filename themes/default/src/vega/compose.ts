/**
 * From a chart and its answers to the Vega-Lite spec that is drawn: two layers over the same scales, the whole in grey
 * and what passes the filters in colour. Both layers read data that is aggregated already.
 */
import type { Column, Table } from "../page.ts";
import { kindOf } from "../data/columns.ts";
import { objects, type Result } from "../data/result.ts";
import { binEnds, extentOf } from "./bins.ts";
import { legendTitleWidth } from "./legend-titles.ts";
import { isObject, type Channel, type Json } from "./channels.ts";
import {
  holdsMissing,
  isDiscrete,
  isPosition,
  natural,
  shareOf,
  titleOfChannel,
  type Chart,
  type Domains,
} from "./chart.ts";
import { addIntervals, intervalLayer } from "./intervals.ts";
import { fromLabel, isMarked, NAMED, toLabel } from "./labels.ts";
import { needsHours } from "../values.ts";
import { textWidth } from "./widths.ts";
import { interval, point } from "./selects.ts";
import { config, FONT_SIZE, SYMLOG_TICKS } from "./theme.ts";

export type Row = Record<string, unknown>;

const GREY = "var(--chart-grey)";
const ADDITIVE = new Set(["count", "sum"]);

/** The rows that Vega draws: bins as their two ends, texts as labels, everything else as answered. */
export function drawnRows(chart: Chart, domains: Domains, result: Result): Row[] {
  const binned = chart.dimensions.filter((channel) => channel.kind === "bin");
  const placed = chart.dimensions.filter((channel) => channel.kind !== "raw" && !holdsMissing(channel));
  const rows = objects(result).filter((row) => placed.every((channel) => row[channel.field] !== null));
  for (const channel of binned) {
    const found = domains.bins[channel.name];
    if (!found) continue;
    for (const row of rows) {
      const [low, high] = binEnds(row[channel.field] as number, found);
      row[channel.field] = low;
      row[`${channel.field}_end`] = high;
    }
  }
  for (const channel of chart.dimensions.filter((each) => hasMarked(each, domains)))
    for (const row of rows) row[channel.field] = toLabel(row[channel.field]);
  addIntervals(chart, rows);
  return rows;
}

function hasMarked(channel: Channel, domains: Domains): boolean {
  return isDiscrete(channel) && domains.values[channel.name]!.shown.some(isMarked);
}

/** The Vega-Lite spec with named data `whole` and `filtered`, `width` px wide with its axes. */
export function compose(
  chart: Chart,
  domains: Domains,
  table: Table,
  whole: Row[],
  size: { width: number; height: number },
): Json {
  const encoding = encodingOf(chart, domains, table, whole, size.width);
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: size.width,
    height: size.height,
    autosize: { type: "fit", contains: "padding" },
    padding: { left: 2, right: 2, top: 2, bottom: 4 },
    datasets: { whole: [], filtered: [] },
    layer: layersOf(chart, encoding),
    config: chart.mark === "line" ? lineConfig : config,
  };
}

function layersOf(chart: Chart, encoding: Record<string, Json>): Json[] {
  const intervals = intervalLayer(chart, encoding);
  return [
    ...(hasWhole(chart) ? [wholeLayer(chart, encoding)] : []),
    filteredLayer(chart, encoding),
    ...(intervals ? [intervals] : []),
  ];
}

/** Legends show lines as lines. */
const lineConfig: Json = {
  ...config,
  legend: { ...(config["legend"] as Json), symbolType: "stroke", symbolStrokeWidth: 2 },
};

/** Shares of a bar always fill it, so there is no whole to show behind them. */
export function hasWhole(chart: Chart): boolean {
  return !chart.measures.some((channel) => channel.written["stack"] === "normalize");
}

function encodingOf(
  chart: Chart,
  domains: Domains,
  table: Table,
  whole: Row[],
  width: number,
): Record<string, Json> {
  const encoding: Record<string, Json> = { ...constants(chart) };
  for (const channel of chart.channels) {
    encoding[channel.name] = definition(channel, chart, domains, table, whole, width);
    if (channel.kind === "bin" && (channel.name === "x" || channel.name === "y")) {
      encoding[`${channel.name}2`] = { field: `${channel.field}_end` };
    }
  }
  return withOneLegend(encoding, chart);
}

/** A shape of what colours already show is explained by their legend: Vega-Lite joins those of one field. */
function withOneLegend(encoding: Record<string, Json>, { channels }: Chart): Record<string, Json> {
  const shape = channels.find((channel) => channel.name === "shape" && isDiscrete(channel));
  const colour = channels.find(
    (channel) => COLOURS.includes(channel.name) && channel.column === shape?.column && isDiscrete(channel),
  );
  if (!shape || !colour) return encoding;
  const { field, title, scale, legend } = encoding[colour.name]!;
  const { domain } = scale as Json;
  const own = encoding["shape"]!;
  const joined = { ...own, field, title, scale: { ...(own["scale"] as Json), domain } };
  return { ...encoding, shape: legend === undefined ? joined : { ...joined, legend } };
}

/** Channels set to a value or a datum rather than a column, as the author wrote them. */
function constants(chart: Chart): Record<string, Json> {
  const written = Object.entries(chart.spec["encoding"] as Json);
  return Object.fromEntries(written.flatMap(([name, value]) => constant(name, value)));
}

/** What a param selects has the condition's value; opacity is left to the selection's own dimming. */
function constant(name: string, written: unknown): [string, Json][] {
  if (!isObject(written) || (name === "opacity" && "condition" in written)) return [];
  const condition = isObject(written["condition"]) ? written["condition"] : {};
  if ("datum" in written) return [[name, written]];
  if (!("value" in written) || "field" in condition || "aggregate" in condition) return [];
  return [[name, { value: "value" in condition ? condition["value"] : written["value"] }]];
}

/** The title that an author took away stays away. */
function shownTitle(channel: Channel, table: Table, domains: Domains, whole: Row[]): string | null {
  if (channel.written["title"] === null) return null;
  const title = titleOfChannel(channel, table);
  const isGiven = "title" in channel.written || Boolean(channel.column?.unit);
  return !isGiven && isOfHours(channel, domains, whole) ? `${title} (UTC)` : title;
}

/** Whether a time unit, of whatever spelling, tells parts of days. */
export const tellsHours = (unit: string): boolean => /hours|minutes|seconds/.test(unit);

/** Whether an axis has hours between its days, whose zone its title names. */
function isOfHours(channel: Channel, domains: Domains, whole: Row[]): boolean {
  const isTime = channel.type === "temporal" && channel.column?.type === "timestamp";
  if (!isTime || !isPosition(channel)) return false;
  if (channel.unit) return tellsHours(channel.unit);
  const drawn = whole.map((row) => row[channel.field]).filter((value) => typeof value === "number");
  const [low, high] = domains.extents[channel.name] ?? [
    drawn.reduce((least, value) => Math.min(least, value), Infinity),
    drawn.reduce((most, value) => Math.max(most, value), -Infinity),
  ];
  return low < high && needsHours(low, high);
}

function definition(
  channel: Channel,
  chart: Chart,
  domains: Domains,
  table: Table,
  whole: Row[],
  width: number,
): Json {
  const base: Json = {
    field: channel.field,
    type: channel.type,
    title: shownTitle(channel, table, domains, whole),
  };
  for (const key of ["axis", "legend", "stack"]) if (key in channel.written) base[key] = channel.written[key];
  const scale = {
    ...scaleOf(channel, chart, domains, whole),
    ...(isObject(channel.written["scale"]) ? channel.written["scale"] : {}),
    ...(isBelowLog(channel, domains) ? { type: "symlog" } : {}),
  };
  if (Object.keys(scale).length) base["scale"] = scale;
  if (channel.kind === "bin") base["bin"] = "binned";
  if (channel.kind === "time") base["timeUnit"] = `utc${channel.unit!}`;
  if (isDiscrete(channel)) base["sort"] = null;
  return withLabels(withTicks(withFormat(base, channel), channel), channel, domains, width);
}

/** A legend of a symlog scale has a tick for each power of ten, up to its greatest value. */
function withTicks(base: Json, channel: Channel): Json {
  const scale = isObject(base["scale"]) ? base["scale"] : {};
  if (isPosition(channel) || scale["type"] !== "symlog" || base["legend"] === null) return base;
  const top = Array.isArray(scale["domain"]) ? Number(scale["domain"][1]) : Number.NaN;
  if (!Number.isFinite(top)) return base;
  const values = SYMLOG_TICKS.filter((tick) => tick <= top);
  return { ...base, legend: { values, ...(isObject(base["legend"]) ? base["legend"] : {}) } };
}

/** A logarithm has no place for zero: neither among values, nor below bars that begin there. */
export function isBelowLog(channel: Channel, domains: Domains): boolean {
  const scale = channel.written["scale"];
  if (!isObject(scale) || scale["type"] !== "log" || "domain" in scale) return false;
  if (channel.kind === "aggregate") return ADDITIVE.has(channel.operation!);
  return (domains.extents[channel.name]?.[0] ?? 1) <= 0;
}

/** Counts up to which each has a tick of its own: between so few, halves would be ticks. */
const FEW = 4;

/** Ticks of counts are whole, each said once. */
function wholeTicks(scale: Json): Json {
  const top = Array.isArray(scale["domain"]) ? Number(scale["domain"][1]) : Infinity;
  if (top > FEW) return { tickMinStep: 1 };
  return { values: Array.from({ length: Math.max(0, Math.floor(top)) + 1 }, (_, count) => count) };
}

/** Ratios of booleans are percentages; whole counts have no decimals. */
function formatOf(channel: Channel): string | null {
  const isMean =
    channel.operation === "mean" && channel.column !== null && kindOf(channel.column) === "boolean";
  if (isMean || channel.written["stack"] === "normalize") return ".0%";
  return channel.operation === "count" ? ",d" : null;
}

function withFormat(base: Json, channel: Channel): Json {
  const format = formatOf(channel);
  const key = isPosition(channel) ? "axis" : "legend";
  if (!format || base[key] === null) return base;
  const ticks = format === ",d" ? wholeTicks(isObject(base["scale"]) ? base["scale"] : {}) : {};
  return { ...base, [key]: { format, ...ticks, ...(isObject(base[key]) ? base[key] : {}) } };
}

/** Px of a band in which a name that is cut lies as well as it leans. */
const ROOM_TO_LIE = 100;
/** Px of a band from which on leaning names, and upright ones, stand beside each other without touching. */
const ROOM_TO_LEAN = 18;
const ROOM_TO_STAND = 13;

/** Names below a chart lie while they fit into their band, or it is wide; else they lean, or stand. None is left out while it has room. */
function turned(widest: number, band: number): Json {
  if (widest + 4 <= band) return { labelAngle: 0 };
  if (band >= ROOM_TO_LIE) return { labelAngle: 0, labelLimit: Math.floor(band) - 4 };
  if (band >= ROOM_TO_LEAN) return { labelAngle: -45, labelLimit: 96, labelOverlap: false };
  if (band >= ROOM_TO_STAND) return { labelAngle: -90, labelLimit: 96, labelOverlap: false };
  return { labelAngle: -45, labelLimit: 96 };
}

function withLabels(base: Json, channel: Channel, domains: Domains, width: number): Json {
  if (holdsMissing(channel) && channel.kind === "time") return withNames(base, isPosition(channel));
  if (!isDiscrete(channel)) return base;
  if (!isPosition(channel)) return withEntries(base, channel, domains, width);
  if (base["axis"] === null) return base;
  const shown = domains.values[channel.name]!.shown;
  const written = {
    ...sayingEmpty(shown),
    ...sayingTimes(channel),
    ...(isObject(base["axis"]) ? base["axis"] : {}),
  };
  if (channel.name !== "x") return { ...base, axis: written };
  const band = (width - beside(domains)) / Math.max(1, shown.length);
  return { ...base, axis: { ...turned(widestOf(shown), band), ...written } };
}

/** The width of the widest name, in px. */
function widestOf(names: readonly unknown[]): number {
  return names.reduce<number>(
    (most, value) => Math.max(most, textWidth(String(value).slice(0, 80), FONT_SIZE)),
    0,
  );
}

/** What a y axis takes of a chart's width, about: with names more than with numbers. */
function beside({ values }: Domains): number {
  const names = values["y"]?.shown ?? [];
  return Math.max(MARGIN, Math.min(NAME_LIMIT, widestOf(names)) + BETWEEN);
}

function withNames(base: Json, isAxis: boolean): Json {
  const key = isAxis ? "axis" : "legend";
  if (base[key] === null) return base;
  return { ...base, [key]: { labelExpr: NAMED, ...(isObject(base[key]) ? base[key] : {}) } };
}

/** Room of a legend's symbol and the space around an entry, in px. */
export const ENTRY = 32;

/** A legend takes as many rows as its entries need, so that none is cut off on a phone. */
function withEntries(base: Json, channel: Channel, domains: Domains, width: number): Json {
  if (base["legend"] === null) return base;
  const shown = domains.values[channel.name]!.shown;
  const widest = widestOf(shown);
  const title = legendTitleWidth(base["title"]);
  const written = isObject(base["legend"]) ? base["legend"] : {};
  const fitting = Math.max(1, Math.floor((width - MARGIN - title) / entryWidth(written, widest)));
  const columns = columnsOf(written, fitting);
  return { ...base, legend: { ...sayingEmpty(shown), ...sayingTimes(channel), ...written, columns } };
}

/** Px that the widest entry of a legend takes, whose names end at the author's limit (0 is none) or at the theme's. */
export function entryWidth({ labelLimit: limit }: Json, widest: number): number {
  const most = typeof limit === "number" ? limit || Infinity : NAME_LIMIT;
  return Math.min(most, widest) + ENTRY;
}

/** The author's number of columns where there is room for them; 0, which is one row, is the author's word. */
function columnsOf({ columns }: Json, fitting: number): unknown {
  return typeof columns === "number" && columns >= 1 ? Math.min(columns, fitting) : (columns ?? fitting);
}

/** A text without a sign, and no value at all, would leave their marks without a name. */
function sayingEmpty(shown: readonly unknown[]): Json {
  return shown.includes("") || shown.includes(null) ? { labelExpr: NAMED } : {};
}

/** Times that are names are milliseconds inside Vega. */
function sayingTimes({ column }: Channel): Json {
  if (!column || kindOf(column) !== "time") return {};
  const format = column.type === "date" ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S";
  return { labelExpr: `isNumber(datum.value) ? utcFormat(datum.value, '${format}') : ${NAMED}` };
}

/** What a y axis takes of a chart's width, about, in px: with numbers, or more of names and around them. */
export const MARGIN = 48;
const NAME_LIMIT = 132;
const BETWEEN = 16;

function scaleOf(channel: Channel, chart: Chart, domains: Domains, whole: Row[]): Json {
  if (isDiscrete(channel))
    return { domain: (truths(channel, domains) ?? ordered(channel, chart, domains, whole)).map(toLabel) };
  if (channel.kind === "aggregate") return measureScale(channel, chart, domains, whole);
  if (channel.kind === "bin") return binScale(channel, domains);
  if (channel.type === "temporal") return { type: "utc" };
  return channel.kind === "raw" ? rawScale(channel, chart, domains) : {};
}

function binScale(channel: Channel, domains: Domains): Json {
  const found = domains.bins[channel.name];
  return found ? { domain: extentOf(found), nice: false, zero: false } : {};
}

/** The whole's extent and, as Vega-Lite has it, zero and round ends: the same axis as in a composed chart. */
function rawScale(channel: Channel, chart: Chart, domains: Domains): Json {
  const [low, high] = domains.extents[channel.name] ?? [Number.NaN, Number.NaN];
  if (!Number.isFinite(low) || !Number.isFinite(high)) return {};
  const [least, greatest] = holdsZero(channel, chart) ? [Math.min(0, low), Math.max(0, high)] : [low, high];
  const domain = least === greatest ? [least - 0.5, greatest + 0.5] : [least, greatest];
  return { domain, zero: false, ...(isPosition(channel) ? { nice: true } : {}) };
}

/** Marks that run along an axis, and need no zero on it. */
const RUNNING = ["bar", "line", "area"];

/** Vega-Lite's defaults: zero is on the axes of points and on those that bars, lines and areas rise from; in no colours. */
function holdsZero(channel: Channel, { mark, measures }: Chart): boolean {
  const scale = isObject(channel.written["scale"]) ? channel.written["scale"] : {};
  if (typeof scale["zero"] === "boolean") return scale["zero"];
  if (scale["type"] === "log") return false;
  if (!isPosition(channel)) return channel.name === "size";
  const isAlong = measures.some(isPosition) || channel.name === "x";
  return !(RUNNING.includes(mark) && isAlong);
}

/**
 * Sums of one sign only shrink under a filter, so the whole fixes their domain; ratios of booleans have theirs. A sum
 * of both signs can grow when rows go, so its axis follows what is drawn, the whole included.
 */
function measureScale(channel: Channel, chart: Chart, domains: Domains, whole: Row[]): Json {
  if (isShareOfOne(channel)) return { domain: [0, 1] };
  if (!ADDITIVE.has(channel.operation!))
    return {
      ...(chart.mark === "bar" ? { zero: true } : {}),
      ...(domains.isShared ? unionWith(channel, whole) : {}),
    };
  const [least, greatest] = domains.extents[channel.name] ?? [0, 0];
  if (least < 0 && greatest > 0) return {};
  const numbers = numbersOf(channel, whole);
  const top = numbers.reduce((most, value) => Math.max(most, value), 0);
  const bottom = numbers.reduce((least, value) => Math.min(least, value), 0);
  return top === bottom ? {} : { domain: [bottom, top], nice: true };
}

/** A mean of booleans, or what fills the bar by the author's wish. */
function isShareOfOne({ operation, column, written }: Channel): boolean {
  return (operation === "mean" && kindOf(column!) === "boolean") || written["stack"] === "normalize";
}

/** What the axis holds besides what is drawn: the whole, of every group where the page is split. */
function unionWith(channel: Channel, whole: Row[]): Json {
  const numbers = numbersOf(channel, whole);
  if (numbers.length === 0) return {};
  const [low, high] = [
    numbers.reduce((a, b) => Math.min(a, b), Infinity),
    numbers.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  return { domain: { unionWith: [low, high] } };
}

function numbersOf({ field }: Channel, rows: Row[]): number[] {
  return rows
    .map((row) => row[field])
    .filter((value): value is number => typeof value === "number" && Number.isFinite(value));
}

const COLOURS = ["color", "fill", "stroke"];

/** Whether the channel gives true and false their colours: the same ones on every page, whatever else is on it. */
export function coloursTruths(channel: string, column: Column | null | undefined): boolean {
  return COLOURS.includes(channel) && column?.type === "bool";
}

function truths({ name, column }: Channel, domains: Domains): unknown[] | null {
  if (!coloursTruths(name, column)) return null;
  return domains.values[name]!.shown.includes(null) ? [true, false, null] : [true, false];
}

/** The order of a discrete axis or legend, by the author's `sort` or by value. */
function ordered(channel: Channel, chart: Chart, domains: Domains, whole: Row[]): unknown[] {
  const shown = domains.values[channel.name]!.shown;
  const sort = channel.sort;
  if (Array.isArray(sort))
    return [
      ...sort.filter((value) => shown.includes(value)),
      ...shown.filter((value) => !sort.includes(value)),
    ];
  if (sort === "descending") return [...shown].reverse();
  const by = sortedBy(sort);
  if (!by) return shown;
  const measure = chart.measures.find((candidate) => candidate.name === by.channel) ?? chart.measures[0];
  return measure ? sortByMeasure(shown, channel, measure, whole, by.descending) : shown;
}

function sortedBy(sort: unknown): { channel: string; descending: boolean } | null {
  if (typeof sort === "string") {
    const name = sort.replace(/^-/, "");
    return name === "ascending" ? null : { channel: name, descending: sort.startsWith("-") };
  }
  if (!isObject(sort)) return null;
  return { channel: String(sort["encoding"] ?? ""), descending: sort["order"] === "descending" };
}

function sortByMeasure(
  shown: unknown[],
  channel: Channel,
  measure: Channel,
  whole: Row[],
  descending: boolean,
): unknown[] {
  const totals = new Map<unknown, number>();
  for (const row of whole) {
    const value = fromLabel(row[channel.field]);
    totals.set(value, (totals.get(value) ?? 0) + Number(row[measure.field] ?? 0));
  }
  const total = (value: unknown): number => totals.get(value) ?? 0;
  const direction = descending ? -1 : 1;
  return [...shown].sort((a, b) => direction * (total(a) - total(b)) || natural(a, b));
}

const APPEARANCE = ["color", "fill", "stroke", "opacity", "size", "shape"];

function without(encoding: Record<string, Json>, names: readonly string[]): Record<string, Json> {
  return Object.fromEntries(Object.entries(encoding).filter(([name]) => !names.includes(name)));
}

/** The whole behind: bars as bars where parts add up, as ticks where they do not. */
function wholeLayer(chart: Chart, encoding: Record<string, Json>): Json {
  const additive = chart.measures.every((channel) => ADDITIVE.has(channel.operation!));
  const positions = without(encoding, APPEARANCE);
  const data = { name: "whole" };
  if (chart.mark === "bar" && !additive) {
    return {
      data,
      mark: { type: "tick", fill: "var(--chart-title)", thickness: 2 },
      encoding: without(positions, ["x2", "y2"]),
    };
  }
  if (chart.mark === "line") {
    const split = encoding["color"] ?? encoding["stroke"];
    const detail = split ? { detail: { field: split["field"] as string } } : {};
    return { data, mark: { type: "line", stroke: GREY }, encoding: { ...positions, ...detail } };
  }
  return {
    data,
    mark: { ...marked(chart), fill: GREY, stroke: null, opacity: 0.5, tooltip: null },
    encoding: positions,
  };
}

/** Points are discs unless the author wants them hollow: a ring hides what is under it. */
function marked(chart: Chart): Json {
  return chart.mark === "point" ? { filled: true, ...chart.writtenMark } : chart.writtenMark;
}

function filteredLayer(chart: Chart, encoding: Record<string, Json>): Json {
  const { type, channels } = chart.selection;
  // Below a line of its interval a bar is paler, so that both can be seen.
  const paler = shareOf(chart) ? { fillOpacity: 0.55 } : {};
  const mark = { ...paler, ...marked(chart), tooltip: null };
  const layer: Json = { data: { name: "filtered" }, mark, encoding };
  if (type === "none") return layer;
  layer["params"] = [
    { name: "selected", select: type === "interval" ? interval(channels) : point("selected", channels) },
  ];
  const isPicked = type === "point" && chart.mark !== "line" && !("opacity" in encoding);
  if (isPicked)
    layer["encoding"] = { ...encoding, opacity: { condition: { param: "selected", value: 1 }, value: 0.35 } };
  return layer;
}
