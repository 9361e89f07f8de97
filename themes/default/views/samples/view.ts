/** The samples themselves, as images, texts, sounds or values, with what the model said: live, all can be scrolled. */
import { column, scalar } from "../../src/data/result.ts";
import { scrollRegion } from "../../src/figure.ts";
import { highlightsOfSearch } from "../../src/highlight.ts";
import { formatCell, formatCount, html, type Markup } from "../../src/markup.ts";
import { fitted } from "../../src/shapes.ts";
import type { Selected } from "../../src/selected.ts";
import { rangesIn } from "../../src/tiles.ts";
import type { Context, Drawing, Results, View, ViewState } from "../../src/view.ts";
import { cardBody, cardMarkup, drawnColumns, SIZES, type Drawn, type Tile } from "../../src/cards.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import { fullestTiles } from "./fullest.ts";
import { MOST_HEADINGS, queries, tilesOf } from "./queries.ts";
import { accept, closedGroups, searchOf, selectedIds, sizeOf } from "./state.ts";
import { noSamples } from "../../src/nothing.ts";
import { say } from "../../src/words.ts";

const NOUNS = { image: say("Images"), text: say("Texts"), audio: say("Sounds"), table: say("Values") };

const SIZE_NAMES = { small: say("Small"), medium: say("Medium"), large: say("Large") };
const CARD_SIZES = { small: say("small cards"), medium: say("medium cards"), large: say("large cards") };

export function drawnOf(
  options: Options,
  results: Results,
  state: ViewState,
  context: Context,
): Drawn<Options> {
  return {
    options,
    sheets: context.table.media.filter((each) => each.kind === "sprite"),
    chosen: new Set<unknown>(selectedIds(options, state)),
    size: sizeOf(options, state),
    highlights: highlightsOfSearch(searchOf(options, state), options.searched),
    ranges: rangesIn(options, results["ends"]),
    isLive: false,
  };
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const total = scalar(results["total"]!, "rows");
  const rows = scalar(results["passing"]!, "rows");
  const tiles = tilesOf(results);
  const drawn = drawnOf(options, results, state, context);
  const probes = probesMarkup(results, drawn);
  const cards = options.group
    ? groupsMarkup(tiles, drawn, state, probes)
    : listMarkup(tiles, drawn, probes, true);
  const shown = tiles.length ? cards : emptyMarkup(total, searchOf(options, state), context);
  return {
    body: html`${options.searched.length ? searchField(options, searchOf(options, state)) : null}
    ${scrollRegion("samples-frame", say("Samples"), context.request, shown)}
    ${soundNote(options)}${bar(drawn, context, tiles.length, rows)}`,
    rows,
    total,
    notices: notices(options, results),
    data: dataTable(options, tiles),
    description: say("{nouns} of {rows} of {total} samples, {tiles} at a time.", {
      nouns: NOUNS[options.cards],
      rows: formatCount(rows),
      total: formatCount(total),
      tiles: formatCount(tiles.length),
    }),
  };
}

export function emptyMarkup(total: number, search: string, context: Context): Markup {
  if (total === 0) return html`<p class="view-empty">${noSamples(context)}</p>`;
  return search
    ? html`<p class="view-empty">
        ${say("No sample has “{search}”.", { search })}
        <button type="button" data-action="clear-search">${say("Clear the search")}</button>
      </p>`
    : html`<p class="view-empty">
        ${say("No sample passes the filters.")}
        <button type="button" data-action="reset">${say("Reset the filters")}</button>
      </p>`;
}

/** Room for what the empty field says, in px; styles/samples.css says how wide the field is. */
const SEARCH_ROOM = 200;

function searchField({ searched }: Options, search: string): Markup {
  const names = searched.map((column) => column.name).join(", ");
  return html`<label class="samples-search" title="${say("Search in {names}", { names })}"
    ><span class="visually-hidden">${say("Search in {names}", { names })}</span
    ><input
      type="search"
      name="search"
      autocomplete="off"
      spellcheck="false"
      placeholder="${fitted(say("Search {names}", { names }), SEARCH_ROOM, 14)}"
      value="${search}"
  /></label>`;
}

/** Behind the first card, so that rows have the room that the fullest card needs when all can be scrolled. */
function probesMarkup(results: Results, drawn: Drawn): Markup {
  const sheets = drawn.sheets.map((sheet) => ({ ...sheet, url: "" }));
  const fullest = fullestTiles(results, drawn);
  return html`${fullest.map(
    (tile) =>
      html`<li class="card card-${drawn.options.cards} card-probe" aria-hidden="true" inert>
        ${cardBody(tile, { ...drawn, sheets, isLive: true }, { isFirst: false, isChosen: false })}
      </li>`,
  )}`;
}

function listMarkup(tiles: readonly Tile[], drawn: Drawn, probes: Markup, isFirst: boolean): Markup {
  return html`<ul class="${listClass(drawn)}" role="list">
    ${probes}${tiles.map((tile, index) => cardMarkup(tile, drawn, isFirst && index === 0))}
  </ul>`;
}

export function listClass({ options, size }: Drawn): string {
  return `samples samples-${options.cards} samples-${size}`;
}

/** A heading per group with its n, open unless the reader folded it; folding needs no script. */
function groupsMarkup(tiles: readonly Tile[], drawn: Drawn, state: ViewState, probes: Markup): Markup {
  const closed = new Set(closedGroups(state).map((value) => JSON.stringify(value)));
  return html`${groupsOf(tiles).map(({ key, of }, index) => {
    const { heading, heading_rows: rows } = of[0]!;
    const left = Number(rows) - of.length;
    return html`<details class="samples-group" data-heading="${key}" ${closed.has(key) ? "" : "open"}>
      ${headingMarkup(heading, Number(rows))}${listMarkup(of, drawn, probes, index === 0)}${left > 0 && html`<p class="samples-left">${say("{left} more", { left: formatCount(left) })}</p>`}
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
    ? html`<p class="sample-note">${say("The sounds play once the page is live, which needs scripts.")}</p>`
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
        title="${CARD_SIZES[each]}"
      >
        ${SIZE_NAMES[each].charAt(0)}<span class="visually-hidden">${SIZE_NAMES[each].slice(1)}</span>
      </button>`,
  );
  return html`<div class="samples-bar">
    <span class="samples-place">${options.group ? null : placeInWords(1, shown, rows)}</span>
    <label class="samples-goto"
      >${say("Go to")}
      <input
        type="text"
        name="goto"
        inputmode="numeric"
        autocomplete="off"
        size="7"
        aria-label="${say("Go to sample number")}"
    /></label>
    <span class="samples-said" role="status"></span>
    <span class="samples-sizes" role="group" aria-label="${say("Size of the cards")}">${sizes}</span>
    <button type="button" class="samples-all" data-action="select-all" ${rows === 0 ? html`hidden` : null}>
      ${selectAllInWords(rows)}
    </button>
    <span class="visually-hidden" id="${keysId(context)}"
      >${say("Arrow keys move between samples, home and end to the first and the last, page up and page down by what is in sight. Space selects, shift and space select a range, enter shows all of one.")}</span
    >
  </div>`;
}

/** The id of the sentence that says which keys do what. */
export const keysId = ({ request, group }: Context): string =>
  `${request.id}-keys${group ? `-${group.label.replace(/[^\p{L}\p{N}]+/gu, "-")}` : ""}`;

export function selectAllInWords(rows: number): string {
  return rows === 1 ? say("Select it") : say("Select all {rows}", { rows: formatCount(rows) });
}

export function placeInWords(first: number, last: number, rows: number): string {
  if (rows === 0) return "";
  return say("{first}–{last} of {rows}", {
    first: formatCount(first),
    last: formatCount(last),
    rows: formatCount(rows),
  });
}

export function notices(options: Options, results: Results): string[] {
  if (!options.group) return [];
  const groups = Number(column(results["passing"]!, "groups")[0]);
  return groups > MOST_HEADINGS
    ? [
        say("The {most} largest of {groups} groups by {group} are shown.", {
          most: MOST_HEADINGS,
          groups: formatCount(groups),
          group: options.group.name,
        }),
      ]
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
