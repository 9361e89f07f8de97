/**
 * What a view of duplicates asks: where rules draw the line, the pairs within its reach, every sample that is in a group
 * or could be, and which of them pass. Groups are made of these answers without asking again, however the line moves.
 */
import {
  cast,
  column as columnRef,
  count,
  or,
  Query,
  sql,
  type ExprNode,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import { column as valuesOf, objects, scalar, type Result } from "../../src/data/result.ts";
import { countOf, rowsOf } from "../../src/data/rows.ts";
import type { Table } from "../../src/page.ts";
import { cellsOf, endsOf } from "../../src/tiles.ts";
import type { Context, Filter, NamedQuery, Results } from "../../src/view.ts";
import type { Options } from "./options.ts";

/** Bins of the histogram of distances. */
export const BINS = 50;

/** Pairs that the line can reach at most; beyond, nearest first, it ends. */
export const MOST_PAIRS = 40_000;

/** Signs of a text on a card. */
const MOST_SIGNS = 241;

export function queries(options: Options, results: Results, context: Context): Record<string, NamedQuery> {
  const { table } = context;
  const plain = (sql: () => Query): NamedQuery => ({ filtered: false, sql });
  const named: Record<string, NamedQuery> = {
    total: plain(() => countOf(table, null).select(endsOf(options.card))),
    count: { filtered: true, sql: (filter) => countOf(table, filter) },
  };
  const { split, spreads, thresholds, pairs } = options;
  if (split) named["splits"] = plain(() => splitsQuery(options, table));
  if (spreads) named["spreads"] = plain(() => spreadsQuery(spreads));
  if (thresholds) named["thresholds"] = plain(() => thresholdsQuery(thresholds));
  if (pairs) named["reach"] = plain(() => reachQuery(pairs));
  if (pairs && hasRanks(pairs)) named["lists"] = plain(() => listsQuery(pairs));
  if (!Object.keys(named).every((name) => name in results || named[name]!.filtered)) return named;
  const reach = reachOf(options, results);
  if (reach !== null) {
    named["pairs"] = plain(() => pairsQuery(options, reach, MOST_PAIRS + 1));
    const { neighbors } = listsOf(results);
    if (neighbors > 0) named["last"] = plain(() => lastQuery(pairs!, neighbors, reach));
    named["distances"] = plain(() => distancesQuery(options, table, reach, null));
    named["distancesPassing"] = {
      filtered: true,
      sql: (filter) => distancesQuery(options, table, reach, filter),
    };
  }
  named["members"] = plain(() => membersQuery(options, table, reach));
  named["passing"] = { filtered: true, sql: (filter) => passingQuery(options, table, reach, filter) };
  return named;
}

/** Rows of each split, those that can be judged, and those that were judged right. */
function splitsQuery({ split, card: { label, prediction } }: Options, table: Table): Query {
  const [shows, said] = [label, prediction].map((each) => (each ? columnRef(each.name) : sql`NULL`));
  const value = columnRef(split!.name);
  const isRight = sql`CAST(${shows!} AS VARCHAR) = CAST(${said!} AS VARCHAR)`;
  return rowsOf(table, null)
    .select({
      split: sql`CAST(${value} AS VARCHAR)`,
      rows: cast(count(), "INTEGER"),
      judged: sql`CAST(count(${isRight}) AS INTEGER)`,
      correct: sql`CAST(coalesce(sum(CASE WHEN ${isRight} THEN 1 ELSE 0 END), 0) AS INTEGER)`,
    })
    .where(sql`${value} IS NOT NULL`)
    .groupby(value)
    .orderby("split");
}

function spreadsQuery(spreads: Table): Query {
  const names = ["kind", "group", "spread"].map((name) => [name, columnRef(name)]);
  return Query.from(spreads.relation)
    .select({ ...(Object.fromEntries(names) as Record<string, ExprNode>), size: columnRef("size") })
    .orderby("kind", "group");
}

function thresholdsQuery(thresholds: Table): Query {
  const number = (name: string): ExprNode => sql`CAST(${columnRef(name)} AS DOUBLE)`;
  return Query.from(thresholds.relation).select({
    rule: columnRef("rule"),
    is_used: columnRef("is_used"),
    distance: number("distance"),
    relative: number("relative"),
    usual: number("usual"),
    closed: thresholds.columns.some(({ name }) => name === "closed")
      ? cast(columnRef("closed"), "INTEGER")
      : sql`CAST(NULL AS INTEGER)`,
  });
}

function reachQuery(pairs: Table): Query {
  const distance = sql`CAST(${columnRef("distance")} AS DOUBLE)`;
  return Query.from(pairs.relation).select({
    rows: cast(count(), "INTEGER"),
    nearest: sql`min(${distance})`,
    farthest: sql`max(${distance})`,
  });
}

function hasRanks({ columns }: Table): boolean {
  return ["rank", "rank_back"].every((rank) => columns.some(({ name }) => name === rank));
}

/** How many neighbours are listed of a sample, and the samples that are counted once for many copies. */
function listsQuery(pairs: Table): Query {
  const isCopy = sql`${columnRef("distance")} = 0 AND ${columnRef("rank")} = 0 AND ${columnRef("rank_back")} = 0`;
  return Query.from(pairs.relation).select({
    neighbors: sql`CAST(greatest(max(${columnRef("rank")}), max(${columnRef("rank_back")})) AS INTEGER)`,
    copies: sql`CAST(count(*) FILTER (WHERE ${isCopy}) AS INTEGER)`,
  });
}

/** Neighbours that are listed of each sample; 0 where that is not known, or every other sample is listed. */
export function listsOf({ lists, total }: Results): { neighbors: number } {
  const [neighbors, copies] = lists ? [scalar(lists, "neighbors"), scalar(lists, "copies")] : [0, 0];
  const others = total ? scalar(total, "rows")! - copies! - 1 : 0;
  return { neighbors: neighbors !== null && neighbors < others ? neighbors : 0 };
}

/** The pairs with the last neighbour that is listed of a sample, or of both. */
function lastQuery(pairs: Table, neighbors: number, reach: number): Query {
  const k = String(neighbors);
  const samples = sql`CAST(${columnRef("rank")} = ${k} AS INTEGER) + CAST(${columnRef("rank_back")} = ${k} AS INTEGER)`;
  return Query.from(pairs.relation)
    .select({
      distance: sql`CAST(${columnRef("distance")} AS DOUBLE)`,
      relative: sql`CAST(${columnRef("relative")} AS DOUBLE)`,
      samples: sql`CAST(${samples} AS INTEGER)`,
    })
    .where(sql`${samples} > 0 AND ${columnRef("distance")} <= ${String(reach)}`)
    .orderby("distance", "relative")
    .limit(MOST_PAIRS + 1);
}

export interface Rule {
  rule: string;
  is_used: boolean;
  distance: number | null;
  relative: number | null;
  usual: number | null;
  /** Samples in tight groups of more than are listed, of which no list leads out; null where it was not counted. */
  closed: number | null;
}

export function rulesOf(results: Results): Rule[] {
  return results["thresholds"] ? (objects(results["thresholds"]) as unknown as Rule[]) : [];
}

/** How far the line can go: to what is usual, to every rule's line, to the nearest pair; null without pairs. */
export function reachOf({ pairs, nearest }: Options, results: Results): number | null {
  if (!pairs || !nearest || !results["reach"] || scalar(results["reach"], "rows") === 0) return null;
  const rules = rulesOf(results);
  const [first, last] = ["nearest", "farthest"].map((name) => scalar(results["reach"]!, name));
  const known = rules.flatMap(({ distance, usual }) => [distance, usual]).filter((each) => each !== null);
  const wanted = Math.max(first!, ...(known.length ? known : [last!]));
  return roundUp(wanted * 1.02 || 1);
}

/** The next number of two digits, for an axis that ends where one can read it. */
export function roundUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(6));
}

function pairsQuery({ pairs }: Options, reach: number, most: number): SelectQuery {
  const columns = ["sample", "neighbor", "distance", "relative"] as const;
  const [sample, neighbor, distance, relative] = columns.map((name) => columnRef(name));
  return Query.from(pairs!.relation)
    .select({
      sample: sample!,
      neighbor: neighbor!,
      distance: sql`CAST(${distance!} AS DOUBLE)`,
      relative: sql`CAST(${relative!} AS DOUBLE)`,
    })
    .where(sql`${distance!} <= ${String(reach)}`)
    .orderby(columnRef("distance"), sample!, neighbor!)
    .limit(most);
}

/** One more is asked for than is taken, so that exactly as many are known to be all. */
export const isCut = (pairs: Result): boolean => pairs.rows > MOST_PAIRS;

/** Where the line ends in truth: of more pairs than can be reached, at the last one that is. */
export function endOf(options: Options, results: Results): number | null {
  const reach = reachOf(options, results);
  const pairs = results["pairs"];
  if (reach === null || !pairs || !isCut(pairs)) return reach;
  return Number(valuesOf(pairs, "distance")[MOST_PAIRS - 1]);
}

/** Samples in a group, or within reach of the line. */
function isCandidate(options: Options, reach: number | null): ExprNode {
  const grouped = options.kinds.map(({ column }) => sql`${columnRef(column.name)} >= 0`);
  if (reach === null) return or(...grouped);
  const ends = (name: string): SelectQuery => {
    const within = pairsQuery(options, reach, MOST_PAIRS);
    return Query.from({ within }).select({ id: columnRef(name) });
  };
  const id = columnRef(options.card.id.name);
  return or(...grouped, sql`${id} IN (${ends("sample")})`, sql`${id} IN (${ends("neighbor")})`);
}

function membersQuery(options: Options, table: Table, reach: number | null): Query {
  const cells = cellsOf(options.card, (text) => sql`substr(${text}, 1, ${String(MOST_SIGNS)})`);
  const kinds = options.kinds.map(({ column }, index): [string, ExprNode] => [
    `kind_${index}`,
    sql`CAST(coalesce(${columnRef(column.name)}, -1) AS INTEGER)`,
  ]);
  const split: [string, ExprNode][] = options.split
    ? [["split", sql`CAST(${columnRef(options.split.name)} AS VARCHAR)`]]
    : [];
  return rowsOf(table, null)
    .select({ ...cells, ...Object.fromEntries([...kinds, ...split]) })
    .where(isCandidate(options, reach))
    .orderby(columnRef(options.card.id.name));
}

function passingQuery(options: Options, table: Table, reach: number | null, filter: Filter): Query {
  return rowsOf(table, filter)
    .select({ id: columnRef(options.card.id.name) })
    .where(isCandidate(options, reach));
}

/** How many samples have their nearest at which distance; the last row, of bin `BINS`, is of all beyond. */
function distancesQuery({ nearest }: Options, table: Table, reach: number, filter: Filter): Query {
  const distance = sql`CAST(${columnRef(nearest!.name)} AS DOUBLE)`;
  const bin = sql`CAST(CASE WHEN ${distance} > ${String(reach)} THEN ${String(BINS)}
    ELSE least(floor(${distance} / ${String(reach)} * ${String(BINS)}), ${String(BINS - 1)}) END AS INTEGER)`;
  return rowsOf(table, filter)
    .select({ bin, rows: cast(count(), "INTEGER") })
    .where(sql`${columnRef(nearest!.name)} IS NOT NULL`)
    .groupby(bin)
    .orderby("bin");
}

export function countsOf(answer: Results[string] | undefined): number[] {
  const counts = Array.from({ length: BINS + 1 }, () => 0);
  if (answer) for (const { bin, rows } of objects(answer)) counts[Number(bin)] = Number(rows);
  return counts;
}
