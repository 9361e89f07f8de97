/** Which of a table's columns a chart shows, and behind which filters of its author. */
import { kindOf } from "../../data/columns.ts";
import type { Column, Table } from "../../page.ts";
import { isObject, type Json } from "../channels.ts";
import { fieldName, isContinuous, tableNameOf } from "./spec.ts";
import { viewsIn } from "./views.ts";

/** Kinds of columns that have continuous axes. */
const PLACED = ["number", "time"];

/** Transforms that keep every row. */
const KEEPING = ["calculate", "timeUnit", "bin", "joinaggregate", "window", "lookup"];

/** A column that a plot shows of the table's own rows. */
export interface Shown {
  column: Column;
  /** Whether it is on a continuous axis as it is, rather than aggregated. */
  isPlaced: boolean;
  /** The author's filters before the plot, among the transforms that they read. */
  filters: readonly Json[];
}

/** The table's columns that plots place on continuous axes, and those of numbers that they aggregate; in its order. */
export function shownColumns(spec: Json, table: Table): Shown[] {
  const fields = fieldsOf(spec, table, null);
  return table.columns.flatMap((column) =>
    fields
      .filter(
        ({ name, isPlaced }) =>
          name === column.name && (isPlaced ? PLACED : ["number"]).includes(kindOf(column)),
      )
      .map(({ isPlaced, transforms }) => ({ column, isPlaced, filters: filtersIn(transforms) })),
  );
}

/** The filters of a chain, and of the transforms before them those that they read. */
function filtersIn(transforms: readonly Json[]): Json[] {
  return transforms.reduceRight<Json[]>((kept, each) => {
    const isRead = namesMade(each).some((name) => JSON.stringify(kept).includes(name));
    return "filter" in each || isRead ? [each, ...kept] : kept;
  }, []);
}

/** A field of a plot, behind the transforms from its table on. */
interface Field {
  name: string;
  isPlaced: boolean;
  transforms: readonly Json[];
}

function fieldsOf(spec: Json, table: Table, outer: string | null): Field[] {
  const data = tableNameOf(spec) ?? (isObject(spec["data"]) ? null : outer);
  const transforms = Array.isArray(spec["transform"]) ? spec["transform"].filter(isObject) : [];
  const grouping = transforms.findIndex((each) => "aggregate" in each);
  const first = grouping < 0 ? transforms : transforms.slice(0, grouping);
  if (!first.every(isKeeping)) return [];
  const own =
    data === table.name
      ? fieldsIn(grouping < 0 ? spec : { aggregate: transforms[grouping]!["aggregate"] })
      : [];
  // After its own grouping a view has no rows of the table any more.
  const below = grouping < 0 ? viewsIn(spec).flatMap((child) => fieldsOf(child, table, data)) : [];
  const made = new Set(first.flatMap(namesMade));
  return [...own, ...below]
    .filter(({ name }) => !made.has(name))
    .map((field) => ({ ...field, transforms: [...first, ...field.transforms] }));
}

function isKeeping(transform: Json): boolean {
  return "filter" in transform || KEEPING.some((key) => key in transform);
}

function fieldsIn(view: Json): Field[] {
  const field = (name: string, isPlaced: boolean): Field => ({ name, isPlaced, transforms: [] });
  return [
    ...axisFields(view).map((name) => field(name, true)),
    ...aggregatedFields(view).map((name) => field(name, false)),
  ];
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

/** Aggregates that take in no values of their field. */
export const COUNTING = ["count", "valid", "missing", "distinct", "argmin", "argmax"];
