/** What a chart leaves out: rows without a place on a continuous axis, infinite ones, groups without a value. */
import { or, sql, type ExprNode } from "@uwdata/mosaic-sql";
import { scalar, type Result } from "../../data/result.ts";
import type { Json } from "../channels.ts";
import { isValue } from "../../values.ts";
import type { Answered } from "./chart.ts";
import type { Source } from "./data.ts";
import { fieldOf } from "./relation.ts";
import { COUNTING, type Shown } from "./shown.ts";
import { nameOf } from "./transforms.ts";

const MISSING = "missing ";
const INFINITE = "infinite ";

/**
 * How many rows have no value of the columns placed, and how many an infinite one of those and of the measured. Where an
 * author filters the rows before a plot, only those that pass some plot of the column count; `conditionOf` is the filter
 * in SQL, null where it cannot be one, and then nothing is said.
 */
export function missingCounts(
  shown: readonly Shown[],
  conditionOf: (filters: readonly Json[]) => ExprNode | null,
): Record<string, ExprNode> {
  const counts: [string, ExprNode][] = [];
  for (const column of new Set(shown.map((each) => each.column))) {
    const { node } = fieldOf(column)!;
    const count = (sign: string, of: readonly Shown[], missed: ExprNode): void => {
      const where = of.length ? someOf(of.map(({ filters }) => conditionOf(filters))) : null;
      if (where)
        counts.push([sign + column.name, sql`count(CASE WHEN ${where} AND ${missed} THEN 1 END)::INTEGER`]);
    };
    const plots = shown.filter((each) => each.column === column);
    const placed = plots.filter(({ isPlaced }) => isPlaced);
    count(MISSING, placed, sql`(${node} IS NULL OR isnan(${node}))`);
    if (column.type.startsWith("float")) count(INFINITE, plots, sql`isinf(${node})`);
  }
  return Object.fromEntries(counts);
}

/** One of the conditions at least; null where none is known to hold for sure, as one of them is not SQL. */
function someOf(conditions: readonly (ExprNode | null)[]): ExprNode | null {
  const known = conditions.filter((each) => each !== null);
  return known.length < conditions.length ? null : sql`(${or(...known)})`;
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

/** Whether no mark of a chart has a value: its own filters leave none, or the groups of all its sources are without. */
export function isBlank({ sources, data, chart: { shown, params } }: Answered): boolean {
  const isEmpty = sources.every(({ into }) => (data.get(into) ?? []).length === 0);
  if (isEmpty && sources.length > 0 && params.variables.size === 0) return true;
  const drawn = sources.filter(({ isWhole }) => !isWhole);
  // What an author filters may come back when a parameter changes.
  const placed = shown.filter(({ isPlaced, filters }) => isPlaced && filters.length === 0);
  const names = [...new Set(placed.map(({ column }) => column.name))];
  return drawn.length > 0 && drawn.every((source) => isBlankSource(source, data, names));
}

function isBlankSource(source: Source, data: Answered["data"], placed: readonly string[]): boolean {
  const names = placed.filter((name) => source.columns.includes(name));
  const fields = source.isGrouped ? measuresOf(source).map(({ field }) => field) : names;
  const rows = data.get(source.into) ?? [];
  return fields.length > 0 && rows.every((row) => fields.every((field) => !isValue(row[field])));
}
