/**
 * From a compiled chart to the one that is drawn: its data sets become queries as far as SQL reaches, and every mark
 * is drawn twice, the unfiltered whole in grey behind what passes. Both are rows of one data set that say which they
 * are, so that scales hold both and cells of facets stay where they are.
 */
import type { Table } from "../../page.ts";
import type { Json } from "../channels.ts";
import {
  isUnion,
  lineageOf,
  readersOf,
  sourceOf,
  type Entry,
  type Readers,
  type Source,
  type Union,
} from "./data.ts";
import { capNames } from "./caps.ts";
import { domainEntries } from "./domains.ts";
import { hoistFacets } from "./facets.ts";
import { keyed, onlyWhole, WHOLE } from "./keys.ts";
import { drawTwice, FILTERED } from "./marks.ts";
import { relationOf } from "./relation.ts";
import { pushed, type Pushed, type Scope, type Transform } from "./transforms.ts";

export interface Arranged {
  /** The chart for Vega; data sets that are asked of tables are empty in it. */
  vega: Json;
  sources: Source[];
}

/** `tables` are those that the chart's data may be named after. */
export function arrange(compiled: Json, tables: Readonly<Record<string, Table>>, scope: Scope): Arranged {
  const vega = structuredClone(compiled) as Json & { data?: Entry[] };
  const listed = (vega.data ??= []);
  const entries = new Map(listed.map((entry) => [entry.name, entry]));
  const isTable = (name: string): boolean => Object.hasOwn(tables, name);
  const known = new Map<string, Pushed>();
  const grouped = (name: string): Pushed | null => pushedOf(name, entries, tables, scope, known);
  capNames(vega, entries, tables, scope);
  hoistFacets(vega, entries, grouped);
  domainEntries(vega, entries, grouped);
  const readers = readersOf(vega);
  const text = JSON.stringify(vega);
  const sources: Source[] = [];
  const ours = new Set<string>();
  for (const entry of entries.values()) {
    if (isUnion(entry)) ours.add(entry.name);
    const { root } = lineageOf(entry, entries);
    if (!isTable(root)) continue;
    ours.add(entry.name);
    const source = materialised(entry, entries, readers, grouped, tables[root]!, text);
    if (source)
      sources.push({ ...source, isWhole: readers.counted.has(entry.name) || entry["isWhole"] === true });
  }
  const data = [...entries.values()].filter((entry) => !isIdle(entry, ours, sources, readers, entries));
  vega.data = data.flatMap((entry) => vegaEntries(entry, sources, ours, readers));
  const flagged = flaggedOf(vega.data, sources, ours, readers);
  drawTwice(vega, flagged);
  vega["signals"] = [...signalsOf(vega, scope), ...((vega["signals"] as Json[] | undefined) ?? [])];
  return { vega, sources };
}

/**
 * What SQL makes of an entry. The same is asked of it for every scale, header and mark that reads it, so it is `known`
 * by what is done: entries are given other transforms meanwhile.
 */
function pushedOf(
  name: string,
  entries: ReadonlyMap<string, Entry>,
  tables: Readonly<Record<string, Table>>,
  scope: Scope,
  known: Map<string, Pushed>,
): Pushed | null {
  const entry = entries.get(name);
  if (!entry) return null;
  const { root, transforms } = lineageOf(entry, entries);
  const table = Object.hasOwn(tables, root) ? tables[root] : undefined;
  if (!table) return null;
  const key = JSON.stringify([root, transforms]);
  const found = known.get(key) ?? pushed(relationOf(table, null), transforms, scope);
  known.set(key, found);
  return found;
}

/** The source of an entry that is asked of its table: one that is read, or whose descendants Vega derives from it. */
function materialised(
  entry: Entry,
  entries: ReadonlyMap<string, Entry>,
  readers: Readers,
  of: (name: string) => Pushed | null,
  table: Table,
  text: string,
): Source | null {
  const found = of(entry.name)!;
  const parent = entry.source === undefined ? null : of(entry.source);
  if (parent && isMadeOf(parent, found)) return null;
  const isFull = found.left.length === 0;
  const union = [...entries.values()].find((each) => isUnion(each) && each.parts.includes(entry.name));
  if (union) return partOf(sourceOf(entry.name, table, found, [], text), union as Union);
  const isRead = readers.read.has(entry.name) || readers.counted.has(entry.name);
  const later = derived(entry.name, found, entries, of);
  if (isFull && !isRead && later.length === 0) return null;
  return sourceOf(entry.name, table, found, later, text);
}

/** Whether Vega makes these rows of the parent's: nothing that SQL could do comes in between. */
function isMadeOf(parent: Pushed, { done, left }: Pushed): boolean {
  return parent.left.length > 0 || (left.length > 0 && done.length === parent.done.length);
}

/** A part is asked for the data set that it is put into; what is left of it is done in the cells. */
function partOf(source: Source, union: Union): Source {
  return { ...source, into: union.name, part: union.parts.indexOf(source.name), left: [] };
}

/** What Vega makes of the parent's rows, because none of the transforms in between is SQL. */
function derived(
  parent: string,
  found: Pushed,
  entries: ReadonlyMap<string, Entry>,
  of: (name: string) => Pushed | null,
): Pushed[] {
  const children = [...entries.values()].filter(({ source }) => source === parent);
  return children.flatMap((child) => {
    const made = of(child.name)!;
    const isMade = made.left.length > 0 && made.done.length === found.done.length;
    return isMade ? [made, ...derived(child.name, found, entries, of)] : [];
  });
}

/** Entries of tables that nothing needs any more. */
function isIdle(
  entry: Entry,
  ours: ReadonlySet<string>,
  sources: readonly Source[],
  readers: Readers,
  entries: ReadonlyMap<string, Entry>,
): boolean {
  if (!ours.has(entry.name) || isUnion(entry)) return false;
  const source = sources.find(({ name }) => name === entry.name);
  if (source) return source.part !== null;
  if (readers.read.has(entry.name) || readers.counted.has(entry.name)) return false;
  return ![...entries.values()].some(
    (child) =>
      child.source === entry.name &&
      !sources.some(({ name }) => name === child.name) &&
      !isIdle(child, ours, sources, readers, entries),
  );
}

/** An entry for Vega: empty, with what is left to do; a derived one tells the whole's rows from the others. */
function vegaEntries(
  entry: Entry,
  sources: readonly Source[],
  ours: ReadonlySet<string>,
  readers: Readers,
): Entry[] {
  if (!ours.has(entry.name)) return [entry];
  if (isUnion(entry)) return [{ name: entry.name }];
  const source = sources.find(({ name }) => name === entry.name);
  if (source) return [{ name: entry.name, transform: keyed(source.left, WHOLE) }];
  const own = entry.transform ?? [];
  const isCounted = readers.counted.has(entry.name);
  const first: Transform[] = isCounted ? [onlyWhole] : [];
  return [{ ...entry, transform: [...first, ...(isCounted ? own : keyed(own, WHOLE))] }];
}

/** Entries whose rows say whether they are of the whole. */
function flaggedOf(
  data: readonly Entry[],
  sources: readonly Source[],
  ours: ReadonlySet<string>,
  readers: Readers,
): Set<string> {
  const whole = new Set(sources.filter(({ isWhole }) => isWhole).map(({ name }) => name));
  const names = data.map(({ name }) => name);
  return new Set(names.filter((name) => ours.has(name) && !whole.has(name) && !readers.counted.has(name)));
}

/** Signals that transforms gave which are SQL now, and the one that says whether the page is filtered. */
function signalsOf(vega: Json, scope: Scope): Json[] {
  const made = new Set(
    ((vega["data"] as Entry[]) ?? []).flatMap(({ transform }) =>
      (transform ?? []).map((each) => each["signal"]),
    ),
  );
  const extents = [...scope.extents].filter(([name]) => !made.has(name));
  const bins = [...scope.bins].filter(([name]) => !made.has(name));
  const given = [...extents, ...bins].map(([name, value]) => ({ name, value }));
  return [{ name: FILTERED, value: false }, ...given];
}
