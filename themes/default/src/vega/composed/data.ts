/** The data sets of a compiled chart: which there are, who reads them, and which become queries. */
import type { Query } from "@uwdata/mosaic-sql";
import type { Table } from "../../page.ts";
import type { Filter } from "../../view.ts";
import { isObject, type Json } from "../channels.ts";
import { ordered, relationOf, ROW, sampled, type Relation } from "./relation.ts";
import { pushed, type Pushed, type Scope, type Transform } from "./transforms.ts";

/** Marks drawn row by row, and groups of rows, that one data set of a chart holds at most. */
export const MOST_ROWS = 20_000;

/** Rows that Vega computes with, where SQL has no counterpart of a transform. */
export const MOST_COMPUTED = 5000;

/** A data set of the compiled chart, as Vega writes it. */
export interface Entry extends Json {
  name: string;
  source?: string;
  transform?: Transform[];
}

/** A data set that is made of several, one after the other; its rows say which they are of. */
export interface Union extends Entry {
  parts: string[];
}

export function isUnion(entry: Entry): entry is Union {
  return Array.isArray(entry["parts"]);
}

/** A data set that is asked of a table. */
export interface Source {
  name: string;
  table: Table;
  /** From the table's rows to those that are asked. */
  transforms: readonly Transform[];
  /** What Vega still does to them. */
  left: readonly Transform[];
  /** Why that is not done in SQL, where it is done on single rows. */
  reason: string;
  isGrouped: boolean;
  /** Whether the page's filters leave it alone: headers and domains of scales. */
  isWhole: boolean;
  /** At most so many rows are asked. */
  most: number;
  /** The fields read, by their columns in the answer; parts of objects among them. */
  columns: readonly string[];
  objects: ReadonlyMap<string, readonly string[]>;
  /** What its fields are in the table's own columns. */
  origins: Relation["origins"];
  /** The data set of the chart that its rows are put into, and as which part of it. */
  into: string;
  part: number | null;
}

/** Transforms that look at other rows than their own: a cap on rows changes what they give. */
const OF_MANY = new Set([
  "aggregate",
  "joinaggregate",
  "window",
  "kde",
  "density",
  "loess",
  "regression",
  "quantile",
  "impute",
  "sample",
  "pivot",
  "extent",
  "timeunit",
]);

/** A filter counts where it is itself what SQL has not: rows beyond the cap might have passed it. */
function isOfMany(left: readonly Transform[]): boolean {
  const isUnits = ({ type, units }: Transform): boolean => type === "timeunit" && Boolean(units);
  return left[0]?.type === "filter" || left.some((each) => OF_MANY.has(each.type) && !isUnits(each));
}

/**
 * The source of a data set, once its transforms are divided. `later` is what Vega makes of its rows in other data sets,
 * and `text` the chart, to find which fields it reads.
 */
export function sourceOf(
  name: string,
  table: Table,
  { relation, done, left, reason }: Pushed,
  later: readonly Pushed[],
  text: string,
): Source {
  const all = [...left, ...later.flatMap((each) => each.left)];
  const isOnRows = !relation.isGrouped && isOfMany(all);
  const why = [reason, ...later.map((each) => each.reason)].find(Boolean) ?? "";
  const objects = new Map(
    [...relation.objects].map(([field, parts]) => [field, parts.filter((part) => text.includes(part))]),
  );
  const columns = [...relation.fields.keys()].filter(
    (field) => field !== ROW && isRead(field, relation, text),
  );
  return {
    name,
    table,
    transforms: done,
    left,
    reason: isOnRows ? why : "",
    isGrouped: relation.isGrouped,
    isWhole: false,
    most: isOnRows ? MOST_COMPUTED : MOST_ROWS,
    columns,
    objects,
    origins: relation.origins,
    into: name,
    part: null,
  };
}

function isRead(field: string, relation: Relation, text: string): boolean {
  const part = field.split("\u0001")[1];
  return relation.isGrouped && part === undefined
    ? true
    : text.includes(JSON.stringify(part ?? field).slice(1, -1));
}

/** What a source asks under the page's filter and the chart's own selections. */
export function queryOf(
  source: Source,
  scope: Scope,
  filter: Filter,
  conditions: (relation: Relation) => Relation,
): Query {
  const start = conditions(relationOf(source.table, filter));
  const { relation } = pushed(start, source.transforms, scope);
  return (isSampled(source) ? sampled : ordered)(relation, source.columns, source.most);
}

/** Marks row by row, of more rows than are drawn: an even sample of them says more than the first. */
export function isSampled({ isGrouped, reason, table, most }: Source): boolean {
  return !isGrouped && reason === "" && table.rows > most;
}

/** Every data set that something of the chart reads by name, and how. */
export interface Readers {
  /** Read by marks, scales, look-ups. */
  read: Set<string>;
  /** Read by headers and by expressions: one row per cell, whatever is filtered. */
  counted: Set<string>;
}

export function readersOf(spec: Json): Readers {
  const readers: Readers = { read: new Set(), counted: new Set() };
  visit(spec, readers);
  return readers;
}

function visit(value: unknown, readers: Readers): void {
  if (typeof value === "string") {
    for (const [, name] of value.matchAll(/\bdata\((?:'|\\?")(.+?)(?:'|\\?")\)/g)) readers.counted.add(name!);
    return;
  }
  if (Array.isArray(value)) value.forEach((each) => visit(each, readers));
  if (!isObject(value)) return;
  if (typeof value["data"] === "string") readers.read.add(value["data"]);
  if (value["type"] === "lookup") readers.read.add(String(value["from"]));
  const from = value["from"];
  if (value["type"] === "group" && isObject(from) && typeof from["data"] === "string")
    readers.counted.add(from["data"]);
  Object.values(value).forEach((each) => visit(each, readers));
}

/** The transforms from a data set's root to itself, and the root's name. */
export function lineageOf(
  entry: Entry,
  entries: ReadonlyMap<string, Entry>,
): { root: string; transforms: Transform[] } {
  const own = entry.transform ?? [];
  const parent = entry.source === undefined ? undefined : entries.get(entry.source);
  if (!parent) return { root: entry.name, transforms: [...own] };
  const { root, transforms } = lineageOf(parent, entries);
  return { root, transforms: [...transforms, ...own] };
}
