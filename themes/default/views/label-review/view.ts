/**
 * Reviewing labels: the most doubtful first, what the model says of each, and what to do about it. What is decided stays
 * in the reader's browser and leaves it as a patch.
 */
import { scalar } from "../../src/data/result.ts";
import { scrollRegion } from "../../src/figure.ts";
import { formatCount, formatNumber, html, type Markup } from "../../src/markup.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, DataTable, Drawing, Results, View, ViewState } from "../../src/view.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import { conflictsMarkup } from "./conflicts.ts";
import {
  choicesMarkup,
  decisionInWords,
  detailMarkup,
  historyMarkup,
  listMarkup,
  NO_WORK,
  progressMarkup,
  sceneOf,
  scoresMarkup,
  type Scene,
} from "./panels.ts";
import { queries } from "./queries.ts";
import { accept, readState } from "./state.ts";
import { noSamples } from "../../src/nothing.ts";
import { say } from "../../src/words.ts";

/** The parts that a live view draws anew; fields that a reader types into stand between them and stay. */
export function partsOf(scene: Scene): Record<string, Markup | null> {
  return {
    progress: progressMarkup(scene),
    choices: choicesMarkup(scene),
    scores: scoresMarkup(scene),
    list: listMarkup(scene),
    detail: detailMarkup(scene),
    history: historyMarkup(scene),
    conflicts: conflictsMarkup(scene),
  };
}

/** What can be done about a label, with its key. */
export const DEEDS: readonly { deed: string; key: string; said: string }[] = [
  { deed: "confirm", key: "C", said: say("Label is right") },
  { deed: "accept", key: "A", said: say("Prediction is right") },
  { deed: "unsure", key: "U", said: say("Unsure") },
  { deed: "delete", key: "D", said: say("Delete") },
  { deed: "withdraw", key: "X", said: say("Withdraw") },
];

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const scene = sceneOf(options, results, readState(options, state), context, NO_WORK);
  const parts = partsOf(scene);
  const part = (name: string): Markup => html`<div data-part="${name}">${parts[name]}</div>`;
  return {
    ...framedOf(scene),
    body: html`${part("progress")}
      <div class="review">
        <div class="review-left">
          ${part("choices")}${part("scores")}
          ${scrollRegion("samples-frame review-frame", say("Samples to review"), context.request, part("list"))}
        </div>
        <div class="review-right">
          ${part("detail")}${deedsMarkup(context)}
          <div class="review-history" data-part="history">${parts["history"]}</div>
        </div>
      </div>
      ${filesMarkup(context)}${part("conflicts")}`,
    description: describe(scene),
  };
}

function deedsMarkup({ request, table }: Context): Markup {
  const list = `${request.id}-classes`;
  return html`<div class="review-deeds" role="group" aria-label="${say("Decide")}">
      ${DEEDS.map(
        ({ deed, key, said }) =>
          html`<button type="button" data-deed="${deed}" aria-keyshortcuts="${key}">
            ${said} <kbd>${key}</kbd>
          </button>`,
      )}
    </div>
    <label class="review-field"
      >${say("Other label")} <kbd>O</kbd>
      <input
        type="text"
        name="label"
        list="${list}"
        autocomplete="off"
        spellcheck="false"
        placeholder="${say("type, then enter")}" /></label
    ><datalist id="${list}">${table.classes.map((name) => html`<option value="${name}"></option>`)}</datalist>
    <label class="review-field"
      >${say("Why")} <input type="text" name="why" autocomplete="off" placeholder="${say("optional")}"
    /></label>
    <p class="review-said" role="status"></p>
    <p class="review-note review-keys">
      ${say("Arrow keys move, space selects, shift and arrow keys select several, escape lets go. With several selected a key decides of all.")}
    </p>`;
}

function filesMarkup({ request }: Context): Markup {
  return html`<div class="review-files">
    <label class="review-field"
      >${say("Your name")} <input type="text" name="who" autocomplete="name"
    /></label>
    <span class="review-buttons"
      ><button type="button" data-action="json">${say("Export JSON")}</button
      ><button type="button" data-action="parquet">${say("Export Parquet")}</button
      ><label class="review-import" for="${request.id}-import">${say("Import a patch")}</label
      ><input
        id="${request.id}-import"
        class="visually-hidden"
        type="file"
        name="patch"
        accept=".json,.parquet"
    /></span>
    <span class="review-note"
      >${say("What you decide is kept in this browser; a patch takes it elsewhere.")}</span
    >
  </div>`;
}

export function framedOf(scene: Scene): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  const { results, context } = scene;
  const [total, rows] = ["total", "count"].map((name) => scalar(results[name]!, "rows"));
  const notices = total === 0 ? [noSamples(context)] : [];
  return { rows: rows!, total: total!, notices, data: dataTable(scene) };
}

function describe({ items, results, state }: Scene): string {
  const total = scalar(results["total"]!, "rows");
  const order = state.order === "random" ? say("in random order") : say("the most doubtful labels first");
  return say("{items} of {total} samples to review, {order}.", {
    items: formatCount(items.length),
    total: formatCount(total),
    order,
  });
}

function dataTable({ items, options, work }: Scene): DataTable {
  return {
    columns: [
      { name: "id", title: options.card.id.name, say: String },
      { name: "label", title: options.label.name },
      { name: "prediction", title: options.prediction.name },
      { name: "score", title: options.score.name },
      ...(options.rank ? [{ name: "rank", title: options.rank.name }] : []),
      { name: "decided", title: say("Decided") },
    ],
    rows: items.map((item) => {
      const decision = work.decisions.get(item.id);
      return { ...item, decided: decision ? decisionInWords(decision) : "" };
    }),
  };
}

function selected(options: Options, written: ViewState): Selected[] {
  const { range, ids } = readState(options, written);
  return [
    ...(range
      ? [{ column: options.score.name, range: [formatNumber(range[0]), formatNumber(range[1])] as const }]
      : []),
    ...(ids.length ? [{ column: options.card.id.name, values: ids }] : []),
  ];
}

export const view: View<Options> = {
  name: "label-review",
  summary:
    "Labels to look at, the most doubtful first: confirm, accept the prediction, give another label, delete or leave open, by keys too, with undo, an estimate of what is left, and patches.",
  options: MEANINGS,
  parse,
  queries: (options, results, context, state) =>
    queries(options, results, context, readState(options, state)),
  render,
  accept,
  selected,
  // The work is one, whatever the page is split by.
  groups: false,
};
