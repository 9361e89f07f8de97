/** The filters that an author puts before a plot, as a condition on the rows of its table. */
import { compile, type TopLevelSpec } from "vega-lite";
import { and, sql, type ExprNode } from "@uwdata/mosaic-sql";
import type { Table } from "../../page.ts";
import type { Filter } from "../../view.ts";
import { isObject, type Json } from "../channels.ts";
import { SILENT } from "../draw.ts";
import { lineageOf, type Entry } from "./data.ts";
import { selectedRows } from "./expressions.ts";
import { NotInSql } from "./measures.ts";
import { place, relationOf, ROW, source, type Relation } from "./relation.ts";
import { pushed, type Scope, type Transform } from "./transforms.ts";
import { inUtc } from "./utc.ts";

/** Which of the table's rows pass all filters among the transforms, now; null where SQL cannot say. */
export function passingRows(
  transforms: readonly Json[],
  table: Table,
  filter: Filter,
  scope: Scope,
): ExprNode | null {
  const selecting = transforms.filter(isSelecting);
  const others = transforms.filter((each) => !isSelecting(each));
  if (others.some((each) => JSON.stringify(each).includes('"param":'))) return null;
  const start = relationOf(table, filter);
  const { relation, left } = pushed(start, compiledTransforms(others, table), scope);
  if (left.length) return null;
  const chosen = selecting.map((each) => chosenRows(each["filter"] as Json, relation, scope));
  if (chosen.includes(null)) return null;
  return and(sql`TRUE`, conditionOf(relation, start), ...(chosen as ExprNode[]));
}

/** A filter by nothing but a selection, of which Vega-Lite's compiler asks that the chart has it. */
function isSelecting({ filter }: Json): boolean {
  return isObject(filter) && typeof filter["param"] === "string";
}

function chosenRows({ param, empty }: Json, { fields }: Relation, { selected }: Scope): ExprNode | null {
  const parts = selected.get(String(param));
  if (!parts) return null;
  if (parts.length === 0) return empty === false ? sql`FALSE` : sql`TRUE`;
  try {
    return selectedRows(parts, new Map(fields));
  } catch (error) {
    if (error instanceof NotInSql) return null;
    throw error;
  }
}

/** As Vega-Lite writes them for Vega. */
function compiledTransforms(transforms: readonly Json[], { name }: Table): Transform[] {
  const spec = { data: { name }, transform: transforms, mark: "point", encoding: {} };
  const { data } = compile(spec as unknown as TopLevelSpec, { logger: SILENT }).spec;
  const entries = new Map((inUtc({ data } as Json)["data"] as Entry[]).map((entry) => [entry.name, entry]));
  return lineageOf([...entries.values()].at(-1)!, entries).transforms;
}

/** What a relation keeps of the rows that it began with. */
function conditionOf(relation: Relation, start: Relation): ExprNode {
  if (relation.from !== start.from)
    return sql`rowid IN (${source(relation).select({ [ROW]: place(relation) })})`;
  return and(sql`TRUE`, ...relation.where.slice(start.where.length));
}
