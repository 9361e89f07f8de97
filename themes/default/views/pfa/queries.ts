/**
 * What a view of principal filter analysis asks. How many units a strategy keeps follows from the eigenvalues, so a
 * reader can ask for another share of the variance, or of the units, than the tool was given.
 */
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
import { objects, scalar } from "../../src/data/result.ts";
import { asNumbers, countOf, isAmong, rowsOf } from "../../src/data/rows.ts";
import type { Context, Filter, NamedQuery, Results, ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { readState, type PfaState } from "./state.ts";

/** Layers that are listed. */
export const MOST_LAYERS = 500;
/** Points of the curve of one layer. */
const POINTS = 120;
/** Units of one layer; the tool takes no wider ones. */
export const MOST_UNITS = 4096;

export interface Layer {
  layer: string;
  position: number;
  units: number;
  inputs: number;
  is_enough: boolean;
  inactive: number;
  rank: number;
  ratio: number | null;
  kl: number | null;
  recommended_kl: number | null;
  /** How many layers there are, also those that are not listed. */
  all: number;
}

export function layersOf({ layers }: Results): Layer[] {
  return layers ? (objects(layers) as unknown as Layer[]) : [];
}

/** Which of the answers is meant: those of a strategy and what it is given. */
export function nameFor(name: string, { strategy, energy, size }: PfaState): string {
  if (strategy === "kl") return `${name} by kl`;
  return `${name} by ${strategy} ${strategy === "energy" ? energy : size}`;
}

export const ofLayer = (name: string, layer: string): string => `${name} of ${JSON.stringify(layer)}`;

/** The layer that is looked into: the last one selected, else the author's, else the one of which least is needed. */
export function shownLayer(options: Options, results: Results, { layers }: PfaState): Layer | null {
  const known = layersOf(results);
  const named = [...layers].reverse().concat(options.layer ?? []);
  const found = named.map((name) => known.find(({ layer }) => layer === name)).find(Boolean);
  const least = known.reduce<Layer | null>(
    (best, each) => (best === null || (each.ratio ?? 2) < (best.ratio ?? 2) ? each : best),
    null,
  );
  return found ?? least;
}

export function queries(
  options: Options,
  results: Results,
  { table }: Context,
  written: ViewState,
): Record<string, NamedQuery> {
  const state = readState(options, written);
  const named: Record<string, NamedQuery> = {
    layers: { filtered: false, sql: () => layersQuery(options) },
    total: { filtered: false, sql: () => countOf(table, null) },
    count: { filtered: true, sql: (filter) => countOf(table, filter) },
  };
  const layer = shownLayer(options, results, state)?.layer;
  if (layer === undefined) return named;
  named[ofLayer("curve", layer)] = { filtered: false, sql: () => curveQuery(options, layer) };
  named[ofLayer("units", layer)] = { filtered: false, sql: () => unitsQuery(table, layer) };
  named["unitsPassing"] = {
    filtered: true,
    sql: (filter) =>
      rowsOf(table, filter)
        .select({ unit: columnRef("unit") })
        .where(isLayer(layer))
        .orderby("unit")
        .limit(MOST_UNITS),
  };
  return { ...named, ...countQueries(options, results, table, state) };
}

/** How many units are kept, and how many of those pass the filters. */
function countQueries(
  options: Options,
  results: Results,
  table: Context["table"],
  state: PfaState,
): Record<string, NamedQuery> {
  const named: Record<string, NamedQuery> = {};
  const [threshold, counts] = [thresholdOf(results, state), nameFor("counts", state)];
  if (state.strategy === "size")
    named[nameFor("threshold", state)] = {
      filtered: false,
      sql: () => thresholdQuery(options, results, state.size),
    };
  if (state.strategy !== "kl" && threshold !== null)
    named[counts] = { filtered: false, sql: () => countsQuery(options, threshold) };
  // Once it was asked it is asked again at any time, also while the counts of a new share are on their way.
  if (state.strategy === "kl" || counts in results || "passing" in results)
    named["passing"] = {
      filtered: true,
      sql: (filter) => passingQuery(table, keptOf(results, state), filter),
    };
  return named;
}

function layersQuery({ layers }: Options): Query {
  const numbers = ["position", "units", "inputs", "inactive", "rank", "ratio", "kl", "recommended_kl"];
  return Query.from(layers.relation)
    .select({
      layer: columnRef("layer"),
      is_enough: columnRef("is_enough"),
      ...asNumbers(numbers),
      all: sql`CAST(count(*) OVER () AS INTEGER)`,
    })
    .orderby("position")
    .limit(MOST_LAYERS);
}

export const isLayer = (layer: string): ExprNode => sql`${columnRef("layer")} = ${literal(layer)}`;

/** About 120 points of the curve, its first and last among them. */
function curveQuery({ spectrum }: Options, layer: string): Query {
  const last = sql`max(${columnRef("component")}) OVER ()`;
  const all = Query.from(spectrum.relation)
    .select({ component: columnRef("component"), energy: columnRef("energy"), last })
    .where(isLayer(layer));
  const step = sql`greatest(1, CAST(ceil("last" / ${String(POINTS)}.0) AS INTEGER))`;
  return Query.from({ all })
    .select({
      component: sql`CAST("component" AS INTEGER)`,
      energy: sql`CAST("energy" AS DOUBLE)`,
    })
    .where(sql`"component" = 1 OR "component" = "last" OR "component" % ${step} = 0`)
    .orderby("component");
}

function unitsQuery(table: Context["table"], layer: string): Query {
  const numbers = ["unit", "place", "variance", "correlation", "nearest", "nearest_correlation"];
  return rowsOf(table, null)
    .select({ id: columnRef("id"), is_active: columnRef("is_active"), ...asNumbers(numbers) })
    .where(isLayer(layer))
    .orderby("unit")
    .limit(MOST_UNITS);
}

/* Strategies */

/** The share of the variance before a component up to which it is kept; null while it is not known. */
function thresholdOf(results: Results, state: PfaState): number | null {
  if (state.strategy === "energy") return state.energy;
  const found = results[nameFor("threshold", state)];
  return found ? scalar(found, "threshold") : null;
}

/** Where so many of all layers' components begin; beyond the last one that varies everything is kept. */
function thresholdQuery({ spectrum }: Options, results: Results, size: number): Query {
  const enough = layersOf(results).filter(({ is_enough: isEnough }) => isEnough);
  const units = enough.reduce((sum, layer) => sum + layer.units, 0);
  const kept = size >= 1 ? units : Math.ceil(size * Math.max(0, units - 1) - 1e-9);
  const begins = Query.from(spectrum.relation)
    .select({ before: columnRef("before") })
    .where(among(enough))
    .orderby("before")
    .limit(1)
    .offset(kept);
  return Query.from({ begins }).select({
    threshold: sql`coalesce(max(CAST(${columnRef("before")} AS DOUBLE)), 1.0)`,
  });
}

function among(layers: readonly Layer[]): ExprNode {
  if (layers.length === 0) return sql`FALSE`;
  return isAmong(
    "layer",
    layers.map(({ layer }) => layer),
  );
}

function countsQuery({ spectrum }: Options, threshold: number): Query {
  return Query.from(spectrum.relation)
    .select({
      layer: columnRef("layer"),
      kept: sql`CAST(greatest(1, count(*) FILTER (WHERE "before" < CAST(${literal(String(threshold))} AS DOUBLE))) AS INTEGER)`,
    })
    .groupby("layer");
}

/** Units that the strategy keeps of each layer; null where it cannot say, and never more than are active. */
export function keptOf(results: Results, state: PfaState): Map<string, number | null> {
  const counts = results[nameFor("counts", state)];
  const found = new Map(
    counts ? objects(counts).map((row) => [String(row["layer"]), Number(row["kept"])] as const) : [],
  );
  return new Map(
    layersOf(results).map((layer) => {
      const kept = state.strategy === "kl" ? layer.recommended_kl : (found.get(layer.layer) ?? null);
      const isSaid = layer.is_enough && kept !== null;
      return [layer.layer, isSaid ? Math.min(kept, layer.units - layer.inactive) : null] as const;
    }),
  );
}

/** Units of each layer that pass the filters, and those of them that are kept. */
function passingQuery(
  table: Context["table"],
  kept: ReadonlyMap<string, number | null>,
  filter: Filter,
): Query {
  const known = [...kept].filter(([, most]) => most !== null);
  const cases = known.map(([layer, most]) => sql`WHEN ${literal(layer)} THEN ${String(most)} `);
  const limit = cases.length ? sql`CASE ${columnRef("layer")} ${joined(cases)} ELSE 0 END` : sql`0`;
  return rowsOf(table, filter)
    .select({
      layer: columnRef("layer"),
      rows: cast(count(), "INTEGER"),
      kept: sql`CAST(count(*) FILTER (WHERE "place" <= ${limit}) AS INTEGER)`,
    })
    .groupby("layer");
}

function joined(parts: readonly ExprNode[]): ExprNode {
  return parts.reduce((before, next) => sql`${before} ${next}`);
}

/** What the reader selected, as a condition; null for nothing. */
export function condition({ layers, ids }: PfaState): ExprNode | null {
  const parts = [
    ...(layers.length ? [isAmong("layer", layers)] : []),
    ...(ids.length ? [isAmong("id", ids)] : []),
  ];
  return parts.length ? and(...parts) : null;
}
