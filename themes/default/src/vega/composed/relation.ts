/**
 * Rows on their way through a chart's transforms, as SQL that has not been asked yet: where they come from, which of
 * them are left, and what each field of them is. Vega's transforms are added one by one; a subquery is begun only
 * where SQL needs one, so that a simple chart stays one flat query.
 */
import {
  asc,
  column as columnRef,
  min,
  Query,
  sql,
  type ExprNode,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import { kindOf } from "../../data/columns.ts";
import type { Column, Table } from "../../page.ts";
import type { Filter } from "../../view.ts";
import { scattered } from "../chart.ts";

export interface Field {
  node: ExprNode;
  type: "number" | "text" | "boolean";
  /** Whether NaN can be among its values. */
  float: boolean;
}

export interface Relation {
  from: string | Query;
  where: readonly ExprNode[];
  fields: ReadonlyMap<string, Field>;
  /** Whether a row stands for several rows of the table. */
  isGrouped: boolean;
  /** Fields that hold objects in Vega: the names of their parts. */
  objects: ReadonlyMap<string, readonly string[]>;
  /** What a field is in terms of the table's own columns, where it is such: what a selection on it means elsewhere. */
  origins: ReadonlyMap<string, Field>;
}

/** The place of a row among the others: Vega keeps rows, groups and ties in the order in which they come. */
export const ROW = "@row";

/** Column of a part of an object; no name of a table has this sign. */
export function partName(field: string, part: string): string {
  return `${field}\u0001${part}`;
}

/** A table's rows that pass a filter; what no chart draws (lists, binary) is left out. */
export function relationOf(table: Table, filter: Filter): Relation {
  const drawn = table.columns.flatMap((each) => {
    const field = fieldOf(each);
    return field ? [[each.name, field] as const] : [];
  });
  const fields = new Map(drawn);
  const where = [...(table.member ? [columnRef(table.member)] : []), ...conditions(filter)];
  return { from: table.relation, where, fields, isGrouped: false, objects: new Map(), origins: fields };
}

function conditions(filter: Filter): ExprNode[] {
  if (!filter) return [];
  return (Array.isArray(filter) ? filter : [filter]) as ExprNode[];
}

/** Numbers are doubles and times milliseconds, as in JavaScript. */
export function fieldOf(column: Column): Field | null {
  const reference = columnRef(column.name);
  const kind = kindOf(column);
  if (kind === "list" || kind === "binary") return null;
  if (kind === "time")
    return { node: sql`(epoch_ms((${reference})::TIMESTAMP))::DOUBLE`, type: "number", float: false };
  if (kind !== "number") return { node: sql`${reference}`, type: kind, float: false };
  return { node: sql`(${reference})::DOUBLE`, type: "number", float: column.type.startsWith("float") };
}

/** The same rows, whose fields are plain columns of a subquery. */
export function nested(relation: Relation): Relation {
  const names = columnNames(relation.fields.keys());
  const fields = new Map(
    [...relation.fields].map(([name, field]) => [name, { ...field, node: columnRef(names.get(name)!) }]),
  );
  return { ...relation, from: selectAs(relation, names), where: [], fields };
}

/** What fields are called in a subquery: SQL takes `Quality` and `quality` for one name, Vega for two. */
export function columnNames(fields: Iterable<string>): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map([...fields].map((name) => [name, free(name, taken)]));
}

/** A name that no other has, and that is none of a table's; it is taken then. */
function free(name: string, taken: Set<string>): string {
  const found = taken.has(name.toLowerCase()) ? free(`${name}\u0002`, taken) : name;
  taken.add(found.toLowerCase());
  return found;
}

export function withFields(relation: Relation, added: ReadonlyMap<string, Field>): Relation {
  return { ...relation, fields: new Map([...relation.fields, ...added]) };
}

export function withCondition(relation: Relation, condition: ExprNode): Relation {
  return { ...relation, where: [...relation.where, condition] };
}

/** The rows as a query of the fields named, and of their places. */
export function select(relation: Relation, names: Iterable<string> = relation.fields.keys()): SelectQuery {
  return selectAs(relation, new Map([...names].map((name) => [name, name])));
}

function selectAs(relation: Relation, names: ReadonlyMap<string, string>): SelectQuery {
  const chosen = [...names].filter(([name]) => name !== ROW);
  const nodes = Object.fromEntries(chosen.map(([name, as]) => [as, relation.fields.get(name)!.node]));
  return source(relation).select({ ...nodes, [ROW]: place(relation) });
}

export function source(relation: Relation): SelectQuery {
  const query = Query.from(relation.from);
  return relation.where.length ? query.where(...relation.where) : query;
}

export function place(relation: Relation): ExprNode {
  return relation.fields.get(ROW)?.node ?? (relation.from instanceof Query ? columnRef(ROW) : sql`rowid`);
}

/** The rows in their order, at most so many, and one more that tells whether there are others. */
export function ordered(relation: Relation, names: readonly string[], most: number): Query {
  return select(relation, names)
    .orderby(asc(columnRef(ROW)))
    .limit(most + 1);
}

/** The same of rows from all over the table, where there are too many: as even as their places are scattered. */
export function sampled(relation: Relation, names: readonly string[], most: number): Query {
  const columns = columnNames(names);
  const sample = selectAs(relation, columns)
    .orderby(scattered(columnRef(ROW), "number"), asc(columnRef(ROW)))
    .limit(most + 1);
  const nodes = [...columns, [ROW, ROW] as const].map(([name, as]) => [name, columnRef(as)] as const);
  return Query.from(sample)
    .select(Object.fromEntries(nodes))
    .orderby(asc(columnRef(ROW)));
}

/** One row per group, in the order of each group's first row. */
export function grouped(
  relation: Relation,
  groupby: readonly string[],
  measures: ReadonlyMap<string, Field>,
  objects: ReadonlyMap<string, readonly string[]> = new Map(),
): Relation {
  const keys = groupby.map((name) => [name, relation.fields.get(name)!] as const);
  const all = new Map([...keys, ...measures]);
  const names = columnNames(all.keys());
  const nodes = Object.fromEntries([...all].map(([name, { node }]) => [names.get(name)!, node]));
  const query = source(relation).select({ ...nodes, [ROW]: min(place(relation)) });
  if (keys.length) query.groupby(keys.map(([, { node }]) => node));
  const fields = new Map(
    [...all].map(([name, field]) => [name, { ...field, node: columnRef(names.get(name)!) }]),
  );
  const origins = new Map([...relation.origins].filter(([name]) => !measures.has(name)));
  return { from: query, where: [], fields, isGrouped: true, objects, origins };
}
