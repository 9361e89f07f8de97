/** A table as HTML: the line above it, its head with a summary of each column, its rows, the line below. */
import { kindOf } from "../../src/data/columns.ts";
import { rangeIn } from "../../src/data/extent.ts";
import { objects, scalar } from "../../src/data/result.ts";
import { frameHeight } from "../../src/figure.ts";
import { marked, type Highlights } from "../../src/highlight.ts";
import { formatCell, formatCount, html, shorten, type Markup } from "../../src/markup.ts";
import type { Column } from "../../src/page.ts";
import type { Context, Results } from "../../src/view.ts";
import {
  formatValue,
  isNumeric,
  namesFit,
  partsOf,
  thumbnail,
  THUMBNAIL,
  unitBeside,
  widthOf,
  type Shown,
} from "./cells.ts";
import { formatIn, formatShare, formatTime, isShare, type Range } from "../../src/values.ts";
import { readBars, readCell, type Options, type Row } from "./query.ts";
import { givenWidth, isSortable, type Id, type SortKey, type TableState } from "./state.ts";
import { noRows } from "../../src/nothing.ts";
import { say, sayCount } from "../../src/words.ts";

/** All that a table's markup follows from, but for the rows. */
export interface Layout {
  options: Options;
  shown: readonly Shown[];
  results: Results;
  state: TableState;
  context: Context;
  /** Whether rows can be selected: without scripts nobody can. */
  isLive: boolean;
  /** What is looked for, by the names of columns. */
  highlights: Highlights;
}

/** Height of a row, in px; the styles say the same. */
export const ROW_HEIGHT = { plain: 32, image: 40 };

export const IMAGE_WIDTH = THUMBNAIL + 24;

export function rowHeight({ hasImages }: Options): number {
  return hasImages ? ROW_HEIGHT.image : ROW_HEIGHT.plain;
}

export function bodyMarkup(layout: Layout): Markup {
  const { options, shown, results, context } = layout;
  const rows = objects(results["rows"]!);
  const passing = scalar(results["passing"]!, "rows");
  const widths = widthsOf(layout, rows);
  return html`${bar(layout)}
    <div
      class="table-frame"
      ${frameHeight(context.request)}
      tabindex="0"
      role="group"
      aria-label="${say("Rows")}"
    >
      <table
        class="table${options.hasImages ? " table-tall" : ""}"
        aria-labelledby="${context.request.id}-title${context.group ? ` ${context.group.heading}` : ""}"
        aria-rowcount="${passing + 1}"
      >
        ${columnGroup(options, shown, widths)}
        <thead>
          ${head(layout)}
        </thead>
        <tbody>
          ${rows.length ? rows.map((row, index) => rowMarkup(layout, row, index)) : emptyRow(layout)}
        </tbody>
      </table>
    </div>
    <p class="table-foot">${passing === 0 ? NO_ROWS : firstRows(rows.length, passing)}</p>`;
}

/** The line below the rows keeps its height where the table itself says that there are none. */
const NO_ROWS = "\u00a0";

/** What the page shows without scripts. */
function firstRows(rows: number, passing: number): string {
  return rows < passing
    ? say("The first {rows} of {passing} rows.", { rows: formatCount(rows), passing: formatCount(passing) })
    : sayCount(passing, "The only row.", "All {passing} rows.", { passing: formatCount(passing) });
}

export function emptyRow({ options, shown, results, state, context }: Layout): Markup {
  const total = context.group?.rows ?? scalar(results["summary"]!, "rows");
  const said =
    total === 0
      ? noRows(context)
      : state.search
        ? say("No row has “{search}”.", { search: state.search })
        : say("No row passes the filters.");
  const action = state.search ? "clear-search" : "reset";
  const undo = state.search ? say("Clear the search") : say("Reset the filters");
  return html`<tr>
    <td class="table-none" colspan="${shown.length + Number(options.hasImages)}">
      <p>
        ${said} ${total === 0 ? "" : html`<button type="button" data-action="${action}">${undo}</button>`}
      </p>
    </td>
  </tr>`;
}

/* Above the table */

function bar({ options, shown, state }: Layout): Markup {
  return html`<div class="table-bar">
    ${options.searched.length ? search(options, state) : ""}
    <span class="table-status" role="status"></span>
    <button type="button" class="table-copy" data-action="copy" hidden>${say("Copy ids")}</button>
    <button type="button" class="table-clear" data-action="clear" hidden>${say("Clear")}</button>
    <details class="table-chooser">
      <summary>${say("Columns")}</summary>
      <div class="table-sheet">
        <ul aria-label="${say("Columns, shown ones first")}">
          ${chooserItems(options, shown)}
        </ul>
        <button type="button" data-action="columns">${say("Reset columns")}</button>
      </div>
    </details>
  </div>`;
}

function search({ searched }: Options, state: TableState): Markup {
  const names = searched.map((column) => column.name);
  return html`<label class="table-search" title="${say("Search in {names}", { names: names.join(", ") })}"
      ><span class="visually-hidden">${say("Search in {names}", { names: names.join(", ") })}</span
      ><input
        type="search"
        name="search"
        autocomplete="off"
        spellcheck="false"
        placeholder="${say("Search")}"
        value="${state.search}" /></label
    >${
      names.length > 1
        ? html`<select name="within" aria-label="${say("Where to search")}">
            <option value="">${say("All texts")}</option>
            ${names.map((name) => html`<option value="${name}" ${name === state.within ? "selected" : ""}>${name}</option>`)}
          </select>`
        : ""
    }`;
}

export function chooserItems({ candidates }: Options, shown: readonly Shown[]): Markup {
  const hidden = candidates.filter((each) => !shown.includes(each));
  return html`${[...shown, ...hidden].map(({ column }, index) => {
    const isShown = index < shown.length;
    const move = (step: number, sign: string, word: string): Markup =>
      html`<button
        type="button"
        data-move="${step}"
        aria-label="${word}"
        ${isShown && index + step >= 0 && index + step < shown.length ? "" : "disabled"}
      >
        ${sign}
      </button>`;
    return html`<li data-column="${column.name}">
      <label
        ><input
          type="checkbox"
          ${isShown ? "checked" : ""}
          ${isShown && shown.length === 1 ? "disabled" : ""}
        />
        ${column.name}</label
      >${move(-1, "↑", say("Move {column} forward", { column: column.name }))}${move(1, "↓", say("Move {column} back", { column: column.name }))}
    </li>`;
  })}`;
}

/* Widths */

/** Rows whose texts a column's width follows. */
const MEASURED = 50;

/** Width of each column shown, in px: the reader's, else by its name and the first rows. */
export function widthsOf({ shown, results, state }: Layout, rows: readonly Row[]): number[] {
  return shown.map(({ column, index }) => {
    const range = rangeIn(results["summary"]!, index);
    const texts = rows.slice(0, MEASURED).map((row) => {
      const { value, length } = readCell(row, { column, index });
      return formatValue(value, column, range, length);
    });
    return givenWidth(state, column.name) ?? widthOf(column, texts);
  });
}

/** The widths as attributes, in the steps that the styles know: the pages' security policy knows no style in markup. */
export function columnGroup(
  { hasImages }: Options,
  shown: readonly Shown[],
  widths: readonly number[],
): Markup {
  return html`<colgroup>
    ${hasImages ? html`<col data-width="${IMAGE_WIDTH}" />` : ""}${shown.map(
      ({ column }, index) => html`<col data-column="${column.name}" data-width="${widths[index]!}" />`,
    )}
  </colgroup>`;
}

/* The head */

export function head({ options, shown, results, state }: Layout): Markup {
  const bars = results["bars"] ? readBars(results["bars"]) : new Map<number, number[]>();
  const isWhole = namesFit(
    shown.map(({ column }) => column),
    options.hasImages ? IMAGE_WIDTH : 0,
  );
  const cells = shown.map(({ column, index }) => {
    const key = state.sort.find((each) => each.column === column.name);
    const summary = options.hasSummaries ? summaryMarkup(column, index, results, bars) : "";
    return html`<th
      scope="col"
      class="${isNumeric(column) ? "number" : ""}${isWhole ? " table-whole" : ""}"
      data-column="${column.name}"
      ${key ? ariaSort(key, state.sort) : ""}
    >
      ${heading(column, key, state.sort)}${summary}<span class="table-resize" aria-hidden="true"></span>
    </th>`;
  });
  return html`<tr aria-rowindex="1">
    ${options.hasImages ? html`<th scope="col"><span class="visually-hidden">${say("image")}</span></th>` : ""}${cells}
  </tr>`;
}

/** One column at most says how the table is sorted; the others of several say it in their button's name. */
function ariaSort(key: SortKey, sort: readonly SortKey[]): Markup | "" {
  return key === sort[0] ? html`aria-sort="${key.direction}"` : "";
}

function heading(column: Column, key: SortKey | undefined, sort: readonly SortKey[]): Markup {
  const unit = unitBeside(column);
  const parts = partsOf(column.name).map((part, place) => (place ? html`<wbr />${part}` : part));
  const name = html`<span class="table-name">${parts}</span
    >${unit ? html` <span class="table-unit">${unit}</span>` : ""}`;
  const title = shorten(column.description || column.name, 300);
  if (!isSortable(column)) return html`<span class="table-sort" title="${title}">${name}</span>`;
  return html`<button type="button" class="table-sort" data-sort="${column.name}" title="${title}">
    ${name}${key ? sign(key, sort) : html`<span class="table-sign" aria-hidden="true"></span>`}
  </button>`;
}

/** The arrow, its place among several keys, and for a later key the words that `aria-sort` has no room for. */
function sign(key: SortKey, sort: readonly SortKey[]): Markup {
  const place = sort.indexOf(key);
  return html`<span class="visually-hidden"
      >${place > 0 ? say(", then {direction}", { direction: key.direction === "ascending" ? say("ascending") : say("descending") }) : ""}</span
    ><span class="table-sign" aria-hidden="true"
      >${key.direction === "ascending" ? "↑" : "↓"}${sort.length > 1 ? html`<small>${place + 1}</small>` : ""}</span
    >`;
}

function summaryMarkup(
  column: Column,
  index: number,
  results: Results,
  bars: ReadonlyMap<number, number[]>,
): Markup | "" {
  const own = results["own"] ?? results["summary"]!;
  if (!(`present ${index}` in own.columns)) return ""; // a column that a reader has just added to a wide table
  const all = scalar(own, "rows");
  const missing = all - scalar(own, `present ${index}`);
  const lack = missing > 0 ? say(", {missing} missing", { missing: formatCount(missing) }) : "";
  const range = rangeIn(results["summary"]!, index);
  const heights = bars.get(index);
  const held = rangeIn(own, index);
  if (range && held) {
    const said = say("{low} to {high}{lack}", {
      low: inWords(held.low, column, range),
      high: inWords(held.high, column, range),
      lack,
    });
    return html`<span class="table-summary" title="${said}"
      >${heights ? histogram(heights) : html`<span>${inWords(held.low, column, range)}</span>`}<span
        class="visually-hidden"
        >${said}</span
      ></span
    >`;
  }
  const said = sentence(column, index, own, all) + lack;
  return html`<span class="table-summary" title="${said}">${said}</span>`;
}

function sentence(column: Column, index: number, summary: Results[string], all: number): string {
  if (`distinct ${index}` in summary.columns) {
    const distinct = scalar(summary, `distinct ${index}`);
    return distinct === all && all > 1
      ? say("all different")
      : sayCount(distinct, "{n} value", "{n} values", { n: formatCount(distinct) });
  }
  if (`share ${index}` in summary.columns) {
    const share = scalar(summary, `share ${index}`);
    return Number.isNaN(share) ? say("no value") : say("{share} yes", { share: formatShare(share) });
  }
  return kindOf(column) === "list" ? say("lists") : "";
}

function inWords(value: number, column: Column, range: Range): string {
  if (kindOf(column) === "time") return formatTime(value, true);
  return isShare(column) ? formatShare(value) : formatIn(value, column, range);
}

/** Size of a small histogram, in its own px. */
const HISTOGRAM = { bar: 5, gap: 1, height: 16 };

function histogram(heights: readonly number[]): Markup {
  const tallest = heights.reduce((most, height) => Math.max(most, height), 1);
  const { bar: wide, gap, height: full } = HISTOGRAM;
  const path = heights
    .map((rows, index) => {
      // A bar of few rows beside one of many is still there.
      const high = rows === 0 ? 0 : Math.max(1, Math.round((rows / tallest) * full));
      return high ? `M${index * (wide + gap)} ${full}v-${high}h${wide}v${high}z` : "";
    })
    .join("");
  const width = heights.length * (wide + gap) - gap;
  return html`<svg
    class="table-histogram"
    viewBox="0 0 ${width} ${full}"
    width="${width}"
    height="${full}"
    aria-hidden="true"
    focusable="false"
  >
    <path d="${path}" />
  </svg>`;
}

/* Rows */

/** The id of a row's element; a grid says which row is active by it. */
export const rowId = ({ request, group }: Context, index: number): string =>
  `${group?.heading ?? request.id}-row-${index}`;

export function rowMarkup(layout: Layout, row: Row | null, index: number): Markup {
  const { options, shown, results, context, highlights } = layout;
  const attributes = rowAttributes(layout, row, index);
  if (!row)
    return html`<tr ${attributes} class="table-waiting">
      <td colspan="${shown.length + Number(options.hasImages)}">…</td>
    </tr>`;
  const image = options.hasImages
    ? html`<td class="table-thumbnail">
        ${thumbnail(tileOf(row), sheetsOf(context), formatCell(row[":id"], 40))}
      </td>`
    : "";
  const cells = shown.map((each) => cell(each, row, rangeIn(results["summary"]!, each.index), highlights));
  return html`<tr ${attributes}>
    ${image}${cells}
  </tr>`;
}

function rowAttributes({ options, state, context, isLive }: Layout, row: Row | null, index: number): Markup {
  const id = row?.[":id"] as Id | undefined;
  const isSelected = id !== undefined && state.ids.includes(id);
  const said = isLive && options.key ? html`aria-selected="${String(isSelected)}"` : "";
  return html`id="${rowId(context, index)}" data-row="${index}" aria-rowindex="${index + 2}" ${said}`;
}

function tileOf(row: Row): { sheet: unknown; x: unknown; y: unknown } {
  return { sheet: row[":sheet"], x: row[":x"], y: row[":y"] };
}

function sheetsOf(context: Context): Context["table"]["media"] {
  return context.table.media.filter((each) => each.kind === "sprite");
}

/** From this many characters on a cell says its whole text when pointed at. */
const LONG = 24;

function cell(shown: Shown, row: Row, range: Range | null, highlights: Highlights): Markup {
  const { column } = shown;
  const { value, length } = readCell(row, shown);
  const text = formatValue(value, column, range, length);
  const isNull = value === null || value === undefined;
  const title = isNull ? html`title="${say("missing")}"` : text.length > LONG ? html`title="${text}"` : "";
  const classes = classesOf(column, value);
  const said = cellText(column, value, text, highlights);
  if (column.role === "id") return html`<th scope="row" class="${classes}" ${title}>${said}</th>`;
  return html`<td ${classes ? html`class="${classes}"` : ""} ${title}>${said}</td>`;
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value === "";
}

function isWrong(column: Column, value: unknown): boolean {
  return column.role === "correct" && value === false;
}

function classesOf(column: Column, value: unknown): string {
  const classes = [
    isNumeric(column) ? "number" : "",
    kindOf(column) === "time" ? "table-time" : "",
    isMissing(value) ? "table-missing" : "",
    isWrong(column, value) ? "table-wrong" : "",
  ];
  return classes.filter(Boolean).join(" ");
}

/** A wrong answer shows by a sign, not by colour alone; what is looked for is marked. */
function cellText(column: Column, value: unknown, text: string, highlights: Highlights): Markup | string {
  if (isMissing(value)) return text;
  const found = marked(text, highlights.get(column.name));
  return isWrong(column, value) ? html`<span aria-hidden="true">✗ </span>${found}` : found;
}
