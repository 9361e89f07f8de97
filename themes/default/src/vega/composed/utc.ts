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
  if (copy["type"] === "timeunit") copy["timezone"] = "utc";
  if (copy["type"] === "time" && ("domain" in copy || "range" in copy)) copy["type"] = "utc";
  if (copy["formatType"] === "time") copy["formatType"] = "utc";
  return isObject(copy["format"]) && Array.isArray(copy["values"]) ? dated(copy) : copy;
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
