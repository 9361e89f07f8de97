/** What a samples view asks: counts, the first cards, those of any window of the order, and one sample whole. */
import {
  cast,
  column as columnRef,
  count,
  literal,
  max,
  or,
  Query,
  sql,
  type ExprNode,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import { EXCERPT, MOST_SIGNS, type Tile } from "../../src/cards.ts";
import { kindOf } from "../../src/data/columns.ts";
import { objects } from "../../src/data/result.ts";
import { countOf, rowsOf } from "../../src/data/rows.ts";
import { cellsOf, endsOf } from "../../src/tiles.ts";
import type { Column, Table } from "../../src/page.ts";
import type { Context, Filter, NamedQuery, Results, ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { searchOf, type Id } from "./state.ts";

/** Headings at most, and cards that the page holds below one. */
export const MOST_HEADINGS = 24;
const PER_GROUP = 12;

export function perGroup(options: Options): number {
  return Math.min(options.perPage, PER_GROUP);
}

/** Rows and what is searched for in them. */
export interface Asked {
  options: Options;
  table: Table;
  filter: Filter;
  search: string;
}

export interface Span {
  offset: number;
  limit: number;
}

function source({ options, table, filter, search }: Asked): SelectQuery {
  const query = rowsOf(table, filter);
  if (!search) return query;
  const term = sql`lower(${literal(search)})`;
  return query.where(
    or(...options.searched.map(({ name }) => sql`contains(lower(${columnRef(name)}), ${term})`)),
  );
}

/** Of texts that are found far within, the part around what is searched for. */
function cells({ options, search }: Pick<Asked, "options" | "search">): Record<string, ExprNode> {
  return cellsOf(options, (text) => cut(text, search));
}

/** Signs before what is searched for, where it lies too far within a text to be in its beginning. */
const BEFORE = 80;

/** The beginning of a text; of one that is found far within, the part around what is searched for. */
function cut(text: ExprNode, search: string): ExprNode {
  const beginning = sql`substr(${text}, 1, ${String(MOST_SIGNS + 1)})`;
  if (!search) return beginning;
  const place = sql`strpos(lower(${text}), lower(${literal(search)}))`;
  const around = sql`'…' || substr(${text}, ${place} - ${String(BEFORE)}, ${String(MOST_SIGNS)})`;
  return sql`(CASE WHEN ${place} > ${String(MOST_SIGNS - BEFORE)} THEN ${around} ELSE ${beginning} END)`;
}

/** By the author's columns, then by id, so that equal values keep one order in both engines; null comes last. */
function ordering(options: Options): ExprNode[] {
  const first = options.order.map(({ column, descending }) => {
    const direction = descending ? "DESC" : "ASC";
    return sql`${columnRef(column.name)} ${direction} NULLS LAST`;
  });
  return [...first, sql`${columnRef(options.id.name)} ASC`];
}

export function queries(
  options: Options,
  _results: Results,
  context: Context,
  state: ViewState,
): Record<string, NamedQuery> {
  const { table } = context;
  const asked = (filter: Filter): Asked => ({ options, table, filter, search: searchOf(options, state) });
  const tiles = (filter: Filter): Query =>
    options.group ? groupedTiles(options.group, asked(filter)) : firstTiles(asked(filter));
  const named: Record<string, NamedQuery> = {
    total: { filtered: false, sql: (filter) => total(options, table, filter) },
    passing: { filtered: true, sql: (filter) => passing(asked(filter)) },
    tiles: { filtered: true, sql: tiles },
  };
  // Groups of a page write their numbers alike: the condition of one is left out.
  const ends = endsOf(options);
  if (Object.keys(ends).length > 0)
    named["ends"] = { filtered: false, sql: () => countOf(table, null).select(ends) };
  const { group } = options;
  if (group) named["headings"] = { filtered: true, sql: (filter) => headings(group, asked(filter)) };
  return named;
}

/** Runs of signs that are not as wide as two: those of East Asia are, and pictures. */
const NARROW =
  "[^\\x{1100}-\\x{115F}\\x{2E80}-\\x{A4CF}\\x{AC00}-\\x{D7A3}\\x{F900}-\\x{FAFF}\\x{FF00}-\\x{FF60}\\x{1F000}-\\x{1FAFF}]+";

/** All rows, and what the height of a card follows from: how long texts are, and whether any row is misread. */
function total(options: Options, table: Table, filter: Filter): Query {
  const { label, prediction, text, cards } = options;
  const query = countOf(table, filter);
  if (cards === "text") query.select(lengths(text!));
  if (!label || !prediction) return query;
  const [shows, said] = [label, prediction].map(({ name }) => cast(columnRef(name), "VARCHAR"));
  return query.select({ misread: sql`coalesce(bool_or(${shows!} <> ${said!}), FALSE)` });
}

/** Of what cards show of texts: the most signs, the most wide ones among them, and the most line breaks. */
function lengths(text: Column): Record<string, ExprNode> {
  const shown = sql`left(${columnRef(text.name)}, ${literal(EXCERPT)})`;
  const most = (counted: ExprNode): ExprNode => cast(max(counted), "INTEGER");
  // Searching is slow: a text of single bytes has no wide sign, and signs that are not are taken away run by run.
  const wide = sql`length(regexp_replace(${shown}, ${literal(NARROW)}, '', 'g'))`;
  return {
    signs: most(sql`length(${shown})`),
    wide: most(sql`CASE WHEN strlen(${shown}) > length(${shown}) THEN ${wide} ELSE 0 END`),
    breaks: most(sql`length(${shown}) - length(replace(${shown}, chr(10), ''))`),
  };
}

function passing(asked: Asked): Query {
  const { group } = asked.options;
  const rows = cast(count(), "INTEGER");
  if (!group) return source(asked).select({ rows });
  const value = columnRef(group.name);
  const groups = sql`(count(DISTINCT ${value}) + coalesce(max(CASE WHEN ${value} IS NULL THEN 1 END), 0))::INTEGER`;
  return source(asked).select({ rows, groups });
}

function firstTiles(asked: Asked): Query {
  const { options } = asked;
  return source(asked)
    .select(cells(asked))
    .orderby(...ordering(options))
    .limit(options.perPage);
}

/** The largest groups with how many cards each has, in their order. */
function headings(group: Column, asked: Asked): Query {
  return source(asked)
    .select({ heading: columnRef(group.name), heading_rows: cast(count(), "INTEGER") })
    .groupby(columnRef(group.name))
    .orderby(sql`"heading_rows" DESC`, sql`"heading" ASC NULLS LAST`)
    .limit(MOST_HEADINGS);
}

/** The first cards of every group, the largest group first. */
function groupedTiles(group: Column, asked: Asked): Query {
  const { options } = asked;
  const value = columnRef(group.name);
  const order = ordering(options).reduce((list, each) => sql`${list}, ${each}`);
  const placed = source(asked).select({
    ...cells(asked),
    heading: value,
    heading_rows: sql`(count(*) OVER (PARTITION BY ${value}))::INTEGER`,
    place: sql`(row_number() OVER (PARTITION BY ${value} ORDER BY ${order}))::INTEGER`,
  });
  const names = [...Object.keys(cells(asked)), "heading", "heading_rows", "place"];
  return Query.from(placed)
    .select(Object.fromEntries(names.map((name) => [name, columnRef(name)])))
    .where(sql`"place" <= ${String(perGroup(options))}`)
    .orderby(sql`"heading_rows" DESC`, sql`"heading" ASC NULLS LAST`, sql`"place" ASC`)
    .limit(MOST_HEADINGS * perGroup(options));
}

/** The cards that the first answer holds. */
export function tilesOf(results: Results): Tile[] {
  return objects(results["tiles"]!) as unknown as Tile[];
}

/** The physical row of a relation, which stands in the order of its ids. */
const ROW = sql`rowid`;

/** Something of every row that passes, in order: the largest group first. Without an order, that of the ids is there. */
function inOrder(asked: Asked, selected: Record<string, ExprNode>): SelectQuery {
  const { group, order } = asked.options;
  const query = source(asked).select(selected);
  if (!group) return order.length ? query.orderby(...ordering(asked.options)) : query;
  const value = columnRef(group.name);
  const largest = sql`(count(*) OVER (PARTITION BY ${value})) DESC`;
  return query.orderby(largest, sql`${value} ASC NULLS LAST`, ...ordering(asked.options));
}

/** The rows in order, for the engine to keep. */
export function orderedRows(asked: Asked): SelectQuery {
  return inOrder(asked, { ":row": ROW });
}

/** Which rows a window of the order holds: of few rows found anew, of many cut from the order that the engine keeps. */
export function windowRows(asked: Asked, { offset, limit }: Span, kept: string | null): SelectQuery {
  if (kept === null) return orderedRows(asked).limit(limit).offset(offset);
  return Query.from(kept)
    .select({ ":row": columnRef(":row") })
    .where(sql`rowid BETWEEN ${String(offset)} AND ${String(offset + limit - 1)}`)
    .orderby(ROW);
}

/** The cards of some rows, in any order, each with its row. */
export function rowTiles(asked: Pick<Asked, "options" | "table" | "search">, rows: readonly number[]): Query {
  const listed = rows.map((row) => sql`${String(Math.trunc(row))}`);
  const [first, ...others] = listed;
  const list = others.reduce((all, row) => sql`${all}, ${row}`, first ?? sql`NULL`);
  return Query.from(asked.table.relation)
    .select({ ...cells(asked), ":row": cast(ROW, "DOUBLE") })
    .where(sql`rowid IN (${list})`);
}

/** The ids of a window of the order. */
export function windowIds(asked: Asked, { offset, limit }: Span): SelectQuery {
  const id = { ":id": columnRef(asked.options.id.name) };
  return inOrder(asked, id).limit(limit).offset(offset);
}

/** Every column of one sample, but for bytes, which no reader reads. */
export function detailQuery(options: Options, table: Table, id: Id): Query {
  const names = detailColumns(table).map(({ name }) => [name, columnRef(name)]);
  return Query.from(table.relation)
    .select(Object.fromEntries(names) as Record<string, ExprNode>)
    .where(sql`${columnRef(options.id.name)} = ${literal(id)}`)
    .limit(1);
}

export function detailColumns(table: Table): Column[] {
  return table.columns.filter((column) => kindOf(column) !== "binary");
}
