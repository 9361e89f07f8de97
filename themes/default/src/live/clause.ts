/** What a view selects, as the page's other views take it. */
import type { SelectionClause } from "@uwdata/mosaic-core";
import type { ExprNode } from "@uwdata/mosaic-sql";
import type { Host } from "./host.ts";

/** A clause of the view that filters by a condition; null lets go of what was selected. */
export function clauseOf({ source, clients }: Host, predicate: ExprNode | null): SelectionClause {
  const value = predicate ? String(predicate) : null;
  return { source, clients: clients(), value, predicate } as SelectionClause;
}
