/** What a chart leaves out: rows without a place on a continuous axis, infinite ones, groups without a value. */
import { sql, type ExprNode } from "@uwdata/mosaic-sql";
import { kindOf } from "../../data/columns.ts";
import type { Column, Table } from "../../page.ts";
import { scalar, type Result } from "../../data/result.ts";
import { isObject, type Json } from "../channels.ts";
import { asInfinite } from "../chart.ts";
import { isValue } from "../../values.ts";
import type { Answered } from "./chart.ts";
import type { Source } from "./data.ts";
import { fieldOf } from "./relation.ts";
import { nameOf } from "./transforms.ts";
import { fieldName, isContinuous, tableNameOf } from "./spec.ts";
import { viewsIn } from "./views.ts";

/** Kinds of columns that have continuous axes. */
const PLACED = ["number", "time"];

/** Transforms that keep every row. */
const KEEPING = ["calculate", "timeUnit", "bin", "joinaggregate", "window", "lookup"];

/** The table's columns that continuous axes show as they are: of plots that read the table's own rows. */
export function placedColumns(spec: Json, table: Table): Column[] {
  const names = new Set(fieldsOf(spec, table, null, axisFields));
  return table.columns.filter((column) => names.has(column.name) && PLACED.includes(kindOf(column)));
}

/** The table's columns of numbers that its own rows are aggregated by. */
export function measuredColumns(spec: Json, table: Table): Column[] {
  const names = new Set(fieldsOf(spec, table, null, aggregatedFields));
  return table.columns.filter((column) => names.has(column.name) && kindOf(column) === "number");
}

function fieldsOf(
  spec: Json,
  table: Table,
  outer: string | null,
  fieldsIn: (view: Json) => string[],
): string[] {
  const data = tableNameOf(spec) ?? (isObject(spec["data"]) ? null : outer);
  const transforms = Array.isArray(spec["transform"]) ? spec["transform"].filter(isObject) : [];
  const grouping = transforms.findIndex((each) => "aggregate" in each);
  const first = grouping < 0 ? transforms : transforms.slice(0, grouping);
  if (!first.every((each) => KEEPING.some((key) => key in each))) return [];
  // After its own grouping a view has no rows of the table any more.
  if (grouping >= 0)
    return data === table.name ? fieldsIn({ aggregate: transforms[grouping]!["aggregate"] }) : [];
  const own = data === table.name ? fieldsIn(spec) : [];
  const made = new Set(transforms.flatMap(namesMade));
  const all = [...own, ...viewsIn(spec).flatMap((child) => fieldsOf(child, table, data, fieldsIn))];
  return all.filter((name) => !made.has(name));
}

function axisFields({ encoding }: Json): string[] {
  if (!isObject(encoding)) return [];
  const channels = [encoding["x"], encoding["y"]].filter(isObject);
  return channels
    .filter((channel) => !("aggregate" in channel) && isContinuous(channel))
    .map(({ field }) => fieldName(field));
}

function aggregatedFields({ encoding, aggregate }: Json): string[] {
  const channels = isObject(encoding) ? Object.values(encoding).filter(isObject) : [];
  const measures = channels.filter((channel) => "aggregate" in channel);
  const transformed = Array.isArray(aggregate) ? aggregate.filter(isObject) : [];
  return [...measures, ...transformed]
    .filter((each) => !COUNTING.includes(String(each["aggregate"] ?? each["op"])))
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
const INFINITE = "infinite ";

/** How many rows have no value of the columns placed, and how many an infinite one of those and of the measured. */
export function missingCounts(
  placed: readonly Column[],
  measured: readonly Column[],
): Record<string, ExprNode> {
  const missing = placed.map((column) => {
    const { node } = fieldOf(column)!;
    const present = sql`count(CASE WHEN NOT isnan(${node}) THEN 1 END)`;
    return [MISSING + column.name, sql`(count(*) - ${present})::INTEGER`];
  });
  const infinite = [...new Set([...placed, ...measured])]
    .filter(({ type }) => type.startsWith("float"))
    .map((column) => [
      INFINITE + column.name,
      sql`coalesce(sum(${asInfinite(fieldOf(column)!.node)}), 0)::INTEGER`,
    ]);
  return Object.fromEntries([...missing, ...infinite]) as Record<string, ExprNode>;
}

export interface Missing {
  /** Rows that pass and have no place on an axis, by its column. */
  missing: ReadonlyMap<string, number>;
  /** Rows that pass and are left out because they are infinite, by column. */
  infinite: ReadonlyMap<string, number>;
}

export function readMissing(passing: Result | undefined): Missing {
  const counted = (sign: string): Map<string, number> => {
    const names = Object.keys(passing?.columns ?? {}).filter((name) => name.startsWith(sign));
    const rows = names.map((name) => [name.slice(sign.length), scalar(passing!, name)] as const);
    return new Map(rows.filter(([, count]) => count > 0));
  };
  return { missing: counted(MISSING), infinite: counted(INFINITE) };
}

/** Aggregates that take in no values of their field. */
const COUNTING = ["count", "valid", "missing", "distinct", "argmin", "argmax"];

/** What a source's groups measure: the field, and the column that it is of. */
export function measuresOf({ transforms, columns }: Source): { field: string; name: string }[] {
  const grouping = transforms.findLast(({ type }) => type === "aggregate");
  if (!grouping) return [];
  const [ops, fields, outputs] = ["ops", "fields", "as"].map((key) => (grouping[key] ?? []) as unknown[]);
  return ops!.flatMap((op, at) => {
    const field = nameOf(outputs![at]);
    const isMeasure = fields![at] !== null && !COUNTING.includes(String(op)) && columns.includes(field);
    return isMeasure ? [{ field, name: nameOf(fields![at]) }] : [];
  });
}

/** Whether no mark of a chart has a value: of all its sources the groups are without, or the rows. */
export function isBlank({ sources, data, chart: { placed } }: Answered): boolean {
  const drawn = sources.filter(({ isWhole }) => !isWhole);
  return drawn.length > 0 && drawn.every((source) => isBlankSource(source, data, placed));
}

function isBlankSource(source: Source, data: Answered["data"], placed: readonly Column[]): boolean {
  const names = placed.map(({ name }) => name).filter((name) => source.columns.includes(name));
  const fields = source.isGrouped ? measuresOf(source).map(({ field }) => field) : names;
  const rows = data.get(source.into) ?? [];
  return fields.length > 0 && rows.every((row) => fields.every((field) => !isValue(row[field])));
}
