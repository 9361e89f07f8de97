/**
 * A single view on one of the page's tables, with its bins, aggregates and time units done in SQL that Mosaic can
 * pre-aggregate: the fast way, for the charts that it can read. All others are composed.
 */
import { formatCell, formatCount, trusted, html, type Markup } from "../../src/markup.ts";
import { ProblemError } from "../../src/problem.ts";
import { column, scalar, type Result } from "../../src/data/result.ts";
import { countOf } from "../../src/data/rows.ts";
import { kindOf } from "../../src/data/columns.ts";
import { isObject, type Channel, type Json } from "../../src/vega/channels.ts";
import * as chart from "../../src/vega/chart.ts";
import { compose, drawnRows, isBelowLog, type Row } from "../../src/vega/compose.ts";
import { densityChart } from "../../src/vega/density.ts";
import { drawSvg } from "../../src/vega/draw.ts";
import { fromLabel, isMarked } from "../../src/vega/labels.ts";
import { sizeOf, staticPlaces } from "../../src/vega/size.ts";
import { isOneValue } from "../../src/ranges.ts";
import { formatOf, formatTimeRange, isValue, rangeOf } from "../../src/values.ts";
import { sayingOfChannel, shownValue } from "./tooltip.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, Drawing, NamedQuery, Results, View, ViewState } from "../../src/view.ts";
import { noRows } from "../../src/nothing.ts";
import { say, sayCount } from "../../src/words.ts";

export interface Options {
  chart: chart.Chart;
  /** Whether cells count what the author wrote as points. */
  isDensity: boolean;
}

/** Keys of a spec, of its channels and of their sorts that say something which this way does not know. */
const UNREAD = {
  spec: ["config", "name", "datasets"],
  param: ["bind", "value", "views"],
  select: ["on", "nearest", "resolve", "fields"],
  channel: ["impute", "bandPosition", "condition"],
  sort: ["field", "op"],
};

function parse(context: Context): Options {
  const spec = context.request.options["spec"] as Json;
  const written = chart.readChart(spec, context.table);
  const density = densityChart(written, context.table);
  return { chart: density ?? written, isDensity: density !== null };
}

/** The spec read in this way; null where it says more than this way can read. */
export function readSingle(spec: Json, context: Context): Options | null {
  if (!isPlain(spec)) return null;
  try {
    return parse(context);
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}

function isPlain(spec: Json): boolean {
  const data = isObject(spec["data"]) ? spec["data"] : {};
  const encoding = isObject(spec["encoding"]) ? spec["encoding"] : {};
  const channels = Object.values(encoding).filter(isObject);
  const sorts = channels.map((channel) => channel["sort"]).filter(isObject);
  const params = Array.isArray(spec["params"]) ? spec["params"].filter(isObject) : [];
  const selects = params.map((param) => param["select"]).filter(isObject);
  const says = (value: Json, keys: readonly string[]): boolean => keys.some((key) => key in value);
  const isUnread = [
    "data" in spec && !("name" in data),
    "order" in encoding || "tooltip" in encoding,
    // Expressions speak of the rows' own columns, which have other names in this way.
    JSON.stringify([spec["mark"], encoding]).includes('"expr":'),
    says(spec, UNREAD.spec),
    channels.some((channel) => says(channel, UNREAD.channel)),
    params.some((param) => says(param, UNREAD.param)),
    selects.some((select) => says(select, UNREAD.select)),
    sorts.some((sort) => says(sort, UNREAD.sort)),
  ];
  return !isUnread.includes(true);
}

function queries(options: Options, results: Results, context: Context): Record<string, NamedQuery> {
  const first = chart.domainQueries(options.chart, context.table);
  if (!Object.keys(first).every((name) => name in results)) return first;
  const domains = chart.readDomains(options.chart, context.table, results);
  const data = chart.dataQueries(options.chart, domains, context.table);
  const passing: NamedQuery = { filtered: true, sql: (filter) => countOf(context.table, filter) };
  return isCapped(options.chart, domains) ? { ...first, ...data, passing } : { ...first, ...data };
}

/** Where values beyond a cap are left out, the marks do not add up to the rows that pass. */
function isCapped(drawn: chart.Chart, domains: chart.Domains): boolean {
  return drawn.dimensions
    .filter((channel) => chart.isDiscrete(channel) && chart.isPosition(channel))
    .some((channel) => domains.values[channel.name]!.shown.length < domains.values[channel.name]!.all);
}

/** What does not change with the filters. */
export interface Base {
  domains: chart.Domains;
  whole: Row[];
  /** What scales are made from: the whole, of every group where the page is split. */
  scaled: Row[];
  total: number;
}

/** Everything a drawing needs. */
export interface Prepared extends Base {
  filtered: Row[];
  rows: number;
  /** Rows that pass and have no value for an axis, by its column. */
  missing: ReadonlyMap<string, number>;
  /** Rows that pass and are left out because they are infinite, by column. */
  infinite: ReadonlyMap<string, number>;
}

export function prepareBase(options: Options, results: Results, context: Context): Base {
  const domains = chart.readDomains(options.chart, context.table, results);
  const whole = drawnRows(options.chart, domains, results["whole"]!);
  const { group } = context;
  if (!group) return { domains, whole, scaled: whole, total: scalar(results["domain"]!, "rows") };
  const scaled = group.peers.flatMap((peer) => drawnRows(options.chart, domains, peer["whole"]!));
  return { domains: { ...domains, isShared: true }, whole, scaled, total: group.rows };
}

export function prepare(options: Options, results: Results, base: Base): Prepared {
  const answer = results["filtered"]!;
  const filtered = drawnRows(options.chart, base.domains, answer);
  const rows = results["passing"] ? scalar(results["passing"], "rows") : passingRows(options.chart, answer);
  const infinite = infiniteRows(options.chart, answer);
  return { ...base, filtered, rows, missing: missingRows(options.chart, answer, infinite), infinite };
}

/** Each mark says how many rows it stands for; a row of a raw chart says how many pass in all. */
function passingRows(drawn: chart.Chart, answer: Result): number {
  const counted = column(answer, "rows") as readonly number[];
  return drawn.raw ? (counted[0] ?? 0) : counted.reduce((total, rows) => total + rows, 0);
}

/**
 * The composed spec at a width in px; live and static drawings both come from here. The height follows from what the
 * chart shows, unless it is given.
 */
export function specAt(
  options: Options,
  prepared: Prepared,
  context: Context,
  width: number,
  height: number | null = context.request.height,
): Json {
  const size = sizeOf(options.chart, prepared.domains, width, height);
  return compose(options.chart, prepared.domains, context.table, prepared.scaled, size);
}

function render(options: Options, results: Results, _state: unknown, context: Context): Drawing {
  const prepared = prepare(options, results, prepareBase(options, results, context));
  const { rows, total } = prepared;
  const shown = hasMarks(options, prepared.filtered);
  return {
    body: shown ? drawings(options, prepared, context) : emptyBody(total, context),
    rows,
    total,
    notices: notices(options, prepared),
    data: dataTable(options, prepared, context),
    description: describe(options, prepared, context),
  };
}

/** Whether any of the rows is drawn: a mark needs a value of all that it is placed by. */
export function hasMarks({ chart: drawn }: Options, rows: readonly Row[]): boolean {
  const needed = [...chart.placedChannels(drawn), ...drawn.measures];
  return rows.some((row) => needed.every(({ field }) => isValue(row[field])));
}

/** Static widths; a container query shows the one that fits. */
function drawings(options: Options, prepared: Prepared, context: Context): Markup {
  const isFiltered = prepared.rows < prepared.total;
  const data = { whole: isFiltered ? prepared.whole : [], filtered: prepared.filtered };
  const draw = (width: number): Markup => trusted(drawSvg(specAt(options, prepared, context, width), data));
  const places = staticPlaces(context.request.width);
  return html`${places.map(({ width, names }) => html`<div class="${names}">${draw(width)}</div>`)}`;
}

export function emptyBody(total: number, context: Context): Markup {
  const reason = total === 0 ? noRows(context) : say("No row has values for this chart.");
  return html`<p class="view-empty">${reason}</p>`;
}

export function notices(options: Options, prepared: Prepared): string[] {
  const said: string[] = [];
  for (const channel of options.chart.dimensions.filter(chart.isDiscrete)) {
    const { shown, all, kept } = prepared.domains.values[channel.name]!;
    const own = kept ?? shown;
    if (own.length < all)
      said.push(capNotice(channel.column!.name, own.length, all, chart.isPosition(channel)));
  }
  const drawable = prepared.filtered.length;
  if (options.chart.raw && prepared.rows > drawable && prepared.filtered.length === chart.MOST_POINTS)
    said.push(sampleNotice(drawable, prepared.rows));
  if (options.isDensity) said.push(densityNotice(options, prepared.total));
  return [
    ...said,
    ...scaleNotices(options, prepared),
    ...missingNotices(prepared.missing),
    ...infiniteNotices(prepared.infinite),
    ...options.chart.measures.flatMap(({ column: of, field }) =>
      groupNotices(of?.name ?? "", prepared.filtered, field),
    ),
  ];
}

function sampleNotice(drawn: number, rows: number): string {
  return say("A sample of {drawn} of {rows} rows is drawn; the view scatter shows all of them.", {
    drawn: formatCount(drawn),
    rows: formatCount(rows),
  });
}

function densityNotice({ chart: drawn }: Options, total: number): string {
  const colour = drawn.channels.find((channel) => !chart.isPosition(channel))!;
  const name = colour.column?.name;
  const shown = drawn.isDominant
    ? say("has the colour of the most frequent {name} in it", { name })
    : name === undefined
      ? say("shows how many lie in it")
      : say("has the colour of the mean {name} in it", { name });
  return say(
    "{total} points are too many to be drawn one by one: each cell {shown}. The view scatter shows points again where one zooms in.",
    { total: formatCount(total), shown },
  );
}

function scaleNotices({ chart: drawn }: Options, { domains }: Prepared): string[] {
  return drawn.channels
    .filter((channel) => isBelowLog(channel, domains))
    .map((channel) => {
      const name = channel.column?.name ?? say("the count");
      return say(
        "The scale of {name} is symlog, not log: a logarithm has no place for values of zero or below.",
        { name },
      );
    });
}

export function missingNotices(missing: ReadonlyMap<string, number>): string[] {
  return [...missing].map(([name, rows]) =>
    sayCount(rows, "{rows} row has no value of {name} here.", "{rows} rows have no value of {name} here.", {
      rows: formatCount(rows),
      name,
    }),
  );
}

export function infiniteNotices(infinite: ReadonlyMap<string, number>): string[] {
  return [...infinite].map(([name, rows]) =>
    sayCount(
      rows,
      "{rows} row is infinite in {name} and left out.",
      "{rows} rows are infinite in {name} and left out.",
      { rows: formatCount(rows), name },
    ),
  );
}

/** Groups without a mark, for all their rows are without a value; `field` is what is computed of the column. */
export function groupNotices(name: string, groups: readonly Row[], field: string): string[] {
  const empty = groups.filter((row) => !isValue(row[field])).length;
  if (empty === 0) return [];
  const values = { empty: formatCount(empty), groups: formatCount(groups.length), name };
  return [
    sayCount(
      empty,
      "{empty} of {groups} groups has no value of {name} here.",
      "{empty} of {groups} groups have no value of {name} here.",
      values,
    ),
  ];
}

/** Rows that pass and have no place on an axis, by column: null and NaN. */
function missingRows(
  drawn: chart.Chart,
  answer: Result,
  infinite: ReadonlyMap<string, number>,
): Map<string, number> {
  const missing = new Map<string, number>();
  const counted = column(answer, "rows") as readonly number[];
  for (const channel of chart.placedChannels(drawn)) {
    const outside = drawn.raw
      ? ((column(answer, chart.missingName(channel))[0] as number | undefined) ?? 0)
      : column(answer, channel.field).reduce(
          (sum: number, value, index) => (Number.isFinite(value) ? sum : sum + counted[index]!),
          0,
        );
    const rows = outside - (infinite.get(channel.column!.name) ?? 0);
    if (rows > 0) missing.set(channel.column!.name, rows);
  }
  return missing;
}

function infiniteRows(drawn: chart.Chart, answer: Result): Map<string, number> {
  const counted = chart.infiniteChannels(drawn).map((channel): [string, number] => {
    const found = column(answer, chart.infiniteName(channel)) as readonly (number | null)[];
    const rows = drawn.raw ? (found[0] ?? 0) : found.reduce((sum: number, each) => sum + (each ?? 0), 0);
    return [channel.column!.name, rows];
  });
  return new Map(counted.filter(([, rows]) => rows > 0));
}

export function capNotice(name: string, shown: number, all: number, isPosition: boolean): string {
  const rest = isPosition ? say("are shown") : say("have a colour of their own");
  return say("The {shown} most frequent of {all} values of {name} {rest}.", {
    shown: formatCount(shown),
    all: formatCount(all),
    name,
    rest,
  });
}

/** Row by row where marks are aggregates; a summary where they are thousands of points. */
export function dataTable(options: Options, prepared: Prepared, context: Context): Drawing["data"] {
  if (options.chart.raw && prepared.filtered.length > 200) return summaryTable(options, prepared, context);
  const columns = options.chart.channels.flatMap((channel) => {
    const title = chart.titleOfChannel(channel, context.table);
    const saying = sayingOfChannel(channel);
    const said = {
      ...(saying ? { say: saying } : {}),
      ...(isTime(channel) && !channel.unit ? { isTime: true } : {}),
    };
    if (channel.kind !== "bin") return [{ name: channel.field, title, ...said }];
    return [
      { name: channel.field, title: say("{title}, from", { title }), ...said },
      { name: `${channel.field}_end`, title: say("to"), ...said },
    ];
  });
  const isCounted = options.chart.measures.some(({ operation }) => operation === "count");
  const n = { name: "rows", title: chart.titleOfColumn(null, "count", context.table) };
  return {
    columns: options.isDensity && !isCounted ? [...columns, n] : columns,
    rows: prepared.filtered.map((row) => readable(options, row)),
  };
}

/** Whether a channel's numbers are times. */
function isTime({ column, operation }: Channel): boolean {
  return column !== null && kindOf(column) === "time" && operation !== "count";
}

/** Time units and labels by the words of the chart. */
function readable(options: Options, row: Row): Row {
  const named = options.chart.channels.filter(
    (channel) => isTime(channel) && channel.unit && typeof row[channel.field] === "number",
  );
  const dated = named.map((channel) => [channel.field, shownValue(channel, row[channel.field])]);
  const labels = options.chart.dimensions
    .filter((channel) => isMarked(row[channel.field]))
    .map((channel) => [channel.field, fromLabel(row[channel.field])]);
  return { ...row, ...Object.fromEntries([...dated, ...labels]) };
}

function summaryTable(options: Options, prepared: Prepared, context: Context): Drawing["data"] {
  const numbers = options.chart.dimensions.filter((channel) => channel.type === "quantitative");
  const columns = [
    { name: "of", title: say("Of") },
    { name: "n", title: "N" },
    { name: "least", title: say("Least") },
    { name: "mean", title: say("Mean") },
    { name: "greatest", title: say("Greatest") },
  ];
  const rows = numbers.map((channel) => {
    const found = prepared.filtered
      .map((row) => row[channel.field])
      .filter((value): value is number => Number.isFinite(value));
    const sum = found.reduce((total, value) => total + value, 0);
    const [least, greatest] = [
      found.reduce((a, b) => Math.min(a, b), Infinity),
      found.reduce((a, b) => Math.max(a, b), -Infinity),
    ];
    return {
      of: chart.titleOfChannel(channel, context.table),
      n: found.length,
      least,
      mean: sum / found.length,
      greatest,
    };
  });
  return { columns, rows };
}

const NOUNS: Record<string, string> = {
  bar: say("Bar chart"),
  line: say("Line chart"),
  area: say("Area chart"),
  rect: say("Heat map"),
  tick: say("Strip plot"),
  rule: say("Rule chart"),
};

/** The chart in a sentence: what it is, what it shows, its extremes. */
export function describe(options: Options, prepared: Prepared, context: Context): string {
  const titles = options.chart.channels.map((channel) => chart.titleOfChannel(channel, context.table));
  const noun = NOUNS[options.chart.mark] ?? say("Scatter plot");
  const measure = options.chart.measures[0];
  const numbers = measure
    ? prepared.filtered.map((row) => row[measure.field]).filter((v): v is number => typeof v === "number")
    : [];
  const range = numbers.length
    ? ` ${say("Values from {reduce} to {reduce2}.", { reduce: formatCell(numbers.reduce((a, b) => Math.min(a, b))), reduce2: formatCell(numbers.reduce((a, b) => Math.max(a, b))) })}`
    : "";
  return say("{noun} of {titles}; {rows} of {total}.{range}", {
    noun,
    titles: titles.join(", "),
    rows: formatCount(prepared.rows),
    total: formatCount(prepared.total),
    range,
  });
}

/** The state of a chart: data values by channel for an interval, a list of values per point. */
export interface ChartState {
  interval?: Readonly<Record<string, readonly [number, number]>>;
  points?: readonly (readonly unknown[])[];
}

/** Reads a state that came from a link: only finite ranges of this chart's own channels, and values of their types. */
export function readState(drawn: chart.Chart, state: ViewState | null): ChartState {
  const { type } = drawn.selection;
  const { interval, points } = state ?? {};
  if (type === "interval" && isObject(interval)) return readInterval(drawn, interval);
  if (type === "point" && Array.isArray(points)) return readPoints(drawn, points);
  return {};
}

function readInterval(drawn: chart.Chart, interval: Readonly<Record<string, unknown>>): ChartState {
  const { channels } = drawn.selection;
  const kept = Object.entries(interval).filter(([name, ends]) => channels.includes(name) && isRange(ends));
  return kept.length === channels.length
    ? { interval: Object.fromEntries(kept as [string, [number, number]][]) }
    : {};
}

function readPoints(drawn: chart.Chart, points: readonly unknown[]): ChartState {
  const kinds = selectedChannels(drawn).map(typeOfPoint);
  const fits = (point: unknown): point is unknown[] =>
    Array.isArray(point) &&
    point.length === kinds.length &&
    point.every((value, index) => value === null || typeof value === kinds[index]);
  const kept = points.filter(fits);
  return kept.length ? { points: kept } : {};
}

function selectedChannels(drawn: chart.Chart): Channel[] {
  return drawn.selection.channels.map((name) => drawn.channels.find((each) => each.name === name)!);
}

/** JavaScript's type of a chosen value: the database refuses to compare a column with another. */
function typeOfPoint(channel: Channel): string {
  const kind = kindOf(channel.column!);
  if (kind === "text") return "string";
  return kind === "boolean" ? "boolean" : "number";
}

function accept(options: Options, state: ViewState): ViewState {
  return { ...readState(options.chart, state) };
}

function isRange(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((end) => Number.isFinite(end)) &&
    (value[0] as number) <= (value[1] as number)
  );
}

function selected(options: Options, state: ViewState): Selected[] {
  const { interval, points } = readState(options.chart, state);
  const channels = selectedChannels(options.chart);
  if (interval)
    return channels.map((each) => ({
      column: each.column!.name,
      ...rangeInWords(each, interval[each.name]!),
    }));
  if (points)
    return channels.map((each, index) => ({
      column: each.column!.name,
      values: [...new Set(points.map((point) => pickedValue(each, point[index])))],
    }));
  return [];
}

/** A picked time is said as the chart says it; all else as it is. */
function pickedValue(channel: Channel, value: unknown): unknown {
  const isTime = kindOf(channel.column!) === "time" && typeof value === "number";
  return isTime ? shownValue(channel, value) : value;
}

/** What one mark stands for has no width, and is that value. */
function rangeInWords(channel: Channel, [low, high]: readonly [number, number]): Omit<Selected, "column"> {
  const isTime = channel.type === "temporal";
  if (isOneValue([low, high]))
    return { values: [isTime ? shownValue(channel, low) : formatOf(channel.column!, low)] };
  const range = isTime ? formatTimeRange(low, high, channel.column?.type === "date") : null;
  return { range: range ?? rangeOf(channel.column, low, high) };
}

export const single: Omit<View<Options>, "name" | "summary" | "options"> = {
  parse,
  queries,
  render,
  accept,
  selected,
};
