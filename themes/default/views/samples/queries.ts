/** What a samples view asks: counts, the cards of one page or of each group, and one sample whole. */
import {
  cast,
  column as columnRef,
  count,
  literal,
  Query,
  sql,
  type ExprNode,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import { kindOf } from "../../src/data/columns.ts";
import type { Column, Table } from "../../src/page.ts";
import type { Context, Filter, NamedQuery, Results, ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { moreOf, pageOf, type Id } from "./state.ts";

/** Signs of a text that a card holds; the detail has it whole. */
export const MOST_SIGNS = 1200;

/** Headings at most, and cards below one at first. */
export const MOST_HEADINGS = 24;
const PER_GROUP = 12;

export function perGroup(options: Options): number {
  return Math.min(options.perPage, PER_GROUP);
}

function source(table: Table, filter: Filter): SelectQuery {
  const query = Query.from(table.relation);
  if (table.member) query.where(columnRef(table.member));
  return filter ? query.where(filter) : query;
}

/** Columns that a card needs, by the name it is drawn under. */
export function drawnColumns(options: Options): Record<string, Column> {
  const { id, label, prediction, cards } = options;
  const media: Readonly<Record<string, Record<string, Column | null>>> = {
    image: { sheet: options.sheet, x: options.x, y: options.y },
    text: { text: options.text },
    audio: { media_type: options.mediaType },
    table: {},
  };
  const named = Object.entries({ id, label, prediction, ...media[cards] }).filter(
    (entry): entry is [string, Column] => entry[1] !== null,
  );
  const captions = options.captions.map((each, index): [string, Column] => [`caption_${index}`, each]);
  return Object.fromEntries([...named, ...captions]);
}

/** Long texts are cut where they lie, and of sounds only the size is asked. */
function cells(options: Options): Record<string, ExprNode> {
  const drawn = Object.entries(drawnColumns(options)).map(([name, { name: column }]): [string, ExprNode] => {
    const reference = columnRef(column);
    return [name, name === "text" ? sql`substr(${reference}, 1, ${String(MOST_SIGNS + 1)})` : reference];
  });
  const { audio, cards } = options;
  if (cards === "audio") drawn.push(["bytes", sql`octet_length(${columnRef(audio!.name)})::INTEGER`]);
  return Object.fromEntries(drawn);
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
  const tiles = (filter: Filter): Query =>
    options.group
      ? groupedTiles(options, options.group, table, filter, state)
      : pagedTiles(options, table, filter, pageOf(state));
  return {
    total: {
      filtered: false,
      sql: (filter) => source(table, filter).select({ rows: cast(count(), "INTEGER") }),
    },
    passing: { filtered: true, sql: (filter) => passing(options, table, filter) },
    tiles: { filtered: true, sql: tiles },
  };
}

function passing(options: Options, table: Table, filter: Filter): Query {
  const rows = cast(count(), "INTEGER");
  if (!options.group) return source(table, filter).select({ rows });
  const value = columnRef(options.group.name);
  const groups = sql`(count(DISTINCT ${value}) + coalesce(max(CASE WHEN ${value} IS NULL THEN 1 END), 0))::INTEGER`;
  return source(table, filter).select({ rows, groups });
}

/** A page far within is found by ids alone: sorting whole rows to its place would take the engine several times as long. */
function pagedTiles(options: Options, table: Table, filter: Filter, page: number): Query {
  const order = ordering(options);
  const tiles = (from: SelectQuery): SelectQuery => from.select(cells(options)).orderby(...order);
  if (page === 0) return tiles(source(table, filter)).limit(options.perPage);
  const id = columnRef(options.id.name);
  const ids = source(table, filter)
    .select({ id })
    .orderby(...order)
    .limit(options.perPage)
    .offset(page * options.perPage);
  return tiles(Query.from(table.relation)).where(sql`${id} IN (${ids})`);
}

/** The first cards of every group, the largest group first. */
function groupedTiles(
  options: Options,
  group: Column,
  table: Table,
  filter: Filter,
  state: ViewState,
): Query {
  const value = columnRef(group.name);
  const order = ordering(options).reduce((list, each) => sql`${list}, ${each}`);
  const placed = source(table, filter).select({
    ...cells(options),
    heading: value,
    heading_rows: sql`(count(*) OVER (PARTITION BY ${value}))::INTEGER`,
    place: sql`(row_number() OVER (PARTITION BY ${value} ORDER BY ${order}))::INTEGER`,
  });
  const names = [...Object.keys(cells(options)), "heading", "heading_rows", "place"];
  const windows = moreOf(state);
  const most = windows.reduce((sum, [, more]) => sum + more, MOST_HEADINGS) * perGroup(options);
  return Query.from(placed)
    .select(Object.fromEntries(names.map((name) => [name, columnRef(name)])))
    .where(sql`"place" <= ${placesOf(options, group, windows)}`)
    .orderby(sql`"heading_rows" DESC`, sql`"heading" ASC NULLS LAST`, sql`"place" ASC`)
    .limit(most);
}

/** How many cards a group shows: more where the reader asked for more. */
function placesOf(
  options: Options,
  group: Column,
  windows: readonly (readonly [unknown, number])[],
): ExprNode {
  const first = perGroup(options);
  const fitting = windows.filter(([value]) => value === null || typeof value === typeOf(group));
  if (fitting.length === 0) return sql`${String(first)}`;
  const cases = fitting.map(([value, more]) => {
    const places = String(first * (more + 1));
    return value === null
      ? sql`WHEN "heading" IS NULL THEN ${places}`
      : sql`WHEN "heading" = ${literal(value)} THEN ${places}`;
  });
  return sql`CASE ${cases.reduce((list, each) => sql`${list} ${each}`)} ELSE ${String(first)} END`;
}

/** JavaScript's type of a column's values: the database refuses to compare a column with another. */
function typeOf(column: Column): string {
  const kind = kindOf(column);
  return kind === "text" ? "string" : kind === "boolean" ? "boolean" : "number";
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

/** The bytes of one sample's sound, and of what kind they are. */
export function soundQuery(options: Options, table: Table, id: Id): Query {
  const type = options.mediaType ? columnRef(options.mediaType.name) : sql`''`;
  return Query.from(table.relation)
    .select({ bytes: columnRef(options.audio!.name), type })
    .where(sql`${columnRef(options.id.name)} = ${literal(id)}`)
    .limit(1);
}
