/** The rows that a scatter view shows, and where they are. */
import { cast, column as columnRef, Query, sql, type ExprNode, type SelectQuery } from "@uwdata/mosaic-sql";
import { kindOf } from "../../src/data/columns.ts";
import type { Column, Table } from "../../src/page.ts";
import type { Filter } from "../../src/view.ts";

/** Those of the relation that belong to the table. */
export function source(table: Table, filter: Filter): SelectQuery {
  const query = Query.from(table.relation);
  if (table.member) query.where(columnRef(table.member));
  return filter ? query.where(filter) : query;
}

/** A coordinate as a double; a time in milliseconds. */
export function coordinate(column: Column): ExprNode {
  const reference = columnRef(column.name);
  if (kindOf(column) === "time") return sql`epoch_ms((${reference})::TIMESTAMP)::DOUBLE`;
  return cast(reference, "DOUBLE");
}
