/** The rows that a view is about: those of its table in the relation, as far as they pass. */
import { column, Query, type SelectQuery } from "@uwdata/mosaic-sql";
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
