/** What a view of familiarity asks: how scores are spread, overall and in each group, and the samples at either end. */
import {
  and,
  cast,
  column as columnRef,
  count,
  literal,
  Query,
  sql,
  type ExprNode,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import { objects, scalar } from "../../src/data/result.ts";
import { countOf, isAmong, rowsOf } from "../../src/data/rows.ts";
import type { Column, Table } from "../../src/page.ts";
import { cellsOf, endsOf } from "../../src/tiles.ts";
import type { Context, Filter, NamedQuery, Results, ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { readState, type FamiliarityState, type Value } from "./state.ts";

export const BINS = 20;

/** Groups that are listed. */
const MOST_GROUPS = 100;

const MOST_SIGNS = 241;

/** Which of the answers about one group is meant; what is asked of all samples has the name alone. */
export function nameFor(name: string, { within }: FamiliarityState): string {
  return within === null ? name : `${name} of ${JSON.stringify(within)}`;
}

export function queries(
  options: Options,
  results: Results,
  { table }: Context,
  written: ViewState,
): Record<string, NamedQuery> {
  const state = readState(options, written);
  const { by, gaps } = options;
  const extent = nameFor("extent", state);
  const named: Record<string, NamedQuery> = {
    // One scale for all groups of a page: the condition of one is left out.
    [extent]: { filtered: false, sql: () => extentQuery(options, table, state) },
    total: { filtered: false, sql: (filter) => countOf(table, filter) },
    count: { filtered: true, sql: (filter) => countOf(table, filter) },
    spread: { filtered: true, sql: (filter) => spreadQuery(options, table, state, filter) },
    tiles: { filtered: true, sql: (filter) => tilesQuery(options, table, state, filter) },
  };
  // Groups of a page write the numbers of their cards alike, too.
  const asked = endsOf(options.card);
  if (Object.keys(asked).length > 0)
    named["ends"] = { filtered: false, sql: () => countOf(table, null).select(asked) };
  if (by) {
    named["groups"] = { filtered: false, sql: (filter) => groupsQuery(options, table, filter) };
    const listed = results["groups"]?.columns["value"] as readonly Value[] | undefined;
    // Of what passes others may be the least familiar: those are asked that are listed of the whole.
    if (listed)
      named["groupsPassing"] = {
        filtered: true,
        sql: (filter) => groupsQuery(options, table, filter, isListed(by, listed)),
      };
    named["groupsExtent"] = { filtered: false, sql: () => groupsExtentQuery(options, table) };
  }
  if (gaps) named["gaps"] = { filtered: false, sql: () => gapsQuery(gaps) };
  const found = results[extent];
  if (!found) return named;
  const ends: [number, number] = [scalar(found, "low"), scalar(found, "high")];
  named[nameFor("whole", state)] = {
    filtered: false,
    sql: (filter) => binsQuery(options, table, state, ends, filter),
  };
  named["bins"] = { filtered: true, sql: (filter) => binsQuery(options, table, state, ends, filter) };
  return named;
}

/** The column that samples are compared by: within a group its own, where there is one. */
export function scoreOf({ score, within }: Options, state: FamiliarityState): Column {
  return state.within === null ? score : (within ?? score);
}

const number = ({ name }: Column): ExprNode => sql`CAST(${columnRef(name)} AS DOUBLE)`;

export function isGroup(by: Column, value: Value): ExprNode {
  return sql`${columnRef(by.name)} = ${literal(value)}`;
}

/** Samples of the group within which is compared. */
function compared(options: Options, table: Table, { within }: FamiliarityState, filter: Filter): SelectQuery {
  const query = rowsOf(table, filter);
  return within === null || !options.by ? query : query.where(isGroup(options.by, within));
}

/** Mean and standard deviation of the scores that are compared. */
function spreadQuery(options: Options, table: Table, state: FamiliarityState, filter: Filter): Query {
  const score = number(scoreOf(options, state));
  return compared(options, table, state, filter).select({
    rows: sql`CAST(count(${score}) AS INTEGER)`,
    mean: sql`avg(${score})`,
    sd: sql`stddev_samp(${score})`,
  });
}

function extentQuery(options: Options, table: Table, state: FamiliarityState): Query {
  const score = number(scoreOf(options, state));
  return compared(options, table, state, null).select({
    low: sql`min(${score}) FILTER (WHERE isfinite(${score}))`,
    high: sql`max(${score}) FILTER (WHERE isfinite(${score}))`,
    rows: cast(count(), "INTEGER"),
    scored: sql`CAST(count(${score}) AS INTEGER)`,
  });
}

function binsQuery(
  options: Options,
  table: Table,
  state: FamiliarityState,
  [low, high]: [number, number],
  filter: Filter,
): Query {
  const score = number(scoreOf(options, state));
  const width = (high - low) / BINS;
  const place = width > 0 ? sql`floor((${score} - (${String(low)})) / ${String(width)})` : sql`0`;
  const bin = sql`CAST(least(greatest(${place}, 0), ${String(BINS - 1)}) AS INTEGER)`;
  return compared(options, table, state, filter)
    .select({ bin, rows: cast(count(), "INTEGER") })
    .where(sql`isfinite(${score})`)
    .groupby(bin)
    .orderby("bin");
}

export function countsOf(answer: Results[string] | undefined): number[] {
  const counts = Array.from({ length: BINS }, () => 0);
  if (answer) for (const { bin, rows } of objects(answer)) counts[Number(bin)] = Number(rows);
  return counts;
}

function isListed(by: Column, listed: readonly Value[]): ExprNode {
  return listed.length ? isAmong(by.name, listed) : literal(false);
}

/** Mean and standard deviation of each group's scores, the least familiar group first. */
function groupsQuery(
  { by, score, within }: Options,
  table: Table,
  filter: Filter,
  listed: ExprNode | null = null,
): Query {
  const [value, all] = [columnRef(by!.name), number(score)];
  const own = within ? number(within) : sql`NULL`;
  return rowsOf(table, filter)
    .select({
      value,
      rows: cast(count(), "INTEGER"),
      scored: sql`CAST(count(${all}) AS INTEGER)`,
      mean: sql`avg(${all})`,
      sd: sql`stddev_samp(${all})`,
      own: sql`CAST(count(${own}) AS INTEGER)`,
      groups: sql`CAST(count(*) OVER () AS INTEGER)`,
    })
    .where(sql`${value} IS NOT NULL`, listed ?? [])
    .groupby(value)
    .orderby(sql`"mean" ASC NULLS LAST`, sql`"value" ASC`)
    .limit(MOST_GROUPS);
}

/** How far the means reach with a standard deviation to either side, of whatever group of the page. */
function groupsExtentQuery(options: Options, table: Table): Query {
  const groups = groupsQuery(options, table, null);
  const sd = sql`coalesce(${columnRef("sd")}, 0)`;
  return Query.from({ groups }).select({
    low: sql`min(${columnRef("mean")} - ${sd})`,
    high: sql`max(${columnRef("mean")} + ${sd})`,
  });
}

function tilesQuery(options: Options, table: Table, state: FamiliarityState, filter: Filter): Query {
  const score = columnRef(scoreOf(options, state).name);
  const cells = cellsOf(options.card, (text) => sql`substr(${text}, 1, ${String(MOST_SIGNS)})`);
  const direction = state.order === "least" ? sql`${score} ASC` : sql`${score} DESC`;
  return compared(options, table, state, filter)
    .select({ ...cells, score: sql`CAST(${score} AS DOUBLE)` })
    .where(sql`isfinite(CAST(${score} AS DOUBLE))`)
    .orderby(direction, columnRef(options.card.id.name))
    .limit(state.rows ?? options.rows);
}

function gapsQuery(gaps: Table): Query {
  const numbers = ["fitted_rows", "scored_rows", "fitted_mean", "scored_mean", "gap", "low", "high"];
  const columns = numbers.map((name): [string, ExprNode] => [name, sql`CAST(${columnRef(name)} AS DOUBLE)`]);
  return Query.from(gaps.relation)
    .select({
      fitted: columnRef("fitted"),
      scored: columnRef("scored"),
      ...Object.fromEntries(columns),
    })
    .orderby("fitted", "scored");
}

/** What the reader selected, as a condition; null for nothing. */
export function condition(options: Options, state: FamiliarityState): ExprNode | null {
  const { range, groups, ids } = state;
  const score = number(scoreOf(options, state));
  const parts: ExprNode[] = [];
  if (range) parts.push(sql`${score} BETWEEN ${String(range[0])} AND ${String(range[1])}`);
  if (range && state.within !== null && options.by) parts.push(isGroup(options.by, state.within));
  if (groups.length && options.by) parts.push(isAmong(options.by.name, groups));
  if (ids.length) parts.push(isAmong(options.card.id.name, ids));
  return parts.length ? and(...parts) : null;
}
