/** What is wrong with a spec, all of it at once: names that Vega-Lite or the table do not know, and what is never drawn. */
import type { Table } from "../../page.ts";
import { kindOf } from "../../data/columns.ts";
import { nearest, ProblemError, type Problem } from "../../problem.ts";
import { isObject, type Json } from "../channels.ts";
import { misspelt } from "../keys.ts";
import { after, isOfChannel, madeIn, rowsOfTable, rowsOfValues, type Rows } from "./fields.ts";
import { readsOfTransform, readsWithin, type Read } from "./reads.ts";

const MARKS = [
  "arc",
  "area",
  "bar",
  "boxplot",
  "circle",
  "errorband",
  "errorbar",
  "line",
  "point",
  "rect",
  "rule",
  "square",
  "text",
  "tick",
  "trail",
];

const CHANNELS = [
  ...["x", "y", "x2", "y2", "xError", "yError", "xError2", "yError2", "xOffset", "yOffset"],
  ...["color", "fill", "stroke", "opacity", "fillOpacity", "strokeOpacity", "strokeWidth", "strokeDash"],
  ...["size", "shape", "angle", "theta", "theta2", "radius", "radius2", "text", "tooltip", "detail", "order"],
  ...["key", "facet", "row", "column", "description", "time"],
];

const AGGREGATES = [
  ...[
    "argmax",
    "argmin",
    "average",
    "ci0",
    "ci1",
    "count",
    "distinct",
    "max",
    "mean",
    "median",
    "min",
    "missing",
  ],
  ...["product", "q1", "q3", "stderr", "stdev", "stdevp", "sum", "valid", "values", "variance", "variancep"],
];

const TYPES = ["quantitative", "temporal", "nominal", "ordinal"];

const TRANSFORMS = [
  ...[
    "aggregate",
    "bin",
    "calculate",
    "density",
    "extent",
    "filter",
    "flatten",
    "fold",
    "impute",
    "joinaggregate",
  ],
  ...["loess", "lookup", "pivot", "quantile", "regression", "sample", "stack", "timeUnit", "window"],
];

const UNIT =
  /^(binned)?(utc)?(year)?(quarter)?(month)?(week)?(dayofyear)?(date)?(day)?(hours)?(minutes)?(seconds)?(milliseconds)?$/;

/** Common units, for a hint. */
const UNITS = [
  "year",
  "yearquarter",
  "yearmonth",
  "yearmonthdate",
  "quarter",
  "month",
  "week",
  "date",
  "day",
  "hours",
];

/** What is refused, and why. */
const REFUSED: Readonly<Record<string, [what: string, hint: string]>> = {
  geoshape: ["a map cannot be drawn", "its shapes are no columns of a table, and a page loads nothing else"],
  image: ["images are not drawn by a chart", "a page loads no image by its address; use the view samples"],
  projection: ["a map cannot be drawn", "use x and y instead of longitude and latitude"],
  href: ["a chart links nowhere", "write the link into the text of the page"],
  url: ["images are not drawn by a chart", "a page loads no image by its address; use the view samples"],
  longitude: ["a map cannot be drawn", "use x and y"],
  latitude: ["a map cannot be drawn", "use x and y"],
};

interface Checking {
  tables: Readonly<Record<string, Table>>;
  /** Rows that the spec holds by name. */
  datasets: Json;
  problems: Problem[];
  /** Fields that transforms of the spec make; null where they make some whose names only the data knows. */
  made: ReadonlySet<string> | null;
}

/** Throws one ProblemError with everything found. */
export function checkSpec(spec: Json, tables: Readonly<Record<string, Table>>): void {
  const datasets = isObject(spec["datasets"]) ? spec["datasets"] : {};
  const checking: Checking = { tables, datasets, problems: misspelt(spec), made: madeIn(spec) };
  checkView(spec, "", null, checking);
  const [first, ...others] = checking.problems;
  if (first) throw ProblemError.of([first, ...others]);
}

const COMPOSITIONS = ["layer", "concat", "hconcat", "vconcat"];

function checkView(spec: Json, path: string, outer: Rows | null, checking: Checking): void {
  const at = (key: string): string => (path ? `${path}.${key}` : key);
  if ("projection" in spec) refuse("projection", at("projection"), checking);
  const rows = listOf(spec["transform"]).reduce(
    (before, each, index) => checkTransform(each, `${at("transform")}.${index}`, before, checking),
    checkData(spec, at("data"), outer, checking),
  );
  for (const key of COMPOSITIONS)
    listOf(spec[key]).forEach((child, index) => checkView(child, `${at(key)}.${index}`, rows, checking));
  if (isObject(spec["spec"])) checkView(spec["spec"], at("spec"), rows, checking);
  checkRepeat(spec["repeat"], at("repeat"), rows, checking);
  if (isObject(spec["encoding"])) checkEncoding(spec["encoding"], at("encoding"), rows, checking);
  if (isObject(spec["facet"])) checkFacet(spec["facet"], at("facet"), rows, checking);
  checkOwnReads(spec, at, rows, checking);
  if ("mark" in spec) checkMark(spec["mark"], at("mark"), checking);
  else if (![...COMPOSITIONS, "spec"].some((key) => key in spec))
    note(checking, "the spec has no mark", `marks are ${MARKS.join(", ")}`, path || "mark");
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function note({ problems }: Checking, what: string, hint: string, path: string): void {
  problems.push({ what, hint, path });
}

function refuse(name: string, path: string, checking: Checking): void {
  const [what, hint] = REFUSED[name]!;
  note(checking, what, hint, path);
}

/** The rows of a view; null where they are unknown. */
function checkData(spec: Json, path: string, outer: Rows | null, checking: Checking): Rows | null {
  const data = spec["data"];
  if (!isObject(data)) return outer;
  if ("url" in data)
    note(
      checking,
      "the spec loads its data from an address",
      'write "data": {"name": "artifact/table"}',
      `${path}.url`,
    );
  if (typeof data["values"] === "string")
    note(checking, "the spec holds its rows as text", "write them as a list of objects", `${path}.values`);
  return "values" in data ? rowsOfValues(data, data["values"]) : rowsNamed(data, checking);
}

function rowsNamed(data: Json, { datasets, tables }: Checking): Rows | null {
  const name = String(data["name"]);
  if (Object.hasOwn(datasets, name)) return rowsOfValues(data, datasets[name]);
  return Object.hasOwn(tables, name) ? rowsOfTable(tables[name]!) : null;
}

/** What a view's mark and channels read by expressions. Channels that views share may read what any of these makes. */
function checkOwnReads(spec: Json, at: (key: string) => string, rows: Rows | null, checking: Checking): void {
  const any = checking.made ? new Set([...(rows?.own ?? []), ...checking.made]) : null;
  const here = "mark" in spec ? (rows?.here ?? null) : any;
  const reads = ["mark", "encoding"].flatMap((key) => readsWithin(spec[key], at(key)));
  // Beside the rows' fields a channel has those that the compiler makes of it.
  const isKnown = ({ name }: Read): boolean =>
    typeof name === "string" && any !== null && isOfChannel(name, any);
  const open = reads.filter((read) => !isKnown(read));
  checkReads(open, rows && { ...rows, here }, checking);
}

/** What an expression reads is a field of the row, there where it stands. */
function checkReads(reads: readonly Read[], rows: Rows | null, checking: Checking): void {
  for (const { name, path } of reads) {
    if (typeof name !== "string") checking.problems.push(name);
    else if (rows?.here && !rows.here.has(name)) noteUnknown(name, path, rows, rows.here, checking);
  }
}

function noteUnknown(
  name: string,
  path: string,
  rows: Rows,
  known: ReadonlySet<string>,
  checking: Checking,
): void {
  if (rows.own.has(name))
    note(checking, `column "${name}" is not kept by the aggregate before`, "add it to its groupby", path);
  else note(checking, `column "${name}" is not in ${rows.of}`, nearest(name, [...known]), path);
}

function checkMark(written: unknown, path: string, checking: Checking): void {
  const type = String(isObject(written) ? written["type"] : written);
  if (MARKS.includes(type)) return;
  if (Object.hasOwn(REFUSED, type)) refuse(type, path, checking);
  else note(checking, `there is no mark "${type}"`, nearest(type, MARKS), path);
}

function checkEncoding(encoding: Json, path: string, rows: Rows | null, checking: Checking): void {
  for (const [name, written] of Object.entries(encoding)) {
    const at = `${path}.${name}`;
    if (Object.hasOwn(REFUSED, name)) refuse(name, at, checking);
    else if (!CHANNELS.includes(name))
      note(checking, `there is no channel "${name}"`, nearest(name, CHANNELS), at);
    else
      for (const definition of Array.isArray(written) ? written : [written])
        checkChannel(definition, at, rows, checking);
  }
}

function checkFacet(facet: Json, path: string, rows: Rows | null, checking: Checking): void {
  if ("field" in facet || "bin" in facet || "timeUnit" in facet)
    return checkChannel(facet, path, rows, checking);
  for (const key of ["row", "column"])
    if (key in facet) checkChannel(facet[key], `${path}.${key}`, rows, checking);
}

function checkChannel(definition: unknown, path: string, rows: Rows | null, checking: Checking): void {
  if (!isObject(definition)) return;
  checkField(definition["field"], `${path}.field`, rows, checking);
  checkAggregate(definition["aggregate"], `${path}.aggregate`, rows, checking);
  checkUnit(definition["timeUnit"], `${path}.timeUnit`, checking);
  const type = definition["type"];
  if (type !== undefined && !TYPES.includes(String(type)))
    note(checking, `there is no type "${String(type)}"`, nearest(String(type), TYPES), `${path}.type`);
  const sort = definition["sort"];
  if (isObject(sort)) checkField(sort["field"], `${path}.sort.field`, rows, checking);
  for (const condition of [definition["condition"]].flat())
    checkChannel(condition, `${path}.condition`, rows, checking);
}

function checkAggregate(written: unknown, path: string, rows: Rows | null, checking: Checking): void {
  if (written === undefined || written === null) return;
  if (isObject(written)) {
    checkField(written["argmin"] ?? written["argmax"], path, rows, checking);
    return;
  }
  if (!AGGREGATES.includes(String(written)))
    note(checking, `there is no aggregate "${String(written)}"`, nearest(String(written), AGGREGATES), path);
}

function checkUnit(written: unknown, path: string, checking: Checking): void {
  const unit = isObject(written) ? written["unit"] : written;
  if (typeof unit === "string" && (!UNIT.test(unit) || unit === ""))
    note(checking, `there is no time unit "${unit}"`, nearest(unit, UNITS), path);
}

/** A field is a column of the table, or one that a transform makes. */
function checkField(written: unknown, path: string, rows: Rows | null, checking: Checking): void {
  if (typeof written !== "string" || !rows || !checking.made) return;
  const name = written.replace(/\\(.)/g, "$1");
  const column = rows.columns.find((each) => each.name === name);
  if (column && ["list", "binary"].includes(kindOf(column)) && !isFlattened(name, checking.made))
    note(
      checking,
      `column "${name}" holds ${column.type} and cannot be drawn`,
      "a chart shows numbers, texts, booleans and times",
      path,
    );
  const base = written.split(/(?<!\\)[.[]/)[0]!.replace(/\\(.)/g, "$1");
  const known = new Set([...rows.own, ...checking.made]);
  if (!known.has(name) && !known.has(base)) noteUnknown(name, path, rows, known, checking);
}

function isFlattened(name: string, made: ReadonlySet<string>): boolean {
  return made.has(name);
}

function checkRepeat(repeat: unknown, path: string, rows: Rows | null, checking: Checking): void {
  const lists = Array.isArray(repeat) ? [repeat] : isObject(repeat) ? Object.values(repeat) : [];
  for (const name of lists.flat()) checkField(name, path, rows, checking);
}

/** Keys of transforms that name a field. */
const FIELDS = ["field", "density", "quantile", "regression", "loess", "on", "impute", "pivot", "stack"];

/** The rows after a transform. */
function checkTransform(transform: Json, path: string, rows: Rows | null, checking: Checking): Rows | null {
  const kind = TRANSFORMS.find((name) => name in transform);
  if (!kind) {
    const written = Object.keys(transform).find((key) => key !== "as") ?? "";
    note(checking, `there is no transform "${written}"`, nearest(written, TRANSFORMS), path);
    return rows;
  }
  checkReads(readsOfTransform(transform, path), rows, checking);
  if (kind === "lookup" && isObject(transform["from"]))
    checkData(transform["from"], `${path}.from.data`, null, checking);
  checkUnit(transform["timeUnit"], `${path}.timeUnit`, checking);
  for (const key of FIELDS) checkField(transform[key], `${path}.${key}`, rows, checking);
  listOf(transform["sort"]).forEach((each, index) =>
    checkField(each["field"], `${path}.sort.${index}.field`, rows, checking),
  );
  for (const key of ["groupby", "fold", "flatten"])
    if (Array.isArray(transform[key]))
      for (const name of transform[key] as unknown[]) checkField(name, `${path}.${key}`, rows, checking);
  for (const key of ["aggregate", "joinaggregate", "window"])
    listOf(transform[key]).forEach((each, index) => {
      checkField(each["field"], `${path}.${key}.${index}.field`, rows, checking);
      if (key !== "window") checkAggregate(each["op"], `${path}.${key}.${index}.op`, rows, checking);
    });
  return after(transform, rows);
}
