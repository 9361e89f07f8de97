/** What an error matrix asks: of each label and prediction how many there are, how sure, and one sample to show. */
import { column as columnRef, literal, Query, sql, type ExprNode } from "@uwdata/mosaic-sql";
import { objects } from "../../src/data/result.ts";
import { countOf, isAmong, rowsOf } from "../../src/data/rows.ts";
import type { Table } from "../../src/page.ts";
import type { Id } from "../../src/selected.ts";
import type { Context, Filter, NamedQuery, Results } from "../../src/view.ts";
import type { Options } from "./options.ts";

/** Bins of the confidence, from 1 / classes to 1. */
export const BINS = 10;

export function queries(options: Options, context: Context): Record<string, NamedQuery> {
  const { table } = context;
  return {
    total: { filtered: false, sql: (filter) => countOf(table, filter) },
    count: { filtered: true, sql: (filter) => countOf(table, filter) },
    whole: { filtered: false, sql: (filter) => cellsQuery(options, table, filter) },
    passing: { filtered: true, sql: (filter) => cellsQuery(options, table, filter) },
    shown: { filtered: false, sql: (filter) => shownQuery(options, table, filter) },
  };
}

/** The confidence that guessing has. */
export function leastOf({ classes }: Pick<Table, "classes">): number {
  return classes.length > 1 ? 1 / classes.length : 0;
}

const text = (name: string): ExprNode => sql`CAST(${columnRef(name)} AS VARCHAR)`;

function known({ label, prediction }: Options): ExprNode {
  return sql`${columnRef(label.name)} IS NOT NULL AND ${columnRef(prediction.name)} IS NOT NULL`;
}

function cellsQuery(options: Options, table: Table, filter: Filter): Query {
  const { label, prediction, twin } = options;
  const confidence = sql`CAST(${columnRef(options.confidence.name)} AS DOUBLE)`;
  const least = leastOf(table);
  const bin = sql`least(${BINS - 1}, greatest(0, floor((${confidence} - ${least}) / ${1 - least} * ${BINS})))`;
  const bins = Array.from({ length: BINS }, (_, index): [string, ExprNode] => [
    `bin_${index}`,
    sql`CAST(sum(CASE WHEN ${bin} = ${index} THEN 1 ELSE 0 END) AS INTEGER)`,
  ]);
  const twins = twin ? sql`sum(CASE WHEN ${text(twin.name)} <> 'none' THEN 1 ELSE 0 END)` : sql`sum(0)`;
  const [given, said] = [text(label.name), text(prediction.name)];
  return rowsOf(table, filter)
    .select({
      label: given,
      prediction: said,
      rows: sql`CAST(count(*) AS INTEGER)`,
      score: sql`coalesce(sum(${confidence}), 0)`,
      twins: sql`CAST(${twins} AS INTEGER)`,
      ...Object.fromEntries(bins),
    })
    .where(known(options))
    .groupby(given, said)
    .orderby("label", "prediction");
}

/** Of each cell the sample that the model is surest of. */
function shownQuery(options: Options, table: Table, filter: Filter): Query {
  const { card, label, prediction, confidence } = options;
  const [given, said] = [text(label.name), text(prediction.name)];
  const id = columnRef(card.id.name);
  const place = sql`row_number() OVER (PARTITION BY ${given}, ${said} ORDER BY ${columnRef(confidence.name)} DESC, ${id})`;
  const tile = [card.sheet, card.x, card.y].flatMap((column, index): [string, ExprNode][] =>
    column && card.cards === "image" ? [[["sheet", "x", "y"][index]!, columnRef(column.name)]] : [],
  );
  const ranked = rowsOf(table, filter)
    .select({ id, label: given, prediction: said, ...Object.fromEntries(tile), place })
    .where(known(options));
  const names = ["id", "label", "prediction", ...tile.map(([name]) => name)];
  return Query.from({ ranked })
    .select(Object.fromEntries(names.map((name) => [name, columnRef(name)])))
    .where(sql`${columnRef("place")} = 1`)
    .orderby("label", "prediction");
}

/** Those of some samples that are in a group of a split page. */
export function membersQuery({ card }: Options, table: Table, group: ExprNode, ids: readonly Id[]): Query {
  return rowsOf(table, [group, isAmong(card.id.name, ids)]).select({ id: columnRef(card.id.name) });
}

export interface Counted {
  label: string;
  prediction: string;
  rows: number;
  score: number;
  twins: number;
  [bin: string]: unknown;
}

export function countedIn(results: Results, name: string): Counted[] {
  return results[name] ? (objects(results[name]) as unknown as Counted[]) : [];
}

export type Cell = readonly [label: string, prediction: string];

export function conditionOf({ label, prediction }: Options, cells: readonly Cell[]): ExprNode | null {
  if (cells.length === 0) return null;
  const parts = cells.map(
    ([given, said]) =>
      sql`(${text(label.name)} = ${literal(given)} AND ${text(prediction.name)} = ${literal(said)})`,
  );
  return parts.reduce((all, part) => sql`${all} OR ${part}`);
}
