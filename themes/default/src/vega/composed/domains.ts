/**
 * Domains of scales over single rows, as queries of their own: a chart then needs no row for its axes, and they are
 * exact where the rows drawn are capped.
 */
import { isObject, type Json } from "../channels.ts";
import type { Entry } from "./data.ts";
import { nameOf, type Pushed, type Transform } from "./transforms.ts";

const CONTINUOUS = new Set(["linear", "log", "pow", "sqrt", "symlog", "time", "utc"]);

/** Replaces what scales read of ungrouped rows, all through the chart, and adds the data sets that they read instead. */
export function domainEntries(
  vega: Json,
  entries: Map<string, Entry>,
  of: (name: string) => Pushed | null,
): void {
  const made = (reference: Json, sort: unknown, type: string): Json =>
    domainOf(reference, sort, type, entries, of) ?? reference;
  for (const scale of scalesOf(vega)) {
    const domain = scale["domain"];
    if (!isObject(domain)) continue;
    const type = String(scale["type"] ?? "linear");
    if (typeof domain["data"] === "string") scale["domain"] = made(domain, domain["sort"], type);
    else if (Array.isArray(domain["fields"]) && !isObject(domain["sort"]))
      scale["domain"] = { ...domain, fields: flat(domain["fields"], (each) => made(each, true, type)) };
  }
}

function flat(fields: unknown[], make: (reference: Json) => Json): unknown[] {
  return fields.flatMap((each) => {
    if (!isObject(each) || typeof each["data"] !== "string") return [each];
    const { fields: parts, sort: _sort, ...made } = make(each);
    return Array.isArray(parts) ? (parts as unknown[]) : [made];
  });
}

function scalesOf(group: Json): Json[] {
  const own = Array.isArray(group["scales"]) ? (group["scales"] as Json[]) : [];
  const marks = Array.isArray(group["marks"]) ? (group["marks"] as Json[]) : [];
  const inner = marks.filter((mark) => mark["type"] === "group" && !isCell(mark));
  return [...own, ...inner.flatMap(scalesOf)];
}

/** Within a cell names may mean the cell's own data. */
function isCell(mark: Json): boolean {
  return isObject(mark["from"]) && "facet" in mark["from"];
}

function domainOf(
  reference: Json,
  sort: unknown,
  type: string,
  entries: Map<string, Entry>,
  of: (name: string) => Pushed | null,
): Json | null {
  const name = String(reference["data"]);
  const found = of(name);
  const field = typeof reference["field"] === "string" ? reference["field"] : null;
  if (!found || field === null || found.left.length || found.relation.isGrouped) return null;
  const known = found.relation.fields.get(nameOf(field));
  if (!known) return null;
  if (CONTINUOUS.has(type) && known.type === "number") return extent(name, field, entries);
  return CONTINUOUS.has(type) ? null : distinct(name, field, sort, entries);
}

function extent(name: string, field: string, entries: Map<string, Entry>): Json {
  const data = `${name}@extent:${field}`;
  const ops = ["min", "max"];
  add(entries, data, name, { type: "aggregate", groupby: [], ops, fields: [field, field], as: ops });
  return { fields: ops.map((op) => ({ data, field: op })) };
}

/** The values, and what they are sorted by, if by anything but themselves. */
function distinct(name: string, field: string, sort: unknown, entries: Map<string, Entry>): Json {
  const by = isObject(sort) && typeof sort["op"] === "string" ? sort : null;
  const measured = by ? { ops: [by["op"]], fields: [by["field"] ?? null], as: ["sorted by"] } : {};
  const data = `${name}@values:${field}${by ? `:${JSON.stringify(by)}` : ""}`;
  add(entries, data, name, { type: "aggregate", groupby: [field], ...measured });
  if (!by) return { data, field, ...(sort === undefined ? {} : { sort }) };
  const order = by["order"] === undefined ? {} : { order: by["order"] };
  return { data, field, sort: { op: "max", field: "sorted by", ...order } };
}

function add(entries: Map<string, Entry>, name: string, source: string, transform: Transform): void {
  if (!entries.has(name)) entries.set(name, { name, source, transform: [transform], isWhole: true });
}
