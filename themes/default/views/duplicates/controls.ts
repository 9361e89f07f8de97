/** Above the groups: which kind of duplicates, where the line is, and the histogram of distances that it cuts. */
import { choiceMarkup } from "../../src/choice.ts";
import { histogramMarkup } from "../../src/histogram.ts";
import { formatCount, formatNumber, html, type Markup, sayMarkup } from "../../src/markup.ts";
import { NEAR } from "./options.ts";
import { BINS, countsOf, type Rule } from "./queries.ts";
import type { Scene } from "./scene.ts";
import { say, sayCount } from "../../src/words.ts";

/** Steps of the slider from 0 to the end of the axis. */
export const STEPS = 1000;

export function kindsMarkup({ kinds, kind }: Scene): Markup {
  const buttons = kinds.map((each) => {
    const { name, title } = each.kind;
    const said = html`${title} <span class="duplicates-n">${formatCount(each.groups)}</span
      ><span class="visually-hidden"> ${say("groups")}</span>`;
    return choiceMarkup("kind", name, each.kind === kind, said);
  });
  return html`<div class="duplicates-kinds" role="group" aria-label="${say("Kind of duplicates")}">
    ${buttons}
  </div>`;
}

export function distancesMarkup({ results, drawn, rules }: Scene): Markup | null {
  if (!drawn || !results["distances"]) return null;
  const [whole, passing] = [countsOf(results["distances"]), countsOf(results["distancesPassing"])];
  const lines = rules
    .filter(({ distance }) => distance !== null)
    .sort((a, b) => a.distance! - b.distance!)
    .map(({ rule, distance, is_used: isUsed }) => ({ at: distance!, label: rule, isUsed }));
  return html`${histogramMarkup({
    domain: [0, drawn.reach],
    whole: whole.slice(0, BINS),
    passing: passing.slice(0, BINS),
    title: say("Distance to the nearest other sample"),
    range: [0, drawn.line.distance],
    lines,
  })}`;
}

/** Samples to the right of the axis. */
function beyondMarkup({ results }: Scene): Markup | null {
  const beyond = countsOf(results["distances"])[BINS]!;
  if (beyond === 0) return null;
  return html`<p class="duplicates-note">
    ${sayCount(beyond, "{beyond} sample is farther from any other than the axis goes.", "{beyond} samples are farther from any other than the axis goes.", { beyond: formatCount(beyond) })}
  </p>`;
}

/** The slider; it stays in place while it is dragged, so it is no part of what is drawn anew. */
export function sliderMarkup({ drawn }: Scene): Markup | null {
  if (!drawn) return null;
  return html`<label class="duplicates-slider"
    ><span class="visually-hidden">${say("Line between near duplicates and neighbours")}</span
    ><input
      type="range"
      name="line"
      min="0"
      max="${STEPS}"
      step="1"
      value="${placeOf(drawn.line.distance, drawn.reach)}"
      aria-valuetext="${say("distance {distance}", { distance: formatNumber(drawn.line.distance) })}"
  /></label>`;
}

export function placeOf(distance: number, reach: number): number {
  return Math.round(Math.min(1, distance / reach) * STEPS);
}

export function lineMarkup(scene: Scene): Markup | null {
  const { drawn, rules, state } = scene;
  if (!drawn) return null;
  const { line, rule, isOwn } = drawn;
  const limit = rule?.relative ?? null;
  return html`<p class="duplicates-line">
      <output
        >${sayMarkup("Line at {distance}", { distance: html`<b>${formatNumber(line.distance)}</b>` })}${state.line === null && rule ? say(", by the rule {rule}", { rule: rule.rule }) : say(", drawn by hand")}</output
      >${rules.map((each) => ruleButton(each, scene))}
    </p>
    ${
      limit !== null &&
      html`<label class="duplicates-note"
        ><input type="checkbox" name="loose" data-key="loose" ${state.isLoose ? "" : "checked"} />
        ${say("and at most {limit} of what is usual around the two{heldinwords}", { limit: formatNumber(limit), heldinwords: heldInWords(drawn.held) })}</label
      >`
    }
    ${!isOwn && ownRuleMarkup(rules)}${beyondMarkup(scene)}`;
}

function ownRuleMarkup(rules: Scene["rules"]): Markup {
  const used = rules.find((each) => each.is_used)?.rule ?? "";
  return html`<p class="duplicates-note">
    ${say("The table’s own groups were made by the rule {used}.", { used })}
  </p>`;
}

function heldInWords(held: number): string {
  return held > 0
    ? sayCount(held, ", which keeps {held} pair apart", ", which keeps {held} pairs apart", {
        held: formatCount(held),
      })
    : "";
}

function ruleButton({ rule, distance, is_used: isUsed }: Rule, { drawn, state }: Scene): Markup | null {
  if (distance === null) return null;
  const isHere = drawn?.rule?.rule === rule && state.line === null;
  return html`<button
    type="button"
    data-rule="${isUsed ? "" : rule}"
    data-key="rule-${rule}"
    aria-pressed="${String(isHere)}"
    title="${isUsed ? say("Draw the line by the rule {rule}, as the table does", { rule }) : say("Draw the line by the rule {rule}", { rule })}"
  >
    ${rule}<span class="duplicates-n"> ${formatNumber(distance)}</span>
  </button>`;
}

/** `3 groups of 8 samples are near duplicates; in 1 the labels disagree, 2 cross splits.` */
export function summaryInWords(scene: Scene, disagree: number, cross: number): string {
  const { groups, kind, options } = scene;
  const members = groups.reduce((sum, group) => sum + group.members.length, 0);
  const n = sayCount(
    groups.length,
    "{groups} group of {members} samples {words}",
    "{groups} groups of {members} samples {words}",
    {
      groups: formatCount(groups.length),
      members: formatCount(members),
      words: kind.words,
    },
  );
  const also = [
    ...(options.card.label
      ? [say("labels disagree in {disagree}", { disagree: formatCount(disagree) })]
      : []),
    ...(options.split
      ? [sayCount(cross, "{cross} crosses splits", "{cross} cross splits", { cross: formatCount(cross) })]
      : []),
  ];
  return also.length ? `${n}: ${also.join(", ")}.` : `${n}.`;
}

export function isNear({ kind }: Scene): boolean {
  return kind.name === NEAR;
}
