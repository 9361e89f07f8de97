/** What a confusion matrix asks: how many rows there are of each label with each prediction. */
import {
  cast,
  column as columnRef,
  count,
  literal,
  Query,
  sql,
  sum,
  type ExprNode,
} from "@uwdata/mosaic-sql";
import { kindOf } from "../../src/data/columns.ts";
import { rowsOf } from "../../src/data/rows.ts";
import type { Column, Table } from "../../src/page.ts";
import type { Filter, NamedQuery } from "../../src/view.ts";
import type { Options } from "./options.ts";
import type { Given, Mark, MatrixState } from "./state.ts";
import type { Key } from "./tree.ts";

/** The columns that are nested now; the others are summed over. */
export function dimensionsOf(options: Options, { nest }: Pick<MatrixState, "nest">): readonly number[] {
  return nest ?? options.dimensions.map((_, index) => index);
}

export function givenName(given: Given): string {
  return `given ${JSON.stringify(given)}`;
}

/** The answer's name says what it depends on, since what is not filtered is asked once. */
export function wholeName(options: Options, state: MatrixState): string {
  const nested = dimensionsOf(options, state).join(" ");
  return ["whole", nested, state.given ? givenName(state.given) : ""].join(" ").trim();
}

export function queries(options: Options, table: Table, state: MatrixState): Record<string, NamedQuery> {
  return {
    [wholeName(options, state)]: {
      filtered: false,
      sql: (filter) => pairsQuery(options, table, state, filter),
    },
    passing: { filtered: true, sql: (filter) => pairsQuery(options, table, state, filter) },
  };
}

function pairsQuery(options: Options, table: Table, state: MatrixState, filter: Filter): Query {
  const sides = dimensionsOf(options, state).flatMap((at) => {
    const { label, prediction } = options.dimensions[at]!;
    return [
      [`a${at}`, textOf(label)],
      [`p${at}`, textOf(prediction)],
    ] as const;
  });
  const query = rowsOf(table, filter).select(Object.fromEntries(sides), { n: counted(options) });
  if (state.given) query.select({ [givenName(state.given)]: countedIn(options, state.given) });
  const names = sides.map(([name]) => columnRef(name));
  return query.groupby(...sides.map(([, expression]) => expression)).orderby(...names);
}

function counted({ count: column }: Options): ExprNode {
  return column ? sum(cast(columnRef(column.name), "DOUBLE")) : count();
}

function countedIn(options: Options, given: Given): ExprNode {
  const { label, prediction } = options.dimensions[given.dimension]!;
  const inside = isUnder([given.side === "actual" ? label : prediction], [given.value], options.separator);
  const one = options.count ? cast(columnRef(options.count.name), "DOUBLE") : literal(1);
  return sum(sql`CASE WHEN ${inside} THEN ${one} ELSE 0 END`);
}

/** A value as the text that names its class; a list as the set of its labels. */
export function textOf(column: Column): ExprNode {
  const reference = columnRef(column.name);
  const kind = kindOf(column);
  if (kind === "text") return reference;
  if (kind !== "list") return cast(reference, "VARCHAR");
  const labels = sql`list_sort(list_distinct(CAST(${reference} AS VARCHAR[])))`;
  return sql`CASE WHEN ${reference} IS NULL THEN NULL ELSE '{' || coalesce(array_to_string(${labels}, ', '), '') || '}' END`;
}

/** Rows of a node: of these values, the last of them or what is below it. */
function isUnder(columns: readonly Column[], key: Key, separator: string): ExprNode {
  if (key.length === 0) return literal(true);
  const parts = key.map((value, at) => {
    const text = textOf(columns[at]!);
    const isPath = separator !== "" && at === key.length - 1 && !value.startsWith("{");
    if (!isPath) return sql`${text} = ${literal(value)}`;
    if (value.endsWith(separator))
      return sql`(${text} = ${literal(value)} OR ${text} = ${literal(value.slice(0, -separator.length))})`;
    return sql`(${text} = ${literal(value)} OR starts_with(${text}, ${literal(value + separator)}))`;
  });
  return parts.reduce((all, part) => sql`${all} AND ${part}`);
}

function matches(columns: readonly Column[], mark: Mark, separator: string): ExprNode {
  if (!("not" in mark)) return isUnder(columns, mark, separator);
  return sql`NOT (${isUnder(columns, mark.not, separator)})`;
}

/** Rows of any of the selected cells, rows and columns; null where nothing is selected. */
export function predicateOf(options: Options, state: MatrixState): ExprNode | null {
  const nested = dimensionsOf(options, state).map((at) => options.dimensions[at]!);
  const [labels, predictions] = [nested.map((each) => each.label), nested.map((each) => each.prediction)];
  const { separator } = options;
  // A row without a label or prediction is in no cell, and so in none of its rows and columns.
  const present = [...labels, ...predictions].map((column) => sql`${columnRef(column.name)} IS NOT NULL`);
  const parts = [
    ...(state.cells ?? []).map(
      ([actual, predicted]) =>
        sql`(${matches(labels, actual, separator)} AND ${matches(predictions, predicted, separator)})`,
    ),
    ...(state.rows ?? []).map((mark) => sql`(${matches(labels, mark, separator)})`),
    ...(state.columns ?? []).map((mark) => sql`(${matches(predictions, mark, separator)})`),
  ];
  if (parts.length === 0) return null;
  const any = parts.reduce((all, part) => sql`${all} OR ${part}`);
  return sql`(${any}) AND ${present.reduce((all, part) => sql`${all} AND ${part}`)}`;
}
