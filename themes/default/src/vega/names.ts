/** What a chart without a title is called, by what it shows: `Bars of count by label`. */
import { inSentence, titleOf } from "../data/columns.ts";
import type { Table } from "../page.ts";
import { isObject, type Json } from "./channels.ts";
import { titleOfColumn } from "./chart.ts";
import { viewsIn } from "./composed/views.ts";
import { say, sayList } from "../words.ts";
import { titleOfOperation } from "./operations.ts";

const NOUNS: Readonly<Record<string, string>> = {
  arc: say("sectors"),
  area: say("areas"),
  bar: say("bars"),
  boxplot: say("boxes"),
  errorband: say("bands"),
  errorbar: say("intervals"),
  image: say("images"),
  line: say("lines"),
  rect: say("cells"),
  rule: say("rules"),
  text: say("texts"),
  tick: say("ticks"),
  trail: say("trails"),
};

/** Channels that say what is shown, those of the place first. */
const CHANNELS = ["x", "y", "theta", "radius", "xOffset", "yOffset", "color", "fill", "stroke"];
const MORE_CHANNELS = ["shape", "size", "opacity", "strokeDash", "strokeWidth", "detail"];
const FACETS = ["facet", "row", "column"];

/** Things of one kind that a name lists, and plots that it names. */
const MOST = { words: 3, plots: 3 };

/** What is in a plot. */
interface Shown {
  nouns: string[];
  measures: string[];
  dimensions: string[];
  cells: string[];
}

/** The name of an author's spec; null where its encodings say nothing. */
export function chartName(spec: Json, table: Table): string | null {
  const names = [...new Set(plotNames(spec, {}, table))];
  if (names.length === 0) return null;
  const rest =
    names.length > MOST.plots ? `; ${say("and {n} more plots", { n: names.length - MOST.plots })}` : "";
  const name = names.slice(0, MOST.plots).join("; ") + rest;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Each plot's, in the order written. */
function plotNames(spec: Json, outer: Json, table: Table): string[] {
  const encoding = { ...outer, ...(isObject(spec["encoding"]) ? spec["encoding"] : {}) };
  const repeated = repeatedTitles(spec["repeat"], table);
  if (isObject(spec["spec"])) {
    const cells = isObject(spec["facet"]) ? cellsOf(spec["facet"], table) : [];
    const inner = cells.length
      ? plotNames(spec["spec"], encoding, table).map((name) => name + each(cells))
      : null;
    return inner ?? plotNames(filledIn(spec["spec"], repeated) as Json, encoding, table);
  }
  const isPlot = "mark" in spec || Array.isArray(spec["layer"]);
  if (!isPlot) return viewsIn(spec).flatMap((child) => plotNames(child, encoding, table));
  const name = said(joined(unitsIn(spec, outer, table)));
  return name === null ? [] : [name];
}

/** The columns that a spec is repeated over, by where it names them. */
function repeatedTitles(repeat: unknown, table: Table): Readonly<Record<string, string>> {
  const lists = Array.isArray(repeat) ? { repeat } : isObject(repeat) ? repeat : {};
  const entries = Object.entries(lists).filter((entry): entry is [string, unknown[]] =>
    Array.isArray(entry[1]),
  );
  return Object.fromEntries(
    entries.map(([name, fields]) => [name, listed(fields.map((field) => columnTitle(String(field), table)))]),
  );
}

function filledIn(value: unknown, repeated: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((item) => filledIn(item, repeated));
  if (!isObject(value)) return value;
  const { field } = value;
  const name = isObject(field) ? repeated[String(field["repeat"])] : undefined;
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, filledIn(item, repeated)]),
  );
  return name === undefined ? copy : { ...copy, field: name, named: name };
}

function unitsIn(spec: Json, outer: Json, table: Table): Shown[] {
  const encoding = { ...outer, ...(isObject(spec["encoding"]) ? spec["encoding"] : {}) };
  if (Array.isArray(spec["layer"]))
    return (spec["layer"] as Json[]).flatMap((child) => unitsIn(child, encoding, table));
  const mark = isObject(spec["mark"]) ? spec["mark"]["type"] : spec["mark"];
  const channels = [...CHANNELS, ...MORE_CHANNELS].flatMap((name) => {
    const definition = definitionOf(encoding[name]);
    return definition ? [{ name, definition, title: titleOfDefinition(definition, table) }] : [];
  });
  const measured = channels.filter(({ definition }) => "aggregate" in definition);
  // Of rows drawn one by one the vertical axis is what is looked at.
  const looked = measured.length ? measured : channels.filter(({ name }) => name === "y").slice(0, 1);
  const others = channels.filter((channel) => !looked.includes(channel));
  return [
    {
      nouns: [NOUNS[String(mark)] ?? say("points")],
      measures: looked.map(({ title }) => title),
      dimensions: others.map(({ title }) => title),
      cells: FACETS.flatMap((name) => (isObject(encoding[name]) ? cellsOf(encoding[name], table) : [])),
    },
  ];
}

/** What a channel shows: itself, or what it shows where a condition holds. */
function definitionOf(written: unknown): Json | null {
  const definition = Array.isArray(written) ? (written[0] as unknown) : written;
  if (!isObject(definition)) return null;
  if (typeof definition["field"] === "string" || "aggregate" in definition) return definition;
  return isObject(definition["condition"]) ? definitionOf(definition["condition"]) : null;
}

/** In the words of its author, or of the column. */
function titleOfDefinition(definition: Json, table: Table): string {
  const guides = ["axis", "legend", "header"].map((key) => definition[key]).filter(isObject);
  const own = [definition, ...guides]
    .map(({ title }) => title)
    .find((title) => typeof title === "string" && title);
  if (typeof own === "string") return inSentence(own);
  const { aggregate, field } = definition;
  if (aggregate === "count" || typeof field !== "string") return say("count");
  const title = typeof definition["named"] === "string" ? definition["named"] : columnTitle(field, table);
  if (aggregate === undefined || aggregate === null) return title;
  const operation = isObject(aggregate) ? Object.keys(aggregate)[0]! : String(aggregate);
  return say("{operation} of {column}", {
    operation: inSentence(titleOfOperation(operation)),
    column: title,
  });
}

function columnTitle(field: string, table: Table): string {
  const name = field.replace(/\\(.)/g, "$1");
  const column = table.columns.find((each) => each.name === name);
  return inSentence(column ? titleOfColumn({ ...column, unit: null }, null) : titleOf(name));
}

function cellsOf(facet: Json, table: Table): string[] {
  const parts = "field" in facet ? [facet] : [facet["row"], facet["column"]];
  return parts.filter(isObject).map((part) => titleOfDefinition(part, table));
}

/** What the layers of a plot show together; a column that one of them measures needs not be said again. */
function joined(units: readonly Shown[]): Shown {
  const all = (key: keyof Shown): string[] => [...new Set(units.flatMap((unit) => unit[key]))];
  const measures = all("measures");
  const dimensions = all("dimensions").filter((title) => !measures.includes(title));
  return { nouns: all("nouns"), measures, dimensions, cells: all("cells") };
}

function said({ nouns, measures, dimensions, cells }: Shown): string | null {
  if (measures.length + dimensions.length === 0) return null;
  if (measures.length === 0)
    return say("{marks} of {columns}", { marks: listed(nouns), columns: listed(dimensions) }) + each(cells);
  const values = { marks: listed(nouns), columns: listed(measures), by: listed(dimensions) };
  const shown = dimensions.length
    ? say("{marks} of {columns} by {by}", values)
    : say("{marks} of {columns}", values);
  return shown + each(cells);
}

function each(cells: readonly string[]): string {
  return cells.length ? `, ${say("for each {cells}", { cells: listed(cells) })}` : "";
}

function listed(words: readonly string[]): string {
  const shown =
    words.length > MOST.words
      ? [...words.slice(0, MOST.words), say("{n} more", { n: words.length - MOST.words })]
      : words;
  return sayList(shown);
}
