/** The samples themselves, as images, texts, sounds or values: a page of cards at a time, with what the model said. */
import { column, objects, scalar } from "../../src/data/result.ts";
import { formatCell, formatCount, html, type Markup } from "../../src/markup.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, Drawing, Results, View, ViewState } from "../../src/view.ts";
import { cardMarkup, type Drawn, type Tile } from "./cards.ts";
import { MEANINGS, parse, SIZES, type Options } from "./options.ts";
import { drawnColumns, MOST_HEADINGS, perGroup, queries } from "./queries.ts";
import { accept, closedGroups, pageOf, selectedIds, sizeOf } from "./state.ts";

const NOUNS = { image: "Images", text: "Texts", audio: "Sounds", table: "Values" };

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const total = scalar(results["total"]!, "rows");
  const rows = scalar(results["passing"]!, "rows");
  const tiles = objects(results["tiles"]!) as unknown as Tile[];
  const drawn: Drawn = {
    options,
    sheets: context.table.media.filter((each) => each.kind === "sprite"),
    chosen: new Set<unknown>(selectedIds(options, state)),
    size: sizeOf(options, state),
  };
  const cards = options.group ? groupsMarkup(tiles, drawn, state) : listMarkup(tiles, drawn, true);
  return {
    body: tiles.length
      ? html`${cards}${soundNote(options)}${bar(drawn, tiles, rows, pageOf(state))}`
      : empty(total),
    rows,
    total,
    notices: notices(options, results),
    data: dataTable(options, tiles),
    description: `${NOUNS[options.cards]} of ${formatCount(rows)} of ${formatCount(total)} samples, ${formatCount(tiles.length)} at a time.`,
  };
}

function empty(total: number): Markup {
  const said = total === 0 ? "The table has no samples." : "No sample passes the filters.";
  const undo = html`<button type="button" data-action="reset">Reset the filters</button>`;
  return html`<p class="view-empty">${said} ${total > 0 && undo}</p>`;
}

function listMarkup(tiles: readonly Tile[], drawn: Drawn, isFirst: boolean): Markup {
  return html`<ul class="samples samples-${drawn.options.cards} samples-${drawn.size}" role="list">
    ${tiles.map((tile, index) => cardMarkup(tile, drawn, isFirst && index === 0))}
  </ul>`;
}

/** A heading per group with its n, open unless the reader folded it; folding needs no script. */
function groupsMarkup(tiles: readonly Tile[], drawn: Drawn, state: ViewState): Markup {
  const closed = new Set(closedGroups(state).map((value) => JSON.stringify(value)));
  return html`${groupsOf(tiles).map(({ key, of }, index) => {
    const { heading, heading_rows: rows } = of[0]!;
    const left = Number(rows) - of.length;
    const more = html`<button type="button" class="samples-more" data-more="${key}">
      Show ${formatCount(Math.min(left, perGroup(drawn.options)))} more
    </button>`;
    return html`<details class="samples-group" data-heading="${key}" ${closed.has(key) ? "" : "open"}>
      <summary>
        <h4>${typeof heading === "number" ? String(heading) : formatCell(heading, 60) || "“”"}</h4>
        <span>· ${formatCount(Number(rows))}</span>
      </summary>
      ${listMarkup(of, drawn, index === 0)}${left > 0 && more}
    </details>`;
  })}`;
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

/** Below the cards: where one is, turning pages, the size of the cards, selecting what is shown. */
function bar(drawn: Drawn, tiles: readonly Tile[], rows: number, page: number): Markup {
  const { options, size } = drawn;
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
    ${options.group ? null : pager(options, rows, page)}
    <span class="samples-sizes" role="group" aria-label="Size of the cards">${sizes}</span>
    <button type="button" class="samples-all" data-action="select-shown">
      Select these ${formatCount(tiles.length)}
    </button>
    <span class="visually-hidden samples-keys"
      >Arrow keys move between samples, space selects, shift and space select a range, enter shows all of one,
      page up and page down turn pages.</span
    >
  </div>`;
}

function pager(options: Options, rows: number, page: number): Markup {
  const pages = Math.ceil(rows / options.perPage);
  const first = page * options.perPage + 1;
  const last = Math.min(rows, first + options.perPage - 1);
  const range = html`<span>${formatCount(first)}–${formatCount(last)} of ${formatCount(rows)}</span>`;
  if (pages <= 1) return html`<nav class="pager" aria-label="Pages of samples">${range}</nav>`;
  const final = pages - 1;
  return html`<nav class="pager" aria-label="Pages of samples">
    ${turn("first", 0, page === 0, "«")} ${turn("previous", page - 1, page === 0, "Previous")} ${range}
    ${turn("next", page + 1, page === final, "Next")} ${turn("last", final, page === final, "»")}
  </nav>`;
}

function turn(name: string, to: number, isOff: boolean, said: string): Markup {
  return html`<button
    type="button"
    data-turn="${name}"
    data-page="${to}"
    aria-label="${name.charAt(0).toUpperCase() + name.slice(1)} page"
    ${isOff ? "disabled" : ""}
  >
    ${said}
  </button>`;
}

function notices(options: Options, results: Results): string[] {
  if (!options.group) return [];
  const groups = Number(column(results["passing"]!, "groups")[0]);
  return groups > MOST_HEADINGS
    ? [`The ${MOST_HEADINGS} largest of ${formatCount(groups)} groups by ${options.group.name} are shown.`]
    : [];
}

function dataTable(options: Options, tiles: Tile[]): Drawing["data"] {
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
