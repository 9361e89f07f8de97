/** The samples that are least and most like the others, how familiar all are, and how far groups and splits are apart. */
import { scalar, objects } from "../../src/data/result.ts";
import { cardBody, type Drawn, type Tile } from "../../src/cards.ts";
import { scrollRegion } from "../../src/figure.ts";
import { formatCount, formatNumber, html, type Markup } from "../../src/markup.ts";
import type { Column } from "../../src/page.ts";
import type { Selected } from "../../src/selected.ts";
import { rangesIn } from "../../src/tiles.ts";
import type { Range } from "../../src/values.ts";
import type { Context, DataTable, Drawing, Results, View, ViewState } from "../../src/view.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import {
  choicesMarkup,
  domainOf,
  gapsMarkup,
  gapsOf,
  gapInWords,
  groupRows,
  groupsMarkup,
  said,
  scoresMarkup,
  spreadInWords,
  undefinedInWords,
  type Shown,
} from "./panels.ts";
import { BINS, countsOf, nameFor, queries, scoreOf } from "./queries.ts";
import { accept, readState } from "./state.ts";
import { say } from "../../src/words.ts";

/** The parts that a live view draws anew, by name. */
export function partsOf(shown: Shown): Record<string, Markup | null> {
  return {
    choices: choicesMarkup(shown),
    scores: scoresMarkup(shown),
    spread: html`<p class="duplicates-note" role="status">${spreadInWords(shown)}</p>`,
    gaps: gapsMarkup(shown),
    groups: groupsMarkup(shown),
    tiles: tilesMarkup(shown),
  };
}

export function shownOf(options: Options, results: Results, state: ViewState, context: Context): Shown {
  return { options, results, state: readState(options, state), context };
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const shown = shownOf(options, results, state, context);
  const parts = partsOf(shown);
  const part = (name: string): Markup => html`<div data-part="${name}">${parts[name]}</div>`;
  return {
    ...framedOf(shown),
    body: html`${part("choices")}
      <div class="duplicates-sides">
        <div>${part("scores")}${part("spread")}${part("gaps")}</div>
        ${options.by && part("groups")}
      </div>
      ${scrollRegion("samples-frame familiarity-frame", say("Samples by familiarity"), context.request, part("tiles"))}`,
    description: describe(shown),
  };
}

/** What stands around the drawing. */
export function framedOf(shown: Shown): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  const { results } = shown;
  const [total, rows] = ["total", "count"].map((name) => scalar(results[name]!, "rows"));
  return { rows: rows!, total: total!, notices: undefinedInWords(shown), data: dataTables(shown) };
}

export function tilesOf({ results }: Shown): Tile[] {
  return objects(results["tiles"]!).map((tile) => ({
    ...tile,
    caption_0: tile["score"],
  })) as unknown as Tile[];
}

function tilesMarkup(shown: Shown): Markup | null {
  const { options, state, results } = shown;
  const tiles = tilesOf(shown);
  const rows = scalar(results["spread"]!, "rows");
  // The bars say already why there are none.
  if (tiles.length === 0 && !domainOf(shown)) return null;
  if (tiles.length === 0)
    return html`<p class="view-empty">
      ${say("No sample passes the filters.")}
      <button type="button" data-action="reset">${say("Reset the filters")}</button>
    </p>`;
  const drawn = drawnOf(shown);
  const more = Math.min(rows - tiles.length, options.rows);
  const kind = options.card.cards;
  return html`<ul class="samples samples-${kind} samples-${options.size}" role="list">
      ${tiles.map(
        (tile, index) =>
          html`<li class="card card-${kind}" data-member="tiles">
            ${cardBody(tile, drawn, { isFirst: index === 0, isChosen: drawn.chosen.has(tile.id) })}
          </li>`,
      )}
    </ul>
    ${
      more > 0 &&
      html`<p class="duplicates-left">
        <button type="button" data-action="more" data-key="more">
          ${say("Show {more} more", { more: formatCount(more) })}
        </button>
        <span
          >${state.order === "least" ? say("The least familiar {tiles} of {rows} are shown.", { tiles: formatCount(tiles.length), rows: formatCount(rows) }) : say("The most familiar {tiles} of {rows} are shown.", { tiles: formatCount(tiles.length), rows: formatCount(rows) })}</span
        >
      </p>`
    }`;
}

/** The score's own is that of what is compared: all samples, or a group. Any name may be that of another caption. */
function rangesOf({ options, results, state }: Shown, score: Column): Drawn["ranges"] {
  const extent = results[nameFor("extent", state)]!;
  const [low, high] = ["low", "high"].map((name) => scalar(extent, name)) as [number, number];
  const ranges = rangesIn(options.card, results["ends"]);
  const isWhole = ranges.get(scoreOf(options, state).name)?.isWhole ?? false;
  return new Map<string | Column, Range>([...ranges, [score, { low, high, isWhole }]]);
}

/** Cards name the score that they are ordered by. */
function drawnOf(shown: Shown): Drawn {
  const { options, state, context } = shown;
  const [, ...captions] = options.card.captions;
  const score = { ...scoreOf(options, state), name: "familiarity" };
  return {
    options: { ...options.card, captions: [score, ...captions] },
    sheets: context.table.media.filter((each) => each.kind === "sprite"),
    chosen: new Set<unknown>(state.ids),
    size: options.size,
    highlights: new Map(),
    ranges: rangesOf(shown, score),
    isLive: false,
  };
}

function describe(shown: Shown): string {
  const domain = domainOf(shown);
  const reach = domain
    ? ` ${say("Scores go from {domain} to {domain2}.", { domain: formatNumber(domain[0]), domain2: formatNumber(domain[1]) })}`
    : "";
  const gaps = gapsOf(shown).map(
    (gap) =>
      ` ${say("{scored} beside {fitted}: {gapinwords}.", { scored: gap.scored, fitted: gap.fitted, gapinwords: gapInWords(gap) })}`,
  );
  return `${spreadInWords(shown)}${reach}${gaps.join("")}`;
}

/** The samples shown; bars, groups and gaps beside. */
function dataTables(shown: Shown): DataTable {
  const { options, state, results } = shown;
  const { id, label, prediction } = options.card;
  const named = [
    { name: "id", title: id.name, say: String },
    ...(label ? [{ name: "label", title: label.name }] : []),
    ...(prediction ? [{ name: "prediction", title: prediction.name }] : []),
    { name: "score", title: scoreOf(options, state).name },
  ];
  return {
    caption:
      state.order === "least" ? say("Samples, least familiar first") : say("Samples, most familiar first"),
    columns: named,
    rows: tilesOf(shown) as unknown as Record<string, unknown>[],
    beside: [
      binsTable(shown),
      ...(results["groups"] ? [groupsTable(shown)] : []),
      ...(results["gaps"] ? [gapsTable(shown)] : []),
    ],
  };
}

function binsTable(shown: Shown): DataTable {
  const { results, state } = shown;
  const domain = domainOf(shown);
  const [whole, passing] = [countsOf(results[nameFor("whole", state)]), countsOf(results["bins"])];
  const [low, high] = domain ?? [0, 0];
  const width = (high - low) / BINS;
  return {
    caption: say("Samples by familiarity"),
    columns: [
      { name: "from", title: say("From") },
      { name: "to", title: say("To") },
      { name: "rows", title: say("Pass") },
      { name: "all", title: say("All") },
    ],
    rows: domain
      ? whole.map((all, bin) => ({
          from: low + bin * width,
          to: low + (bin + 1) * width,
          rows: passing[bin],
          all,
        }))
      : [],
  };
}

function groupsTable({ results, options }: Shown): DataTable {
  return {
    caption: say("Familiarity by {by}", { by: options.by!.name }),
    columns: [
      { name: "value", title: options.by!.name },
      { name: "rows", title: "n" },
      { name: "mean", title: say("Mean") },
      { name: "sd", title: say("Standard deviation") },
    ],
    rows: groupRows(results["groupsPassing"]).map((row) => ({ ...row, value: said(row.value) })),
  };
}

function gapsTable(shown: Shown): DataTable {
  return {
    caption: say("How much less familiar one part is than another"),
    columns: [
      { name: "scored", title: say("Part") },
      { name: "fitted", title: say("Beside") },
      { name: "gap", title: say("Gap") },
      { name: "low", title: say("95% from") },
      { name: "high", title: say("95% to") },
    ],
    rows: gapsOf(shown) as unknown as Record<string, unknown>[],
  };
}

function selected(options: Options, written: ViewState): Selected[] {
  const state = readState(options, written);
  const { range, groups, ids } = state;
  return [
    ...(range
      ? [
          {
            column: scoreOf(options, state).name,
            range: [formatNumber(range[0]), formatNumber(range[1])] as const,
          },
        ]
      : []),
    ...(groups.length ? [{ column: options.by!.name, values: groups }] : []),
    ...(ids.length ? [{ column: options.card.id.name, values: ids }] : []),
  ];
}

export const view: View<Options> = {
  name: "familiarity",
  summary:
    "The samples least and most like the others, among all or within a group, a histogram of how familiar all are, and the gap between splits.",
  options: MEANINGS,
  parse,
  queries,
  render,
  accept,
  selected,
};
