/** A composed chart: compiled by Vega-Lite, its data asked of the page's tables, its selections given back to the page. */
import { compile, type TopLevelSpec } from "vega-lite";
import { cast, count, type ExprNode, type Query } from "@uwdata/mosaic-sql";
import { NO_TABLE, type Table } from "../../page.ts";
import { objects, scalar, type Result } from "../../data/result.ts";
import { ProblemError } from "../../problem.ts";
import type { Context, Filter, NamedQuery, Results } from "../../view.ts";
import type { Json } from "../channels.ts";
import { SILENT } from "../draw.ts";
import { toLabel } from "../labels.ts";
import { arrange, type Arranged } from "./arrange.ts";
import { fitTitles } from "../axis-titles.ts";
import { titledAxes } from "./axes.ts";
import { turnedNames } from "./turned.ts";
import { readCap, type Cap } from "./caps.ts";
import { checkSpec } from "./check.ts";
import { queryOf, type Source } from "./data.ts";
import { selectedRows } from "./expressions.ts";
import { NotInSql } from "./measures.ts";
import { PART, WHOLE } from "./keys.ts";
import { fitRamps } from "../legend-ramps.ts";
import { fitLegendTitles } from "../legend-titles.ts";
import { shortHeaders } from "./headers.ts";
import { roomOf, tickedLegends, wrappedLegends } from "./legends.ts";
import { readParams, type Params } from "./params.ts";
import { relationOf, source, withCondition, type Relation } from "./relation.ts";
import { NOTHING, selectedOf, type ChartState } from "./state.ts";
import { readySpec, type Ready } from "./spec.ts";
import { sized, type Size } from "./sizes.ts";
import type { Scope } from "./transforms.ts";
import { inUtc } from "./utc.ts";
import { missingCounts, readMissing, type Missing } from "./missing.ts";
import { passingRows } from "./passing.ts";
import { shownColumns, type Shown } from "./shown.ts";
import { viewsIn } from "./views.ts";
import { zonedAxes } from "./zones.ts";

export type Row = Record<string, unknown>;

export interface ComposedChart {
  written: Json;
  ready: Ready;
  /** The tables that its data is named after. */
  tables: Readonly<Record<string, Table>>;
  params: Params;
  /** Columns on continuous axes, of which rows without a value are not drawn, and those aggregated without infinities. */
  shown: readonly Shown[];
  /** Compiled once, for its data; each drawing is compiled anew at its size. */
  compiled: Json;
}

/** The width at which a chart is compiled to find out what it asks. */
const ANY: Size = { width: 600, height: null, columns: null, factor: 1, tall: 1 };

/** Throws a ProblemError of everything that cannot be drawn. */
export function readComposed(spec: Json, context: Context): ComposedChart {
  const tables = tablesOf(context);
  const written = namesData(spec) ? spec : { data: { name: context.table.name }, ...spec };
  checkSpec(written, tables);
  const ready = readySpec(written, tables);
  const compiled = compiledAt(ready, ANY, NOTHING);
  const shown = shownColumns(ready.spec, context.table);
  return { written, ready, tables, compiled, shown, params: readParams(ready.spec, compiled) };
}

/** Whether every view of the spec says what it shows; those that do not show the block's table. */
function namesData(spec: Json): boolean {
  if ("data" in spec) return true;
  const children = viewsIn(spec);
  return children.length > 0 && children.every(namesData);
}

/** The page's tables, each with the columns that its relation adds; the view's own table has them already. */
function tablesOf({ table, tables }: Context): Record<string, Table> {
  return table.name === NO_TABLE.name ? { ...tables } : { ...tables, [table.name]: table };
}

/** The chart as Vega takes it, at a size and with what is selected shown. */
export function compiledAt(ready: Ready, size: Size, state: ChartState): Json {
  const spec = { ...sized(ready.spec, size, state), config: ready.config };
  try {
    const compiled = compile(spec as unknown as TopLevelSpec, { logger: SILENT }).spec;
    const named = turnedNames(shortHeaders(inUtc(compiled as unknown as Json)));
    const titled = titledAxes(fitLegendTitles(tickedLegends(named)), ready.spec);
    const ticked = fitRamps(fitTitles(titled, size.width, size.names));
    return size.entries ? wrappedLegends(ticked, size.entries, roomOf(size.width)) : ticked;
  } catch (error) {
    throw new ProblemError(
      `Vega-Lite does not read the spec: ${String((error as Error).message).slice(0, 200)}`,
      "see the reference of Vega-Lite",
    );
  }
}

/** What is known while the chart's data is arranged; extents are answers of the first queries. */
export function scopeOf(chart: ComposedChart, results: Results, state: ChartState): Scope {
  const { selectable, variables } = chart.params;
  const extents = Object.entries(results)
    .filter(([name]) => name.startsWith(EXTENT))
    .map(([name, answer]) => [name.slice(EXTENT.length), extentOf(answer)] as const);
  return {
    values: new Map([...variables, ...Object.entries(state.values)]),
    selected: new Map([...selectable.keys()].map((name) => [name, selectedOf(name, state, selectable)])),
    extents: new Map(extents),
    wanted: new Map(),
    caps: capsOf(results),
    asked: new Map(),
    bins: new Map(),
  };
}

function capsOf(results: Results): Scope["caps"] {
  const answers = Object.entries(results).filter(([name]) => name.startsWith(VALUES));
  return new Map(
    answers.map(([name, answer]) => [
      name.slice(VALUES.length),
      (field, isPosition) => readCap(field, isPosition, answer),
    ]),
  );
}

const VALUES = "values ";
const EXTENT = "extent ";
const TOTAL = "total";
const PASSING = "passing";

function extentOf(answer: Result): [number, number] | null {
  const [low, high] = [scalar(answer, "low"), scalar(answer, "high")];
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null;
}

/** What the plots are drawn of, as far as it is known with what no filter changes. */
export function sourcesOf(chart: ComposedChart, results: Results, state: ChartState): readonly Source[] {
  return arrange(chart.compiled, chart.tables, scopeOf(chart, results, state)).sources;
}

/** The queries still to be asked, stage by stage: extents one after the other, then rows. */
export function composedQueries(
  chart: ComposedChart,
  results: Results,
  context: Context,
  state: ChartState,
): Record<string, NamedQuery> {
  const scope = scopeOf(chart, results, NOTHING);
  const { sources } = arrange(chart.compiled, chart.tables, scope);
  const extents = Object.fromEntries(
    [...scope.wanted].map(([name, sql]) => [EXTENT + name, { filtered: false, sql: () => sql }]),
  );
  const values = Object.fromEntries(
    [...scope.asked].map(([name, sql]) => [VALUES + name, { filtered: false, sql: () => sql }]),
  );
  const asked = Object.fromEntries(
    Object.keys(results)
      .filter((name) => name.startsWith(EXTENT) || name.startsWith(VALUES))
      .map((name) => [name, { filtered: false, sql: unasked }]),
  );
  const first = { ...extents, ...values };
  if (Object.keys(first).length) return { ...asked, ...first };
  const rows = Object.fromEntries(
    sources.flatMap((each) => rowQueries(chart, each, results, state, context)),
  );
  return { ...asked, ...rows, ...(sources.length ? counts(chart, context, results, state) : {}) };
}

function unasked(): Query {
  throw new Error("an extent, or the values of a scale, are asked once");
}

function rowQueries(
  chart: ComposedChart,
  asked: Source,
  results: Results,
  state: ChartState,
  { group, table }: Context,
): [string, NamedQuery][] {
  const { relation } = asked.table;
  const follows = chart.params.followed(asked.into);
  const query = (filter: Filter, now: ChartState, isFollowing: boolean): Query => {
    const scope = scopeOf(chart, results, now);
    return queryOf(asked, scope, filter, (rows) =>
      isFollowing ? following(rows, asked, scope, follows) : rows,
    );
  };
  const ofAll = { ...NOTHING, values: state.values };
  const ofGroup = relation === table.relation ? group?.condition : null;
  // Variables reach the whole as well, so it is asked again with the rest. Domains and headers are those of all groups.
  const whole: NamedQuery = {
    filtered: chart.params.variables.size > 0,
    relation,
    sql: () => query(asked.isWhole ? null : ofGroup, ofAll, false),
  };
  if (asked.isWhole) return [[`whole ${asked.name}`, whole]];
  const filtered: NamedQuery = { filtered: true, relation, sql: (filter) => query(filter, state, true) };
  return [
    [`rows ${asked.name}`, filtered],
    [`whole ${asked.name}`, whole],
  ];
}

/** The rows that selections in other plots of the chart keep. */
function following(rows: Relation, asked: Source, scope: Scope, follows: readonly string[]): Relation {
  return follows.reduce((relation, name) => {
    const selected = scope.selected.get(name) ?? [];
    if (selected.length === 0) return relation;
    try {
      return withCondition(relation, selectedRows(selected, new Map([...asked.origins, ...rows.fields])));
    } catch (error) {
      // A selection of fields that this data does not have leaves it alone.
      if (error instanceof NotInSql) return relation;
      throw error;
    }
  }, rows);
}

/** How many rows there are and pass, of the view's own table, and how many of those no axis has a place for. */
function counts(
  chart: ComposedChart,
  { table }: Context,
  results: Results,
  state: ChartState,
): Record<string, NamedQuery> {
  if (!Object.hasOwn(chart.tables, table.name)) return {};
  const passing = (filter: Filter): Record<string, ExprNode> =>
    missingCounts(chart.shown, (filters) =>
      passingRows(filters, table, filter, scopeOf(chart, results, state)),
    );
  const rows = cast(count(), "INTEGER");
  const query = (filter: Filter, missing: Record<string, ExprNode>): Query =>
    source(relationOf(table, filter)).select({ rows, ...missing });
  return {
    [TOTAL]: { filtered: false, sql: (filter) => query(filter, {}) },
    [PASSING]: { filtered: true, sql: (filter) => query(filter, passing(filter)) },
  };
}

/** A chart with its answers: what a drawing needs. */
export interface Answered extends Missing {
  chart: ComposedChart;
  sources: readonly Source[];
  scope: Scope;
  /** Rows by the data set that they are put into: those that pass and the whole, each saying which it is. */
  data: ReadonlyMap<string, Row[]>;
  /** Scales with more names than are shown. */
  named: readonly Cap[];
  /** Sources with more rows than are read. */
  capped: readonly Source[];
  rows: number;
  total: number;
  /** Whether some plot shows less than the whole: the page is filtered, or one plot follows another. */
  isFiltered: boolean;
}

/** `peers` are the answers of all groups, where the chart is drawn for one: they share their scales. */
export function answered(
  chart: ComposedChart,
  results: Results,
  state: ChartState,
  peers: readonly Results[] = [],
): Answered {
  const scope = scopeOf(chart, results, state);
  const { sources } = arrange(chart.compiled, chart.tables, scope);
  const data = new Map<string, Row[]>();
  for (const asked of sources) {
    const rows = data.get(asked.into) ?? [];
    data.set(asked.into, [
      ...rows,
      ...(asked.isWhole ? [] : rowsFrom(results[`rows ${asked.name}`]!, asked, false)),
      ...wholeRows(asked, results, peers),
    ]);
  }
  const own = inlineRows(chart);
  const total = results[TOTAL] ? scalar(results[TOTAL], "rows") : own;
  const rows = results[PASSING] ? scalar(results[PASSING], "rows") : own;
  const capped = sources.filter((asked) => results[`whole ${asked.name}`]!.rows > asked.most);
  const missing = readMissing(results[PASSING]);
  const isFiltered = rows < total || Object.keys(state.selected).length > 0;
  return {
    chart,
    sources,
    scope,
    data,
    named: namedOf(results),
    capped,
    rows,
    total,
    ...missing,
    isFiltered,
  };
}

/** The same as it would be without filters and selections: all of the whole passes. */
export function unfiltered(found: Answered): Answered {
  const { sources, total } = found;
  const isSplit = (name: string, row: Row): boolean =>
    sources.some(({ into, part, isWhole }) => into === name && !isWhole && (part ?? row[PART]) === row[PART]);
  const data = [...found.data].map(([name, rows]): [string, Row[]] => {
    const whole = rows.filter((row) => row[WHOLE] !== false);
    const passing = whole.filter((row) => row[WHOLE] === true && isSplit(name, row));
    return [name, [...passing.map((row): Row => ({ ...row, [WHOLE]: false })), ...whole]];
  });
  return { ...found, data: new Map(data), rows: total, isFiltered: false };
}

/** Keys are made by `capNames`: the data set, the field, and what the scale is of. */
function namedOf(results: Results): Cap[] {
  const caps = [...capsOf(results)].map(([key, cap]) => {
    const [, field, of] = /^[^:]*:(.*):(place|colour)$/s.exec(key) ?? [];
    return cap(field ?? key, of === "place");
  });
  return caps.filter(({ shown, all }) => shown.length < all);
}

/**
 * The whole, among those of the other groups that only scales read: in the order of the groups, so that axes of names have
 * the same in each. Domains over single rows are queries of their own.
 */
function wholeRows(asked: Source, own: Results, peers: readonly Results[]): Row[] {
  const isRead = !asked.isWhole && (asked.isGrouped || asked.left.length > 0);
  const shared = isRead && peers.length > 0 ? peers : [own];
  return shared.flatMap((peer, index) => {
    if (peer === own) return rowsFrom(own[`whole ${asked.name}`]!, asked, true);
    const [rows, whole] = [peer[`rows ${asked.name}`], peer[`whole ${asked.name}`]];
    return [
      ...(rows ? rowsFrom(rows, asked, -1 - index) : []),
      ...(whole ? rowsFrom(whole, asked, 1 + index) : []),
    ];
  });
}

function inlineRows({ compiled }: ComposedChart): number {
  const listed = compiled["data"] as Json[];
  return listed.reduce((sum, { values }) => sum + (Array.isArray(values) ? values.length : 0), 0);
}

function rowsFrom(answer: Result, { most, objects: nested, part }: Source, isWhole: boolean | number): Row[] {
  const rows = objects(answer).slice(0, most);
  for (const row of rows) {
    delete row["@row"];
    for (const [name, value] of Object.entries(row))
      if (typeof value === "string") row[name] = toLabel(value);
    for (const [name, parts] of nested) gather(row, name, parts);
    row[WHOLE] = isWhole;
    if (part !== null) row[PART] = part;
  }
  return rows;
}

/** Columns of an object's parts, as the object that they are parts of. */
function gather(row: Row, name: string, parts: readonly string[]): void {
  const entries = parts.map((part) => [part, row[`${name}\u0001${part}`]] as const);
  for (const part of parts) delete row[`${name}\u0001${part}`];
  row[name] = Object.fromEntries(entries);
}

/** The chart for Vega at a size. */
export function arrangedAt({ chart, scope }: Answered, size: Size, state: ChartState): Arranged {
  const compiled = zonedAxes(compiledAt(chart.ready, size, state), chart.tables);
  return arrange(compiled, chart.tables, { ...scope, wanted: new Map(), asked: new Map(), bins: new Map() });
}
