/** What a page can be split by, and the groups that a column makes: few enough to stand side by side. */
import { count, column as columnRef, literal, Query, sql, type ExprNode } from "@uwdata/mosaic-sql";
import { kindOf } from "./data/columns.ts";
import { objects, type Result } from "./data/result.ts";
import { formatCell } from "./markup.ts";
import type { Column, Table } from "./page.ts";
import { natural } from "./vega/chart.ts";

/** Groups of their own; the rows of all further values are one more, `OTHER`. */
export const MOST_GROUPS = 12;

/** A column of more values than these is none to split by, by what it holds. */
const MOST_TEXTS = 200;
const MOST_NUMBERS = 24;

export const OTHER = "other";

/** Columns of these roles say which row it is or where it lies, not what it has in common with others. */
const APART = new Set(["id", "sheet", "x", "y", "text", "audio", "image", "media_type", "embedding"]);

/** One group of a page: the rows of one value, or of all values beyond the most frequent. */
export interface Group {
  /** The value in words. */
  label: string;
  /** What tells it apart, for tests and for the people who script a page: the value as JSON, or `other`. */
  key: string;
  value: unknown;
  condition: ExprNode;
}

export interface Groups {
  column: Column;
  groups: readonly Group[];
  /** Values that share the last group. */
  others: number;
}

/** Whether a column's type and role allow groups; how many values it has is not known yet. */
export function isGroupable(column: Column): boolean {
  const kind = kindOf(column);
  const isWhole = kind === "number" && /^u?int/.test(column.type);
  return !APART.has(column.role ?? "") && (kind === "text" || kind === "boolean" || isWhole);
}

/** Whether a column of so many values is one to split by. */
export function hasGroups(column: Column, distinct: number): boolean {
  return distinct >= 2 && distinct <= (kindOf(column) === "number" ? MOST_NUMBERS : MOST_TEXTS);
}

/** The first relation of the page, in the order of its tables, that has a column to split by of that name. */
export function groupedRelation(tables: Readonly<Record<string, Table>>, name: string): string | null {
  const holds = (table: Table): boolean =>
    table.columns.some((column) => column.name === name && isGroupable(column));
  return Object.values(tables).find(holds)?.relation ?? null;
}

/** Every value with its rows, the most frequent first; one more than there are groups, and how many values in all. */
export function groupsQuery(relation: string, column: Column): Query {
  const value = columnRef(column.name);
  const counted = Query.from(relation).select({ value, n: count() }).groupby(value);
  return Query.from(counted)
    .select({ value: columnRef("value"), all: sql`(count(*) OVER ())::INTEGER` })
    .orderby(sql`"n" DESC`, sql`"value" ASC NULLS LAST`)
    .limit(MOST_GROUPS);
}

export function readGroups(column: Column, answer: Result, classes: readonly string[]): Groups {
  const rows = objects(answer);
  const all = Number(rows[0]?.["all"] ?? 0);
  const values = inOrder(
    rows.map((row) => row["value"]),
    column,
    classes,
  );
  const named = values.map((value) => groupOf(column, value));
  const others = all - values.length;
  return { column, groups: others > 0 ? [...named, otherGroup(column, values)] : named, others };
}

function groupOf(column: Column, value: unknown): Group {
  const label = typeof value === "number" ? String(value) : formatCell(value, 40) || "“”";
  return { label, key: JSON.stringify(value), value, condition: isValue(column, value) };
}

function isValue(column: Column, value: unknown): ExprNode {
  const reference = columnRef(column.name);
  return value === null ? sql`${reference} IS NULL` : sql`${reference} = ${literal(value)}`;
}

/** Rows of no group of their own; a missing value is one of them unless it has its group. */
function otherGroup(column: Column, values: readonly unknown[]): Group {
  const inside = values
    .map((value) => isValue(column, value))
    .reduce((list, each) => sql`${list} OR ${each}`);
  const condition = sql`NOT coalesce(${inside}, FALSE)`;
  return { label: OTHER, key: OTHER, value: undefined, condition };
}

/** In the order of the classes, else by size or alphabet, so that a group stands where a reader looks for it. */
function inOrder(values: unknown[], column: Column, classes: readonly string[]): unknown[] {
  const isClass = ["label", "prediction"].includes(column.role ?? "") && classes.length > 0;
  const rank = (value: unknown): number => {
    const at = isClass ? classes.indexOf(String(value)) : 0;
    return at < 0 ? classes.length : at;
  };
  return [...values].sort((a, b) => rank(a) - rank(b) || natural(a, b));
}
