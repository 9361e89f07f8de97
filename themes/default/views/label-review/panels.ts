/** The parts of a review of labels: the list, the sample that is looked at, how far the work is. */
import { cardBody, imageMarkup, type Drawn } from "../../src/cards.ts";
import { choiceMarkup } from "../../src/choice.ts";
import { ENOUGH, estimate, ROW, type Estimate } from "../../src/corrections/estimate.ts";
import type { Sample } from "../../src/corrections/fit.ts";
import { progressOf, type Decision, type Decisions, type Progress } from "../../src/corrections/journal.ts";
import type { Conflict } from "../../src/corrections/patch.ts";
import { brushedMarkup } from "../../src/histogram.ts";
import {
  formatCell,
  formatCount,
  formatFixed,
  formatNumber,
  html,
  type Markup,
  percent,
  sayMarkup,
} from "../../src/markup.ts";
import type { Id } from "../../src/selected.ts";
import { rangesIn } from "../../src/tiles.ts";
import type { Context, Results } from "../../src/view.ts";
import type { Options } from "./options.ts";
import {
  aboutName,
  countsOf,
  itemsOf,
  listOf,
  lookedAt,
  othersName,
  othersOf,
  pairsOf,
  strataIn,
  type Item,
  type Pair,
} from "./queries.ts";
import type { ReviewState } from "./state.ts";
import { say, sayCount } from "../../src/words.ts";

/** The work as a drawing knows it; at build nothing is decided. */
export interface Work {
  decisions: Decisions;
  canUndo: boolean;
  canRedo: boolean;
  problem: string;
  conflicts: readonly Conflict[];
  /** What the table says of samples that are decided of, as far as it was asked; null for those that it lacks. */
  samples: ReadonlyMap<Id, Sample | null>;
  /** What is drawn of samples in conflict. */
  tiles: ReadonlyMap<Id, Item>;
}

export const NO_WORK: Work = {
  decisions: new Map(),
  canUndo: false,
  canRedo: false,
  problem: "",
  conflicts: [],
  samples: new Map(),
  tiles: new Map(),
};

export interface Scene {
  options: Options;
  results: Results;
  state: ReviewState;
  context: Context;
  work: Work;
  items: readonly Item[];
  /** The one of them that the keys are at, which is framed; null where the list is empty. */
  current: Item | null;
  /** The samples that the panel tells of. */
  looked: readonly Item[];
}

export function sceneOf(
  options: Options,
  results: Results,
  state: ReviewState,
  context: Context,
  work: Work,
): Scene {
  const ids = lookedAt(state, results);
  const looked = listOf(results[aboutName(ids)]);
  const items = itemsOf(results);
  const current = items.find(({ id }) => id === state.at) ?? items[0] ?? null;
  return { options, results, state, context, work, items, current, looked };
}

const LARGE = 160;
const TWIN = 64;

/** Classes whose scores are drawn. */
const MOST_CLASSES = 10;

// The list ----------------------------------------------------------------------------------------

export function choicesMarkup({ state }: Scene): Markup {
  return html`<div class="review-order" role="group" aria-label="${say("Order of the samples")}">
    ${choiceMarkup("order", "doubtful", state.order === "doubtful", say("Most doubtful first"))}
    ${choiceMarkup("order", "random", state.order === "random", say("At random"), say("To check labels that nobody doubts"))}
  </div>`;
}

export function scoresMarkup({ options, results, state }: Scene): Markup {
  const [whole, passing] = [countsOf(results["whole"]), countsOf(results["bins"])];
  const range = state.range;
  const words = range
    ? say("{range} to {range2}", { range: formatNumber(range[0]), range2: formatNumber(range[1]) })
    : say("all scores");
  return brushedMarkup(
    { domain: [0, 1], whole, passing, title: options.score.name, range, lines: [] },
    "familiarity-plot",
    say("Range of {score}", { score: options.score.name }),
    words,
  );
}

/** Whether no filter is to blame where nothing is listed. */
const isWithoutScores = ({ results }: Scene): boolean =>
  countsOf(results["whole"]).every((rows) => rows === 0);

export function listMarkup(scene: Scene): Markup {
  const { items, options, current } = scene;
  if (items.length === 0 && isWithoutScores(scene))
    return html`<p class="view-empty">
      ${say("No label has a value of {score}.", { score: options.score.name })}
    </p>`;
  if (items.length === 0)
    return html`<p class="view-empty">
      ${say("No sample passes the filters.")}
      <button type="button" data-action="reset">${say("Reset the filters")}</button>
    </p>`;
  const drawn = drawnOf(scene);
  const kind = options.card.cards;
  return html`<ul class="samples samples-${kind} samples-${options.size} review-list" role="list">
    ${items.map((item) => itemMarkup(item, drawn, scene, current === item))}
  </ul>`;
}

function itemMarkup(item: Item, drawn: Drawn, { options, work, state }: Scene, isCurrent: boolean): Markup {
  const decision = work.decisions.get(item.id);
  const isTest = typeof item.split === "string" && !/^train/i.test(item.split);
  const classes = [
    `card card-${options.card.cards}`,
    ...(decision ? ["review-done"] : []),
    ...(isTest ? ["review-test"] : []),
    ...(isCurrent ? ["review-current"] : []),
  ];
  const isChosen = state.ids.includes(item.id);
  return html`<li class="${classes.join(" ")}">
    ${cardBody(item, drawn, { isFirst: isCurrent, isChosen })}<span class="review-where"
      >${item.rank === undefined ? "" : `#${formatCount(item.rank)}`}${isTest ? ` ${formatCell(item.split, 12)}` : ""}</span
    >${
      decision &&
      html`<span class="review-mark review-${decision.action}">${decisionInWords(decision)}</span>`
    }
  </li>`;
}

function drawnOf({ options, results, state, context }: Scene): Drawn {
  return {
    options: options.card,
    sheets: context.table.media.filter((each) => each.kind === "sprite"),
    chosen: new Set<unknown>(state.ids),
    size: options.size,
    highlights: new Map(),
    ranges: rangesIn(options.card, results["total"]!),
    isLive: true,
  };
}

export function decisionInWords({ action, label, old }: Pick<Decision, "action" | "label" | "old">): string {
  if (action === "delete") return say("deleted");
  if (action === "unsure") return say("unsure");
  if (action === "confirm" || label === old) return say("confirmed");
  return say("now {label}", { label: formatCell(label, 20) });
}

// What is looked at -------------------------------------------------------------------------------

export function detailMarkup(scene: Scene): Markup {
  const { looked, options, context, work } = scene;
  const [first] = looked;
  if (!first) return html`<p class="review-note">${say("Nothing is selected.")}</p>`;
  const sheets = context.table.media.filter((each) => each.kind === "sprite");
  const image = options.card.cards === "image" ? imageMarkup(first, sheets, LARGE) : null;
  const decision = work.decisions.get(first.id);
  const several = looked.length > 1;
  return html`<div class="review-sample">
      ${image}
      <dl>
        <dt>${several ? say("Selected") : options.card.id.name}</dt>
        <dd>
          ${several ? say("{looked} samples", { looked: formatCount(looked.length) }) : formatCell(String(first.id), 24)}
        </dd>
        <dt>${say("Label")}</dt>
        <dd>${distinct(looked.map(({ label }) => label))}</dd>
        <dt>${say("Predicted")}</dt>
        <dd>${distinct(looked.map(({ prediction }) => prediction))}</dd>
        <dt>${options.score.name}</dt>
        <dd>
          ${formatNumber(Number(meanOf(looked.map(({ score }) => score)).toFixed(3)))}${several ? ` ${say("on average")}` : ""}
        </dd>
        <dt>${say("Decided")}</dt>
        <dd>${several ? decidedInWords(scene) : decision ? decisionInWords(decision) : say("not yet")}</dd>
      </dl>
    </div>
    ${classScores(scene)}${twinsMarkup(scene)}`;
}

function decidedInWords({ looked, work }: Scene): string {
  return say("{filter} of {looked}", {
    filter: formatCount(looked.filter(({ id }) => work.decisions.has(id)).length),
    looked: formatCount(looked.length),
  });
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function distinct(values: readonly (string | null)[]): string {
  const found = [...new Set(values)];
  return found.length > 3
    ? say("{found} classes", { found: found.length })
    : found.map((value) => formatCell(value, 24)).join(", ");
}

/** The mean probability of each class, over what is looked at; label and prediction are named. */
function classScores({ looked, context }: Scene): Markup | null {
  const told = looked.flatMap(({ probabilities }) => (probabilities ? [probabilities] : []));
  const { classes } = context.table;
  if (told.length === 0 || classes.length !== told[0]!.length) return null;
  const means = classes.map((name, place) => ({ name, share: meanOf(told.map((row) => row[place]!)) }));
  const shown = [...means]
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_CLASSES);
  const labels = new Set(looked.map(({ label }) => label));
  return html`<h4 class="review-heading">${say("Mean probability of each class")}</h4>
    <ul class="review-classes" role="list">
      ${shown.map(
        ({ name, share }) =>
          html`<li class="${labels.has(name) ? "review-label" : ""}">
            <span title="${name}"
              >${formatCell(name, 14)}${labels.has(name) ? html`<span class="review-own"> ${say("label")}</span>` : ""}</span
            ><svg width="100%" height="10" aria-hidden="true">
              <rect width="${Number((share * 100).toFixed(2))}%" height="10" /></svg
            ><span class="review-share">${formatFixed(share, 2)}</span>
          </li>`,
      )}
    </ul>`;
}

function twinsMarkup(scene: Scene): Markup | null {
  const { options, results, state } = scene;
  if (!options.twins) return null;
  const ids = lookedAt(state, results);
  const pairs = pairsOf(results, ids);
  const tiles = new Map(listOf(results[othersName(othersOf(results, ids))]).map((item) => [item.id, item]));
  if (pairs.length === 0) return html`<p class="review-note">${say("No near twin is known.")}</p>`;
  return html`<h4 class="review-heading">${say("Near twins, the nearest first")}</h4>
    <ul class="review-twins" role="list">
      ${pairs.map((pair) => pairMarkup(pair, tiles, scene))}
    </ul>`;
}

function pairMarkup(pair: Pair, tiles: ReadonlyMap<Id, Item>, { options, context }: Scene): Markup {
  const sheets = context.table.media.filter((each) => each.kind === "sprite");
  const members = [pair.sample, pair.neighbor].map((id) => tiles.get(id));
  const likeness =
    pair.similarity === null
      ? say("distance {distance}", { distance: formatNumber(pair.distance) })
      : `SSIM ${formatFixed(pair.similarity, 3)}`;
  const faults = [
    ...(pair.other_label ? [say("other label")] : []),
    ...(pair.other_split ? [say("other split")] : []),
  ];
  return html`<li>
    ${members.map((item) =>
      item
        ? html`<span class="review-twin"
            >${options.card.cards === "image" ? imageMarkup(item, sheets, TWIN) : formatCell(String(item.id), 16)}<span
              >${formatCell(item.label, 14)}</span
            ></span
          >`
        : "",
    )}<span class="review-note">${[likeness, ...faults].join(" · ")}</span>
  </li>`;
}

// How far the work is -----------------------------------------------------------------------------

export function progressMarkup(scene: Scene): Markup {
  const { work, results } = scene;
  const strata = strataIn(results);
  const samples = strata.at(-1)?.to ?? 0;
  const decisions = placed(work);
  const counted = samples ? decisions.filter(({ rank }) => rank !== null) : decisions;
  const apart = decisions.length - counted.length;
  const progress = progressOf(counted);
  const { looked } = progress;
  const parts = partsInWords(progress).join(", ");
  const share = samples ? Math.min(1, looked / samples) : 0;
  return html`<p class="review-progress" role="status">
      ${sayMarkup(samples ? "{looked} of {samples} looked at: {parts}." : "{looked} looked at: {parts}.", { looked: html`<b data-review="looked">${formatCount(looked)}</b>`, samples: formatCount(samples), parts })}
      ${apart > 0 && sayCount(apart, "{n} decision is of a sample without a rank here, and is not counted.", "{n} decisions are of samples without a rank here, and are not counted.", { n: formatCount(apart) })}
    </p>
    <svg class="review-bar" width="100%" height="6" aria-hidden="true">
      <rect class="review-bar-all" width="100%" height="6" />
      <rect class="review-bar-done" width="${Number((share * 100).toFixed(2))}%" height="6" />
    </svg>
    ${strata.length > 0 && estimateMarkup(estimate(strata, counted))}${work.problem && html`<p class="view-notice">${work.problem}</p>`}`;
}

function partsInWords({ changed, confirmed, deleted, unsure }: Progress): string[] {
  const parts = [
    say("{changed} changed", { changed: formatCount(changed) }),
    say("{confirmed} confirmed", { confirmed: formatCount(confirmed) }),
  ];
  if (deleted) parts.push(say("{deleted} deleted", { deleted: formatCount(deleted) }));
  if (unsure) parts.push(say("{unsure} unsure", { unsure: formatCount(unsure) }));
  return parts;
}

/** The decisions with the ranks that samples have now; a patch says none, and the data may be others since. */
function placed({ decisions, samples }: Work): Decision[] {
  return [...decisions.values()].map((decision) => {
    const sample = samples.get(decision.id);
    return sample === undefined ? decision : { ...decision, rank: sample?.rank ?? null };
  });
}

function estimateMarkup(found: Estimate): Markup {
  const whole = (value: number): string => formatCount(Math.round(value));
  const { recent } = found;
  const lately = recent.of
    ? ` ${sayCount(recent.wrong, "Of the last {of} that you judged, {wrong} was wrong.", "Of the last {of} that you judged, {wrong} were wrong.", { of: recent.of, wrong: recent.wrong })}`
    : "";
  const advice =
    recent.of < ROW
      ? ""
      : found.isEnough
        ? ` ${say("You can stop here.")}`
        : ` ${say("Go on until none of {row} in a row is wrong and the interval begins below {enough} of all, or ends below it.", { row: ROW, enough: percent(formatNumber(ENOUGH * 100)) })}`;
  const [unseen, unsure] = [whole(found.unseen), whole(found.unsure)];
  const open = found.unsure
    ? say("{unseen} not looked at and {unsure} unsure", { unseen, unsure })
    : say("{unseen} not looked at", { unseen });
  return html`<p class="review-estimate">
    ${sayMarkup("About {left} wrong labels are left (95%: {low} to {high}, of {open}).{lately}{advice}", { left: html`<b>${whole(found.left)}</b>`, low: whole(found.low), high: whole(found.high), open, lately, advice })}
  </p>`;
}

export function historyMarkup({ work }: Scene): Markup {
  return html`<button type="button" data-action="undo" data-key="undo" ${work.canUndo ? "" : "disabled"}>
      ${say("Undo")} <kbd>Z</kbd></button
    ><button type="button" data-action="redo" data-key="redo" ${work.canRedo ? "" : "disabled"}>
      ${say("Redo")} <kbd>⇧Z</kbd>
    </button>`;
}
