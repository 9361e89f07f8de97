/** What a binary confusion matrix asks: rows and positives by score, exact while there are few scores, else in steps. */
import {
  cast,
  column as columnRef,
  count,
  literal,
  Query,
  sql,
  sum,
  type ExprNode,
} from "@uwdata/mosaic-sql";
import { scalar, type Result } from "../../src/data/result.ts";
import { rowsOf } from "../../src/data/rows.ts";
import type { Table } from "../../src/page.ts";
import type { Filter, NamedQuery, Results } from "../../src/view.ts";
import { isPositive, scoreOf, type Options } from "./options.ts";
import type { Scores } from "./curves.ts";

/** More distinct scores than these are put together in as many equal steps as `STEPS`. */
export const MOST_SCORES = 5000;
export const STEPS = 2000;

/** Scores of all rows of a class: how many and between which ends. */
export interface Spread {
  distinct: number;
  low: number;
  high: number;
}

export const names = (positive: string): { spread: string; whole: string } => ({
  spread: `spread ${positive}`,
  whole: `whole ${positive}`,
});

/** Says which class an answer is of. */
const counted = (positive: string): string => `positives ${positive}`;

export function queries(
  options: Options,
  results: Results,
  table: Table,
  positive: string,
): Record<string, NamedQuery> {
  const { spread, whole } = names(positive);
  const first = { [spread]: { filtered: false, sql: () => spreadQuery(options, table, positive) } };
  if (!(spread in results)) return first;
  const found = readSpread(results[spread]!);
  const by = (filter: Filter): Query => scoresQuery(options, table, positive, found, filter);
  return { ...first, [whole]: { filtered: false, sql: by }, passing: { filtered: true, sql: by } };
}

/** Asked of all rows, whatever the group: groups share their steps. */
function spreadQuery(options: Options, table: Table, positive: string): Query {
  const score = scoreOf(options, positive);
  return rowsOf(table, null).select({
    distinct: sql`count(DISTINCT ${score})::INTEGER`,
    low: sql`min(${score})`,
    high: sql`max(${score})`,
  });
}

export function readSpread(result: Result): Spread {
  return {
    distinct: scalar(result, "distinct") || 0,
    low: scalar(result, "low"),
    high: scalar(result, "high"),
  };
}

export function isStepped({ distinct }: Spread): boolean {
  return distinct > MOST_SCORES;
}

/** The score, or the number of its step; a step begins at `low + number × size`. */
function keyOf(options: Options, positive: string, spread: Spread): ExprNode {
  const score = scoreOf(options, positive);
  if (!isStepped(spread)) return score;
  const [low, size] = [literal(spread.low), literal(sizeOf(spread))];
  return sql`least(floor((${score} - ${low}) / ${size}), ${literal(STEPS - 1)})`;
}

function sizeOf({ low, high }: Spread): number {
  return (high - low) / STEPS;
}

function scoresQuery(
  options: Options,
  table: Table,
  positive: string,
  spread: Spread,
  filter: Filter,
): Query {
  const key = keyOf(options, positive, spread);
  const known = sql`${columnRef(options.label.name)} IS NOT NULL`;
  const hit = sql`CASE WHEN ${isPositive(options, positive)} THEN 1 ELSE 0 END`;
  const query = rowsOf(table, null).select({ score: key, known, n: count() });
  query.select({ [counted(positive)]: sum(hit) });
  if (filter) query.where(filter);
  return query.groupby(key, known).orderby(columnRef("score"), columnRef("known"));
}

export function isAnswered(result: Result | undefined, positive: string): result is Result {
  return result !== undefined && counted(positive) in result.columns;
}

/** The answer from the highest score to the lowest; rows without label or score are only counted. */
export function readScores(result: Result, positive: string, spread: Spread): Scores & { rows: number } {
  const { score, known, n, [counted(positive)]: hits } = result.columns;
  const found: [number, number, number][] = [];
  let [rows, missing] = [0, 0];
  for (let row = result.rows - 1; row >= 0; row--) {
    const all = Number(n![row]);
    rows += all;
    const value = score![row];
    if (typeof value !== "number" || !known![row]) missing += all;
    else {
      const at = isStepped(spread) ? spread.low + value * sizeOf(spread) : value;
      found.push([at, Number(hits![row]), all - Number(hits![row])]);
    }
  }
  found.sort((a, b) => b[0] - a[0]);
  return {
    scores: Float64Array.from(found, ([at]) => at),
    positives: Float64Array.from(found, ([, hit]) => hit),
    negatives: Float64Array.from(found, ([, , other]) => other),
    rows,
    missing,
  };
}

/** A threshold as it counts: with steps, the beginning of the first step that is not below it. */
export function thresholdIn(spread: Spread, threshold: number): number {
  if (!isStepped(spread)) return threshold;
  const step = Math.ceil((threshold - spread.low) / sizeOf(spread) - 1e-9);
  return spread.low + Math.min(STEPS, Math.max(0, step)) * sizeOf(spread);
}

/** Rows of any of the cells at a threshold; null for none of them. */
export function predicateOf(
  options: Options,
  positive: string,
  threshold: number,
  cells: readonly string[],
  spread: Spread,
): ExprNode | null {
  if (cells.length === 0) return null;
  const score = scoreOf(options, positive);
  const step = Math.round((thresholdIn(spread, threshold) - spread.low) / sizeOf(spread));
  const above = isStepped(spread)
    ? sql`${keyOf(options, positive, spread)} >= ${literal(step)}`
    : sql`${score} >= ${cast(literal(String(threshold)), "DOUBLE")}`;
  const parts = cells.map((cell) => {
    const predicted = cell.endsWith("p") ? above : sql`NOT (${above})`;
    const is = isPositive(options, positive);
    return sql`(${cell === "tp" || cell === "fn" ? is : sql`NOT (${is})`} AND ${predicted})`;
  });
  const any = parts.reduce((all, part) => sql`${all} OR ${part}`);
  return sql`(${any}) AND ${score} IS NOT NULL AND ${columnRef(options.label.name)} IS NOT NULL`;
}
