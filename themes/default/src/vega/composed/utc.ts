/** A compiled chart that reads and writes times in UTC, whatever the clock of the machine. */
import { isObject, type Json } from "../channels.ts";

const LOCAL =
  /(?<![\w.])(year|quarter|month|date|day|dayofyear|week|hours|minutes|seconds|milliseconds|timeFormat|timeParse|timeOffset|timeSequence)\(/g;

const NAMES: Readonly<Record<string, string>> = {
  timeFormat: "utcFormat",
  timeParse: "utcParse",
  timeOffset: "utcOffset",
  timeSequence: "utcSequence",
};

/** Keys whose texts are expressions. */
const EXPRESSIONS = new Set(["expr", "signal", "update", "test", "init"]);

export function inUtc(chart: Json): Json {
  return changed(chart, "") as Json;
}

function changed(value: unknown, key: string): unknown {
  if (typeof value === "string") return EXPRESSIONS.has(key) ? utcText(value) : value;
  if (Array.isArray(value)) return value.map((item) => changed(item, key));
  if (!isObject(value)) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, name === "values" ? item : changed(item, name)]),
  );
  return isObject(copy["format"]) && Array.isArray(copy["values"]) ? dated(zoned(copy)) : zoned(copy);
}

/** A transform, a scale or a guide of times, told that they are in UTC. */
function zoned(part: Json): Json {
  if (part["type"] === "timeunit") part["timezone"] = "utc";
  if (part["type"] === "time" && ("domain" in part || "range" in part)) part["type"] = "utc";
  if (part["formatType"] === "time") part["formatType"] = "utc";
  return part;
}

function utcText(text: string): string {
  return text
    .replace(LOCAL, (_, name: string) => `${NAMES[name] ?? `utc${name}`}(`)
    .replace(/(?<![\w.])datetime\((?!\s*['")])/g, "utc(");
}

/** Dates of rows that the spec holds: a time without a zone is UTC. */
function dated(entry: Json): Json {
  const { parse, ...format } = entry["format"] as Json;
  if (!isObject(parse)) return entry;
  const dates = Object.keys(parse).filter((field) => parse[field] === "date");
  const values = (entry["values"] as unknown[]).map((row) => {
    if (!isObject(row)) return row;
    const times = dates.filter((field) => field in row).map((field) => [field, timeOf(row[field])] as const);
    return { ...row, ...Object.fromEntries(times) };
  });
  const rest = Object.fromEntries(Object.entries(parse).filter(([field]) => !dates.includes(field)));
  return { ...entry, values, format: { ...format, ...(Object.keys(rest).length ? { parse: rest } : {}) } };
}

function timeOf(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const isLocal = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(value);
  const time = Date.parse(isLocal ? `${value.replace(" ", "T")}Z` : value);
  return Number.isNaN(time) ? null : time;
}
