/**
 * Names beyond what an axis or a legend can show: as in single charts the most frequent stay, the others leave the axis,
 * or share one colour. Which they are is asked first; then a transform before the chart's own grouping sees to it.
 */
import { isObject, objectsIn, type Json } from "../channels.ts";
import { MOST_VALUES, OTHER, valuesQuery } from "../chart.ts";
import { objects, type Result } from "../../data/result.ts";
import type { Table } from "../../page.ts";
import { toLabel } from "../labels.ts";
import { lineageOf, type Entry } from "./data.ts";
import { relationOf, source } from "./relation.ts";
import { nameOf, pushed, type Scope, type Transform } from "./transforms.ts";

/** The most frequent values of a field, where there are more than are shown. */
export interface Cap {
  field: string;
  shown: readonly unknown[];
  all: number;
  isPosition: boolean;
}

/** What an answer says of a field's values. */
export function readCap(field: string, isPosition: boolean, answer: Result): Cap {
  const rows = objects(answer);
  const all = Number(rows[0]?.["all"] ?? 0);
  const values = rows.map((row) => row["value"]);
  const isJoined = !isPosition && all > MOST_VALUES.color;
  return { field, shown: isJoined ? values.slice(0, MOST_VALUES.color - 1) : values, all, isPosition };
}

/** Asks for the values of every discrete scale over grouped rows, and leaves out or joins those beyond the cap. */
export function capNames(
  vega: Json,
  entries: ReadonlyMap<string, Entry>,
  tables: Readonly<Record<string, Table>>,
  scope: Scope,
): void {
  const done = new Set<string>();
  for (const { data, field, isPosition } of namesIn(vega)) {
    const at = groupingOf(data, field, entries);
    if (!at || !Object.hasOwn(tables, at.root)) continue;
    const key = `${at.entry.name}:${field}:${isPosition ? "place" : "colour"}`;
    if (done.has(key)) continue;
    done.add(key);
    const cap = scope.caps.get(key);
    if (cap) limit(at, cap(field, isPosition));
    else ask(key, at.before, tables[at.root]!, { field, isPosition }, scope);
  }
}

interface Names {
  data: string;
  field: string;
  isPosition: boolean;
}

/** The fields that the chart's axes and legends of names list, and of which data set. */
function namesIn(group: Json): Names[] {
  const own = objectsIn(group["scales"]).flatMap((scale) => {
    const isPosition = scale["type"] === "band" || scale["type"] === "point";
    const domain = isObject(scale["domain"]) ? scale["domain"] : {};
    const parts = Array.isArray(domain["fields"]) ? domain["fields"].filter(isObject) : [domain];
    const isColour = scale["type"] === "ordinal" && /(?:color|fill|stroke)$/.test(String(scale["name"]));
    return isPosition || isColour
      ? parts
          .filter(({ data, field }) => typeof data === "string" && typeof field === "string")
          .map(({ data, field }) => ({ data: String(data), field: nameOf(field), isPosition }))
      : [];
  });
  const inner = objectsIn(group["marks"]).filter(
    (mark) => mark["type"] === "group" && !isObject(mark["from"]),
  );
  return [...own, ...inner.flatMap(namesIn)];
}

interface Grouping {
  root: string;
  entry: Entry;
  /** Where the grouping stands among the entry's transforms. */
  index: number;
  /** All that is done to the table's rows before. */
  before: readonly Transform[];
}

/** Transforms after which a row does not stand for itself alone: what is frequent then is another question. */
const BOUND = new Set(["window", "joinaggregate", "fold", "flatten"]);

/** The grouping by a field that a data set comes from: its first, of single rows. */
function groupingOf(data: string, field: string, entries: ReadonlyMap<string, Entry>): Grouping | null {
  const entry = entries.get(data);
  if (!entry) return null;
  const { root, transforms } = lineageOf(entry, entries);
  const first = transforms.findIndex(({ type }) => type === "aggregate");
  const isBound = transforms.some(({ type }) => BOUND.has(type)) || first < 0;
  if (isBound || !unknowns(transforms[first]!["groupby"]).map(nameOf).includes(field)) return null;
  for (let at: Entry | undefined = entry; at; at = entries.get(at.source ?? "")) {
    const index = (at.transform ?? []).indexOf(transforms[first]!);
    if (index >= 0) return { root, entry: at, index, before: transforms.slice(0, first) };
  }
  return null;
}

function ask(
  key: string,
  before: readonly Transform[],
  table: Table,
  { field, isPosition }: Omit<Names, "data">,
  scope: Scope,
): void {
  const { relation, left } = pushed(relationOf(table, null), before, scope);
  const found = relation.fields.get(field);
  if (!found || left.length || found.type === "boolean" || (!isPosition && found.type !== "text")) return;
  const most = isPosition ? MOST_VALUES.position : MOST_VALUES.color;
  scope.asked.set(key, valuesQuery(source(relation), found.node, most));
}

function limit({ entry, index }: Grouping, { field, shown, all, isPosition }: Cap): void {
  if (all <= (isPosition ? MOST_VALUES.position : MOST_VALUES.color)) return;
  const datum = `datum[${JSON.stringify(field)}]`;
  const present = JSON.stringify(shown.filter((value) => value !== null).map(toLabel));
  const isMissingShown = !isPosition || shown.includes(null);
  const isShown = `indexof(${present}, ${datum}) >= 0${isMissingShown ? ` || ${datum} === null` : ""}`;
  const made: Transform = isPosition
    ? { type: "filter", expr: isShown }
    : { type: "formula", as: field, expr: `(${isShown}) ? ${datum} : ${JSON.stringify(OTHER)}` };
  entry.transform = [...entry.transform!.slice(0, index), made, ...entry.transform!.slice(index)];
}

function unknowns(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
