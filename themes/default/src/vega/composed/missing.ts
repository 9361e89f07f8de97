/** Rows that pass and have no place on a continuous axis: how many, by the axis' column. */
import { sql, type ExprNode } from "@uwdata/mosaic-sql";
import { kindOf } from "../../data/columns.ts";
import type { Column, Table } from "../../page.ts";
import { scalar, type Result } from "../../data/result.ts";
import { isObject, type Json } from "../channels.ts";
import { finite } from "../chart.ts";
import { fieldOf } from "./relation.ts";
import { fieldName, isContinuous, tableNameOf } from "./spec.ts";
import { viewsIn } from "./views.ts";

/** Kinds of columns that have continuous axes. */
const PLACED = ["number", "time"];

/** Transforms that keep every row. */
const KEEPING = ["calculate", "timeUnit", "bin", "joinaggregate", "window", "lookup"];

/** The table's columns that continuous axes show as they are: of plots that read the table's own rows. */
export function placedColumns(spec: Json, table: Table): Column[] {
  const names = new Set(placedNames(spec, table, null));
  return table.columns.filter((column) => names.has(column.name) && PLACED.includes(kindOf(column)));
}

function placedNames(spec: Json, table: Table, outer: string | null): string[] {
  const data = tableNameOf(spec) ?? (isObject(spec["data"]) ? null : outer);
  const transforms = Array.isArray(spec["transform"]) ? spec["transform"].filter(isObject) : [];
  if (!transforms.every((each) => KEEPING.some((key) => key in each))) return [];
  const own = data === table.name ? axisFields(spec) : [];
  const made = new Set(transforms.flatMap(namesMade));
  const all = [...own, ...viewsIn(spec).flatMap((child) => placedNames(child, table, data))];
  return all.filter((name) => !made.has(name));
}

function axisFields({ encoding }: Json): string[] {
  if (!isObject(encoding)) return [];
  const channels = [encoding["x"], encoding["y"]].filter(isObject);
  return channels
    .filter((channel) => !("aggregate" in channel) && isContinuous(channel))
    .map(({ field }) => fieldName(field));
}

/** Names that a transform gives to what it makes. */
function namesMade(transform: Json): string[] {
  const inner = ["joinaggregate", "window"].flatMap((key) =>
    Array.isArray(transform[key]) ? transform[key].filter(isObject) : [],
  );
  return [transform, ...inner].flatMap((each) => each["as"]).filter((name) => typeof name === "string");
}

const MISSING = "missing ";

export function missingCounts(columns: readonly Column[]): Record<string, ExprNode> {
  return Object.fromEntries(
    columns.map((column) => {
      const present = sql`count(${finite(fieldOf(column)!.node)})`;
      return [MISSING + column.name, sql`(count(*) - ${present})::INTEGER`];
    }),
  );
}

export function readMissing(columns: readonly Column[], passing: Result): Map<string, number> {
  const counted = columns.map(({ name }) => [name, scalar(passing, MISSING + name)] as const);
  return new Map(counted.filter(([, rows]) => rows > 0));
}
