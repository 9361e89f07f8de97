/** Axes of times in a composed chart: their titles name the zone while they are so short that labels tell hours. */
import { expressionFunction } from "vega";
import type { Table } from "../../page.ts";
import { needsHours } from "../../values.ts";
import { isObject, objectsIn, type Json } from "../channels.ts";
import { titleOfColumn } from "../chart.ts";
import { fieldName } from "./spec.ts";

/** What sums moments up into a moment. */
const OF_MOMENTS = ["min", "max", "mean", "average", "median", "q1", "q3"];

expressionFunction("zonedTitle", (domain: unknown, title: unknown) => {
  const [low, high] = (domain as unknown[]).map(Number);
  const isShort = low !== undefined && high !== undefined && low < high && needsHours(low, high);
  if (!isShort) return title;
  return Array.isArray(title) ? [...title.slice(0, -1), `${title.at(-1)} (UTC)`] : `${String(title)} (UTC)`;
});

/** What an axis is called says which column it is of, unless its author called it otherwise. */
export function zonedAxes(
  group: Json,
  tables: Readonly<Record<string, Table>>,
  outer: ReadonlyMap<unknown, Json> = new Map(),
): Json {
  const own = objectsIn(group["scales"]).map((scale) => [scale["name"], scale] as const);
  const scales = new Map([...outer, ...own]);
  for (const axis of objectsIn(group["axes"])) {
    const { title, scale } = axis;
    if (!isOfMoments(title, momentsOf(scales.get(scale), tables))) continue;
    axis["title"] = { signal: `zonedTitle(domain(${JSON.stringify(scale)}), ${JSON.stringify(title)})` };
  }
  for (const mark of objectsIn(group["marks"])) if (mark["type"] === "group") zonedAxes(mark, tables, scales);
  return group;
}

/** A title in several lines is a long one, or those of layers that are called differently. */
function isOfMoments(title: unknown, moments: readonly string[]): boolean {
  const lines = Array.isArray(title) ? title.map(String) : [title];
  return [...lines, lines.join(" ")].some((line) => typeof line === "string" && moments.includes(line));
}

/** Titles of the columns of moments, or of what is summed up of them, that a scale of times is over. */
function momentsOf(scale: Json | undefined, tables: Readonly<Record<string, Table>>): string[] {
  if (scale?.["type"] !== "utc" || !isObject(scale["domain"])) return [];
  const { field, fields } = scale["domain"];
  const parts = Array.isArray(fields) ? fields : [field];
  const names = parts.map((part) => fieldName(isObject(part) ? part["field"] : part));
  return Object.values(tables)
    .flatMap((table) => table.columns)
    .filter(({ type, unit }) => type === "timestamp" && !unit)
    .flatMap((column) =>
      [null, ...OF_MOMENTS]
        .filter((operation) => names.includes(operation ? `${operation}_${column.name}` : column.name))
        .map((operation) => titleOfColumn(column, operation)),
    );
}
