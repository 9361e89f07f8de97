/** What the groups ask: how many samples have each label and prediction, how far numbers reach, and what was suggested. */
import { cast, column as columnRef, count, Query, sql, type ExprNode } from "@uwdata/mosaic-sql";
import { kindOf } from "../../src/data/columns.ts";
import { rowsOf } from "../../src/data/rows.ts";
import { column as valuesIn, objects, scalar, type Result } from "../../src/data/result.ts";
import type { Table } from "../../src/page.ts";
import type { Filter, NamedQuery, Results } from "../../src/view.ts";
import { natural } from "../../src/vega/chart.ts";
import { groupedBy, groupInWords, valueOf, type Grouped } from "./columns.ts";
import { measure, type Cell, type Measured, type Of } from "./metrics.ts";
import { knownClasses, MEANS, type Options } from "./options.ts";
import { keyOf, type FairState, type Key } from "./state.ts";

/** Groups that are drawn; of more, those with the most samples. */
export const MOST_GROUPS = 200;

/** Suggested and similar groups that are listed. */
export const LISTED = 50;

/** Numbers of which nobody stated edges. */
const measured = (options: Options): Options["choices"] =>
  options.choices.filter((column) => kindOf(column) === "number" && !options.edges.has(column.name));

function extentsQuery(options: Options, table: Table): Query {
  const ends = measured(options).flatMap(({ name }, at) => {
    const value = sql`(${columnRef(name)})::DOUBLE`;
    const isFinite = sql`isfinite(${value})`;
    return [
      [`low ${at}`, sql`min(${value}) FILTER (WHERE ${isFinite})`],
      [`high ${at}`, sql`max(${value}) FILTER (WHERE ${isFinite})`],
    ] as [string, ExprNode][];
  });
  return rowsOf(table, null).select({ rows: cast(count(), "INTEGER"), ...Object.fromEntries(ends) });
}

/** The columns that make groups, with their ranges. */
export function groupedOf(options: Options, results: Results, state: FairState): Grouped[] {
  const numbers = measured(options);
  return state.by.map((column) => {
    const at = numbers.indexOf(column);
    const [low, high] = ["low", "high"].map((end) =>
      at < 0 ? Number.NaN : scalar(results["extents"]!, `${end} ${at}`),
    );
    return groupedBy(
      column,
      options.edges.get(column.name) ?? null,
      at < 0 ? null : { low: low!, high: high! },
    );
  });
}

/** Columns of the answer: the group's values by the columns' names, so that an answer says what it is of. */
const nameOf = ({ column }: Grouped): string => `by ${column.name}`;

function cellsQuery(options: Options, by: readonly Grouped[], table: Table, filter: Filter): Query {
  const text = (name: string): ExprNode => sql`CAST(${columnRef(name)} AS VARCHAR)`;
  const [label, prediction] = [text(options.label.name), text(options.prediction.name)];
  const values = by.map((grouped) => [nameOf(grouped), valueOf(grouped)] as const);
  return rowsOf(table, filter)
    .select({ ...Object.fromEntries(values), label, prediction, n: count() })
    .groupby(...values.map(([, value]) => value), label, prediction);
}

function listQuery(table: Table, names: readonly string[]): Query {
  const own = names.filter((name) => table.columns.some((column) => column.name === name));
  return Query.from(table.relation)
    .select(Object.fromEntries(own.map((name) => [name, columnRef(name)])))
    .orderby(columnRef(table.columns.some(({ name }) => name === "rank") ? "rank" : "q"))
    .limit(LISTED);
}

const SUGGESTED = [
  "group",
  "slice",
  "expression",
  "n",
  "value",
  "error_rate",
  "rest",
  "difference",
  "low",
  "high",
];
const SIMILAR = ["group", "other", "column", "expression", "other_expression", "n", "other_n", "value"];

export function queries(
  options: Options,
  results: Results,
  state: FairState,
  table: Table,
): Record<string, NamedQuery> {
  const { suggested, similar } = options;
  const lists: Record<string, NamedQuery> = {};
  const add = (name: string, of: Table | null, columns: readonly string[]): void => {
    const sqlOf = of && listQuery(of, columns);
    if (of && sqlOf) lists[name] = { filtered: false, sql: () => sqlOf, relation: of.relation };
  };
  add("suggested", suggested, [...SUGGESTED, "q", "rank", "metric", "is_worse"]);
  add("similar", similar, [...SIMILAR, "other_value", "difference", "low", "high", "q", "rank", "metric"]);
  const first: Record<string, NamedQuery> = {
    extents: { filtered: false, sql: () => extentsQuery(options, table) },
    ...lists,
  };
  if (!results["extents"]) return first;
  const by = groupedOf(options, results, state);
  return {
    ...first,
    [wholeName(by)]: { filtered: false, sql: (filter) => cellsQuery(options, by, table, filter) },
    cells: { filtered: true, sql: (filter) => cellsQuery(options, by, table, filter) },
  };
}

/** The unfiltered answer of other columns is another one. */
export const wholeName = (by: readonly Grouped[]): string => `whole ${JSON.stringify(by.map(nameOf))}`;

export interface Group {
  key: Key;
  values: readonly unknown[];
  words: string;
  cells: readonly Cell[];
  /** Samples with a label and a prediction. */
  n: number;
  measured: Measured;
}

/** One answer, read. */
export interface Counted {
  groups: Group[];
  /** Rows of the answer, and those without a label or a prediction. */
  rows: number;
  lacking: number;
  all: readonly Cell[];
  whole: Measured;
}

/** Whether an answer is of these columns; one on its way may still be of others. */
export function isOf(result: Result | undefined, by: readonly Grouped[]): boolean {
  const names = Object.keys(result?.columns ?? {}).filter((name) => name.startsWith("by "));
  return (
    result !== undefined && names.length === by.length && by.every((each) => names.includes(nameOf(each)))
  );
}

/** Class names in order: those that are known, and then whatever else is found. */
export function classesOf(options: Options, table: Table, result: Result): string[] {
  const known = knownClasses(options, table);
  const found = new Set([...valuesIn(result, "label"), ...valuesIn(result, "prediction")]);
  const others = [...found].filter((name) => name !== null && !known.includes(String(name)));
  return [...known, ...others.map(String).sort(natural)];
}

export function ofNumber(of: string, classes: readonly string[]): Of {
  return (MEANS as readonly string[]).includes(of) ? (of as Of) : classes.indexOf(of);
}

export function readCells(
  result: Result,
  by: readonly Grouped[],
  classes: readonly string[],
  state: FairState,
): Counted {
  const of = ofNumber(state.of, classes);
  const codes = new Map(classes.map((name, at) => [name, at]));
  const found = new Map<Key, { values: unknown[]; cells: Cell[] }>();
  let [rows, lacking] = [0, 0];
  for (const row of objects(result)) {
    const n = Number(row["n"]);
    rows += n;
    const [label, prediction] = [codes.get(row["label"] as string), codes.get(row["prediction"] as string)];
    if (label === undefined || prediction === undefined) {
      lacking += n;
      continue;
    }
    const values = by.map((grouped) => row[nameOf(grouped)] ?? null);
    const key = keyOf(values);
    const group = found.get(key) ?? { values, cells: [] };
    group.cells.push({ label, prediction, n });
    found.set(key, group);
  }
  const groups = [...found].map(([key, { values, cells }]) => ({
    key,
    values,
    cells,
    words: groupInWords(by, values),
    n: cells.reduce((sum, cell) => sum + cell.n, 0),
    measured: measure(cells, state.metric, of),
  }));
  const all = groups.flatMap(({ cells }) => cells);
  const rank = ({ measured: { value } }: Group): number => (Number.isNaN(value) ? Infinity : value);
  groups.sort((a, b) => rank(a) - rank(b) || b.n - a.n || natural(a.words, b.words));
  return { groups, rows, lacking, all, whole: measure(all, state.metric, of) };
}
