/**
 * Expressions of a compiled chart as SQL: its own parameters are put in as the values they have now, and its selections
 * as the rows they keep.
 */
import { and, literal, or, sql, type ExprNode } from "@uwdata/mosaic-sql";
import { translateTest, translateValue, type Term } from "../../data/expression.ts";
import { readExpression, type Syntax } from "../../data/syntax.ts";
import { NO_TABLE } from "../../page.ts";
import { ProblemError } from "../../problem.ts";
import type { PointField } from "../clause.ts";
import { NotInSql } from "./measures.ts";
import { partName, type Field, type Relation } from "./relation.ts";
import type { Selected } from "./state.ts";

/** What an expression may speak of besides the row. */
export interface Given {
  /** Values of the chart's variable parameters. */
  values: ReadonlyMap<string, unknown>;
  /** What is selected now, by the selection's name. */
  selected: ReadonlyMap<string, Selected>;
}

/** The field that a calculation adds. */
export function calculated(text: string, relation: Relation, given: Given): Field {
  const { node, type, float } = inSql(() => translateValue(prepared(text, relation, given), NO_TABLE));
  if (type === "text" || type === "boolean") return { node, type, float: false };
  if (type === "number" || type === "time" || type === "date")
    return { node: sql`(${node})::DOUBLE`, type: "number", float };
  throw new NotInSql("the value of an expression is of no certain type");
}

/** The condition of a filter. */
export function condition(text: string, relation: Relation, given: Given): ExprNode {
  return inSql(() => translateTest(prepared(text, relation, given), NO_TABLE));
}

function inSql<T>(translate: () => T): T {
  try {
    return translate();
  } catch (error) {
    if (error instanceof ProblemError) throw new NotInSql(error.problem.what);
    throw error;
  }
}

function prepared(text: string, relation: Relation, given: Given): Syntax {
  return rewritten(readExpression(text), relation, given);
}

/** The tree with everything that is known already in the place of the names for it. */
function rewritten(syntax: Syntax, relation: Relation, given: Given): Syntax {
  const known = knownOf(syntax, relation, given);
  if (known) return known;
  const next = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(next);
    return isSyntax(value) ? rewritten(value, relation, given) : value;
  };
  return Object.fromEntries(
    Object.entries(syntax).map(([key, value]) => [key, KEPT.has(key) ? value : next(value)]),
  ) as unknown as Syntax;
}

/** Names that are no values: of functions, of columns. */
const KEPT = new Set(["callee", "object", "property"]);

function isSyntax(value: unknown): value is Syntax {
  return typeof value === "object" && value !== null && "type" in value;
}

function knownOf(syntax: Syntax, relation: Relation, given: Given): Syntax | null {
  if (syntax.type === "Identifier") return valueOf(syntax.name!, given);
  if (syntax.type === "MemberExpression") return fieldOf(syntax, relation);
  const name = syntax.type === "CallExpression" ? (syntax.callee?.name ?? "") : "";
  return Object.hasOwn(CALLS, name) ? CALLS[name]!(syntax.arguments ?? [], relation, given) : null;
}

type Call = (values: readonly Syntax[], relation: Relation, given: Given) => Syntax | null;

/** Functions of compiled charts that filters do not have. */
const CALLS: Readonly<Record<string, Call>> = {
  vlSelectionTest: ([store, , resolve], relation, given) =>
    test(storeName(store), relation, given, resolve?.value === "intersect"),
  isDate: () => ({ type: "Literal", value: false }),
  toDate: ([value], relation) => unchanged("number", value, relation),
  toString: ((values, relation) => unchanged("text", values[0], relation)) as Call,
  utc: (values, relation, given) =>
    values.every(({ type }) => type === "Literal") ? null : utcOf(values, relation, given),
  length: ([value], _relation, given) =>
    value?.type === "CallExpression" && value.callee?.name === "data"
      ? fixed(given.selected.get(storeName(value.arguments?.[0]))?.length ?? 0)
      : null,
};

/** A field of the row, or the part of a field that holds objects. */
function fieldOf(syntax: Syntax, relation: Relation): Syntax | null {
  const name = pathOf(syntax);
  if (name === null) return null;
  const field = relation.fields.get(name);
  if (!field) throw new NotInSql(`there is no field "${name}" here`);
  const { node, type, float } = field;
  return { type: "Given", given: { node, type, float, nullable: true } };
}

function pathOf({ object, property, computed }: Syntax): string | null {
  const name = computed ? property?.value : property?.name;
  if (typeof name !== "string" || !object) return null;
  if (object.type === "Identifier") return object.name === "datum" ? name : null;
  const outer = object.type === "MemberExpression" ? pathOf(object) : null;
  return outer === null ? null : partName(outer, name);
}

/** Times are milliseconds already, and texts are texts. */
function unchanged(type: "number" | "text", argument: Syntax | undefined, relation: Relation): Syntax | null {
  const known = argument?.type === "MemberExpression" ? fieldOf(argument, relation) : null;
  return known?.given?.type === type ? known : null;
}

/** The time of parts that a row gives: year, month from 0, day from 1, hours, minutes, seconds, milliseconds. */
function utcOf(parts: readonly Syntax[], relation: Relation, given: Given): Syntax {
  const numbers = parts.map((part) => {
    const term = translateValue(rewritten(part, relation, given), NO_TABLE);
    if (term.type !== "number") throw new NotInSql("a time is made of other things than numbers");
    return sql`(${term.node})::DOUBLE`;
  });
  const [year, month, day, ...clock] = numbers;
  const lengths = [3_600_000, 60_000, 1000, 1];
  const begin = sql`epoch_ms(make_timestamp((${year!})::BIGINT, 1, 1, 0, 0, 0.0) + to_months((${month ?? sql`0`})::INTEGER))`;
  const rest = clock
    .map((part, at) => sql` + ${part} * ${lengths[at]!}`)
    .reduce((sum, each) => sql`${sum}${each}`, sql``);
  const time = sql`(${begin})::DOUBLE + (${day ?? sql`1`} - 1) * 86400000${rest}`;
  const isWhole = and(...numbers.map((part) => sql`isfinite(${part})`));
  const node = sql`(CASE WHEN ${isWhole} THEN ${time} ELSE 'NaN'::DOUBLE END)`;
  return { type: "Given", given: { node, type: "number", float: true, nullable: true } };
}

/** `brush_store` holds what `brush` selects. */
function storeName(argument: Syntax | undefined): string {
  const written = typeof argument?.value === "string" ? argument.value : "";
  if (!written.endsWith("_store")) throw new NotInSql("data of the chart itself is read by an expression");
  return written.slice(0, -"_store".length);
}

function valueOf(name: string, given: Given): Syntax | null {
  if (!given.values.has(name)) return null;
  const value = given.values.get(name);
  if (Array.isArray(value)) return { type: "ArrayExpression", elements: value.map(fixed) };
  return fixed(value);
}

function fixed(value: unknown): Syntax {
  if (value === null || ["number", "string", "boolean"].includes(typeof value))
    return { type: "Literal", value };
  throw new NotInSql("a parameter is neither a number nor a text");
}

function test(name: string, relation: Relation, given: Given, isCommon: boolean): Syntax {
  const selected = given.selected.get(name);
  const node = selected ? selectedRows(selected, relation.fields, isCommon) : literal(false);
  const term: Term = { node, type: "boolean", nullable: false, float: false };
  return { type: "Given", given: term };
}

/** The rows that a selection keeps: of any of its parts, or of all of them. */
export function selectedRows(
  selected: Selected,
  fields: ReadonlyMap<string, Field>,
  isCommon = false,
): ExprNode {
  const parts = selected.map((part) =>
    and(...part.fields.map(({ field, type }, index) => holds(fields.get(field), type, part.values[index]))),
  );
  if (parts.length === 0) return literal(false);
  return isCommon ? and(...parts) : or(...parts);
}

/** What single values are compared with, where a selection is of such in the fields of one view; null for any other. */
export function pointFields(selected: Selected, fields: ReadonlyMap<string, Field>): PointField[] | null {
  const [first, ...others] = selected;
  const isOfOneView = first && others.every((part) => part.fields === first.fields);
  const isPoint = selected.every((part) => part.values.every((value) => !Array.isArray(value)));
  if (!isOfOneView || !isPoint || first.fields.some(({ type }) => type !== "E")) return null;
  const known = first.fields.map(({ field }) => fields.get(field));
  return known.every((field) => field !== undefined) ? known.map(pointField) : null;
}

function pointField({ node, type }: Field): PointField {
  return {
    node,
    accepts: (value) => value === null || typeof value === TYPES[type],
    compared: (value) => value,
  };
}

/** One value of a selection against a field; what cannot be compared selects nothing. */
function holds(field: Field | undefined, type: string, value: unknown): ExprNode {
  if (!field) throw new NotInSql("what is selected is no field here");
  if (!type.startsWith("R")) return equals(field, value);
  const ends = Array.isArray(value) ? value.map(Number) : [];
  if (ends.length !== 2 || !ends.every(Number.isFinite)) return isOneOf(field, value);
  if (field.type !== "number") return literal(false);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const upper = type === "R-RE" || type === "R-E" ? "<" : "<=";
  const inside = sql`((${field.node}) >= ${double(low)} AND (${field.node}) ${upper} ${double(high)})`;
  return field.float
    ? sql`coalesce(${inside} AND NOT isnan(${field.node}), FALSE)`
    : sql`coalesce(${inside}, FALSE)`;
}

/** An interval on a discrete axis lists what it covers. */
function isOneOf(field: Field, value: unknown): ExprNode {
  const values = Array.isArray(value) ? (value as unknown[]) : [value];
  return values.length ? or(...values.map((each) => equals(field, each))) : literal(false);
}

function equals(field: Field, value: unknown): ExprNode {
  if (Array.isArray(value)) return isOneOf(field, value);
  if (value === null || value === undefined) return sql`((${field.node}) IS NULL)`;
  if (typeof value !== TYPES[field.type]) return literal(false);
  const said = typeof value === "number" ? double(value) : literal(value);
  return sql`coalesce((${field.node}) = ${said}, FALSE)`;
}

const TYPES = { number: "number", text: "string", boolean: "boolean" };

function double(value: number): ExprNode {
  return sql`'${String(value)}'::DOUBLE`;
}
