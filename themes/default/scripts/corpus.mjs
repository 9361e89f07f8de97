// Writes tests/corpus/expected.json: what JavaScript itself (Vega's expressions and transforms) says of the corpus.
// Run by `npm run corpus`; a test holds the committed file equal to a fresh one.
import { readFileSync, writeFileSync } from "node:fs";
import { expressionFunction, parse, View } from "vega";

const FOLDER = new URL("../../../tests/corpus/", import.meta.url);
expressionFunction("json", (value) => JSON.stringify(value));

const FLOATS = new Set(["float32", "float64"]);

export function readCorpus() {
  return JSON.parse(readFileSync(new URL("values.json", FOLDER), "utf8"));
}

/** The corpus as rows of JavaScript values; times are milliseconds, as views get them. */
export function readRows({ columns }) {
  return columns[0].values.map((_, row) =>
    Object.fromEntries(columns.map(({ name, type, values }) => [name, readValue(values[row], type)])),
  );
}

function readValue(written, type) {
  if (written === null) return null;
  if (type === "float32") return Math.fround(Number(written));
  if (type === "float64") return Number(written);
  return type === "date" || type === "timestamp" ? Date.parse(written) : written;
}

function transformed(rows, transform) {
  const data = [{ name: "rows", values: rows, transform }];
  // Compiled to a function: the interpreter takes NaN for undefined.
  const view = new View(parse({ data }), {}).run();
  return { rows: view.data("rows"), signal: (name) => view.signal(name) };
}

/** Ids of the rows that pass. */
function passing(expression, rows) {
  const expr = inUtc(expression.replace(/\bd\./g, "datum."));
  return transformed(rows, [{ type: "filter", expr }]).rows.map((row) => row.id);
}

const DATES = /\b(year|quarter|month|date|day|dayofyear|week|isoweek|hours|minutes|seconds|milliseconds)\(/g;

/** Filters read dates in UTC; Vega has functions of their own for that. A time compares as its number. */
function inUtc(expression) {
  const text = expression.replace(/\bdatetime\(('[^']*')\)/g, (_, written) =>
    String(Date.parse(written.slice(1, -1))),
  );
  return text.replace(DATES, "utc$1(").replace(/\bdatetime\(/g, "utc(");
}

/** The groups of a chart and their measures; a bin is its index, a time its milliseconds. */
function grouped({ spec }, rows, columns) {
  const channels = Object.entries(spec.encoding);
  const dimensions = channels.filter(([, channel]) => !channel.aggregate);
  const measures = channels.filter(([, channel]) => channel.aggregate);
  const aggregate = {
    type: "aggregate",
    groupby: dimensions.map(([name]) => `@${name}`),
    ops: [...measures.map(([, channel]) => channel.aggregate), "count"],
    fields: [...measures.map(([, channel]) => (channel.field ? field(channel) : null)), null],
    as: [...measures.map(([name]) => `@${name}`), "rows"],
  };
  const answer = transformed(finiteOnly(rows, columns), [...dimensions.flatMap(derived), aggregate]);
  const names = [...dimensions, ...measures].map(([name]) => `@${name}`);
  const bins = Object.fromEntries(
    dimensions
      .filter(([, channel]) => channel.bin)
      .map(([name]) => [`@${name}`, answer.signal(`${name}_bins`)]),
  );
  return answer.rows.map((row) =>
    Object.fromEntries([...names, "rows"].map((name) => [name, plain(row[name], bins[name])])),
  );
}

/** Charts leave NaN and infinities out of bins, extents and measures. */
function finiteOnly(rows, columns) {
  const floats = columns.filter(({ type }) => FLOATS.has(type)).map(({ name }) => name);
  const finite = (value) => (Number.isFinite(value) ? value : null);
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(floats.map((name) => [name, finite(row[name])])),
  }));
}

function derived([name, channel]) {
  const as = [`@${name}`, `@${name}_end`];
  if (channel.timeUnit) {
    const units = channel.timeUnit.match(/year|quarter|month|date|day|hours|minutes/g);
    return [{ type: "timeunit", field: field(channel), units, timezone: "utc", as }];
  }
  // As JSON, for Vega would take null and the text "null" for one group.
  if (!channel.bin)
    return [{ type: "formula", expr: `json(datum[${JSON.stringify(channel.field)}])`, as: as[0] }];
  const { maxbins = 10, step } = channel.bin;
  const options = { maxbins, ...(step ? { step } : {}) };
  return [
    { type: "extent", field: field(channel), signal: `${name}_extent` },
    {
      type: "bin",
      field: field(channel),
      extent: { signal: `${name}_extent` },
      ...options,
      signal: `${name}_bins`,
      as,
    },
  ];
}

function field(channel) {
  return channel.field.replace(/["'.[\]]/g, "\\$&");
}

function plain(value, bins) {
  if (value === undefined || value === null) return null;
  if (bins) return Math.round((value - bins.start) / bins.step);
  if (typeof value === "string") return JSON.parse(value);
  return value instanceof Date ? value.getTime() : value;
}

export function expected(corpus) {
  const rows = readRows(corpus);
  const filters = corpus.filters.map((expression) => [expression, passing(expression, rows)]);
  const charts = corpus.charts.map((chart) => [chart.name, grouped(chart, rows, corpus.columns)]);
  return { filters: Object.fromEntries(filters), charts: Object.fromEntries(charts) };
}

/** One filter or one row of a chart a line. */
export function written({ filters, charts }) {
  const lines = (entries, write) =>
    Object.entries(entries)
      .map(([key, value]) => `  ${JSON.stringify(key)}: ${write(value)}`)
      .join(",\n");
  const rows = (found) => `[\n${found.map((row) => `   ${JSON.stringify(row)}`).join(",\n")}\n  ]`;
  return `{\n "filters": {\n${lines(filters, JSON.stringify)}\n },\n "charts": {\n${lines(charts, rows)}\n }\n}\n`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  writeFileSync(new URL("expected.json", FOLDER), written(expected(readCorpus())));
}
