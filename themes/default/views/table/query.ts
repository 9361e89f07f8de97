/** What a table asks: counts, a window of its rows in a stable order, and a summary of each column. */
import {
  cast,
  column as columnRef,
  count,
  literal,
  or,
  Query,
  sql,
  type ExprNode,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import { kindOf } from "../../src/data/columns.ts";
import { extentOf, finite, rangeIn } from "../../src/data/extent.ts";
import { rowsOf } from "../../src/data/rows.ts";
import { column as valuesOf } from "../../src/data/result.ts";
import type { Column, Table } from "../../src/page.ts";
import type { Range } from "../../src/values.ts";
import type { Filter, Listing, Results, Window } from "../../src/view.ts";
import { imageColumns, LISTED, MOST_CHARACTERS, type Shown } from "./cells.ts";
import type { Changeable, SortKey, TableState } from "./state.ts";

/** A row as answered. */
export type Row = Readonly<Record<string, unknown>>;

/** Where the rows come from, and which of their columns are wanted. */
export interface Source {
  table: Table;
  id: Column | null;
  /** What rows are selected by. */
  key: Column | null;
  searched: readonly Column[];
}

/** A table as its author asked for it. */
export interface Options extends Changeable {
  source: Source;
  /** Every column that can be shown, by number. */
  candidates: readonly Shown[];
  /** Those shown at first. */
  columns: readonly Shown[];
  hasImages: boolean;
  /** The order at first; after a sort has been given up, too. */
  order: readonly SortKey[];
  /** Rows written into the page. */
  rows: number;
  hasSummaries: boolean;
}

/** The physical row of a relation, which stands in the order of its ids. */
const ROW = sql`rowid`;

function found(source: Source, filter: Filter, state: TableState): SelectQuery {
  const query = rowsOf(source.table, filter);
  const condition = searchCondition(source, state);
  return condition ? query.where(condition) : query;
}

/** Whether a text is in one of the columns, whatever its case; every sign of it stands for itself. */
export function searchCondition({ searched }: Source, { search, within }: TableState): ExprNode | null {
  if (!search) return null;
  const columns = searched.filter((column) => within === "" || column.name === within);
  const term = sql`lower(${literal(search)})`;
  return or(
    ...columns.map((each) => sql`contains(lower(CAST(${columnRef(each.name)} AS VARCHAR)), ${term})`),
  );
}

export function passingQuery(source: Source, filter: Filter, state: TableState): Query {
  return found(source, filter, state).select({ rows: cast(count(), "INTEGER") });
}

/** Missing values come last either way, and NaN is one of them; equal rows keep the order of their ids. */
function orderOf(source: Source, sort: readonly SortKey[]): ExprNode[] {
  const keys = sort.map(({ column, direction }) => {
    const declared = source.table.columns.find((each) => each.name === column)!;
    const named = columnRef(column);
    const value = declared.type.startsWith("float")
      ? sql`(CASE WHEN isnan(${named}) THEN NULL ELSE ${named} END)`
      : named;
    return direction === "descending" ? sql`${value} DESC NULLS LAST` : sql`${value} ASC NULLS LAST`;
  });
  return [...keys, source.id ? columnRef(source.id.name) : ROW];
}

/**
 * The rows of a window, whole. Sorted by a column, only the keys of the order are sorted, not the cells; as they stand,
 * the engine stops at the end of the window.
 */
export function windowQuery(
  source: Source,
  shown: readonly Shown[],
  filter: Filter,
  state: TableState,
  window: { offset: number; limit: number },
): Query {
  if (source.id && state.sort.length === 0) {
    const named = namesOf(source, shown).map((name): [string, ExprNode] => [name, columnRef(name)]);
    const rows = found(source, filter, state).select(Object.fromEntries(named));
    return Query.from({ [source.table.relation]: rows.limit(window.limit).offset(window.offset) })
      .select(cells(source, shown))
      .orderby(...orderOf(source, []));
  }
  const rows = orderedRows(source, filter, state).limit(window.limit).offset(window.offset);
  return cellsQuery(source, shown, state, sql`rowid IN (${rows})`);
}

/** The columns that a row's cells are of. */
function namesOf({ table, key }: Source, shown: readonly Shown[]): string[] {
  const drawn = [...shown.map(({ column }) => column), ...Object.values(imageColumns(table) ?? {})];
  return [...new Set([...drawn.map(({ name }) => name), ...(key ? [key.name] : [])])];
}

/**
 * Every row that is found, in order: what a far window is cut from. Unsorted they stand in the relation's own order,
 * which the engine keeps, and a window then costs no look at all the others.
 */
export function orderedRows(source: Source, filter: Filter, state: TableState): SelectQuery {
  return sorted(found(source, filter, state).select({ ":row": ROW }), source, state);
}

function sorted(query: SelectQuery, source: Source, { sort }: TableState): SelectQuery {
  return sort.length ? query.orderby(...orderOf(source, sort)) : query;
}

/** The same window, cut from a table that holds the rows' order. */
export function cutQuery(
  source: Source,
  shown: readonly Shown[],
  state: TableState,
  order: string,
  window: { offset: number; limit: number },
): Query {
  const last = window.offset + window.limit - 1;
  const rows = Query.from(order)
    .select({ ":row": columnRef(":row") })
    .where(sql`rowid BETWEEN ${window.offset} AND ${last}`);
  return cellsQuery(source, shown, state, sql`rowid IN (${rows})`);
}

function cellsQuery(source: Source, shown: readonly Shown[], state: TableState, condition: ExprNode): Query {
  return Query.from(source.table.relation)
    .select(cells(source, shown))
    .where(condition)
    .orderby(...orderOf(source, state.sort));
}

/**
 * The rows as they are listed, for files: searched, in order, with the columns that are shown, each cell in full. They are
 * asked for unsorted, and their order beside them: the browser's engine now and then loses lists that it sorts.
 */
export function listingOf(source: Source, shown: readonly Shown[], state: TableState): Listing {
  const columns = shown.map(({ column }) => column);
  const named = columns
    .filter((each) => kindOf(each) !== "binary")
    .map(({ name }) => [name, columnRef(name)]);
  const order = (filter: Filter, { offset, limit }: Window): Query =>
    sorted(found(source, filter, state).select({ ":row": ROW }), source, state)
      .limit(limit)
      .offset(offset);
  return {
    columns,
    order,
    rows: (filter, window) =>
      Query.from(source.table.relation)
        .select({ ":row": ROW, ...Object.fromEntries(named) })
        .where(sql`rowid IN (${order(filter, window)})`),
  };
}

/** Ids of a window, for a selection that reaches beyond what is drawn. */
export function idsQuery(
  source: Source,
  filter: Filter,
  state: TableState,
  window: { offset: number; limit: number },
): Query {
  return sorted(found(source, filter, state).select({ ":id": columnRef(source.key!.name) }), source, state)
    .limit(window.limit)
    .offset(window.offset);
}

/** No column of a table is likely to be called so; an order by a column must not find another one's cell. */
const cellName = (index: number): string => `:${index}`;
const lengthName = (index: number): string => `:${index} length`;
const itemName = (index: number, at: number): string => `:${index} item ${at}`;

function cells({ table, key }: Source, shown: readonly Shown[]): Record<string, ExprNode> {
  const image = imageColumns(table);
  const named: [string, ExprNode][] = shown.flatMap(({ column, index }) => cellOf(column, index));
  if (key) named.push([":id", columnRef(key.name)]);
  for (const [name, column] of Object.entries(image ?? {})) named.push([`:${name}`, columnRef(column.name)]);
  if (named.length === 0) named.push([":row", ROW]);
  return Object.fromEntries(named);
}

function cellOf(column: Column, index: number): [string, ExprNode][] {
  const named = columnRef(column.name);
  const kind = kindOf(column);
  if (kind === "text") return [[cellName(index), shortText(named)]];
  if (kind === "binary") return [[cellName(index), sql`CAST(octet_length(${named}) AS DOUBLE)`]];
  if (kind !== "list") return [[cellName(index), named]];
  // Item by item: the browser's engine now and then ends at `list_slice`.
  const items = Array.from({ length: LISTED }, (_, at): [string, ExprNode] => [
    itemName(index, at),
    sql`list_extract(${named}, ${at + 1})`,
  ]);
  return [...items, [lengthName(index), sql`CAST(len(${named}) AS DOUBLE)`]];
}

/** A cell's value as answered, and how many items it has, where it is a list. */
export function readCell(row: Row, { column, index }: Shown): { value: unknown; length: number } {
  if (kindOf(column) !== "list") return { value: row[cellName(index)], length: 0 };
  const length = row[lengthName(index)];
  if (typeof length !== "number") return { value: null, length: 0 };
  const items = Array.from({ length: Math.min(LISTED, length) }, (_, at) => row[itemName(index, at)]);
  return { value: items, length };
}

function shortText(text: ExprNode): ExprNode {
  const whole = sql`CAST(${text} AS VARCHAR)`;
  return sql`(CASE WHEN length(${whole}) > ${MOST_CHARACTERS} THEN left(${whole}, ${MOST_CHARACTERS}) || '…' ELSE ${whole} END)`;
}

/** Bars of a column's small histogram. */
export const BARS = 16;

function isMeasured(column: Column): boolean {
  return ["number", "time"].includes(kindOf(column)) && column.role !== "id";
}

/** Milliseconds of a time, the number itself otherwise. */
function measured(column: Column): ExprNode {
  const named = columnRef(column.name);
  return kindOf(column) === "time" ? sql`epoch_ms(CAST(${named} AS TIMESTAMP))` : named;
}

/** One row that says of each column what its head tells. */
export function summaryQuery(source: Source, columns: readonly Shown[], group: Filter): Query {
  const parts = columns.flatMap(({ column, index }): [string, ExprNode][] => {
    const named = columnRef(column.name);
    const present: [string, ExprNode] = [`present ${index}`, cast(count(named), "INTEGER")];
    if (isMeasured(column)) return [present, ...extentOf(column, measured(column), index)];
    if (kindOf(column) === "text")
      return [present, [`distinct ${index}`, sql`CAST(count(DISTINCT ${named}) AS INTEGER)`]];
    if (kindOf(column) === "boolean")
      return [present, [`share ${index}`, sql`avg(CAST(${named} AS INTEGER))`]];
    return [present];
  });
  return rowsOf(source.table, group).select({ rows: cast(count(), "INTEGER"), ...Object.fromEntries(parts) });
}

/** Heights of the small histograms, a row per bar. Null where no column has more than one value. */
export function barsQuery(
  source: Source,
  columns: readonly Shown[],
  summary: Results[string],
  group: Filter,
): Query | null {
  const parts = columns.flatMap(({ column, index }) => {
    const range = rangeIn(summary, index);
    if (!isMeasured(column) || !range || range.low === range.high) return [];
    const { width, bars } = barsOf(column, range);
    const value = finite(measured(column));
    const place = sql`floor((${value} - (${literal(range.low)})) / ${literal(width)})`;
    const bar = sql`CAST(least(${bars - 1}, ${place}) AS INTEGER)`;
    return [
      rowsOf(source.table, group)
        .where(sql`${value} IS NOT NULL`)
        .select({ of: literal(index), bar, rows: cast(count(), "INTEGER") })
        .groupby("bar"),
    ];
  });
  return parts.length > 1 ? Query.unionAll(...parts) : (parts[0] ?? null);
}

/** Width of a bar in the column's own unit, and how many there are: of whole numbers each bar has as many. */
function barsOf({ type }: Column, { low, high }: Range): { width: number; bars: number } {
  if (!type.includes("int")) return { width: (high - low) / BARS, bars: BARS };
  const width = Math.ceil((high - low + 1) / BARS);
  return { width, bars: Math.ceil((high - low + 1) / width) };
}

/** Bars of each column by its number. */
export function readBars(answer: Results[string]): Map<number, number[]> {
  const [of, bar, rows] = ["of", "bar", "rows"].map((name) => valuesOf(answer, name) as number[]);
  const found = new Map<number, number[]>();
  of!.forEach((index, at) => {
    const heights = found.get(index) ?? [];
    heights[bar![at]!] = rows![at]!;
    found.set(index, heights);
  });
  // Bars that no row is in are not answered.
  return new Map(
    Array.from(found, ([index, heights]) => [index, Array.from(heights, (height) => height ?? 0)]),
  );
}
