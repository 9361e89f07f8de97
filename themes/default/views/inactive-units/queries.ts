/** What a view of inactive units asks: how shares are spread, overall and by layer, the units at either end, one by label. */
import {
  and,
  cast,
  column as columnRef,
  count,
  literal,
  Query,
  sql,
  type ExprNode,
} from "@uwdata/mosaic-sql";
import { column as valuesOf, objects } from "../../src/data/result.ts";
import { asNumbers, countOf, isAmong, rowsOf } from "../../src/data/rows.ts";
import type { Table } from "../../src/page.ts";
import type { Context, Filter, NamedQuery, Results, ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { readState, type InactiveState } from "./state.ts";

export const BINS = 20;
/** Layers and labels that are listed. */
export const MOST_LAYERS = 500;
export const MOST_LABELS = 200;
/** How many there are, also those beyond what is asked for. */
const ALL = sql`CAST(count(*) OVER () AS INTEGER)`;

export const ofUnit = (id: string): string => `labels of ${JSON.stringify(id)}`;

/** The unit that is looked into: the last one selected, else the one that tells labels apart the most. */
export function shownUnit(results: Results, { ids }: InactiveState): string | null {
  const telling = results["telling"] ? valuesOf(results["telling"], "id")[0] : undefined;
  return ids.at(-1) ?? (typeof telling === "string" ? telling : null);
}

/** How far apart the intervals of two labels are; at most 0 where those of all overlap. */
export function apartOf({ telling }: Results): number {
  return Number(telling ? valuesOf(telling, "apart")[0] : 0);
}

export function queries(
  options: Options,
  results: Results,
  { table }: Context,
  written: ViewState,
): Record<string, NamedQuery> {
  const state = readState(options, written);
  const { classes } = options;
  const named: Record<string, NamedQuery> = {
    layers: { filtered: false, sql: () => layersQuery(options) },
    whole: { filtered: false, sql: (filter) => binsQuery(table, filter) },
    bins: { filtered: true, sql: (filter) => binsQuery(table, filter) },
    total: { filtered: false, sql: (filter) => countOf(table, filter) },
    count: { filtered: true, sql: (filter) => countOf(table, filter) },
    list: { filtered: true, sql: (filter) => listQuery(options, table, state, filter) },
  };
  if (!classes) return named;
  named["telling"] = { filtered: false, sql: () => tellingQuery(classes) };
  const unit = shownUnit(results, state);
  if (unit !== null) named[ofUnit(unit)] = { filtered: false, sql: () => labelsQuery(classes, unit) };
  return named;
}

function layersQuery({ layers }: Options): Query {
  const names = ["position", "units", "inputs", "dead", "mean_inactive", "sd_inactive"];
  return Query.from(layers.relation)
    .select({ layer: columnRef("layer"), ...asNumbers(names), all: ALL })
    .orderby("position")
    .limit(MOST_LAYERS);
}

/** Units of each layer in twenty equal steps of the share; a unit that is always inactive is in the last. */
function binsQuery(table: Table, filter: Filter): Query {
  const bin = sql`CAST(least(floor(${columnRef("share")} * ${String(BINS)}), ${String(BINS - 1)}) AS INTEGER)`;
  return rowsOf(table, filter)
    .select({
      layer: columnRef("layer"),
      bin,
      rows: cast(count(), "INTEGER"),
      dead: sql`CAST(count(*) FILTER (WHERE ${columnRef("is_dead")}) AS INTEGER)`,
    })
    .groupby("layer", bin);
}

function listQuery(options: Options, table: Table, state: InactiveState, filter: Filter): Query {
  const names = ["unit", "inputs", "inactive", "share", "low", "high", "mean"];
  const share = columnRef("share");
  return rowsOf(table, filter)
    .select({
      id: columnRef("id"),
      layer: columnRef("layer"),
      is_dead: columnRef("is_dead"),
      ...asNumbers(names),
    })
    .orderby(state.order === "most" ? sql`${share} DESC` : sql`${share} ASC`, "layer", "unit")
    .limit(state.rows ?? options.rows);
}

/** The unit of which the intervals of two labels are the farthest apart: a label of few samples has a wide one. */
function tellingQuery(classes: Table): Query {
  const apart = sql`max(${columnRef("low")}) - min(${columnRef("high")})`;
  return Query.from(classes.relation)
    .select({ id: columnRef("id"), apart: sql`CAST(${apart} AS DOUBLE)` })
    .groupby("id")
    .orderby(sql`"apart" DESC`, "id")
    .limit(1);
}

function labelsQuery(classes: Table, unit: string): Query {
  const names = ["inputs", "inactive", "share", "low", "high"];
  return Query.from(classes.relation)
    .select({ label: columnRef("label"), ...asNumbers(names), all: ALL })
    .where(sql`${columnRef("id")} = ${literal(unit)}`)
    .orderby("label")
    .limit(MOST_LABELS);
}

/** Units in each step of the share, of one layer or of all. */
export function countsOf(answer: Results[string] | undefined, layer: string | null = null): number[] {
  const counts = Array.from({ length: BINS }, () => 0);
  if (answer)
    for (const row of objects(answer))
      if (layer === null || row["layer"] === layer) counts[Number(row["bin"])]! += Number(row["rows"]);
  return counts;
}

/** Units that are inactive for every input, of one layer or of all. */
export function deadOf(answer: Results[string] | undefined, layer: string | null = null): number {
  const rows = answer ? objects(answer) : [];
  return rows
    .filter((row) => layer === null || row["layer"] === layer)
    .reduce((sum, row) => sum + Number(row["dead"]), 0);
}

/** What the reader selected, as a condition; null for nothing. */
export function condition({ range, layers, ids }: InactiveState): ExprNode | null {
  return joined([...(range ? [isWithin(range)] : []), ...named(layers, ids)]);
}

/** The same where other tables tell of the units: how often these are inactive is known in this one alone. */
export function conditionElsewhere(
  { range, layers, ids }: InactiveState,
  { relation }: Pick<Table, "relation">,
): ExprNode | null {
  const within =
    range &&
    Query.from(relation)
      .select({ id: columnRef("id") })
      .where(isWithin(range));
  return joined([...(within ? [sql`${columnRef("id")} IN (${within})`] : []), ...named(layers, ids)]);
}

/** Where a step ends the next begins; the last one has its end. */
function isWithin([low, high]: readonly [number, number]): ExprNode {
  const share = columnRef("share");
  const below = high >= 1 ? sql`TRUE` : sql`${share} < ${String(high)}`;
  return sql`${share} >= ${String(low)} AND ${below}`;
}

function named(layers: readonly string[], ids: readonly string[]): ExprNode[] {
  return [...(layers.length ? [isAmong("layer", layers)] : []), ...(ids.length ? [isAmong("id", ids)] : [])];
}

const joined = (parts: readonly ExprNode[]): ExprNode | null => (parts.length ? and(...parts) : null);
