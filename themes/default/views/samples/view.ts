/** The samples themselves, as images, texts, sounds or values, with what the model said: live, all can be scrolled. */
import { column, objects, scalar } from "../../src/data/result.ts";
import { scrollRegion } from "../../src/figure.ts";
import { highlightsOfSearch } from "../../src/highlight.ts";
import { formatCell, formatCount, html, type Markup } from "../../src/markup.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, Drawing, Results, View, ViewState } from "../../src/view.ts";
import { cardMarkup, drawnColumns, SIZES, type Drawn, type Tile } from "../../src/cards.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import { MOST_HEADINGS, queries } from "./queries.ts";
import { accept, closedGroups, searchOf, selectedIds, sizeOf } from "./state.ts";

const NOUNS = { image: "Images", text: "Texts", audio: "Sounds", table: "Values" };

export function drawnOf(options: Options, state: ViewState, context: Context): Drawn<Options> {
  return {
    options,
    sheets: context.table.media.filter((each) => each.kind === "sprite"),
    chosen: new Set<unknown>(selectedIds(options, state)),
    size: sizeOf(options, state),
    highlights: highlightsOfSearch(searchOf(options, state), options.searched),
    isLive: false,
  };
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const total = scalar(results["total"]!, "rows");
  const rows = scalar(results["passing"]!, "rows");
  const tiles = tilesOf(results);
  const drawn = drawnOf(options, state, context);
  const cards = options.group ? groupsMarkup(tiles, drawn, state) : listMarkup(tiles, drawn, true);
  const shown = tiles.length ? cards : emptyMarkup(total, searchOf(options, state));
  return {
    body: html`${options.searched.length ? searchField(options, searchOf(options, state)) : null}
    ${scrollRegion("samples-frame", "Samples", context.request, shown)}
    ${soundNote(options)}${bar(drawn, context, tiles.length, rows)}`,
    rows,
    total,
    notices: notices(options, results),
    data: dataTable(options, tiles),
    description: `${NOUNS[options.cards]} of ${formatCount(rows)} of ${formatCount(total)} samples, ${formatCount(tiles.length)} at a time.`,
  };
}

export function tilesOf(results: Results): Tile[] {
  return objects(results["tiles"]!) as unknown as Tile[];
}

export function emptyMarkup(total: number, search: string): Markup {
  if (total === 0) return html`<p class="view-empty">The table has no samples.</p>`;
  return search
    ? html`<p class="view-empty">
        No sample has “${search}”. <button type="button" data-action="clear-search">Clear the search</button>
      </p>`
    : html`<p class="view-empty">
        No sample passes the filters. <button type="button" data-action="reset">Reset the filters</button>
      </p>`;
}

function searchField({ searched }: Options, search: string): Markup {
  const names = searched.map((column) => column.name).join(", ");
  return html`<label class="samples-search"
    ><span class="visually-hidden">Search</span
    ><input
      type="search"
      name="search"
      autocomplete="off"
      spellcheck="false"
      placeholder="Search ${formatCell(names, 40)}"
      value="${search}"
  /></label>`;
}

function listMarkup(tiles: readonly Tile[], drawn: Drawn, isFirst: boolean): Markup {
  return html`<ul class="${listClass(drawn)}" role="list">
    ${tiles.map((tile, index) => cardMarkup(tile, drawn, isFirst && index === 0))}
  </ul>`;
}

export function listClass({ options, size }: Drawn): string {
  return `samples samples-${options.cards} samples-${size}`;
}

/** A heading per group with its n, open unless the reader folded it; folding needs no script. */
function groupsMarkup(tiles: readonly Tile[], drawn: Drawn, state: ViewState): Markup {
  const closed = new Set(closedGroups(state).map((value) => JSON.stringify(value)));
  return html`${groupsOf(tiles).map(({ key, of }, index) => {
    const { heading, heading_rows: rows } = of[0]!;
    const left = Number(rows) - of.length;
    return html`<details class="samples-group" data-heading="${key}" ${closed.has(key) ? "" : "open"}>
      ${headingMarkup(heading, Number(rows))}${listMarkup(of, drawn, index === 0)}${
        left > 0 && html`<p class="samples-left">${formatCount(left)} more</p>`
      }
    </details>`;
  })}`;
}

export function headingMarkup(heading: unknown, rows: number): Markup {
  const said = typeof heading === "number" ? String(heading) : formatCell(heading, 60) || "“”";
  return html`<summary>
    <h4>${said}</h4>
    <span>· ${formatCount(rows)}</span>
  </summary>`;
}

/** Cards by their heading, in the order answered. */
function groupsOf(tiles: readonly Tile[]): { key: string; of: Tile[] }[] {
  const groups = new Map<string, Tile[]>();
  for (const tile of tiles) {
    const key = JSON.stringify(tile.heading);
    if (groups.has(key)) groups.get(key)!.push(tile);
    else groups.set(key, [tile]);
  }
  return [...groups].slice(0, MOST_HEADINGS).map(([key, of]) => ({ key, of }));
}

function soundNote(options: Options): Markup | null {
  return options.cards === "audio"
    ? html`<p class="sample-note">The sounds play once the page is live, which needs scripts.</p>`
    : null;
}

/** Below the cards: where one is, a way to any other place, the size of the cards, selecting all. */
function bar({ options, size }: Drawn<Options>, context: Context, shown: number, rows: number): Markup {
  const sizes = SIZES.map(
    (each) =>
      html`<button
        type="button"
        data-size="${each}"
        aria-pressed="${String(each === size)}"
        title="${each} cards"
      >
        ${each.charAt(0).toUpperCase()}<span class="visually-hidden">${each.slice(1)}</span>
      </button>`,
  );
  return html`<div class="samples-bar">
    <span class="samples-place">${options.group ? null : placeInWords(1, shown, rows)}</span>
    <label class="samples-goto"
      >Go to
      <input
        type="text"
        name="goto"
        inputmode="numeric"
        autocomplete="off"
        size="7"
        aria-label="Go to sample number"
    /></label>
    <span class="samples-said" role="status"></span>
    <span class="samples-sizes" role="group" aria-label="Size of the cards">${sizes}</span>
    <button type="button" class="samples-all" data-action="select-all">Select all</button>
    <span class="visually-hidden" id="${keysId(context)}"
      >Arrow keys move between samples, home and end to the first and the last, page up and page down by what
      is in sight. Space selects, shift and space select a range, enter shows all of one.</span
    >
  </div>`;
}

/** The id of the sentence that says which keys do what. */
export const keysId = ({ request, group }: Context): string =>
  `${request.id}-keys${group ? `-${group.label.replace(/[^\p{L}\p{N}]+/gu, "-")}` : ""}`;

export function placeInWords(first: number, last: number, rows: number): string {
  if (rows === 0) return "";
  return `${formatCount(first)}–${formatCount(last)} of ${formatCount(rows)}`;
}

export function notices(options: Options, results: Results): string[] {
  if (!options.group) return [];
  const groups = Number(column(results["passing"]!, "groups")[0]);
  return groups > MOST_HEADINGS
    ? [`The ${MOST_HEADINGS} largest of ${formatCount(groups)} groups by ${options.group.name} are shown.`]
    : [];
}

export function dataTable(options: Options, tiles: readonly Tile[]): Drawing["data"] {
  const shown = Object.entries(drawnColumns(options)).filter(([name]) => !["sheet", "x", "y"].includes(name));
  const heading = options.group ? [{ name: "heading", title: options.group.name }] : [];
  return {
    columns: [...heading, ...shown.map(([name, each]) => ({ name, title: each.name }))],
    rows: tiles as unknown as Record<string, unknown>[],
  };
}

function selected(options: Options, state: ViewState): Selected[] {
  const ids = selectedIds(options, state);
  return ids.length ? [{ column: options.id.name, values: ids }] : [];
}

export const view: View<Options> = {
  name: "samples",
  summary:
    "The samples as images from sprite sheets, texts, sounds or values, with label, prediction and any columns; wrong ones are marked.",
  options: MEANINGS,
  parse,
  queries,
  render,
  accept,
  selected,
};
