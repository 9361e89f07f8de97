/** What a review of labels asks: the samples in their order, how scores are spread, and what is known of those looked at. */
import { column as columnRef, Query, sql, type ExprNode, type SelectQuery } from "@uwdata/mosaic-sql";
import { drawnColumns, type Tile } from "../../src/cards.ts";
import { strataOf, type Stratum } from "../../src/corrections/estimate.ts";
import { objects, scalar } from "../../src/data/result.ts";
import { countOf, isAmong, rowsOf } from "../../src/data/rows.ts";
import type { Table } from "../../src/page.ts";
import type { Id } from "../../src/selected.ts";
import { endsOf } from "../../src/tiles.ts";
import type { Context, Filter, NamedQuery, Results } from "../../src/view.ts";
import type { Options } from "./options.ts";
import type { ReviewState } from "./state.ts";

export const BINS = 20;

/** Samples of which class scores and twins are asked at once, and pairs of twins that are shown. */
const MOST_ASKED = 100;
export const MOST_PAIRS = 8;

/** Names of what is asked without filters say what it depends on: it is asked once. */
export const aboutName = (ids: readonly Id[]): string => `about ${JSON.stringify(ids)}`;
export const pairsName = (ids: readonly Id[]): string => `pairs ${JSON.stringify(ids)}`;
export const othersName = (ids: readonly Id[]): string => `others ${JSON.stringify(ids)}`;

/**
 * The samples that the panel tells of, and that a key decides of: those selected, else the one that the keys are at,
 * else the first. What the list does not show is never among them: a filter may have taken it away.
 */
export function lookedAmong({ ids, at }: ReviewState, items: readonly Item[]): readonly Item[] {
  const [first] = items;
  if (!first) return [];
  const selected = new Set(ids);
  const found = items.filter(({ id }) => selected.has(id));
  return found.length ? found : [items.find(({ id }) => id === at) ?? first];
}

/** Their ids, as far as class scores and twins are asked. */
export function lookedAt(state: ReviewState, results: Results): readonly Id[] {
  return lookedAmong(state, itemsOf(results))
    .slice(0, MOST_ASKED)
    .map(({ id }) => id);
}

export function queries(
  options: Options,
  results: Results,
  { table }: Context,
  state: ReviewState,
): Record<string, NamedQuery> {
  const plain = (query: () => Query): NamedQuery => ({ filtered: false, sql: query });
  const filtered = (query: (filter: Filter) => Query): NamedQuery => ({ filtered: true, sql: query });
  const named: Record<string, NamedQuery> = {
    total: plain(() => countOf(table, null).select(endsOf(options.card))),
    count: filtered((filter) => countOf(table, filter)),
    whole: plain(() => binsQuery(options, table, null)),
    bins: filtered((filter) => binsQuery(options, table, filter)),
    items: filtered((filter) => itemsQuery(options, table, state, filter)),
    listed: filtered((filter) =>
      listed(options, table, state, filter).select({ rows: sql`CAST(count(*) AS INTEGER)` }),
    ),
  };
  if (options.rank) named["ranked"] = plain(() => rankedQuery(options, table));
  const samples = results["ranked"] ? scalar(results["ranked"], "rows") : 0;
  if (samples > 0 && options.posterior) named["strata"] = plain(() => strataQuery(options, table, samples));
  if (results["items"])
    Object.assign(named, detailQueries(options, results, table, lookedAt(state, results)));
  return named;
}

function detailQueries(
  options: Options,
  results: Results,
  table: Table,
  ids: readonly Id[],
): Record<string, NamedQuery> {
  const plain = (query: () => Query): NamedQuery => ({ filtered: false, sql: query });
  const { twins } = options;
  const named: Record<string, NamedQuery> = {
    [aboutName(ids)]: plain(() => aboutQuery(options, table, ids)),
  };
  if (!twins || ids.length === 0) return named;
  named[pairsName(ids)] = plain(() => pairsQuery(twins, ids));
  const others = othersOf(results, ids);
  if (others.length) named[othersName(others)] = plain(() => tilesQuery(options, table, others));
  return named;
}

const number = (name: string): ExprNode => sql`CAST(${columnRef(name)} AS DOUBLE)`;

export function rangeCondition({ score }: Options, range: ReviewState["range"]): ExprNode | null {
  if (!range) return null;
  return sql`${number(score.name)} BETWEEN ${String(range[0])} AND ${String(range[1])}`;
}

/** What is selected, for the other views. */
export function condition(options: Options, { range, ids }: ReviewState): ExprNode | null {
  const parts = [
    rangeCondition(options, range),
    ids.length ? isAmong(options.card.id.name, ids) : null,
  ].filter((part) => part !== null);
  if (parts.length === 0) return null;
  return parts.reduce((all, part) => sql`${all} AND ${part}`);
}

function columnsOf(options: Options): Record<string, ExprNode> {
  const cells = Object.entries(drawnColumns(options.card)).map(([name, { name: of }]): [string, ExprNode] => [
    name,
    name === "label" || name === "prediction" ? sql`CAST(${columnRef(of)} AS VARCHAR)` : columnRef(of),
  ]);
  const { rank, split, score } = options;
  return {
    ...Object.fromEntries(cells),
    score: number(score.name),
    ...(rank ? { rank: number(rank.name) } : {}),
    ...(split ? { split: sql`CAST(${columnRef(split.name)} AS VARCHAR)` } : {}),
  };
}

/** What the list is of, however much of it is shown. */
function listed(options: Options, table: Table, { range }: ReviewState, filter: Filter): SelectQuery {
  const query = rowsOf(table, filter).where(sql`${columnRef(options.score.name)} IS NOT NULL`);
  const within = rangeCondition(options, range);
  return within ? query.where(within) : query;
}

function itemsQuery(options: Options, table: Table, state: ReviewState, filter: Filter): Query {
  const query = listed(options, table, state, filter).select(columnsOf(options));
  const id = columnRef(options.card.id.name);
  // A digest of the id puts samples in an order that has nothing to do with them, the same in both engines.
  const first = state.order === "random" ? sql`md5(CAST(${id} AS VARCHAR))` : number(options.score.name);
  return query.orderby(first, id).limit(state.rows ?? options.rows);
}

function binsQuery({ score }: Options, table: Table, filter: Filter): Query {
  const bin = sql`CAST(least(${BINS - 1}, greatest(0, floor(${number(score.name)} * ${BINS}))) AS INTEGER)`;
  return rowsOf(table, filter)
    .select({ bin, rows: sql`CAST(count(*) AS INTEGER)` })
    .where(sql`${columnRef(score.name)} IS NOT NULL`)
    .groupby(bin)
    .orderby("bin");
}

function rankedQuery({ rank }: Options, table: Table): Query {
  return rowsOf(table, null).select({ rows: sql`coalesce(max(${number(rank!.name)}), 0)` });
}

function strataQuery({ rank, posterior }: Options, table: Table, samples: number): Query {
  const place = number(rank!.name);
  const cases = strataOf(samples).map(({ to }, index) => sql`WHEN ${place} <= ${to} THEN ${index}`);
  const stratum = sql`CASE ${cases.reduce((all, each) => sql`${all} ${each}`, sql``)} END`;
  return rowsOf(table, null)
    .select({ stratum, expected: sql`avg(1 - ${number(posterior!.name)})` })
    .where(sql`${columnRef(rank!.name)} IS NOT NULL`)
    .groupby(stratum)
    .orderby("stratum");
}

/** The samples themselves, and the probability of every class. */
function aboutQuery(options: Options, table: Table, ids: readonly Id[]): Query {
  const { probabilities, card } = options;
  const query = rowsOf(table, null).select(columnsOf(options));
  if (probabilities) query.select({ probabilities: columnRef(probabilities.name) });
  return query.where(isAmong(card.id.name, ids.length ? ids : [null])).orderby(columnRef(card.id.name));
}

/** What decisions are checked and counted by. */
export function samplesQuery(options: Options, table: Table, ids: readonly Id[]): Query {
  const { card, label, prediction, rank } = options;
  const text = (name: string): ExprNode => sql`CAST(${columnRef(name)} AS VARCHAR)`;
  return rowsOf(table, null)
    .select({
      id: columnRef(card.id.name),
      label: text(label.name),
      prediction: text(prediction.name),
      rank: rank ? number(rank.name) : sql`CAST(NULL AS DOUBLE)`,
    })
    .where(isAmong(card.id.name, ids))
    .orderby(columnRef(card.id.name));
}

export function tilesQuery(options: Options, table: Table, ids: readonly Id[]): Query {
  const { id } = options.card;
  return rowsOf(table, null)
    .select(columnsOf(options))
    .where(isAmong(id.name, ids))
    .orderby(columnRef(id.name));
}

function pairsQuery(twins: Table, ids: readonly Id[]): Query {
  const has = (name: string): boolean => twins.columns.some((column) => column.name === name);
  const likeness = has("similarity") ? number("similarity") : sql`CAST(NULL AS DOUBLE)`;
  return Query.from(twins.relation)
    .select({
      sample: columnRef("sample"),
      neighbor: columnRef("neighbor"),
      similarity: likeness,
      distance: number("distance"),
      other_label: columnRef("other_label"),
      other_split: columnRef("other_split"),
    })
    .where(sql`${isAmong("sample", ids)} OR ${isAmong("neighbor", ids)}`)
    .orderby(columnRef("distance"), columnRef("sample"), columnRef("neighbor"))
    .limit(MOST_PAIRS);
}

// Reading answers ---------------------------------------------------------------------------------

export interface Item extends Tile {
  id: Id;
  label: string;
  prediction: string | null;
  score: number;
  rank?: number;
  split?: string | null;
  probabilities?: readonly number[] | null;
}

export function itemsOf(results: Results): Item[] {
  return listOf(results["items"]);
}

export function listOf(answer: Results[string] | undefined): Item[] {
  return answer ? (objects(answer) as unknown as Item[]) : [];
}

export interface Pair {
  sample: Id;
  neighbor: Id;
  similarity: number | null;
  distance: number;
  other_label: boolean | null;
  other_split: boolean | null;
}

export function pairsOf(results: Results, ids: readonly Id[]): Pair[] {
  const answer = results[pairsName(ids)];
  return answer ? (objects(answer) as unknown as Pair[]) : [];
}

/** Both members of the pairs. */
export function othersOf(results: Results, ids: readonly Id[]): Id[] {
  return [...new Set(pairsOf(results, ids).flatMap(({ sample, neighbor }) => [sample, neighbor]))];
}

export function countsOf(answer: Results[string] | undefined): number[] {
  const counts = Array.from({ length: BINS }, () => 0);
  if (answer) for (const { bin, rows } of objects(answer)) counts[Number(bin)] = Number(rows);
  return counts;
}

/** The strata with what the model expects in each; empty where ranks or posteriors are not there. */
export function strataIn(results: Results): Stratum[] {
  if (!results["ranked"] || !results["strata"]) return [];
  const expected = new Map(
    objects(results["strata"]).map((row) => [Number(row["stratum"]), Number(row["expected"])]),
  );
  const ranges = strataOf(scalar(results["ranked"], "rows"));
  return ranges.map((range, index) => ({ ...range, expected: expected.get(index) ?? 0.5 }));
}
