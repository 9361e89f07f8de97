/**
 * Vega's transforms as SQL, as far as SQL has them. What is left over is done by Vega itself on the rows that are
 * answered; once rows are grouped these are few, before that they are capped.
 */
import {
  asc,
  column as columnRef,
  desc,
  max,
  min,
  Query,
  sql,
  type ExprNode,
  type OrderByNode,
} from "@uwdata/mosaic-sql";
import { bin as binSteps } from "vega-statistics";
import { lengthOf } from "../../data/length.ts";
import { isObject, type Json } from "../channels.ts";
import { calculated, condition, type Given } from "./expressions.ts";
import {
  aggregate,
  aggregateOver,
  extremeRow,
  isWindowFunction,
  NotInSql,
  windowFunction,
} from "./measures.ts";
import {
  grouped,
  nested,
  partName,
  place,
  ROW,
  source,
  withCondition,
  withFields,
  type Field,
  type Relation,
} from "./relation.ts";
import type { Cap } from "./caps.ts";
import { timeUnit } from "./times.ts";

/** A transform of a compiled chart. */
export type Transform = Json & { type: string };

/** What is known of the data when transforms become SQL, and what was found missing. */
export interface Scope extends Given {
  /** Extents that were answered, by the signal that holds them. */
  extents: ReadonlyMap<string, readonly [number, number] | null>;
  /** Extents that must be asked for first. */
  wanted: Map<string, Query>;
  /** The values of scales of names that were answered, and the questions for those that must be asked first. */
  caps: ReadonlyMap<string, (field: string, isPosition: boolean) => Cap>;
  asked: Map<string, Query>;
  /** Bins that were made, by the signal that scales and axes read. */
  bins: Map<string, Json>;
}

export interface Pushed {
  relation: Relation;
  /** Transforms that became SQL, in their order. */
  done: Transform[];
  /** Transforms left for Vega, in their order. */
  left: Transform[];
  /** Why the first of them is no SQL; empty when none is left. */
  reason: string;
}

/** An extent is not answered yet. */
class Waiting extends Error {}

/** Whether a transform is left to Vega, or to a later question; anything else went wrong. */
function isLeft(error: unknown): error is NotInSql | Waiting {
  return error instanceof NotInSql || error instanceof Waiting;
}

/** Adds as many of the transforms as SQL has, from the first on. */
export function pushed(start: Relation, transforms: readonly Transform[], scope: Scope): Pushed {
  let relation = start;
  const done: Transform[] = [];
  const put: Transform[] = [];
  let reason = "";
  for (const [index, transform] of transforms.entries()) {
    if (relation.isGrouped && isOfMarks(transform))
      return { relation, done, left: [...put, ...transforms.slice(index)], reason };
    try {
      const meant = put.length ? beside(transform, put) : transform;
      relation = stepped(relation, meant, scope);
      done.push(meant);
    } catch (error) {
      if (!isLeft(error)) throw error;
      reason ||= error.message;
      if (!(error instanceof NotInSql) || !canWait(transform))
        return { relation, done, left: [...put, ...transforms.slice(index)], reason };
      put.push(transform);
    }
  }
  return { relation, done, left: put, reason };
}

/** The compiler's own filter of what no mark can show. Groups are answered with those that have no value, to tell of them. */
function isOfMarks({ type, expr }: Transform): boolean {
  return type === "filter" && /^isValid\(datum\[.*\]\) && isFinite\(\+datum\[.*\]\)$/.test(String(expr));
}

/** A calculation can be done after grouping, if what it reads is what is grouped by: the label of a bin, say. */
function canWait(transform: Transform): boolean {
  return transform.type === "formula";
}

function stepped(relation: Relation, transform: Transform, scope: Scope): Relation {
  const step = Object.hasOwn(STEPS, transform.type) ? STEPS[transform.type] : undefined;
  if (!step) throw new NotInSql(`"${WRITTEN[transform.type] ?? transform.type}" has no counterpart in SQL`);
  return step(relation, transform, scope);
}

/** What an author calls a transform that the compiler calls otherwise. */
const WRITTEN: Readonly<Record<string, string>> = { kde: "density" };

/** The transform as it is done before the calculations that were put off. */
function beside(transform: Transform, put: readonly Transform[]): Transform {
  if (transform.type === "aggregate") return withoutKeys(transform, put);
  if (put.some((each) => mentions(transform, String(each["as"]))))
    throw new NotInSql("an expression has no counterpart in SQL");
  return transform;
}

function mentions(transform: Transform, field: string): boolean {
  return JSON.stringify(transform).includes(field);
}

/** The aggregate without the keys that follow from others, once all that they follow from is a key. */
function withoutKeys(transform: Transform, put: readonly Transform[]): Transform {
  const names = put.map((each) => String(each["as"]));
  const keys = list(transform["groupby"]).map(nameOf);
  const kept = keys.filter((key) => !names.includes(key));
  const isMeasured = list(transform["fields"]).some(
    (field) => field !== null && names.includes(nameOf(field)),
  );
  const follows = put.every((each) => fieldsIn(String(each["expr"])).every((name) => kept.includes(name)));
  if (isMeasured || !follows || !names.every((name) => keys.includes(name)))
    throw new NotInSql("an expression has no counterpart in SQL");
  return { ...transform, groupby: kept };
}

/** Fields that an expression names, as Vega-Lite writes them. */
function fieldsIn(expression: string): string[] {
  return [
    ...expression.matchAll(/datum(?:\["((?:[^"\\]|\\.)*)"\]|\['((?:[^'\\]|\\.)*)'\]|\.([A-Za-z_$][\w$]*))/g),
  ].map(([, double, single, plain]) => (double ?? single ?? plain)!.replace(/\\(.)/g, "$1"));
}

type Step = (relation: Relation, transform: Transform, scope: Scope) => Relation;

const STEPS: Readonly<Record<string, Step>> = {
  filter: (relation, { expr }, scope) => withCondition(relation, condition(String(expr), relation, scope)),
  formula: (relation, { expr, as }, scope) =>
    computed(relation, new Map([[String(as), calculated(String(expr), relation, scope)]])),
  extent: extents,
  bin: binned,
  timeunit: timed,
  aggregate: aggregated,
  joinaggregate: joined,
  window: windowed,
  fold: folded,
};

/** The longest expression that is repeated where its field is read; longer ones become a subquery's column. */
const LONGEST_REPEATED = 600;

/** Fields made of a row's own: wherever they are read again they mean the same. */
function computed(relation: Relation, added: ReadonlyMap<string, Field>): Relation {
  const next = withFields(relation, added);
  const isLong = [...added.values()].some(({ node }) => lengthOf(node) > LONGEST_REPEATED);
  const origins = relation.isGrouped
    ? relation.origins
    : new Map([...relation.origins, ...originsOf(relation, added)]);
  return { ...(isLong ? nested(next) : next), origins };
}

/** Only while the fields still are expressions of the table's own columns can they be asked of other views' tables. */
function originsOf(relation: Relation, added: ReadonlyMap<string, Field>): ReadonlyMap<string, Field> {
  return relation.from instanceof Query ? new Map() : added;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** The field's name: Vega writes `a\.b` for a name with a point, and `a.b` or `a["b"]` for a part of an object. */
export function nameOf(field: unknown): string {
  const written = isObject(field) ? String(field["field"] ?? field["signal"] ?? "") : String(field);
  const part = /^(\w+)\["(.+)"\]$/.exec(written) ?? /^(arg(?:min|max)_\w+)\.(\w+)$/.exec(written);
  return part ? partName(part[1]!, part[2]!) : written.replace(/\\(.)/g, "$1");
}

function fieldOf(relation: Relation, written: unknown): Field {
  const name = nameOf(written);
  const field = relation.fields.get(name);
  if (!field) throw new NotInSql(`there is no field "${name}" here`);
  return field;
}

function numberOf(relation: Relation, written: unknown): Field {
  const field = fieldOf(relation, written);
  if (field.type !== "number") throw new NotInSql("a text is read as a number");
  return field;
}

function extents(relation: Relation, { field, signal }: Transform, scope: Scope): Relation {
  const name = String(signal);
  if (scope.extents.has(name)) return relation;
  const { node } = numberOf(relation, field);
  const finite = sql`(CASE WHEN isfinite(${node}) THEN ${node} END)`;
  scope.wanted.set(name, source(relation).select({ low: min(finite), high: max(finite) }));
  throw new Waiting("an extent is not answered yet");
}

/** Steps as Vega finds them, and the start of the step that holds a value. */
function binned(relation: Relation, transform: Transform, scope: Scope): Relation {
  const { node } = numberOf(relation, transform["field"]);
  const extent = extentOf(transform["extent"], scope);
  const [low, high] = list(transform["as"]).map(String) as [string, string];
  const options = binOptions(transform);
  const found = extent ? binSteps({ ...options, extent: [extent[0], extent[1]] } as never) : null;
  const bins = found ? anchored(found, options["anchor"]) : null;
  if (typeof transform["signal"] === "string")
    scope.bins.set(transform["signal"], { ...(bins ?? {}), fields: [nameOf(transform["field"])] });
  const start = bins ? binStart(node, bins) : sql`NULL::DOUBLE`;
  const end = bins
    ? sql`(${bins.start} + ${bins.step} * (1 + (${start} - (${bins.start})) / ${bins.step}))`
    : start;
  const field = (value: ExprNode): Field => ({ node: sql`(${value})::DOUBLE`, type: "number", float: false });
  return computed(relation, new Map([[low, field(start)], ...(high ? [[high, field(end)] as const] : [])]));
}

function extentOf(written: unknown, scope: Scope): readonly [number, number] | null {
  if (Array.isArray(written) && written.every(Number.isFinite)) return written as [number, number];
  const signal = isObject(written) ? String(written["signal"]) : "";
  if (!scope.extents.has(signal)) throw new NotInSql("bins follow a selection");
  return scope.extents.get(signal)!;
}

const BIN_OPTIONS = ["maxbins", "base", "divide", "span", "step", "steps", "minstep", "nice", "anchor"];

function binOptions(transform: Transform): Json {
  const options = Object.fromEntries(
    BIN_OPTIONS.flatMap((key) => (key in transform ? [[key, transform[key]]] : [])),
  );
  if (Object.values(options).some(isObject)) throw new NotInSql("bins follow a parameter");
  return options;
}

interface Steps {
  start: number;
  stop: number;
  step: number;
}

function anchored({ start, stop, step }: Steps, anchor: unknown): Steps {
  const end = start + Math.ceil((stop - start) / step) * step;
  const shift =
    typeof anchor === "number" ? anchor - (start + step * Math.floor((anchor - start) / step)) : 0;
  return { start: start + shift, stop: end + shift, step };
}

/** Vega adds this to a quotient so that 0.3/0.1 falls into bin 3; what lies outside the bins goes to infinity. */
const EPSILON = 1e-14;

function binStart(node: ExprNode, { start, stop, step }: Steps): ExprNode {
  const inside = sql`greatest(${start}::DOUBLE, least(${node}, ${stop - step}::DOUBLE))`;
  const found = sql`${start} + ${step} * floor(${EPSILON} + (${inside} - (${start})) / ${step})`;
  const below = sql`WHEN ${node} < ${start} THEN '-Infinity'::DOUBLE`;
  const above = sql`WHEN ${node} > ${stop} THEN 'Infinity'::DOUBLE`;
  return sql`(CASE WHEN ${node} IS NULL OR NOT isfinite(${node}) THEN NULL ${below} ${above} ELSE ${found} END)`;
}

function timed(relation: Relation, transform: Transform): Relation {
  const { node } = numberOf(relation, transform["field"]);
  const units = list(transform["units"]).map(String);
  if ("maxbins" in transform || !units.length)
    throw new NotInSql("time units that are found by their number");
  const { start, end } = timeUnit(node, units, Number(transform["step"] ?? 1));
  const names = list(transform["as"]).map(String);
  const field = (value: ExprNode): Field => ({ node: value, type: "number", float: false });
  return computed(
    relation,
    new Map([[names[0]!, field(start)], ...(names[1] ? [[names[1], field(end)] as const] : [])]),
  );
}

function aggregated(relation: Relation, transform: Transform): Relation {
  const keys = list(transform["groupby"]).map(nameOf);
  for (const key of keys) fieldOf(relation, key);
  if (transform["cross"]) throw new NotInSql("groups without rows");
  const measures = new Map<string, Field>();
  const objects = new Map<string, readonly string[]>();
  const outputs = list(transform["as"]).map(nameOf);
  for (const [index, written] of list(transform["ops"]).entries()) {
    const operation = String(written);
    const input = list(transform["fields"])[index] ?? null;
    const name = outputs[index]!;
    if (operation !== "argmin" && operation !== "argmax") {
      measures.set(name, aggregate(operation, input === null ? null : fieldOf(relation, input)));
      continue;
    }
    const parts = [...relation.fields].filter(([part]) => part !== ROW).slice(0, MOST_PARTS);
    objects.set(
      name,
      parts.map(([part]) => part),
    );
    const named = parts.map(([part, field]) => [partName(name, part), field] as const);
    for (const [part, field] of extremeRow(operation, fieldOf(relation, input), named))
      measures.set(part, field);
  }
  return grouped(relation, keys, measures, objects);
}

/** Columns of a row that is picked out whole. */
const MOST_PARTS = 40;

function joined(relation: Relation, transform: Transform): Relation {
  const window = partitionOf(relation, transform) ?? sql``;
  const outputs = list(transform["as"]).map(nameOf);
  const added = list(transform["ops"]).map((operation, index): [string, Field] => {
    const input = list(transform["fields"])[index] ?? null;
    const field = aggregateOver(String(operation), input === null ? null : fieldOf(relation, input), window);
    return [outputs[index]!, field];
  });
  return overWindows(relation, added);
}

/** Fields of windows stand in a query of their own, so that what follows may filter and group by them. */
function overWindows(relation: Relation, added: readonly (readonly [string, Field])[]): Relation {
  return nested(withFields(relation, new Map(added)));
}

function partitionOf(relation: Relation, transform: Transform): ExprNode | null {
  const keys = list(transform["groupby"]).map((key) => fieldOf(relation, key).node);
  return keys.length ? sql`PARTITION BY ${commaed(keys)}` : null;
}

function commaed(nodes: readonly ExprNode[]): ExprNode {
  return nodes.reduce((joined, node) => sql`${joined}, ${node}`);
}

function windowed(relation: Relation, transform: Transform): Relation {
  const partition = partitionOf(relation, transform) ?? sql``;
  const keys = sortOf(relation, transform["sort"]);
  const rows = sql`ORDER BY ${commaed([...keys, asc(place(relation)) as ExprNode])}`;
  const order = { keys: keys.length ? sql`ORDER BY ${commaed(keys)}` : rows, rows };
  const outputs = list(transform["as"]).map(nameOf);
  const added = list(transform["ops"]).map((written, index): [string, Field] => {
    const operation = String(written);
    const input = list(transform["fields"])[index] ?? null;
    const field = input === null ? null : fieldOf(relation, input);
    const parameter = list(transform["params"])[index];
    const made = isWindowFunction(operation)
      ? windowFunction(operation, field, typeof parameter === "number" ? parameter : null, partition, order)
      : aggregateOver(operation, field, sql`${partition} ${frameOf(transform, keys.length > 0, order)}`);
    return [outputs[index]!, made];
  });
  return overWindows(relation, added);
}

/** Vega's order: missing values first, then NaN, then by size. */
function sortOf(relation: Relation, written: unknown): OrderByNode[] {
  if (!isObject(written)) return [];
  const names = Array.isArray(written["field"]) ? written["field"] : [written["field"]];
  const orders = Array.isArray(written["order"]) ? written["order"] : [written["order"]];
  return names.map((name, index) => {
    const { node, float } = fieldOf(relation, name);
    const key = float ? sql`(CASE WHEN isnan(${node}) THEN '-Infinity'::DOUBLE ELSE ${node} END)` : node;
    return orders[index] === "descending" ? desc(key, false) : asc(key, true);
  });
}

/** Frames by value hold all rows of a value; frames by row are the same only where no value comes twice. */
function frameOf(
  transform: Transform,
  isSorted: boolean,
  order: { keys: ExprNode; rows: ExprNode },
): ExprNode {
  const [before, after] = Array.isArray(transform["frame"]) ? (transform["frame"] as unknown[]) : [null, 0];
  if (before === null && after === null) return sql``;
  const byRow = transform["ignorePeers"] === true || !isSorted;
  if (!byRow && (before !== null || after !== 0))
    throw new NotInSql("a frame of rows takes in rows of equal value");
  const unit = byRow ? "ROWS" : "RANGE";
  return sql`${byRow ? order.rows : order.keys} ${`${unit} BETWEEN ${bound(before, "PRECEDING")} AND ${bound(after, "FOLLOWING")}`}`;
}

function bound(written: unknown, side: "PRECEDING" | "FOLLOWING"): string {
  if (written === null) return `UNBOUNDED ${side}`;
  const rows = Number(written);
  if (!Number.isInteger(rows)) throw new NotInSql("a frame of no whole number of rows");
  if (rows === 0) return "CURRENT ROW";
  return rows < 0 ? `${-rows} PRECEDING` : `${rows} FOLLOWING`;
}

/** Which of the folded fields a row is of. */
const FOLDED = "@field";

function perField(names: readonly string[], build: (name: string) => ExprNode): ExprNode {
  const cases = names.map((name, index) => sql` WHEN ${index} THEN ${build(name)}`);
  return sql`CASE ${columnRef(FOLDED)}${cases.reduce((before, each) => sql`${before}${each}`)} END`;
}

/**
 * One row per field folded, in the order of rows and then of fields. Each row is repeated where it stands, so that what is
 * folded twice is written once: a query for each field would hold all that came before it, again and again.
 */
function folded(relation: Relation, transform: Transform): Relation {
  const base = nested(relation);
  const names = list(transform["fields"]).map(nameOf);
  const [key, value] = [
    ...list(transform["as"]),
    ...["key", "value"].slice(list(transform["as"]).length),
  ].map(nameOf);
  const fields = names.map((name) => fieldOf(base, name));
  const types = new Set(fields.map(({ type }) => type));
  if (types.size !== 1 || !(base.from instanceof Query))
    throw new NotInSql("columns of several types are folded");
  const kept = [...base.fields].filter(([name]) => name !== key && name !== value && name !== ROW);
  const text = perField(names, (name) => sql`${`'${name.replace(/'/g, "''")}'`}`);
  const found = perField(names, (name) => fieldOf(base, name).node);
  const made = new Map<string, Field>([
    ...kept,
    [key!, { node: text, type: "text", float: false }],
    [value!, { node: found, type: fields[0]!.type, float: fields.some(({ float }) => float) }],
  ]);
  const repeated = Query.from(base.from).select("*", { [FOLDED]: sql`unnest(range(${names.length}))` });
  const row = {
    node: sql`(${columnRef(ROW)} * ${names.length} + ${columnRef(FOLDED)})`,
    type: "number" as const,
  };
  return nested({ ...base, from: repeated, fields: new Map([...made, [ROW, { ...row, float: false }]]) });
}
