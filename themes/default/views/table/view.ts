/** The rows themselves: a page of them in the HTML, all of them live, to be sorted, searched and selected. */
import type { Query } from "@uwdata/mosaic-sql";
import { findColumn, kindOf, withRole } from "../../src/data/columns.ts";
import { scalar, type Result } from "../../src/data/result.ts";
import { highlightsOfSearch, type Highlights } from "../../src/highlight.ts";
import { formatCount } from "../../src/markup.ts";
import { checkNames, readFlag, readText, readTexts, readWhole } from "../../src/options.ts";
import type { Column } from "../../src/page.ts";
import { ProblemError } from "../../src/problem.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, Drawing, Filter, NamedQuery, Results, View, ViewState } from "../../src/view.ts";
import { imageColumns, type Shown } from "./cells.ts";
import { bodyMarkup } from "./markup.ts";
import {
  barsQuery,
  listingOf,
  passingQuery,
  summaryQuery,
  windowQuery,
  type Options,
  type Source,
} from "./query.ts";
import { groupsColumn, tellsOf } from "./groups.ts";
import { acceptState, isSortable, readState, type SortKey, type TableState } from "./state.ts";
import { say } from "../../src/words.ts";

const OPTIONS = {
  columns: "columns to show at first, in their order; otherwise those of the table, 24 at most",
  order: "column to order by at first; id otherwise",
  descending: "true for the greatest first",
  rows: "rows written into the page, 50 by default; live, all can be scrolled",
  images: "false to leave out the small images of a table that has some",
  summaries: "false to leave out the small histograms and counts in the head",
};

/** Rows that the page holds by itself, by default and at most. */
const ROWS = { usual: 50, most: 1000 };

/** Columns shown at first, where the author names none; the reader can show more. */
const MOST_COLUMNS = 24;

/** Columns above which a table is wide: planning a statement of many takes a time that grows as their square. */
const MOST_SUMMARISED = 200;

function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("table", written, Object.keys(OPTIONS));
  const isDrawn = imageColumns(table) !== null && readFlag(written, "images", true);
  const places = isDrawn ? Object.values(imageColumns(table)!).map((column) => column.name) : [];
  const all = table.columns.filter((column) => !places.includes(column.name));
  const candidates = all.map((column, index) => ({ column, index }));
  const columns = chosenColumns(context, candidates);
  const id = withRole(table, "id");
  const key = id ?? groupsColumn(context);
  const shownTexts = columns.map((shown) => shown.column).filter((column) => kindOf(column) === "text");
  const searched = id && !shownTexts.includes(id) ? [id, ...shownTexts] : shownTexts;
  return {
    source: { table, id, key, searched },
    key,
    all,
    searched,
    candidates,
    columns,
    hasImages: isDrawn,
    order: orderOf(context),
    rows: readWhole(written, "rows", ROWS.usual, [1, ROWS.most]),
    hasSummaries: readFlag(written, "summaries", true),
  };
}

/** The author's columns, else those of the table itself: what its relation adds can be shown on demand. */
function chosenColumns(context: Context, candidates: readonly Shown[]): Shown[] {
  const names = readTexts(context.request.options, "columns");
  if (!names) {
    const own = context.tables[context.table.name]?.columns.map((column) => column.name) ?? [];
    return candidates.filter(({ column }) => own.includes(column.name)).slice(0, MOST_COLUMNS);
  }
  return names.map((name) => {
    const found = findColumn(context.table, name, "columns");
    return candidates.find(({ column }) => column === found) ?? { column: found, index: candidates.length };
  });
}

function orderOf({ table, request }: Context): SortKey[] {
  const name = readText(request.options, "order");
  const isDescending = readFlag(request.options, "descending", false);
  if (name === null) return [];
  const column: Column = findColumn(table, name, "order");
  if (!isSortable(column))
    throw new ProblemError(`column "${name}" holds ${column.type} and has no order`, "name another", "order");
  return [{ column: name, direction: isDescending ? "descending" : "ascending" }];
}

/** The state as it takes effect: an author's order holds until the reader gives another. */
export function effective(options: Options, state: ViewState): TableState {
  const read = readState(options, state);
  return read.sort.length ? read : { ...read, sort: options.order };
}

/** What the reader searches for, in the columns that are searched. */
export function searchHighlights({ searched }: Options, { search, within }: TableState): Highlights {
  return highlightsOfSearch(
    search,
    searched.filter(({ name }) => within === "" || name === within),
  );
}

/** The columns of a state. */
export function shownColumns(options: Options, state: TableState): readonly Shown[] {
  const { columns } = state;
  if (!columns) return options.columns;
  return columns.map((name) => options.candidates.find(({ column }) => column.name === name)!);
}

/** The columns whose heads are told: all, ready for a reader who shows more; of a wide table those shown now. */
function summarised(options: Options, state: TableState, { summary }: Results): readonly Shown[] {
  if (options.candidates.length <= MOST_SUMMARISED) return options.candidates;
  const shown = [...shownColumns(options, state)].sort((one, other) => one.index - other.index);
  const isTold = summary && shown.every(({ index }) => `${PRESENT}${index}` in summary.columns);
  return isTold ? toldColumns(options, summary) : shown;
}

/** How the summary names what tells that a column is in it. */
const PRESENT = "present ";

/** What has been told of holds for fewer columns, too, and for any order: nothing is asked anew. */
function toldColumns({ candidates, columns }: Options, summary: Result): Shown[] {
  const names = Object.keys(summary.columns).filter((name) => name.startsWith(PRESENT));
  const indices = names.map((name) => Number(name.slice(PRESENT.length)));
  return indices.map((at) => candidates[at] ?? columns.find(({ index }) => index === at)!);
}

function queries(
  options: Options,
  results: Results,
  { group }: Context,
  written: ViewState,
): Record<string, NamedQuery> {
  const { source } = options;
  const state = effective(options, written);
  const told = summarised(options, state, results);
  const window = { offset: 0, limit: options.rows };
  // What a column holds in all says how its numbers are written, so that groups compare.
  const of = told.map(({ index }) => index).join();
  const summary: NamedQuery = { filtered: false, of, sql: () => summaryQuery(source, told, null) };
  const own: NamedQuery = {
    filtered: false,
    of,
    sql: (condition) => summaryQuery(source, told, condition),
  };
  return {
    summary,
    ...(group ? { own } : {}),
    ...(options.hasSummaries ? barsQueries(source, told, results) : {}),
    passing: { filtered: true, sql: (filter) => passingQuery(source, filter, state) },
    rows: {
      filtered: true,
      sql: (filter) => windowQuery(source, shownColumns(options, state), filter, state, window),
    },
  };
}

/** Bars are asked for when the summary has told the ranges of the same columns. */
function barsQueries(source: Source, told: readonly Shown[], results: Results): Record<string, NamedQuery> {
  const { summary } = results;
  if (!summary || !told.every(({ index }) => `${PRESENT}${index}` in summary.columns)) return {};
  const query = (group: Filter): Query | null => barsQuery(source, told, summary, group);
  const of = told.map(({ index }) => index).join();
  return query(null) ? { bars: { filtered: false, of, sql: (group) => query(group)! } } : {};
}

function render(options: Options, results: Results, written: ViewState, context: Context): Drawing {
  const state = effective(options, written);
  const rows = scalar(results["passing"]!, "rows");
  const total = context.group?.rows ?? scalar(results["summary"]!, "rows");
  const shown = shownColumns(options, state);
  const names = shown.map(({ column }) => column.name);
  const highlights = searchHighlights(options, state);
  return {
    body: bodyMarkup({ options, shown, results, state, context, isLive: false, highlights }),
    rows,
    total,
    notices: [],
    data: null,
    description: say("Table of {rows} of {total} rows with the columns {names}.", {
      rows: formatCount(rows),
      total: formatCount(total),
      names: names.join(", "),
    }),
  };
}

/** Of groups that a link names, those that the page has samples of. */
function fittingGroups({ source, key }: Options, written: ViewState, context: Context): ViewState {
  const ids = written["ids"];
  if (source.id || !key || !Array.isArray(ids)) return written;
  return { ...written, ids: ids.filter((id) => typeof id === "string" && tellsOf(id, context)) };
}

function selected(options: Options, state: ViewState): Selected[] {
  const { ids } = readState(options, state);
  const { key, source } = options;
  return ids.length && key ? [{ column: source.id ? key.name : "group", values: ids }] : [];
}

export const view: View<Options> = {
  name: "table",
  summary:
    "The rows of a table: all of them to scroll through, sorted by any column, searched, and selected to filter the other views.",
  options: OPTIONS,
  parse,
  queries,
  render,
  keepsMarkup: true,
  listing: (options, written) => {
    const state = effective(options, written);
    return listingOf(options.source, shownColumns(options, state), state);
  },
  accept: (options, state, context) => acceptState(options, fittingGroups(options, state, context)),
  selected,
};
