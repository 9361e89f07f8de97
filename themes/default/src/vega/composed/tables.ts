/** The numbers of a composed chart as tables: one for each of its plots, and for each cell of small multiples. */
import { amongWords, inSentence, kindOf, titleOf } from "../../data/columns.ts";
import type { DataColumn, DataTable, Drawing } from "../../view.ts";
import { formatMoment, formatOf, sayingOf } from "../../values.ts";
import { isObject, type Json } from "../channels.ts";
import { titleOfColumn } from "../chart.ts";
import { fromLabel } from "../labels.ts";
import type { Answered, Row } from "./chart.ts";
import type { Source } from "./data.ts";
import { WHOLE } from "./keys.ts";
import { nameOf, type Transform } from "./transforms.ts";
import { unitsOf } from "./words.ts";
import { say } from "../../words.ts";
import { titleOfOperation } from "../operations.ts";

/** Cells of small multiples that have a table each; of more, the cell is a column of one. */
const MOST_CELLS = 24;

/** The numbers that pass, plot by plot. */
export function dataOf(found: Answered): Drawing["data"] {
  const { sources, chart } = found;
  const drawn = sources.filter((source) => !source.isWhole);
  if (drawn.length === 0) return inlineData(chart.compiled);
  const plots = plotsOf(chart.ready.spec, "");
  const tables = plots.flatMap(({ name, spec }) => {
    if (plots.length === 1) return cellTables(spec, tableOf(drawn, found));
    const read = sourcesOf(name, drawn, found);
    return read.length ? cellTables(spec, readOnly(tableOf(read, found), name, found)) : [];
  });
  const [only] = tables;
  if (tables.length === 1) return { columns: only!.columns, rows: only!.rows };
  const [first, ...beside] = named(tables);
  return first ? { ...first, beside } : null;
}

/** Plots of the same axes are told apart by their number. */
function named(tables: readonly DataTable[]): DataTable[] {
  const captions = tables.map(({ caption }) => caption);
  return tables.map((table, index) => {
    const isOnly = captions.indexOf(table.caption) === captions.lastIndexOf(table.caption);
    return isOnly
      ? table
      : {
          ...table,
          caption: say("Plot {index}: {caption}", { index: index + 1, caption: table.caption ?? "" }),
        };
  });
}

interface Plot {
  /** The group that the compiler draws it into; empty for the only one. */
  name: string;
  spec: Json;
}

/** The plots of a chart, named as the compiler names them. */
function plotsOf(spec: Json, prefix: string): Plot[] {
  const key = ["concat", "hconcat", "vconcat"].find((each) => Array.isArray(spec[each]));
  if (!key) return [{ name: prefix && `${prefix}_group`, spec }];
  return (spec[key] as Json[]).flatMap((child, index) => {
    const name = typeof child["name"] === "string" ? child["name"] : `concat_${index}`;
    return plotsOf(child, prefix ? `${prefix}_${name}` : name);
  });
}

/** The sources that a plot's marks are drawn from: those it names, or the nearest that these are made of. */
function sourcesOf(plot: string, drawn: readonly Source[], { chart }: Answered): Source[] {
  const text = chart.params.plots.get(plot) ?? "";
  const entries = chart.compiled["data"] as { name: string; source?: string }[];
  const parents = new Map(entries.map(({ name, source }) => [name, source]));
  const isOf = (source: Source, name: string): boolean =>
    source.into === name || source.into.startsWith(`${name}@`);
  const read = entries.filter(({ name }) => text.includes(`"data":${JSON.stringify(name)}`));
  const found = read.flatMap(({ name }) => {
    for (let at: string | undefined = name; at !== undefined; at = parents.get(at)) {
      const here = drawn.filter((source) => isOf(source, at!));
      if (here.length) return here;
    }
    return [];
  });
  return drawn.filter((source) => found.includes(source));
}

/** The columns that a plot reads: plots that group alike share a data set with what each of them measures. */
function readOnly(table: DataTable, plot: string, { chart }: Answered): DataTable {
  const text = chart.params.plots.get(plot) ?? "";
  const isRead = ({ name }: DataColumn): boolean => {
    const quoted = JSON.stringify(name);
    return text.includes(quoted) || text.includes(JSON.stringify(quoted).slice(1, -1));
  };
  const columns = table.columns.filter(isRead);
  return columns.length ? { ...table, columns } : table;
}

/** Columns that the compiler makes for itself: marked ones, and the places of values in an order that is given. */
function isOwn(name: string): boolean {
  return name.includes("\u0001") || name.endsWith("_sort_index");
}

/** A value of a row that is picked out whole, where the chart reads it: `argmax_y`, `x`. */
function picked(name: string, text: string): [string, string] | null {
  const [row, part] = name.split("\u0001");
  if (row === undefined || part === undefined) return null;
  const isRead = [`['${part}']`, `[\\"${part}\\"]`, `.${part}"`].some((read) => text.includes(row + read));
  return isRead ? [row, part] : null;
}

/** The rows of some sources, one below the other. */
function tableOf(sources: readonly Source[], { data, chart }: Answered): DataTable {
  const text = JSON.stringify(chart.compiled["marks"]);
  const all = [...new Set(sources.flatMap(({ columns }) => columns))];
  const parts = all.flatMap((name) => {
    const part = picked(name, text);
    return part ? [{ name, row: part[0], part: part[1] }] : [];
  });
  const names = all.filter((name) => !isOwn(name) || parts.some((each) => each.name === name));
  const titles = new Map(sources.flatMap(titlesOf));
  for (const { name, row, part } of parts)
    titles.set(
      name,
      say("{title} at {place}", {
        title: titles.get(part) ?? titleOf(part),
        place: inSentence(titles.get(row) ?? row),
      }),
    );
  const sayings = new Map(sources.flatMap(sayingsOf));
  const times = new Set(sources.flatMap(timesOf));
  const columns = names.map((name): DataColumn => {
    const say = sayings.get(name);
    const title = titles.get(name) ?? titleOf(name);
    return { name, title, ...(say ? { say } : {}), ...(times.has(name) ? { isTime: true } : {}) };
  });
  const passing = unlike(
    [...new Set(sources.map(({ into }) => into))].map((into) =>
      (data.get(into) ?? []).filter((row) => !row[WHOLE]),
    ),
    names,
  );
  const flat = passing.map((row) => {
    const values = parts.map(({ name, row: whole, part }) => [name, (row[whole] as Row | null)?.[part]]);
    return { ...row, ...Object.fromEntries(values) } as Row;
  });
  return { columns, rows: flat.map(readable) };
}

/** The rows of data sets that hold others than those before: cells and the axes that they share have the same twice. */
function unlike(sets: readonly Row[][], names: readonly string[]): Row[] {
  if (sets.length < 2) return sets.flat();
  const known = new Set<string>();
  return sets.flatMap((rows) => {
    const keys = rows.map((row) => JSON.stringify(names.map((name) => row[name])));
    if (keys.every((key) => known.has(key))) return [];
    keys.forEach((key) => known.add(key));
    return rows;
  });
}

/** A table for each cell of a facet; one for all where there are too many, or where it is no plain column. */
function cellTables(spec: Json, table: DataTable): DataTable[] {
  const caption = captionOf(spec);
  const keys = facetFields(spec).filter((key) => table.columns.some(({ name }) => name === key));
  const cells = new Map<string, Row[]>();
  for (const row of table.rows) {
    const cell = JSON.stringify(keys.map((key) => row[key] ?? null));
    cells.set(cell, [...(cells.get(cell) ?? []), row]);
  }
  if (keys.length === 0 || cells.size > MOST_CELLS) return [{ caption, ...table }];
  const columns = table.columns.filter(({ name }) => !keys.includes(name));
  return [...cells].map(([, rows]) => {
    const times = new Set(table.columns.flatMap(({ name, isTime }) => (isTime ? [name] : [])));
    const of = keys.map((key) => `${titleOf(key)} ${said(rows[0]![key], times.has(key))}`);
    return { caption: [caption, ...of].join(", "), columns, rows };
  });
}

function said(value: unknown, isTime: boolean): string {
  if (isTime && typeof value === "number") return formatMoment(value, false);
  return value === null || value === undefined ? say("no value") : String(value);
}

/** Columns that tell the cells apart; none where bins or time units do. */
export function facetFields({ facet }: Json): string[] {
  if (!isObject(facet)) return [];
  const parts = "field" in facet ? [facet] : [facet["row"], facet["column"]];
  const shown = parts.filter(isObject);
  const isPlain = shown.every((part) => !("bin" in part) && !("timeUnit" in part));
  return isPlain ? shown.map((part) => nameOf(part["field"])) : [];
}

/** The plot's own title, or what is on its axes. */
function captionOf(spec: Json): string {
  const title = isObject(spec["title"]) ? spec["title"]["text"] : spec["title"];
  if (typeof title === "string" && title) return title;
  const encodings = unitsOf(spec).map(({ encoding }) => (isObject(encoding) ? encoding : {}));
  const axis = (channel: string): string | null => {
    const definition = encodings.map((each) => each[channel]).find(isObject);
    if (!definition) return null;
    const written = definition["title"];
    const name = definition["field"] ?? definition["aggregate"];
    return typeof written === "string" && written
      ? written
      : name === undefined
        ? null
        : name === "count"
          ? say("Count")
          : titleOf(String(name));
  };
  const shown = [axis("y"), axis("x")].filter((name) => name !== null);
  return shown.length ? shown.join(` ${say("by")} `) : (axis("theta") ?? axis("color") ?? say("Plot"));
}

/** How numbers of shares are said, by field: the columns' own, and aggregates of them that are shares, too. */
function sayingsOf({ table, transforms }: Source): [string, (value: number) => string][] {
  const own = table.columns.flatMap((column): [string, (value: number) => string][] =>
    kindOf(column) === "number" ? [[column.name, (value) => formatOf(column, value)]] : [],
  );
  const made = transforms.flatMap((transform) => {
    const [outputs, inputs] = [list(transform["as"]).map(String), list(transform["fields"])];
    if (transform.type === "bin") {
      const column = table.columns.find(({ name }) => name === nameOf(transform["field"]));
      const say = column ? sayingOf(column, null) : null;
      return say ? outputs.map((name): [string, (value: number) => string] => [name, say]) : [];
    }
    if (!Array.isArray(transform["ops"])) return [];
    return list(transform["ops"]).flatMap((operation, at): [string, (value: number) => string][] => {
      const field = inputs[at];
      const column = table.columns.find(({ name }) => typeof field === "string" && name === nameOf(field));
      const say = column ? sayingOf(column, String(operation)) : null;
      return say ? [[outputs[at]!, say]] : [];
    });
  });
  return [...own, ...made];
}

function inlineData(compiled: Json): Drawing["data"] {
  const rows = (compiled["data"] as Json[]).flatMap(({ values }) =>
    Array.isArray(values) ? (values as Row[]) : [],
  );
  const names = [...new Set(rows.slice(0, 100).flatMap((row) => (isObject(row) ? Object.keys(row) : [])))];
  if (names.length === 0) return null;
  return { columns: names.map((name) => ({ name, title: titleOf(name) })), rows: rows.filter(isObject) };
}

function readable(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, fromLabel(value)])) as Row;
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
    return outputs.map((name, at) => [name, at ? say("to") : say("{title}, from", { title })]);
  }
  if (!Array.isArray(transform["ops"])) return [];
  return list(transform["ops"]).map((operation, at) => {
    const field = list(transform["fields"])[at];
    if (typeof field !== "string")
      return [
        outputs[at]!,
        operation === "count" ? titleOfColumn(null, "count", table ?? undefined) : titleOf(outputs[at]!),
      ];
    return [
      outputs[at]!,
      say("{operation} of {column}", {
        operation: titleOfOperation(String(operation)),
        column: amongWords(columnOf(nameOf(field))),
      }),
    ];
  });
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
}
