/** A composed chart in words: what it is, and its numbers as a table. */
import { formatCount } from "../../markup.ts";
import { titleOf } from "../../data/columns.ts";
import type { Drawing } from "../../view.ts";
import { isObject, type Json } from "../channels.ts";
import { titleOfColumn } from "../chart.ts";
import { fromLabel } from "../labels.ts";
import type { Answered, Row } from "./chart.ts";
import type { Source } from "./data.ts";
import { WHOLE } from "./keys.ts";
import { nameOf, type Transform } from "./transforms.ts";

/** The numbers that pass, of each data set that is drawn, one below the other. */
export function dataOf({ sources, data, chart }: Answered): Drawing["data"] {
  const drawn = sources.filter((source) => !source.isWhole);
  if (drawn.length === 0) return inlineData(chart.compiled);
  const names = [
    ...new Set(drawn.flatMap(({ columns }) => columns.filter((name) => !name.includes("\u0001")))),
  ];
  const titles = new Map(drawn.flatMap(titlesOf));
  const columns = names.map((name) => ({ name, title: titles.get(name) ?? titleOf(name) }));
  const times = new Set(drawn.flatMap(timesOf));
  const passing = [...new Set(drawn.map(({ into }) => into))].flatMap((into) =>
    (data.get(into) ?? []).filter((row) => !row[WHOLE]),
  );
  return { columns, rows: passing.map((row) => readable(row, times)) };
}

function inlineData(compiled: Json): Drawing["data"] {
  const rows = (compiled["data"] as Json[]).flatMap(({ values }) =>
    Array.isArray(values) ? (values as Row[]) : [],
  );
  const names = [...new Set(rows.slice(0, 100).flatMap((row) => (isObject(row) ? Object.keys(row) : [])))];
  if (names.length === 0) return null;
  return { columns: names.map((name) => ({ name, title: titleOf(name) })), rows: rows.filter(isObject) };
}

function readable(row: Row, times: ReadonlySet<string>): Row {
  const entries = Object.entries(row).map(([name, value]) => {
    if (times.has(name) && typeof value === "number") return [name, dateOf(value)];
    return [name, fromLabel(value)];
  });
  return Object.fromEntries(entries) as Row;
}

function dateOf(time: number): string {
  return new Date(time).toISOString().replace("T00:00:00.000Z", "");
}

/** Fields that hold times: the table's own, and those that time units make. */
function timesOf({ table, transforms }: Source): string[] {
  const own = table.columns
    .filter(({ type }) => type === "date" || type === "timestamp")
    .map(({ name }) => name);
  const made = transforms
    .filter(({ type }) => type === "timeunit")
    .flatMap(({ as }) => (as as string[] | undefined) ?? []);
  return [...own, ...made];
}

/** What the columns of a data set are called: after the table's columns that they are made of. */
function titlesOf({ table, transforms }: Source): [string, string][] {
  const columnOf = (name: string): string => {
    const column = table.columns.find((each) => each.name === name);
    return column ? titleOfColumn(column, null) : titleOf(name);
  };
  const own = table.columns.map((column): [string, string] => [column.name, titleOfColumn(column, null)]);
  return [
    ...own,
    ...transforms.flatMap((transform) =>
      titlesBy(transform, columnOf, table.columns.length > 0 ? table : null),
    ),
  ];
}

function titlesBy(
  transform: Transform,
  columnOf: (name: string) => string,
  table: Source["table"] | null,
): [string, string][] {
  const outputs = list(transform["as"]).map(String);
  if (transform.type === "bin" || transform.type === "timeunit") {
    const title = columnOf(nameOf(transform["field"]));
    return outputs.map((name, at) => [name, at ? "to" : `${title}, from`]);
  }
  if (!Array.isArray(transform["ops"])) return [];
  return list(transform["ops"]).map((operation, at) => {
    const field = list(transform["fields"])[at];
    if (typeof field !== "string") return [outputs[at]!, titleOfColumn(null, "count", table ?? undefined)];
    return [outputs[at]!, `${titleOf(String(operation))} of ${columnOf(nameOf(field)).toLowerCase()}`];
  });
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
}

const NOUNS: Readonly<Record<string, string>> = {
  bar: "bars",
  line: "lines",
  area: "areas",
  rect: "cells",
  tick: "ticks",
  rule: "rules",
  arc: "sectors",
  text: "texts",
  trail: "trails",
};

/** The chart in a sentence, its author's where there is one. */
export function describe({ chart, rows, total }: Answered): string {
  const { written, ready } = chart;
  const units = unitsOf(ready.spec);
  const marks = [...new Set(units.map((unit) => NOUNS[markOf(unit)] ?? "points"))];
  const titles = [...new Set(units.flatMap(channelTitles))].slice(0, 8);
  const own = typeof written["description"] === "string" ? `${written["description"]} ` : "";
  const kind = units.length > 1 ? `Chart of ${units.length} parts` : "Chart";
  return `${own}${kind}: ${listed(marks)} of ${titles.join(", ")}; ${formatCount(rows)} of ${formatCount(total)}.`;
}

function listed(words: readonly string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)!}` : (words[0] ?? "marks");
}

function unitsOf(spec: Json): Json[] {
  const children = ["layer", "concat", "hconcat", "vconcat"].flatMap((key) =>
    Array.isArray(spec[key]) ? (spec[key] as Json[]) : [],
  );
  const inner = isObject(spec["spec"]) ? [...children, spec["spec"]] : children;
  return "mark" in spec ? [spec] : inner.flatMap(unitsOf);
}

function markOf({ mark }: Json): string {
  return String(isObject(mark) ? mark["type"] : mark);
}

function channelTitles(unit: Json): string[] {
  const channels = isObject(unit["encoding"]) ? Object.values(unit["encoding"]).filter(isObject) : [];
  return channels
    .filter((channel) => "field" in channel || "aggregate" in channel)
    .map((channel) => {
      const title = channel["title"];
      return typeof title === "string" && title
        ? title
        : titleOf(String(channel["field"] ?? channel["aggregate"]));
    });
}
