/**
 * Small multiples whose cells group their own rows: the grouping moves out of the cells, with what tells the cells
 * apart as one key more, so that SQL can do it. The data sets of a cell become parts of one.
 */
import { isObject, type Json } from "../channels.ts";
import { keyed, PART } from "./keys.ts";
import type { Entry, Union } from "./data.ts";
import { nameOf, type Pushed } from "./transforms.ts";

interface Facet extends Json {
  name: string;
  data: string;
  groupby: string[];
}

export function hoistFacets(
  group: Json,
  entries: Map<string, Entry>,
  of: (name: string) => Pushed | null,
): void {
  for (const mark of listed(group["marks"])) {
    if (mark["type"] !== "group") continue;
    const facet = facetOf(mark);
    if (facet) renameData(mark, facet);
    if (facet && Array.isArray(mark["data"])) hoist(mark, facet, entries, of);
    hoistFacets(mark, entries, of);
  }
}

/** A cell's data sets get names of their own: the compiler gives them those of the chart's. */
function renameData(cell: Json, facet: Facet): void {
  for (const entry of listed(cell["data"])) {
    const [before, after] = [String(entry["name"]), `${facet.name}:${String(entry["name"])}`];
    for (const part of [cell["data"], cell["marks"], cell["scales"], cell["signals"]])
      renameIn(part, before, after);
    entry["name"] = after;
  }
}

function renameIn(value: unknown, before: string, after: string): void {
  if (Array.isArray(value)) value.forEach((each) => renameIn(each, before, after));
  if (!isObject(value)) return;
  for (const key of ["data", "source"]) if (value[key] === before) value[key] = after;
  Object.values(value).forEach((each) => renameIn(each, before, after));
}

function facetOf(mark: Json): Facet | null {
  const from = isObject(mark["from"]) ? mark["from"] : {};
  const facet = from["facet"];
  return isObject(facet) && Array.isArray(facet["groupby"]) ? (facet as Facet) : null;
}

function listed(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

function hoist(
  cell: Json,
  facet: Facet,
  entries: Map<string, Entry>,
  of: (name: string) => Pushed | null,
): void {
  const nested = cell["data"] as Entry[];
  const direct = nested.filter(({ source }) => source === facet.name);
  const outer = of(facet.data);
  const text = JSON.stringify({ ...cell, data: [], from: null });
  const isReadItself = text.includes(`"data":${JSON.stringify(facet.name)}`);
  if (!outer || outer.left.length || outer.relation.isGrouped || isReadItself || sortsByRows(facet)) return;
  const keys = facet.groupby.map(nameOf);
  const parts = direct.map((entry, index) => part(entry, index, facet, keys, entries));
  const isWorthIt = parts.every(({ name }) => {
    const found = of(name);
    return found !== null && found.relation.isGrouped;
  });
  if (!isWorthIt) {
    for (const { name } of parts) entries.delete(name);
    return;
  }
  const union: Union = { name: `${facet.data}@${facet.name}`, parts: parts.map(({ name }) => name) };
  entries.set(union.name, union);
  for (const [index, entry] of direct.entries()) {
    const { left } = of(parts[index]!.name)!;
    entry.transform = [{ type: "filter", expr: `datum['${PART}'] === ${index}` }, ...left];
  }
  facet.data = union.name;
}

/** Cells that are sorted by a measure need the rows. */
function sortsByRows(facet: Facet): boolean {
  const aggregate = facet["aggregate"];
  return isObject(aggregate) && listed(aggregate["fields"]).some((field) => field !== null);
}

function part(
  entry: Entry,
  index: number,
  facet: Facet,
  keys: readonly string[],
  entries: Map<string, Entry>,
): Entry {
  const made: Entry = {
    name: `${facet.data}@${facet.name}:${index}`,
    source: facet.data,
    transform: keyed(entry.transform ?? [], ...keys),
  };
  entries.set(made.name, made);
  return made;
}
