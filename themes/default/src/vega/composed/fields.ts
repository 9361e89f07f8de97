/** Which fields a chart's rows have at each point of it: those of its data, and what its transforms make and leave. */
import type { Column, Table } from "../../page.ts";
import { isObject, type Json } from "../channels.ts";

export interface Rows {
  /** What holds them, in words. */
  of: string;
  /** The columns of the table that they are of; none where the spec holds them. */
  columns: readonly Column[];
  /** The fields that they begin with. */
  own: ReadonlySet<string>;
  /** The fields that they have here; null where only the data knows their names. */
  here: ReadonlySet<string> | null;
}

export function rowsOfTable({ name, columns }: Table): Rows {
  const own = new Set(columns.map((column) => column.name));
  return { of: `table ${name}`, columns, own, here: own };
}

/** Rows that stand in the spec; null where they are not to be read there. */
export function rowsOfValues(data: Json, values: unknown): Rows | null {
  const isRead =
    Array.isArray(values) && values.length > 0 && !("format" in data && isShaped(data["format"]));
  if (!isRead) return null;
  // Vega makes `{data: value}` of a plain value.
  const own = new Set((values as unknown[]).flatMap((row) => (isObject(row) ? Object.keys(row) : ["data"])));
  return { of: "the rows of the spec", columns: [], own, here: own };
}

/** Whether rows are made of what is written by anything but reading their values. */
function isShaped(format: unknown): boolean {
  return isObject(format) && ("property" in format || "feature" in format || "mesh" in format);
}

/** The fields after a transform. */
export function after(transform: Json, rows: Rows | null): Rows | null {
  if (!rows?.here) return rows;
  if ("pivot" in transform) return { ...rows, here: null };
  const kept = Array.isArray(transform["aggregate"]) ? fieldsIn(transform["groupby"]) : rows.here;
  return { ...rows, here: new Set([...kept, ...namesOf(transform)]) };
}

function listed(value: unknown): string[] {
  return [value].flat().filter((name) => typeof name === "string");
}

/** Names of fields where a spec writes them as paths: dots and brackets of a name stand behind a backslash. */
function fieldsIn(value: unknown): string[] {
  return listed(value).map((name) => name.replace(/\\(.)/gs, "$1"));
}

/** Fields that transforms give when their author names none. */
const UNNAMED: Readonly<Record<string, readonly string[]>> = {
  fold: ["key", "value"],
  density: ["value", "density"],
  quantile: ["prob", "value"],
  regression: ["coef", "rSquared"],
};

const COMPOSITIONS = ["layer", "concat", "hconcat", "vconcat", "spec"];

/** Names of all fields that transforms make; null with a pivot, which names them after values. */
export function madeIn(spec: Json): ReadonlySet<string> | null {
  const made = new Set<string>();
  let isKnown = true;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isObject(value)) return;
    for (const transform of Array.isArray(value["transform"]) ? value["transform"].filter(isObject) : []) {
      if ("pivot" in transform) isKnown = false;
      for (const name of namesOf(transform)) made.add(name);
    }
    for (const key of COMPOSITIONS) visit(value[key]);
  };
  visit(spec);
  return isKnown ? made : null;
}

function namesOf(transform: Json): string[] {
  const parts = ["aggregate", "joinaggregate", "window"].flatMap((key) =>
    Array.isArray(transform[key]) ? transform[key].filter(isObject) : [],
  );
  const written = [transform, ...parts].flatMap(({ as }) => listed(as));
  const hasEnd = "bin" in transform || "timeUnit" in transform;
  const named = hasEnd ? written.flatMap((name) => [name, `${name}_end`, `${name}_range`]) : written;
  const unnamed = Object.keys(UNNAMED)
    .filter((kind) => kind in transform)
    .flatMap((kind) => UNNAMED[kind]!);
  const from = isObject(transform["from"]) ? fieldsIn(transform["from"]["fields"]) : [];
  return [...named, ...unnamed, ...from, ...fieldsIn(transform["flatten"])];
}

/** A field that the compiler makes of a channel: `mean_mass`, `bin_maxbins_10_mass_end`, `utcyear_seen`. */
export function isOfChannel(name: string, known: ReadonlySet<string>): boolean {
  if (name === "__count") return true;
  const bare = name.replace(/_(?:start|end|range|mid|center|index)$/, "");
  return [...known].some((field) => bare.endsWith(`_${field}`) || (bare !== name && bare === field));
}
