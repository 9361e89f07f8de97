/** The rows that a view is about: those of its table in the relation, as far as they pass. */
import {
  cast,
  column,
  count,
  isIn,
  literal,
  Query,
  sql,
  type ExprNode,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import type { Table } from "../page.ts";
import type { Filter } from "../view.ts";

/** A query of a table's own rows, which may be fewer than the relation's, under a filter; nothing is selected yet. */
export function rowsOf(
  { relation, member }: Pick<Table, "relation" | "member">,
  filter: Filter,
): SelectQuery {
  const query = Query.from(relation);
  if (member) query.where(column(member));
  return filter ? query.where(filter) : query;
}

/** How many of them there are, as `rows`. */
export function countOf(table: Pick<Table, "relation" | "member">, filter: Filter): SelectQuery {
  return rowsOf(table, filter).select({ rows: cast(count(), "INTEGER") });
}

/** Columns as numbers under their own names, whatever their type. */
export function asNumbers(names: readonly string[]): Record<string, ExprNode> {
  return Object.fromEntries(names.map((name) => [name, sql`CAST(${column(name)} AS DOUBLE)`]));
}

/** Whether a column has one of these values. */
export function isAmong(name: string, values: readonly unknown[]): ExprNode {
  return isIn(
    column(name),
    values.map((value) => literal(value)),
  );
}
