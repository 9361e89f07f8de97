/**
 * What a page knows: the shapes that the generator writes into the page's payload and hands to V8 at build.
 * `sitegen/render.py` is the writer; nothing else crosses from Python to TypeScript.
 */

/** Keys of a link that are the page's own: filter, group, and whether the unfiltered whole is shown. No view has them for its id. */
export const FILTER = "filter";
export const GROUP = "group";
export const WHOLE = "whole";
export const RESERVED: readonly string[] = [FILTER, GROUP, WHOLE];

/** One column of a table, as its manifest declares it. */
export interface Column {
  /** What the relation calls it, and SQL. */
  name: string;
  /** What its own table calls it, where another table of the relation has one of that name with other values. */
  written?: string;
  /** The same, of a column that is another table's: it names none here, but says which names were meant. */
  elsewhere?: string;
  /** The contract's type: `bool`, `int32`, `float32`, `string`, `list<float32>`, `timestamp`, … */
  type: string;
  /** What the column is for (`id`, `label`, `prediction`, `confidence`, `sheet`, …), or null. */
  role: string | null;
  unit: string | null;
  description: string;
  nullable: boolean;
}

/** One sprite sheet; `url` is relative to the page. */
export interface Media {
  url: string;
  kind: string;
  width: number;
  height: number;
  tile_width: number;
  tile_height: number;
}

/** One Parquet file of a table, as the site publishes it; `url` is relative to the page. */
export interface TableFile {
  url: string;
  rows: number;
  bytes: number;
}

/** A table of an artifact, and the relation (SQL table) that holds its columns on this page. */
export interface Table {
  /** `<artifact>/<table>`, as pages write it. */
  name: string;
  /** The SQL table to ask; several tables on one entity share it. */
  relation: string;
  /** Rows of this table, which may be fewer than the relation's. */
  rows: number;
  columns: Column[];
  media: Media[];
  /** The relation's boolean column that marks this table's rows, where the relation holds others. */
  member: string | null;
  /** The model's classes in order, empty where the table has none. */
  classes: string[];
  title: string;
  /** The model that its numbers are of; left out where they are of none. */
  model?: string;
}

/** What a view is told of where its page has no table: a chart may hold its rows itself. */
export const NO_TABLE: Table = {
  name: "",
  relation: "",
  rows: 0,
  columns: [],
  media: [],
  member: null,
  classes: [],
  title: "",
};
/** An artifact as its manifest tells of it; known where views are drawn at build. */
export interface Artifact {
  name: string;
  tool: string;
  tool_version: number;
  title: string;
  parameters: Record<string, unknown>;
  /** What each parameter is by default and means; empty in artifacts that do not say. */
  declarations: { name: string; default: unknown; description: string }[];
  /** SHA-256 of each dataset, model and table that was read. */
  inputs: Record<string, string>;
  code: string;
  key: string;
  libraries: Record<string, string>;
  device: string;
  seed: number;
  dataset: string | null;
  licence: string;
  source: string;
  /** Wall time of each step, in seconds. */
  seconds: Record<string, number>;
  tables: {
    name: string;
    description: string;
    rows: number;
    bytes: number;
    files: { file: string; sha256: string; bytes: number; rows: number }[];
  }[];
}

/** A view as its page asks for it. */
export interface ViewRequest {
  view: string;
  id: string;
  title: string | null;
  /** How to read the view, in two sentences. */
  help: string | null;
  /** Columns of the 12-column grid. */
  width: number;
  /** Height of the drawing in px, or null for the view's own choice. */
  height: number | null;
  options: Record<string, unknown>;
  /** Name of the table it shows; null for a view of the whole page, such as the toolbar. */
  table: string | null;
  /** The relation's boolean column that is true in the rows the view is about, where its author wrote a filter. */
  member?: string;
}

/** One SQL table of the page: `sql` selects over `{artifact/table}` placeholders. */
export interface Relation {
  name: string;
  sql: string;
  rows: number;
  tables: { name: string; urls: string[] }[];
}

/** Where a block stands that readers can edit, with what its page knows of it. Lines keep their ends. */
export interface BlockSource {
  /** From the report's folder; empty where no patch can be made, and then `problem` says why. */
  file: string;
  problem: string;
  /** Number of the first line of `before`, which ends with the opening fence; `after` begins with the closing one. */
  line: number;
  before: string[];
  lines: string[];
  after: string[];
  /** What stands before each of the lines in the file. */
  indent: string;
  /** Of YAML: the first line of each key, from 0, and the line after its value. */
  keys: Record<string, [number, number]>;
  /** The block's text where `lines` are not known. */
  text?: string;
  /** Whether other pages may show the same block. */
  shared: boolean;
  /** Of Markdown: paths of page and file, what its values say, and what its numbers came to. */
  page?: string;
  base?: string;
  values?: Record<string, string>;
  numbers?: Record<string, string>;
  /** Of a summary: the chart of every column that has one, and the files of its table. */
  charts?: ViewRequest[];
  files?: TableFile[];
}

/** What the page claims, and what asks it again; all SQL is as the build wrote it. */
export interface Claims {
  /** Tables of claims that no view of the page shows: loaded when a claim is asked again. */
  relations: Relation[];
  /** By the name that the SQL knows: the relation, and a SELECT of the table's rows that ends with a condition. */
  tables: Record<string, { relation: string; select: string }>;
  claims: { id: string; numbers: ClaimedNumber[] }[];
}

export interface ClaimedNumber {
  /** One SELECT of one value; null where the site does not hold its data. */
  sql: string | null;
  tables: string[];
  /** What the build got, and how it is said. */
  value: number | string | null;
  text: string;
  /** What the text ends with where the value is a time: its zone. */
  unit: string;
  /** As Python and d3 write it; empty for the usual one. */
  format: string;
  /** What the author expects: a range, an end being null where there is none, or a text. */
  expect: { low: number | null; high: number | null; text: string | null } | null;
}

/** Which data a page shows. */
export interface PageData {
  /** The first digits of each table's SHA-256, by the table's name. */
  digests: Record<string, string>;
  /** Where it is written what earlier data of these tables were like; left out where nothing is known. */
  history?: string;
}

export interface PagePayload {
  version: number;
  base: string;
  /**
   * The editor is named where the page has something to edit, and `print` where it has a figure for papers; `modules` are what else the live module loads for it, and
   * `views` the files of views that the report's theme brings.
   */
  assets: {
    live: string;
    worker: string;
    wasm: string;
    editor?: string;
    print?: string;
    modules?: string[];
    views?: string[];
  };
  relations: Relation[];
  views: ViewRequest[];
  tables: Record<string, Table>;
  /** Left out where a page is no site's: in a notebook. */
  data?: PageData;
  /** By id of the view that can be edited; left out where there is none. */
  sources?: Record<string, BlockSource>;
  /** Left out where the page claims nothing. */
  claims?: Claims;
}
