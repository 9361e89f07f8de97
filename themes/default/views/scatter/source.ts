/** Where the rows of a scatter view are. */
import { cast, column as columnRef, sql, type ExprNode } from "@uwdata/mosaic-sql";
import { kindOf } from "../../src/data/columns.ts";
import type { Column } from "../../src/page.ts";

/** A coordinate as a double; a time in milliseconds. */
export function coordinate(column: Column): ExprNode {
  const reference = columnRef(column.name);
  if (kindOf(column) === "time") return sql`epoch_ms((${reference})::TIMESTAMP)::DOUBLE`;
  return cast(reference, "DOUBLE");
}
