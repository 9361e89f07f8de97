/**
 * Reading an ordinary Vega-Lite unit spec: its mark, and per channel which column it shows and how (binned, by time
 * unit, aggregated). What this client does not draw is refused with its name and a reason, never half drawn.
 */
import type { Column, Table } from "../page.ts";
import { findColumn, kindOf } from "../data/columns.ts";
import { nearest, ProblemError } from "../problem.ts";

export type Json = Record<string, unknown>;

export const MARKS = ["bar", "line", "area", "point", "circle", "square", "tick", "rect", "rule"] as const;
export type Mark = (typeof MARKS)[number];

export const OPERATIONS = ["count", "sum", "mean", "average", "min", "max"] as const;
export type Operation = "count" | "sum" | "mean" | "min" | "max";

const CHANNELS = [
  "x",
  "y",
  "color",
  "fill",
  "stroke",
  "opacity",
  "size",
  "shape",
  "detail",
  "xOffset",
  "yOffset",
  "tooltip",
  "order",
];
const POSITIONS = new Set(["x", "y"]);

/** What a channel shows. `column` is null for a plain count. */
export interface Channel {
  name: string;
  /** The answer's column that holds it. The sign keeps it apart from the table's own columns, which SQL would prefer. */
  field: string;
  column: Column | null;
  kind: "raw" | "bin" | "time" | "aggregate";
  operation: Operation | null;
  unit: string | null;
  /** `isScaled` where bins are equally wide on the channel's own scale, a logarithm, rather than in its values. */
  bin: { maxbins: number; step: number | null; isScaled?: boolean };
  type: "quantitative" | "temporal" | "nominal" | "ordinal";
  sort: unknown;
  /** The channel's definition as the author wrote it, for titles, axes, scales and legends. */
  written: Json;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list in a spec or a compiled chart; none where it is no list. */
export function objectsIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function readMark(spec: Json): { type: Mark; written: Json } {
  const written = typeof spec["mark"] === "string" ? { type: spec["mark"] } : spec["mark"];
  if (!isObject(written))
    throw new ProblemError("the spec has no mark", `marks are ${MARKS.join(", ")}`, "mark");
  const type = String(written["type"]);
  if (!(MARKS as readonly string[]).includes(type)) {
    throw new ProblemError(`the mark "${type}" is not drawn by this client`, nearest(type, MARKS), "mark");
  }
  return { type: type as Mark, written };
}

/** Every channel that shows data, in the order written; those with a plain value or datum stay in the encoding. */
export function readChannels(spec: Json, table: Table): Channel[] {
  const encoding = spec["encoding"];
  if (!isObject(encoding))
    throw new ProblemError("the spec has no encoding", "say which column is x and which is y", "encoding");
  return Object.entries(encoding).flatMap(([name, written]) => readEntry(name, written, table));
}

function readEntry(name: string, written: unknown, table: Table): Channel[] {
  const path = `encoding.${name}`;
  if (!CHANNELS.includes(name)) {
    throw new ProblemError(
      `the channel "${name}" is not drawn by this client`,
      nearest(name, CHANNELS),
      path,
    );
  }
  if (name === "tooltip" || name === "order") return [];
  if (Array.isArray(written) && written.length !== 1)
    throw new ProblemError(`${path} lists ${written.length} definitions`, "one is drawn", path);
  const definition = unconditional(Array.isArray(written) ? written[0] : written, path);
  if (!isObject(definition))
    throw new ProblemError(`${path} is not an object`, 'such as {"field": "label"}', path);
  return "value" in definition || "datum" in definition ? [] : [readChannel(name, definition, table, path)];
}

/** A condition on a selection is what cross-filtering does by itself, so its outcome is the definition. */
function unconditional(written: unknown, path: string): unknown {
  if (!isObject(written) || !("condition" in written)) return written;
  const condition = written["condition"];
  if (!isObject(condition) || !("param" in condition)) {
    throw new ProblemError(
      "a condition with a test is not drawn by this client",
      "use a condition on a param",
      path,
    );
  }
  const { param: _param, empty: _empty, ...definition } = condition;
  return "field" in definition || "aggregate" in definition ? definition : withoutCondition(written);
}

function withoutCondition(written: Json): Json {
  const { condition: _condition, ...definition } = written;
  return definition;
}

function readChannel(name: string, definition: Json, table: Table, path: string): Channel {
  const operation = readOperation(definition, path);
  const column = readColumn(definition, operation, table, path);
  const kind = operation
    ? "aggregate"
    : isBinned(definition)
      ? "bin"
      : definition["timeUnit"]
        ? "time"
        : "raw";
  checkKind(kind, column, operation, path);
  const type = readType(definition, kind, path);
  checkType(type, kind, column, path);
  return {
    name,
    field: `@${name}`,
    column,
    kind,
    operation,
    unit: kind === "time" ? readUnit(definition["timeUnit"], path) : null,
    bin: readBin(definition["bin"], name, path),
    type,
    sort: definition["sort"],
    written: definition,
  };
}

function isBinned(definition: Json): boolean {
  return definition["bin"] === true || isObject(definition["bin"]);
}

function readOperation(definition: Json, path: string): Operation | null {
  const written = definition["aggregate"];
  if (written === undefined || written === null) return null;
  const name = String(written);
  if (!(OPERATIONS as readonly string[]).includes(name)) {
    throw new ProblemError(
      `the aggregate "${name}" is not answered by this client`,
      nearest(name, OPERATIONS),
      `${path}.aggregate`,
    );
  }
  return name === "average" ? "mean" : (name as Operation);
}

function readColumn(
  definition: Json,
  operation: Operation | null,
  table: Table,
  path: string,
): Column | null {
  const field = definition["field"];
  if (typeof field !== "string") {
    if (operation === "count") return null;
    throw new ProblemError(
      `${path} names no field`,
      `columns are ${table.columns
        .map((c) => c.name)
        .slice(0, 12)
        .join(", ")}`,
      path,
    );
  }
  return findColumn(table, field.replace(/\\(.)/gs, "$1"), `${path}.field`);
}

function checkKind(
  kind: Channel["kind"],
  column: Column | null,
  operation: Operation | null,
  path: string,
): void {
  if (!column || operation === "count") return;
  const found = kindOf(column);
  const misfit = misfitOf(kind, found, operation);
  if (misfit)
    throw new ProblemError(`column "${column.name}" is ${found} and ${misfit.what}`, misfit.hint, path);
}

/** Why values of a kind cannot be shown so, and what to do; null where they can. */
function misfitOf(
  kind: Channel["kind"],
  found: ReturnType<typeof kindOf>,
  operation: Operation | null,
): { what: string; hint: string } | null {
  if (found === "list" || found === "binary")
    return { what: "cannot be drawn", hint: "a chart shows numbers, text, booleans and times" };
  if (kind === "bin" && found !== "number")
    return { what: "cannot be binned", hint: "remove bin, or use timeUnit for times" };
  if (kind === "time" && found !== "time")
    return { what: "has no timeUnit", hint: "use a date or timestamp column" };
  const isAdded = operation === "sum" || operation === "mean";
  return isAdded && !["number", "boolean"].includes(found)
    ? { what: `has no ${operation}`, hint: "use a number, or count" }
    : null;
}

/** Time units, and the parts of a date each keeps; the rest is set to 1 January 2012, as Vega does. */
export const TIME_UNITS = [
  "year",
  "yearquarter",
  "yearmonth",
  "yearmonthdate",
  "yearmonthdatehours",
  "yearmonthdatehoursminutes",
  "quarter",
  "month",
  "date",
  "day",
  "hours",
  "minutes",
];

function readUnit(written: unknown, path: string): string {
  checkKeys(written, ["unit", "utc"], `${path}.timeUnit`);
  const name = String(isObject(written) ? written["unit"] : written).replace(/^utc/, "");
  if (!TIME_UNITS.includes(name)) {
    throw new ProblemError(
      `the time unit "${name}" is not answered by this client`,
      nearest(name, TIME_UNITS),
      `${path}.timeUnit`,
    );
  }
  return name;
}

/** What is not read would change the drawing, so it is not passed over. */
function checkKeys(written: unknown, known: readonly string[], path: string): void {
  const unknown = isObject(written) ? Object.keys(written).find((key) => !known.includes(key)) : undefined;
  if (unknown !== undefined)
    throw new ProblemError(`"${unknown}" is not read by this client`, nearest(unknown, known), path);
}

/** Vega-Lite's defaults: at most 10 bins on x and y, 6 elsewhere. */
function readBin(written: unknown, name: string, path: string): Channel["bin"] {
  if (written === "binned")
    throw new ProblemError(
      "columns that are binned already are not drawn by this client",
      "use bin: true",
      path,
    );
  checkKeys(written, ["maxbins", "step"], `${path}.bin`);
  const options = isObject(written) ? written : {};
  const maxbins = Number(options["maxbins"] ?? (POSITIONS.has(name) ? 10 : 6));
  const step = Number(options["step"]);
  return {
    maxbins: Math.min(Math.max(Math.trunc(maxbins) || 10, 1), 1000),
    step: Number.isFinite(step) && step > 0 ? step : null,
  };
}

const TYPES = ["quantitative", "temporal", "nominal", "ordinal"] as const;

/** The written type, else Vega-Lite's own default for such a channel. */
function readType(definition: Json, kind: Channel["kind"], path: string): Channel["type"] {
  const written = definition["type"];
  if (TYPES.includes(written as Channel["type"])) return written as Channel["type"];
  if (written !== undefined)
    throw new ProblemError(
      `the type "${String(written)}" is not drawn by this client`,
      nearest(String(written), TYPES),
      `${path}.type`,
    );
  if (kind === "bin" || kind === "aggregate") return "quantitative";
  return kind === "time" ? "temporal" : "nominal";
}

/** An axis of numbers or times needs a column of them. */
function checkType(type: Channel["type"], kind: Channel["kind"], column: Column | null, path: string): void {
  if (!column || kind !== "raw" || kindOf(column) !== "text") return;
  if (type === "nominal" || type === "ordinal") return;
  throw new ProblemError(
    `column "${column.name}" is text and not ${type}`,
    'use "type": "nominal"',
    `${path}.type`,
  );
}
