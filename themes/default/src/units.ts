/**
 * The units of a network in several tables of a page: what is selected in one of them is kept in all. Tables of other
 * networks have units of the same names, which are others.
 */
import type { ExprNode } from "@uwdata/mosaic-sql";
import { withRole } from "./data/columns.ts";
import type { Table } from "./page.ts";
import type { Context } from "./view.ts";

/** A condition in each other relation that holds units of the same network. */
export function amongUnits(
  { table, tables }: Context,
  condition: ExprNode | null,
): Map<string, ExprNode | null> {
  const others = Object.values(tables).filter(
    (each) => each.relation !== table.relation && each.model === table.model && holdsUnits(each),
  );
  return new Map(others.map(({ relation }) => [relation, condition]));
}

/** Whether each row is a unit. */
function holdsUnits(table: Table): boolean {
  const has = (name: string): boolean => table.columns.some((column) => column.name === name);
  return table.model !== undefined && withRole(table, "id")?.name === "id" && has("layer") && has("unit");
}
