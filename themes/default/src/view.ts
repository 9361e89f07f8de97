/**
 * The contract of a view. A view is written once and runs in two places: in V8 at build, where native DuckDB answers
 * its queries, and in the browser, where DuckDB-WASM does. It never touches a database or, in `render`, a document.
 *
 * Life-cycle. `parse` reads the author's options and reports every problem. `queries` names what the view wants to
 * know; it is called again with the answers until it names nothing new, so a later query may depend on an earlier
 * answer (bins need an extent). `render` draws. In the browser the queries marked `filtered` are asked again whenever
 * another view's selection changes.
 */
import type { ExprNode, FilterExpr, Query } from "@uwdata/mosaic-sql";
import type { Scene } from "./architecture/scene.ts";
import type { Markup } from "./markup.ts";
import type { Artifact, Column, Table, ViewRequest } from "./page.ts";
import type { Result } from "./data/result.ts";
import type { Selected } from "./selected.ts";

export type Filter = FilterExpr | null | undefined;

export interface NamedQuery {
  /**
   * The query under a filter; mosaic-sql AST, so that it can be pre-aggregated. An unfiltered one gets null, or, where
   * the page is split into groups, the condition of one: the whole in grey is then the group's. One that ignores it
   * is the same in every group, so that groups share their scales (domains).
   */
  sql: (filter: Filter) => Query;
  /** Whether the page's filters apply. An unfiltered one is asked once (domains, the whole in grey). */
  filtered: boolean;
  /** What an unfiltered one is asked of, where a reader changes that: of something else it is asked again. */
  of?: string;
  /** The relation whose filters apply, where it is not that of the view's own table. */
  relation?: string;
  /** Whether its groups are so small that pre-aggregates of them would be as many as the rows: then none are made. */
  isFine?: boolean;
}

/** One group of rows where the reader split the page: the view is drawn once for each. */
export interface Membership {
  label: string;
  /** What tells it from the other groups of its view, in the link too. */
  key: string;
  /** Id of its heading, and of no other element: a view makes the ids of its own elements from it. */
  heading: string;
  /** Rows of the view's table in the group. */
  rows: number;
  /** What a row must be to be of the group, for queries that see to it themselves. */
  condition: ExprNode;
  /** The answers of every group of this view, this one included: what they share a scale over. */
  peers: readonly Results[];
}

export type Results = Readonly<Record<string, Result>>;

/** What a view knows of its page; constant for the view's life. */
export interface Context {
  request: ViewRequest;
  /** The table shown. A view of the whole page (the toolbar) gets the page's first. */
  table: Table;
  tables: Readonly<Record<string, Table>>;
  /** The artifacts of the tables, with those above and below them, by name; told at build only. */
  artifacts?: Readonly<Record<string, Artifact>>;
  /** Views of the page in reading order. */
  figures: readonly { id: string; title: string; view: string }[];
  /** The group that this drawing is of; only in the browser, and only while the page is split. */
  group?: Membership;
}

/** What the reader changed, as it is written into the link. Not to be confused with options, which the author wrote. */
export type ViewState = Readonly<Record<string, unknown>>;

export interface DataTable {
  /** What tells it from the others of a drawing with several plots. */
  caption?: string;
  columns: DataColumn[];
  rows: Record<string, unknown>[];
  /** Those of the other plots. */
  beside?: readonly DataTable[];
}

export interface DataColumn {
  /** Its key in the rows. */
  name: string;
  title: string;
  /** How its numbers are said, where not as any number; files hold them as they are. */
  say?: (value: number) => string;
  /** Whether its numbers are times, in ms since 1970 in UTC; files hold them in ISO. */
  isTime?: boolean;
}

/** The data tables of a drawing; none where it has none. */
export function tablesOf(data: Drawing["data"]): readonly DataTable[] {
  return data ? [data, ...(data.beside ?? [])] : [];
}

export interface Drawing {
  body: Markup;
  /** Rows that pass the page's filters, as this view sees them, and all rows. */
  rows: number;
  total: number;
  /** Said below the drawing, where a cap, an undefined value or an empty table needs a sentence. */
  notices: string[];
  /** The numbers shown, for the data table, or for one of each plot; at most `DATA_ROWS` of each are written. */
  data: DataTable | null;
  /** The drawing in one sentence, for those who do not see it. */
  description: string;
  /** What a picture of the drawing alone has to say below it, one phrase each: a threshold, what its colours mean. */
  reading?: readonly string[];
  /** The figure as a paper has it, laid out when it is asked for; left out where a view has none. */
  paper?: () => Scene;
  /** The same as TikZ, under a title. */
  tikz?: (title: string) => string;
  /** What the figure is called where its author gave it no title; left out for the view and its table. */
  title?: string | null;
}

/** Rows that a view lists, for files: all of them, in its order, where its drawing holds only those in sight. */
export interface Listing {
  columns: readonly Column[];
  /** Some of the rows, by the names of their columns. */
  rows: (filter: Filter, window: Window) => Query;
  /** The numbers of these rows as the view orders them, as `:row`, which each row then has as well; left out where they come in order. */
  order?: (filter: Filter, window: Window) => Query;
}

export interface Window {
  offset: number;
  limit: number;
}

export interface View<Options> {
  name: string;
  /** One sentence for the reference. */
  summary: string;
  /** What an author can write in the block: name → meaning. */
  options: Readonly<Record<string, string>>;
  /** Throws ProblemError on options that cannot be shown. */
  parse(context: Context): Options;
  queries(options: Options, results: Results, context: Context, state: ViewState): Record<string, NamedQuery>;
  render(options: Options, results: Results, state: ViewState, context: Context): Drawing;
  /** What of a state from a link fits this view; the reader is told of the rest. Views without a state leave it out. */
  accept?(options: Options, state: ViewState, context: Context): ViewState;
  /** What a state selects, in columns, for the toolbar's chips. Views without a selection leave it out. */
  selected?(options: Options, state: ViewState, context: Context): Selected[];
  /** What the view lists. Views whose drawing holds their numbers leave it out. */
  listing?(options: Options, state: ViewState, context: Context): Listing;
  /** Whether the figure shows counts, a data table and a menu; the toolbar is bare. */
  bare?: boolean;
  /** Whether the view can do without a table. */
  tableless?: boolean;
  /** Whether the head leaves out how many rows pass: of a view that tells of a table as a whole. */
  uncounted?: boolean;
  /** Whether the live half goes on with the markup of `render`, which is then written into every group's place, too. */
  keepsMarkup?: true;
  /** False for a view that stays one where the page is split into groups; a bare one always does. */
  groups?: false;
}

/** A state as far as it was kept, in the order in which the link names it, so that the two can be compared. */
export function inOrderOf(written: ViewState, kept: ViewState): ViewState {
  return Object.fromEntries(
    Object.keys(written).flatMap((key) => (Object.hasOwn(kept, key) ? [[key, kept[key]]] : [])),
  );
}
