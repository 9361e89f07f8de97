/** The samples themselves: images cut from sprite sheets, a page of tiles at a time, with what the model said. */
import { cast, column as columnRef, count, Query, sql, type SelectQuery } from "@uwdata/mosaic-sql";
import { findColumn, kindOf, withRole } from "../../src/data/columns.ts";
import { objects, scalar } from "../../src/data/result.ts";
import { formatCell, formatCount, html, shorten, type Markup } from "../../src/markup.ts";
import type { Column, Media, Table } from "../../src/page.ts";
import { nearest, ProblemError } from "../../src/problem.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, Drawing, Filter, NamedQuery, Results, View, ViewState } from "../../src/view.ts";

export interface Options {
  id: Column;
  label: Column | null;
  prediction: Column | null;
  captions: Column[];
  /** Column to order by, and whether from the greatest. */
  order: Column | null;
  descending: boolean;
  perPage: number;
  sheet: Column | null;
  x: Column | null;
  y: Column | null;
}

const KEYS = ["columns", "order", "descending", "rows"];
const TILES_STATIC = 48;

function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  const unknown = Object.keys(written).find((key) => !KEYS.includes(key));
  if (unknown)
    throw new ProblemError(`the view "samples" has no option "${unknown}"`, nearest(unknown, KEYS), unknown);
  const id = withRole(table, "id");
  if (!id)
    throw new ProblemError(
      `table ${table.name} has no column with the role id`,
      "show a table of samples",
      "table",
    );
  const columns = Array.isArray(written["columns"]) ? written["columns"].map(String) : [];
  const order = written["order"];
  return {
    id,
    label: withRole(table, "label"),
    prediction: withRole(table, "prediction"),
    captions: columns.map((name) => findColumn(table, name, "columns")),
    order: order === undefined ? null : findColumn(table, String(order), "order"),
    descending: written["descending"] === true,
    perPage: clamp(Number(written["rows"] ?? TILES_STATIC), 1, 400),
    sheet: withRole(table, "sheet"),
    x: withRole(table, "x"),
    y: withRole(table, "y"),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, Math.trunc(value))) : TILES_STATIC;
}

function source(table: Table, filter: Filter): SelectQuery {
  const query = Query.from(table.relation);
  if (table.member) query.where(columnRef(table.member));
  return filter ? query.where(filter) : query;
}

/** Columns a tile needs, by the name it is drawn under. */
function drawnColumns(options: Options): Record<string, Column> {
  const named = Object.entries({
    id: options.id,
    label: options.label,
    prediction: options.prediction,
    sheet: options.sheet,
    x: options.x,
    y: options.y,
  }).filter((entry): entry is [string, Column] => entry[1] !== null);
  const captions = options.captions.map((each, index): [string, Column] => [`caption_${index}`, each]);
  return Object.fromEntries([...named, ...captions]);
}

/** Beyond any table; a link may say any number. */
const LAST_PAGE = 1e9;

export function pageOf(state: ViewState): number {
  const page = Number(state["page"] ?? 0);
  return Number.isInteger(page) && page >= 0 && page <= LAST_PAGE ? page : 0;
}

function queries(
  options: Options,
  _results: Results,
  context: Context,
  state: ViewState,
): Record<string, NamedQuery> {
  const { table } = context;
  return {
    total: { filtered: false, sql: () => source(table, null).select({ rows: cast(count(), "INTEGER") }) },
    passing: {
      filtered: true,
      sql: (filter) => source(table, filter).select({ rows: cast(count(), "INTEGER") }),
    },
    tiles: { filtered: true, sql: (filter) => tilesQuery(options, table, filter, pageOf(state)) },
  };
}

/** Ordered by the author's column, then by id, so that equal values keep one order in both engines. */
function tilesQuery(options: Options, table: Table, filter: Filter, page: number): Query {
  const names = Object.entries(drawnColumns(options)).map(([name, each]) => [name, columnRef(each.name)]);
  const direction = options.descending ? sql`DESC` : sql`ASC`;
  const first = options.order ? [sql`${columnRef(options.order.name)} ${direction} NULLS LAST`] : [];
  return source(table, filter)
    .select(Object.fromEntries(names) as Record<string, never>)
    .orderby(...first, columnRef(options.id.name))
    .limit(options.perPage)
    .offset(page * options.perPage);
}

interface Tile {
  id: unknown;
  label?: unknown;
  prediction?: unknown;
  sheet?: unknown;
  x?: unknown;
  y?: unknown;
  [caption: string]: unknown;
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const total = scalar(results["total"]!, "rows");
  const rows = scalar(results["passing"]!, "rows");
  const tiles = objects(results["tiles"]!) as unknown as Tile[];
  const chosen = new Set<unknown>(selectedIds(options, state));
  const sheets = context.table.media.filter((each) => each.kind === "sprite");
  const body = tiles.length
    ? html`<ul class="samples" role="list">
          ${tiles.map((tile) => tileMarkup(options, tile, sheets, chosen))}
        </ul>
        ${pager(options, rows, pageOf(state))}`
    : html`<p class="view-empty">
        ${total === 0 ? "The table has no samples." : "No sample passes the filters."}
      </p>`;
  return {
    body,
    rows,
    total,
    notices: [],
    data: dataTable(options, tiles),
    description: `Images of ${formatCount(rows)} of ${formatCount(total)} samples, ${formatCount(tiles.length)} at a time.`,
  };
}

function tileMarkup(options: Options, tile: Tile, sheets: Media[], chosen: ReadonlySet<unknown>): Markup {
  const isWrong = tile.prediction !== undefined && tile.label !== undefined && tile.prediction !== tile.label;
  const captions = options.captions.map((each, index) => captionMarkup(each, tile[`caption_${index}`]));
  const title = tile.label === undefined ? formatCell(tile.id) : formatCell(tile.label, 24);
  const isChosen = chosen.has(tile.id);
  return html`<li>
    <button
      type="button"
      class="sample${isWrong ? " sample-wrong" : ""}"
      data-id="${JSON.stringify(tile.id)}"
      aria-pressed="${String(isChosen)}"
    >
      ${imageMarkup(tile, sheets)}<span class="sample-label" title="${tooltip(tile)}">${title}</span
      >${isWrong ? wrongMark(tile) : ""}${captions}
    </button>
  </li>`;
}

function tooltip(tile: Tile): string {
  return shorten(`${String(tile.id)} · ${String(tile.label ?? "")}`, 200);
}

function wrongMark(tile: Tile): Markup {
  return html`<span class="sample-prediction"
    ><span class="sample-mark" aria-hidden="true">✗</span> said ${formatCell(tile.prediction, 24)}</span
  >`;
}

function captionMarkup(each: Column, value: unknown): Markup {
  return html`<span class="sample-caption"
    ><span class="sample-caption-name">${each.name}</span> ${formatCell(value, 24)}</span
  >`;
}

/** Side of a drawn tile, in px; small images are enlarged by whole multiples only. */
const TILE = 64;

/** The tile cut out of its sheet by an SVG viewport: no inline style, so the strict CSP holds. */
function imageMarkup(tile: Tile, sheets: Media[]): Markup | string {
  const sheet = typeof tile.sheet === "number" ? sheets[tile.sheet] : undefined;
  if (!sheet) return html`<span class="sample-text">${formatCell(tile.id, 24)}</span>`;
  const { tile_width: width, tile_height: height } = sheet;
  const scale =
    Math.max(width, height) <= TILE
      ? Math.floor(TILE / Math.max(width, height))
      : TILE / Math.max(width, height);
  const alt = `sample ${formatCell(tile.id, 40)}`;
  return html`<svg
    class="sample-image"
    role="img"
    aria-label="${alt}"
    width="${width * scale}"
    height="${height * scale}"
    viewBox="${Number(tile.x)} ${Number(tile.y)} ${width} ${height}"
  >
    <image href="${sheet.url}" width="${sheet.width}" height="${sheet.height}" />
  </svg>`;
}

function pager(options: Options, rows: number, page: number): Markup | string {
  const pages = Math.ceil(rows / options.perPage);
  if (pages <= 1) return "";
  const first = page * options.perPage + 1;
  const last = Math.min(rows, first + options.perPage - 1);
  return html`<nav class="pager" aria-label="Pages of samples">
    <button type="button" data-page="${page - 1}" ${page === 0 ? "disabled" : ""}>Previous</button>
    <span>${formatCount(first)}–${formatCount(last)} of ${formatCount(rows)}</span>
    <button type="button" data-page="${page + 1}" ${page + 1 >= pages ? "disabled" : ""}>Next</button>
  </nav>`;
}

function dataTable(options: Options, tiles: Tile[]): Drawing["data"] {
  const shown = Object.entries(drawnColumns(options)).filter(([name]) => !["sheet", "x", "y"].includes(name));
  return {
    columns: shown.map(([name, each]) => ({ name, title: each.name })),
    rows: tiles as unknown as Record<string, unknown>[],
  };
}

/** Ids selected in a state that may come from a link; the database stops at a text among numbers. */
export function selectedIds(options: Options, state: ViewState): (string | number)[] {
  const ids = state["ids"];
  if (!Array.isArray(ids)) return [];
  const isText = kindOf(options.id) === "text";
  return ids.filter((id): id is string | number => (isText ? typeof id === "string" : Number.isFinite(id)));
}

function accept(options: Options, state: ViewState): ViewState {
  const ids = selectedIds(options, state);
  const page = pageOf(state);
  return Object.fromEntries(
    Object.keys(state).flatMap((key): [string, unknown][] => {
      if (key === "ids" && ids.length) return [[key, ids]];
      return key === "page" && page === state["page"] ? [[key, page]] : [];
    }),
  );
}

function selected(options: Options, state: ViewState): Selected[] {
  const ids = selectedIds(options, state);
  return ids.length ? [{ column: options.id.name, values: ids }] : [];
}

export const view: View<Options> = {
  name: "samples",
  summary:
    "The samples as images from sprite sheets, with label, prediction and any columns below; wrong ones are marked.",
  options: {
    columns: "columns named below each image",
    order: "column to order by; id otherwise",
    descending: "true for the greatest first",
    rows: "samples on a page, 48 by default",
  },
  parse,
  queries,
  render,
  accept,
  selected,
};
