/** Axes of times in a composed chart: their titles name the zone while they are so short that labels tell hours. */
import { expressionFunction } from "vega";
import type { Table } from "../../page.ts";
import { needsHours } from "../../values.ts";
import { isObject, objectsIn, type Json } from "../channels.ts";
import { titleOfColumn } from "../chart.ts";
import { fieldName } from "./spec.ts";

expressionFunction("zonedTitle", (domain: unknown, title: unknown) => {
  const [low, high] = (domain as unknown[]).map(Number);
  const isShort = low !== undefined && high !== undefined && low < high && needsHours(low, high);
  return isShort ? `${String(title)} (UTC)` : title;
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
    if (typeof title !== "string" || !momentsOf(scales.get(scale), tables).includes(title)) continue;
    axis["title"] = { signal: `zonedTitle(domain(${JSON.stringify(scale)}), ${JSON.stringify(title)})` };
  }
  for (const mark of objectsIn(group["marks"])) if (mark["type"] === "group") zonedAxes(mark, tables, scales);
  return group;
}

/** Titles of the columns of moments that a scale of times is over. */
function momentsOf(scale: Json | undefined, tables: Readonly<Record<string, Table>>): string[] {
  if (scale?.["type"] !== "utc" || !isObject(scale["domain"])) return [];
  const { field, fields } = scale["domain"];
  const parts = Array.isArray(fields) ? fields : [field];
  const names = parts.map((part) => fieldName(isObject(part) ? part["field"] : part));
  const columns = Object.values(tables).flatMap((table) => table.columns);
  return columns
    .filter(({ name, type, unit }) => type === "timestamp" && !unit && names.includes(name))
    .map((column) => titleOfColumn(column, null));
}
