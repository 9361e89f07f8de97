/** Vega's aggregates and window functions as SQL. Values that are no finite numbers are left out, as in Vega null and NaN are. */
import { sql, type ExprNode } from "@uwdata/mosaic-sql";
import type { Field } from "./relation.ts";

/** What keeps a transform from being SQL; the chart then computes it on rows. */
export class NotInSql extends Error {}

const number = (node: ExprNode, float = true): Field => ({
  node: sql`(${node})::DOUBLE`,
  type: "number",
  float,
});

/** The values that an aggregate takes in: finite numbers, texts that are not empty. */
function valid({ node, type, float }: Field): ExprNode {
  if (type === "text") return sql`nullif(${node}, '')`;
  if (type === "boolean") return sql`((${node})::INTEGER)::DOUBLE`;
  return float ? sql`(CASE WHEN isfinite(${node}) THEN ${node} END)` : node;
}

const numeric =
  (build: (value: ExprNode) => ExprNode) =>
  (field: Field): Field => {
    return number(build(field.type === "text" ? readNumber(valid(field)) : valid(field)), false);
  };

/** A text as the number that it says; one that says none makes any sum NaN, as in Vega. */
function readNumber(text: ExprNode): ExprNode {
  return sql`(CASE WHEN ${text} IS NOT NULL THEN coalesce(TRY_CAST(${text} AS DOUBLE), 'NaN'::DOUBLE) END)`;
}

/** `over` is the window, or nothing: it follows each call of an aggregate function. */
const AGGREGATES: Readonly<Record<string, (over: ExprNode) => (field: Field) => Field>> = {
  sum: (over) => numeric((x) => sql`sum(${x})${over}`),
  mean: (over) => numeric((x) => sql`avg(${x})${over}`),
  average: (over) => numeric((x) => sql`avg(${x})${over}`),
  median: (over) => numeric((x) => sql`quantile_cont(${x}, 0.5)${over}`),
  q1: (over) => numeric((x) => sql`quantile_cont(${x}, 0.25)${over}`),
  q3: (over) => numeric((x) => sql`quantile_cont(${x}, 0.75)${over}`),
  variance: (over) => numeric((x) => sql`var_samp(${x})${over}`),
  variancep: (over) => numeric((x) => sql`var_pop(${x})${over}`),
  stdev: (over) => numeric((x) => sql`stddev_samp(${x})${over}`),
  stdevp: (over) => numeric((x) => sql`stddev_pop(${x})${over}`),
  stderr: (over) => numeric((x) => sql`stddev_samp(${x})${over} / sqrt(count(${x})${over})`),
  product: (over) => numeric((x) => sql`product(${x})${over}`),
  valid: (over) => (field) => number(sql`count(${valid(field)})${over}`, false),
  missing: (over) => (field) => number(sql`count(${missing(field)})${over}`, false),
  min: (over) => (field) => extreme("min", field, over),
  max: (over) => (field) => extreme("max", field, over),
};

function missing({ node, type }: Field): ExprNode {
  const empty = type === "text" ? sql` OR ${node} = ''` : sql``;
  return sql`(CASE WHEN ${node} IS NULL${empty} THEN 1 END)`;
}

/** The extremes of truth values are truth values in Vega, and numbers nowhere else. */
function extreme(name: "min" | "max", field: Field, over: ExprNode): Field {
  if (field.type === "boolean") throw new NotInSql(`the ${name} of truth values is one`);
  return { node: sql`${name}(${valid(field)})${over}`, type: field.type, float: false };
}

/** Vega's groups of text know null and NaN as values of their own. */
function distinct({ node }: Field): Field {
  return number(sql`count(DISTINCT ${node}) + max(CASE WHEN ${node} IS NULL THEN 1 ELSE 0 END)`, false);
}

const NONE = sql``;

/** An aggregate of a group; `field` is null for a count of rows. */
export function aggregate(operation: string, field: Field | null): Field {
  if (operation === "count") return number(sql`count(*)`, false);
  if (operation === "distinct" && field) return distinct(field);
  return known(operation, field, NONE);
}

/** The same of all rows in a window, for each row. */
export function aggregateOver(operation: string, field: Field | null, window: ExprNode): Field {
  const over = sql` OVER (${window})`;
  if (operation === "count") return number(sql`count(*)${over}`, false);
  return known(operation, field, over);
}

function known(operation: string, field: Field | null, over: ExprNode): Field {
  const build = Object.hasOwn(AGGREGATES, operation) ? AGGREGATES[operation] : undefined;
  if (!build || !field) throw new NotInSql(`the aggregate "${operation}" has no counterpart in SQL`);
  return build(over)(field);
}

/** The row of a group where a field is least or greatest: its parts, by name. */
export function extremeRow(
  operation: "argmin" | "argmax",
  field: Field,
  parts: readonly (readonly [string, Field])[],
): [string, Field][] {
  const by = field.type === "text" ? field.node : valid(field);
  const listed = parts
    .map(([, part], index) => sql`${`p${index}`} := ${part.node}`)
    .reduce((list, part) => sql`${list}, ${part}`);
  const row = sql`${operation === "argmin" ? "arg_min" : "arg_max"}(struct_pack(${listed}), ${by})`;
  return parts.map(([name, part], index) => [
    name,
    { ...part, node: sql`struct_extract(${row}, ${`'p${index}'`})` },
  ]);
}

/** Functions that look at the order of rows; `keys` orders peers alike, `rows` gives each row a place of its own. */
export function windowFunction(
  operation: string,
  field: Field | null,
  parameter: number | null,
  partition: ExprNode,
  order: { keys: ExprNode; rows: ExprNode },
): Field {
  const over = (by: ExprNode): ExprNode => sql`OVER (${partition} ${by})`;
  if (operation === "row_number") return number(sql`row_number() ${over(order.rows)}`, false);
  if (RANKS.has(operation)) return number(sql`${operation}() ${over(order.keys)}`, false);
  if ((operation === "lag" || operation === "lead") && field)
    return { ...field, node: sql`${operation}(${field.node}, ${parameter ?? 1}) ${over(order.rows)}` };
  throw new NotInSql(`the window function "${operation}" has no counterpart in SQL`);
}

const RANKS = new Set(["rank", "dense_rank", "percent_rank", "cume_dist"]);

export function isWindowFunction(operation: string): boolean {
  return RANKS.has(operation) || ["row_number", "lag", "lead"].includes(operation) || LOOKING.has(operation);
}

const LOOKING = new Set(["ntile", "first_value", "last_value", "nth_value", "prev_value", "next_value"]);
