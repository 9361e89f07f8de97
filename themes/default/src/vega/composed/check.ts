/** What is wrong with a spec, all of it at once: names that Vega-Lite or the table do not know, and what is never drawn. */
import type { Table } from "../../page.ts";
import { kindOf } from "../../data/columns.ts";
import { nearest, ProblemError, type Problem } from "../../problem.ts";
import { isObject, type Json } from "../channels.ts";
import { misspelt } from "../keys.ts";

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
  problems: Problem[];
  /** Fields that transforms of the spec make; null where they make some whose names only the data knows. */
  made: ReadonlySet<string> | null;
}

/** Throws one ProblemError with everything found. */
export function checkSpec(spec: Json, tables: Readonly<Record<string, Table>>): void {
  const checking: Checking = { tables, problems: misspelt(spec), made: madeIn(spec) };
  checkView(spec, "", null, checking);
  const [first, ...others] = checking.problems;
  if (first) throw ProblemError.of([first, ...others]);
}

const COMPOSITIONS = ["layer", "concat", "hconcat", "vconcat"];

function checkView(spec: Json, path: string, outer: Table | null, checking: Checking): void {
  const at = (key: string): string => (path ? `${path}.${key}` : key);
  const table = checkData(spec, at("data"), outer, checking);
  if ("projection" in spec) refuse("projection", at("projection"), checking);
  listOf(spec["transform"]).forEach((each, index) =>
    checkTransform(each, `${at("transform")}.${index}`, table, checking),
  );
  for (const key of COMPOSITIONS)
    listOf(spec[key]).forEach((child, index) => checkView(child, `${at(key)}.${index}`, table, checking));
  if (isObject(spec["spec"])) checkView(spec["spec"], at("spec"), table, checking);
  checkRepeat(spec["repeat"], at("repeat"), table, checking);
  if (isObject(spec["encoding"])) checkEncoding(spec["encoding"], at("encoding"), table, checking);
  if (isObject(spec["facet"])) checkFacet(spec["facet"], at("facet"), table, checking);
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

/** The table of a view; null where its rows are its own, or unknown. */
function checkData(spec: Json, path: string, outer: Table | null, checking: Checking): Table | null {
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
  const name = data["name"];
  return typeof name === "string" ? (checking.tables[name] ?? null) : null;
}

function checkMark(written: unknown, path: string, checking: Checking): void {
  const type = String(isObject(written) ? written["type"] : written);
  if (MARKS.includes(type)) return;
  if (Object.hasOwn(REFUSED, type)) refuse(type, path, checking);
  else note(checking, `there is no mark "${type}"`, nearest(type, MARKS), path);
}

function checkEncoding(encoding: Json, path: string, table: Table | null, checking: Checking): void {
  for (const [name, written] of Object.entries(encoding)) {
    const at = `${path}.${name}`;
    if (Object.hasOwn(REFUSED, name)) refuse(name, at, checking);
    else if (!CHANNELS.includes(name))
      note(checking, `there is no channel "${name}"`, nearest(name, CHANNELS), at);
    else
      for (const definition of Array.isArray(written) ? written : [written])
        checkChannel(definition, at, table, checking);
  }
}

function checkFacet(facet: Json, path: string, table: Table | null, checking: Checking): void {
  if ("field" in facet || "bin" in facet || "timeUnit" in facet)
    return checkChannel(facet, path, table, checking);
  for (const key of ["row", "column"])
    if (key in facet) checkChannel(facet[key], `${path}.${key}`, table, checking);
}

function checkChannel(definition: unknown, path: string, table: Table | null, checking: Checking): void {
  if (!isObject(definition)) return;
  checkField(definition["field"], `${path}.field`, table, checking);
  checkAggregate(definition["aggregate"], `${path}.aggregate`, table, checking);
  checkUnit(definition["timeUnit"], `${path}.timeUnit`, checking);
  const type = definition["type"];
  if (type !== undefined && !TYPES.includes(String(type)))
    note(checking, `there is no type "${String(type)}"`, nearest(String(type), TYPES), `${path}.type`);
  const sort = definition["sort"];
  if (isObject(sort)) checkField(sort["field"], `${path}.sort.field`, table, checking);
  for (const condition of [definition["condition"]].flat())
    checkChannel(condition, `${path}.condition`, table, checking);
}

function checkAggregate(written: unknown, path: string, table: Table | null, checking: Checking): void {
  if (written === undefined || written === null) return;
  if (isObject(written)) {
    checkField(written["argmin"] ?? written["argmax"], path, table, checking);
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
function checkField(written: unknown, path: string, table: Table | null, checking: Checking): void {
  if (typeof written !== "string" || !table || !checking.made) return;
  const name = written.replace(/\\(.)/g, "$1");
  const column = table.columns.find((each) => each.name === name);
  if (column && ["list", "binary"].includes(kindOf(column)) && !isFlattened(name, checking.made))
    note(
      checking,
      `column "${name}" holds ${column.type} and cannot be drawn`,
      "a chart shows numbers, texts, booleans and times",
      path,
    );
  const base = written.split(/(?<!\\)[.[]/)[0]!.replace(/\\(.)/g, "$1");
  if (column || checking.made.has(name) || checking.made.has(base)) return;
  const known = [...table.columns.map((each) => each.name), ...checking.made];
  note(checking, `column "${name}" is not in table ${table.name}`, nearest(name, known), path);
}

function isFlattened(name: string, made: ReadonlySet<string>): boolean {
  return made.has(name);
}

function checkRepeat(repeat: unknown, path: string, table: Table | null, checking: Checking): void {
  const lists = Array.isArray(repeat) ? [repeat] : isObject(repeat) ? Object.values(repeat) : [];
  for (const name of lists.flat()) checkField(name, path, table, checking);
}

function checkTransform(transform: Json, path: string, table: Table | null, checking: Checking): void {
  const kind = TRANSFORMS.find((name) => name in transform);
  if (!kind) {
    const written = Object.keys(transform).find((key) => key !== "as") ?? "";
    note(checking, `there is no transform "${written}"`, nearest(written, TRANSFORMS), path);
    return;
  }
  if (kind === "lookup" && isObject(transform["from"]))
    checkData(transform["from"], `${path}.from.data`, null, checking);
  checkUnit(transform["timeUnit"], `${path}.timeUnit`, checking);
  checkField(transform["field"], `${path}.field`, table, checking);
  for (const key of ["groupby", "fold", "flatten"])
    if (Array.isArray(transform[key]))
      for (const name of transform[key] as unknown[]) checkField(name, `${path}.${key}`, table, checking);
  for (const key of ["aggregate", "joinaggregate", "window"])
    listOf(transform[key]).forEach((each, index) => {
      checkField(each["field"], `${path}.${key}.${index}.field`, table, checking);
      if (key !== "window") checkAggregate(each["op"], `${path}.${key}.${index}.op`, table, checking);
    });
}

/** Fields that transforms give when their author names none. */
const UNNAMED: Readonly<Record<string, readonly string[]>> = {
  fold: ["key", "value"],
  density: ["value", "density"],
  quantile: ["prob", "value"],
};

/** Names of all fields that transforms make; null with a pivot, which names them after values. */
function madeIn(spec: Json): ReadonlySet<string> | null {
  const made = new Set<string>();
  let isKnown = true;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isObject(value)) return;
    for (const transform of listOf(value["transform"])) {
      if ("pivot" in transform) isKnown = false;
      for (const name of namesOf(transform)) made.add(name);
    }
    for (const key of [...COMPOSITIONS, "spec"]) visit(value[key]);
  };
  visit(spec);
  return isKnown ? made : null;
}

function namesOf(transform: Json): string[] {
  const parts = ["aggregate", "joinaggregate", "window"].flatMap((key) => listOf(transform[key]));
  const written = [transform, ...parts]
    .flatMap(({ as }) => [as].flat())
    .filter((name) => typeof name === "string");
  const hasEnd = "bin" in transform || "timeUnit" in transform;
  const named = hasEnd ? written.flatMap((name) => [name, `${name}_end`, `${name}_range`]) : written;
  const unnamed = Object.keys(UNNAMED)
    .filter((kind) => kind in transform)
    .flatMap((kind) => UNNAMED[kind]!);
  const from =
    isObject(transform["from"]) && Array.isArray(transform["from"]["fields"])
      ? transform["from"]["fields"]
      : [];
  const flattened = Array.isArray(transform["flatten"]) ? transform["flatten"] : [];
  return [...named, ...unnamed, ...from, ...flattened].map(String);
}
