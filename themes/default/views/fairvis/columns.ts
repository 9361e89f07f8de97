/** Columns that groups are made of: values as they are, numbers in ranges, and what is missing as a group of its own. */
import { column as columnRef, literal, sql, type ExprNode } from "@uwdata/mosaic-sql";
import { kindOf } from "../../src/data/columns.ts";
import { bins } from "../../src/vega/bins.ts";
import type { Column } from "../../src/page.ts";
import { say } from "../../src/words.ts";

/** Whole numbers over more than these are put into ranges. */
export const MOST_NUMBERS = 12;

/** Ranges of a column of numbers for which nobody stated edges. */
const RANGES = 5;

/** A column with the edges of its ranges; null where each value is a group. */
export interface Grouped {
  column: Column;
  edges: readonly number[] | null;
}

export interface Extent {
  low: number;
  high: number;
}

/** Edges as the author states them, else round ones over what there is. */
export function groupedBy(column: Column, stated: readonly number[] | null, extent: Extent | null): Grouped {
  if (stated) return { column, edges: stated };
  if (kindOf(column) !== "number") return { column, edges: null };
  const { low, high } = extent ?? { low: Number.NaN, high: Number.NaN };
  if (!column.type.startsWith("float") && high - low <= MOST_NUMBERS) return { column, edges: null };
  const found = bins(low, high, RANGES, null);
  if (!found) return { column, edges: [] };
  const steps = Math.round((found.stop - found.start) / found.step);
  const digits = Math.max(0, 3 - Math.floor(Math.log10(found.step)));
  const edges = Array.from({ length: Math.max(0, steps - 1) }, (_, at) =>
    Number((found.start + (at + 1) * found.step).toFixed(Math.min(15, digits))),
  );
  return { column, edges };
}

/** The value of a group in this column as SQL: a value, or the number of a range; null is missing. */
export function valueOf({ column, edges }: Grouped): ExprNode {
  const reference = columnRef(column.name);
  if (edges === null) return reference;
  const value = sql`(${reference})::DOUBLE`;
  const index = edges.reduce<ExprNode>(
    (sum, edge) => sql`${sum} + (${value} >= ${double(edge)})::INTEGER`,
    sql`0`,
  );
  return sql`(CASE WHEN ${reference} IS NULL OR isnan(${value}) THEN NULL ELSE ${index} END)`;
}

/** The condition of a value. */
export function isValue(grouped: Grouped, value: unknown): ExprNode {
  const found = valueOf(grouped);
  return value === null ? sql`${found} IS NULL` : sql`${found} = ${literal(value)}`;
}

/** A number that both engines read as the same double. */
function double(value: number): ExprNode {
  const text = String(Math.abs(value));
  const written = text.includes("e") ? text : `${text}e0`;
  return sql`${value < 0 ? `(-${written})` : written}`;
}

const written = (value: number): string => String(Number(value.toPrecision(12)));

/** A value in words, without its column. */
export function valueInWords({ edges }: Grouped, value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (edges === null) return value === "" ? say("(empty)") : String(value);
  const at = Number(value);
  const [low, high] = [edges[at - 1], edges[at]];
  if (low === undefined && high === undefined) return say("any number");
  if (low === undefined) return `< ${written(high!)}`;
  return high === undefined
    ? `≥ ${written(low)}`
    : say("{written} to < {written2}", { written: written(low), written2: written(high) });
}

/** The same with its column, as the tool `fairness` says it. */
export function groupInWords(by: readonly Grouped[], values: readonly unknown[]): string {
  const said = by.map((grouped, at) => {
    const value = values[at] ?? null;
    const { name } = grouped.column;
    if (value === null) return say("{name} is missing", { name });
    if (grouped.edges === null) return `${name} = ${valueInWords(grouped, value)}`;
    return `${name} ${grouped.edges.length === 0 ? `${say("is")} ` : ""}${valueInWords(grouped, value)}`;
  });
  return said.join(", ") || say("all");
}
