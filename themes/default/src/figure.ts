/** The frame around every view: title, counts, how to read it, menu, body, data table, notices. The same for all. */
import { formatBytes, formatCell, formatCount, html, type Markup } from "./markup.ts";
import { answersMarkup } from "./answers.ts";
import { titleOf } from "./data/columns.ts";
import { NO_TABLE, type TableFile, type ViewRequest } from "./page.ts";
import { tablesOf, type Context, type DataColumn, type DataTable } from "./view.ts";
import type { Drawing, Results, View } from "./view.ts";
import { formatMoment } from "./values.ts";
import { say, sayCount } from "./words.ts";

/** Rows written into a figure's data table; the rest is in the Parquet that the menu offers. */
export const DATA_ROWS = 200;

/** `files` are those of the view's table, in row order. */
export function figure(
  view: View<unknown>,
  drawing: Drawing,
  context: Context,
  results: Results,
  files: readonly TableFile[] = [],
): Markup {
  const { request } = context;
  const attributes = html`class="view w-${request.width}${view.bare ? " view-bare" : ""}"
  data-view="${view.name}" id="${request.id}" data-state="static" data-rows="${drawing.rows}"
  data-total="${drawing.total}"`;
  if (view.bare)
    return html`<figure ${attributes}>
      <div class="view-body">${drawing.body}</div>
      ${answersMarkup(results)}
    </figure>`;
  const named = html`aria-labelledby="${request.id}-title" aria-describedby="${request.id}-description"`;
  return html`<figure ${attributes} ${named}>
    ${header(view, drawing, context, files)}
    <div class="view-body">${drawing.body}</div>
    <p class="visually-hidden view-description" id="${request.id}-description">${drawing.description}</p>
    ${notices(
      noticesOf(
        drawing,
        EMPTY.some((name) => drawing.body.text.includes(name)),
      ),
    )}${dataTable(drawing)}${answersMarkup(results)}
  </figure>`;
}

function header(
  view: View<unknown>,
  drawing: Drawing,
  context: Context,
  files: readonly TableFile[],
): Markup {
  const { request } = context;
  const title = request.title ?? drawing.title ?? ownTitle(view.name, context);
  return html`<figcaption class="view-header">
    <h3 class="view-title" id="${request.id}-title">${title}</h3>
    ${view.uncounted ? "" : html`<span class="view-count">${counts(drawing.rows, drawing.total)}</span>`}
    ${help(request.help)}${menu(request.id, context.table.name, files)}
  </figcaption>`;
}

/** Views whose names say nothing to a reader. */
const CALLED: Readonly<Record<string, string>> = { "vega-lite": "chart", fairvis: "groups" };

/** What an untitled view is called: by what it is and what it shows, once where both have one name. */
function ownTitle(view: string, { table, request }: Context): string {
  if (table.name === NO_TABLE.name) return request.id;
  const name = titleOf((CALLED[view] ?? view).replaceAll("-", " "));
  const shown = table.title || table.name;
  return name === shown ? say(name) : say("{name} of {table}", { name: say(name), table: shown });
}

/** `1,204 of 12,000`: what passes, and of how many. */
export function counts(rows: number, total: number): Markup {
  return html`<b>${formatCount(rows)}</b> ${say("of {total}", { total: formatCount(total) })}`;
}

/** On paper nobody clicks: what only says how to use a view is left out there, and the whole help if it says nothing else. */
function help(text: string | null): Markup | null {
  if (!text) return null;
  const parts = helpParts(text);
  const isUseAlone = parts.every(({ isUse, text: part }) => isUse || !/\p{L}/u.test(part));
  return html`<details class="view-help${isUseAlone ? " view-use" : ""}">
    <summary aria-label="${say("How to read this")}">?</summary>
    <p>${parts.map((part) => (part.isUse ? html`<span class="view-use">${part.text}</span>` : part.text))}</p>
  </details>`;
}

/** Words that a sentence begins with which tells a reader to do something with the pointer or the keys. */
const USES = ["click", "control-click", "double-click", "drag", "hover", "move", "press", "scroll"];
const MORE_USES = ["select", "shift-click", "slide", "tap", "turn", "zoom", "choose", "pick"];
const USE = [...USES, ...MORE_USES].map(
  (word) => `[${word[0]!.toUpperCase()}${word[0]!}]${word.slice(1)}\\b`,
);
const END = "(?:[.!?](?=\\s+\\p{Lu}|\\s*$)|$)";

/** A sentence of use, up to the next one; or the part of a sentence that is, behind its semicolon. */
const OF_USE = new RegExp(
  `(?<=^|[.!?]\\s+)(?:${USE.join("|")})[^]*?${END}|;\\s+(?:${USE.join("|")})[^]*?(?=;|${END})`,
  "gu",
);

/** A help text in the parts that tell how to read a view, and those that tell how to use it. */
export function helpParts(text: string): { text: string; isUse: boolean }[] {
  const parts: { text: string; isUse: boolean }[] = [];
  let from = 0;
  for (const match of text.matchAll(OF_USE)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), isUse: false });
    parts.push({ text: match[0], isUse: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), isUse: false });
  return parts;
}

/** What works without scripts: the link to the view and the table's files. A live page adds the rest. */
function menu(id: string, table: string, files: readonly TableFile[]): Markup {
  return html`<details class="view-menu">
    <summary aria-label="${say("Menu")}">⋯</summary>
    <ul>
      <li><a href="#${id}" data-entry="link">${say("Link to this view")}</a></li>
      ${parquetEntries(table, files)}
    </ul>
  </details>`;
}

function parquetEntries(table: string, files: readonly TableFile[]): Markup[] {
  const stem = table.replace(/[^\p{L}\p{N}_]+/gu, "-");
  return files.map((file, index) => {
    const [part, suffix] =
      files.length > 1
        ? [say(", part {index} of {files}", { index: index + 1, files: files.length }), `-${index + 1}`]
        : ["", ""];
    const size = sayCount(file.rows, "{rows} row, {bytes}", "{rows} rows, {bytes}", {
      rows: formatCount(file.rows),
      bytes: formatBytes(file.bytes),
    });
    return html`<li class="${index === 0 ? "view-menu-group" : ""}">
      <a href="${file.url}" download="${stem}${suffix}.parquet" data-entry="parquet"
        >${say("Table as Parquet{part}", { part })} <span class="view-menu-hint">${size}</span></a
      >
    </li>`;
  });
}

/** Heights that the styles know, in px; markup has no style of its own. */
const HEIGHTS = [160, 240, 320, 400, 480, 560, 640, 720, 800, 960];

/** The author's height of a frame that scrolls, in the step nearest to it. */
export function frameHeight({ height }: ViewRequest): Markup | "" {
  if (height === null) return "";
  const far = (step: number): number => Math.abs(step - height);
  return html`data-height="${HEIGHTS.reduce((best, step) => (far(step) < far(best) ? step : best))}"`;
}

/** A region that scrolls what is in it, as high as the author says; keys reach it. */
export function scrollRegion(name: string, label: string, request: ViewRequest, content: Markup): Markup {
  return html`<div class="${name}" ${frameHeight(request)} tabindex="0" role="group" aria-label="${label}">
    ${content}
  </div>`;
}

/** Classes of a sentence in a drawing's place. */
const EMPTY = ["view-empty", "table-none"];

/** Where nothing passes, a drawing that does not say so itself has it said below: what is left of it is in grey. */
export function noticesOf(
  { rows, total, notices: own }: Pick<Drawing, "rows" | "total" | "notices">,
  isSaid: boolean,
): readonly string[] {
  return rows === 0 && total > 0 && !isSaid ? [say("No row passes the filters."), ...own] : own;
}

/** Whether a live drawing says in its place that there is nothing. */
export function saysEmpty(body: Element): boolean {
  return body.querySelector(EMPTY.map((name) => `.${name}`).join()) !== null;
}

export function notices(texts: readonly string[]): Markup {
  return html`${texts.map((text) => html`<p class="view-notice">${text}</p>`)}`;
}

export function dataTable(drawing: Drawing): Markup | null {
  const tables = tablesOf(drawing.data);
  if (tables.length === 0) return null;
  return html`<details class="view-data">
    <summary>${tables.length > 1 ? say("Data tables") : say("Data table")}</summary>
    ${tables.map(tableMarkup)}
  </details>`;
}

function tableMarkup({ caption, columns, rows }: DataTable): Markup {
  const shown = rows.slice(0, DATA_ROWS);
  const more =
    rows.length > shown.length
      ? html`<p class="view-data-more">
          ${say("The first {shown} of {rows} rows.", { shown: shown.length, rows: formatCount(rows.length) })}
        </p>`
      : null;
  return html`<div
      class="view-data-scroll"
      tabindex="0"
      role="group"
      aria-label="${caption ?? say("Data table")}"
    >
      <table>
        ${
          caption === undefined
            ? null
            : html`<caption>
                ${caption}
              </caption>`
        }
        <thead>
          <tr>
            ${columns.map((each) => html`<th scope="col">${each.title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (row) =>
              html`<tr>
                ${columns.map((each) => cell(row[each.name], each))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${more}`;
}

function cell(value: unknown, { say = formatCell, isTime = false }: DataColumn): Markup {
  if (isTime && typeof value === "number") return html`<td>${formatMoment(value, false)}</td>`;
  return typeof value === "number"
    ? html`<td class="number">${say(value)}</td>`
    : html`<td>${formatCell(value)}</td>`;
}
