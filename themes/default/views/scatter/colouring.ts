/**
 * What colours mean: one colour a category, or steps of one ramp. Categories keep the colours that charts give them:
 * handed out in the order of the model's classes, else of the values.
 */
import { rampStep } from "../../src/ramp.ts";
import {
  cast,
  column as columnRef,
  count,
  desc,
  max,
  min,
  Query,
  sql,
  type ExprNode,
} from "@uwdata/mosaic-sql";
import { kindOf, labelOf } from "../../src/data/columns.ts";
import { rowsOf } from "../../src/data/rows.ts";
import { column as values, scalar } from "../../src/data/result.ts";
import { formatCell } from "../../src/markup.ts";
import { formatOf } from "../../src/values.ts";
import type { Column, Table } from "../../src/page.ts";
import { finite, isOneOf, MOST_VALUES, natural } from "../../src/vega/chart.ts";
import type { NamedQuery, Results } from "../../src/view.ts";
import { say } from "../../src/words.ts";

export interface Categories {
  kind: "categories";
  column: Column;
  /** Those with a colour of their own, in the order of the data. */
  values: unknown[];
  /** Whether the rest shares the colour after them. */
  hasOther: boolean;
  /** How many values there are in all. */
  all: number;
}

export interface Measure {
  kind: "measure";
  column: Column;
  low: number;
  high: number;
}

export interface Plain {
  kind: "plain";
}

export type Colouring = Categories | Measure | Plain;

/** Numbers that name something rather than measure it. */
const NAMING = ["label", "prediction", "split", "group"];

export function isCategorical(column: Column): boolean {
  const kind = kindOf(column);
  return kind === "text" || kind === "boolean" || NAMING.includes(column.role ?? "");
}

/** The column's value as it is coloured: a category as it is, a number or a time as a finite number. */
function valueOf(column: Column): ExprNode {
  const reference = columnRef(column.name);
  if (isCategorical(column)) return kindOf(column) === "number" ? cast(reference, "DOUBLE") : reference;
  return finite(
    kindOf(column) === "time" ? sql`epoch_ms((${reference})::TIMESTAMP)` : cast(reference, "DOUBLE"),
  );
}

/** The name of the question about a column; answers of several colours are kept side by side. */
function nameOf(column: Column): string {
  return `colour:${column.name}`;
}

export function colouringQueries(column: Column | null, table: Table): Record<string, NamedQuery> {
  if (!column) return {};
  const ask = isCategorical(column) ? valuesQuery : rangeQuery;
  return { [nameOf(column)]: { filtered: false, sql: () => ask(column, table) } };
}

/** Values by frequency, ties by value, and how many there are. */
function valuesQuery(column: Column, table: Table): Query {
  const grouped = rowsOf(table, null)
    .select({ value: valueOf(column), "rows of value": count() })
    .groupby(valueOf(column));
  return Query.from(grouped)
    .select({ value: columnRef("value"), all: cast(sql`count(*) OVER ()`, "INTEGER") })
    .orderby(desc(columnRef("rows of value")), columnRef("value"))
    .limit(MOST_VALUES.color);
}

function rangeQuery(column: Column, table: Table): Query {
  return rowsOf(table, null).select({ low: min(valueOf(column)), high: max(valueOf(column)) });
}

export function readColouring(column: Column | null, table: Table, results: Results): Colouring {
  if (!column) return { kind: "plain" };
  const answer = results[nameOf(column)]!;
  if (!isCategorical(column))
    return { kind: "measure", column, low: scalar(answer, "low"), high: scalar(answer, "high") };
  const found = values(answer, "value");
  const all = answer.rows ? scalar(answer, "all") : 0;
  const hasOther = all > found.length;
  const kept = hasOther ? found.slice(0, MOST_VALUES.color - 1) : found;
  const listed = ordered(kept, table.classes);
  const isTruth = kindOf(column) === "boolean";
  return { kind: "categories", column, values: isTruth ? truths(found) : listed, hasOther, all };
}

/** True has the first colour and false the one that stands out, as in charts, whichever of them there are. */
function truths(found: readonly unknown[]): unknown[] {
  return found.includes(null) ? [true, false, null] : [true, false];
}

function ordered(found: readonly unknown[], classes: readonly string[]): unknown[] {
  const rank = new Map(classes.map((name, index) => [name, index]));
  const of = (value: unknown): number => rank.get(String(value)) ?? classes.length;
  return [...found].sort((a, b) => of(a) - of(b) || natural(a, b));
}

/** A point's colour as SQL: the category's number, the measure, or nothing. */
export function codeOf(colouring: Colouring): ExprNode {
  if (colouring.kind === "plain") return sql`0`;
  if (colouring.kind === "measure") return valueOf(colouring.column);
  const { column, values: kept } = colouring;
  const cases = kept.map((value, index) => sql`WHEN ${isOneOf(valueOf(column), [value])} THEN ${index}`);
  const joined = cases.reduce((list, each) => sql`${list} ${each}`, sql``);
  return cases.length ? sql`CASE ${joined} ELSE ${kept.length} END` : sql`0`;
}

/** The rows of picked categories; null where none is picked. */
export function categoriesPredicate(
  colouring: Colouring,
  { categories = [], other }: { categories?: readonly unknown[]; other?: true },
): ExprNode | null {
  if (colouring.kind !== "categories" || (categories.length === 0 && !other)) return null;
  const value = valueOf(colouring.column);
  const picked = isOneOf(value, categories);
  if (!other) return sql`(${picked})`;
  const rest = sql`(${codeOf(colouring)}) = ${colouring.values.length}`;
  return categories.length ? sql`(${picked} OR ${rest})` : sql`(${rest})`;
}

/** The numbers of picked categories, as points carry them; null for all. */
export function pickedCodes(
  colouring: Colouring,
  { categories = [], other }: { categories?: readonly unknown[]; other?: true },
): ReadonlySet<number> | null {
  if (colouring.kind !== "categories" || (categories.length === 0 && !other)) return null;
  const codes = categories.map((value) => colouring.values.indexOf(value)).filter((code) => code >= 0);
  return new Set(other ? [...codes, colouring.values.length] : codes);
}

/** What a category is called, by its number. */
export function nameOfCode({ values: kept, all }: Categories, code: number): string {
  if (code >= kept.length) return say("Other ({all})", { all: all - kept.length });
  const value = kept[code];
  if (value === null) return say("(missing)");
  return value === "" ? say("(empty)") : formatCell(value, 60);
}

/** The colour of a category: a variable, without its dashes. */
export function variableOfCode(code: number): string {
  return `chart-${code + 1}`;
}

/** The step of a value; null for none. */
export function stepOf({ low, high }: Measure, value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return rampStep(high > low ? (value - low) / (high - low) : 0.5);
}

/** The lightest steps are near the background, so few points in a cell begin above them. */
const FAINTEST = 0.14;

/** Density by the logarithm of a count: one point can be seen beside thousands. */
export function densityShare(n: number, most: number): number {
  const share = most > 1 ? Math.log(n) / Math.log(most) : 1;
  return FAINTEST + (1 - FAINTEST) * share;
}

export function colourTitle(column: Column): string {
  return labelOf(column);
}

/** A number, or a day, as legends and tooltips write it. */
export function inWords(column: Column, value: number): string {
  return Number.isFinite(value) ? formatOf(column, value) : "–";
}
