/** The parts of a view of familiarity: the histogram, the groups with mean and deviation, and how far splits are apart. */
import { choiceMarkup } from "../../src/choice.ts";
import { titleOf } from "../../src/data/columns.ts";
import { objects, scalar } from "../../src/data/result.ts";
import { brushedMarkup, shareOf } from "../../src/histogram.ts";
import { formatCell, formatCount, formatNumber, html, type Markup } from "../../src/markup.ts";
import type { Context, Results } from "../../src/view.ts";
import { MOST_GROUPS, nameFor, scoreOf, countsOf } from "./queries.ts";
import type { Options } from "./options.ts";
import type { FamiliarityState, Value } from "./state.ts";
import { greatest } from "../../src/extremes.ts";

export interface Shown {
  options: Options;
  results: Results;
  state: FamiliarityState;
  context: Context;
}

export interface GroupRow {
  value: Value;
  rows: number;
  scored: number;
  mean: number | null;
  sd: number | null;
  /** Samples that are scored within the group. */
  own: number;
}

export function groupRows(answer: Results[string] | undefined): GroupRow[] {
  return answer ? (objects(answer) as unknown as GroupRow[]) : [];
}

export function isFiltered({ results }: Shown): boolean {
  return scalar(results["count"]!, "rows") < scalar(results["total"]!, "rows");
}

export const said = (value: unknown): string => (value === "" ? "(empty)" : formatCell(value, 32));

/* Choices */

export function choicesMarkup({ options, results, state }: Shown): Markup {
  const orders = (["least", "most"] as const).map((order) =>
    choiceMarkup("order", order, order === state.order, `${order === "least" ? "Least" : "Most"} familiar`),
  );
  const values = groupRows(results["groups"]).map(({ value }) => value);
  const listed = state.within === null || values.includes(state.within) ? values : [...values, state.within];
  const choose =
    options.by &&
    html`<label class="familiarity-within"
      >among
      <select name="within" data-key="within">
        <option value="" ${state.within === null ? "selected" : ""}>all samples</option>
        ${inOrder(listed).map(
          (value) =>
            html`<option value="${JSON.stringify(value)}" ${value === state.within ? "selected" : ""}>
              those of ${options.by!.name} ${said(value)}
            </option>`,
        )}
      </select></label
    >`;
  return html`<div class="duplicates-kinds" role="group" aria-label="Which samples come first">
    ${orders}${choose}
  </div>`;
}

function inOrder(values: readonly Value[]): Value[] {
  const compare = new Intl.Collator("en", { numeric: true });
  return [...values].sort((a, b) => compare.compare(String(a), String(b)));
}

/* The histogram */

export function domainOf({ results, state }: Shown): [number, number] | null {
  const extent = results[nameFor("extent", state)]!;
  const [low, high] = ["low", "high"].map((name) => scalar(extent, name));
  return Number.isFinite(low) && Number.isFinite(high) ? [low!, high!] : null;
}

export function scoresMarkup(shown: Shown): Markup {
  const { options, results, state } = shown;
  const domain = domainOf(shown);
  if (!domain) return html`<p class="view-empty">${emptyInWords(shown)}</p>`;
  const score = scoreOf(options, state);
  const shownScores = {
    domain,
    whole: countsOf(results[nameFor("whole", state)]),
    passing: countsOf(results["bins"]),
    title: `Familiarity${score.unit ? ` (${score.unit})` : ""}`,
    range: state.range,
    lines: [],
  };
  return brushedMarkup(shownScores, "familiarity-plot", "Samples by familiarity", rangeInWords(state.range));
}

function rangeInWords(range: FamiliarityState["range"]): string {
  return range ? `${formatNumber(range[0])} to ${formatNumber(range[1])} selected` : "nothing selected";
}

function emptyInWords({ options, state }: Shown): string {
  if (state.within === null || !options.by) return "No sample has a familiarity.";
  return `No sample of ${options.by.name} ${said(state.within)} has a familiarity within it: there were too few to learn from.`;
}

/** `1,797 samples: mean −27.3, standard deviation 9.1 nats.` */
export function spreadInWords({ options, results, state }: Shown): string {
  const spread = results["spread"]!;
  const [rows, mean, sd] = ["rows", "mean", "sd"].map((name) => scalar(spread, name)) as [
    number,
    number,
    number,
  ];
  const { unit } = scoreOf(options, state);
  const numbers =
    rows > 0
      ? `: mean ${formatNumber(mean)}, standard deviation ${formatNumber(sd)}${unit ? ` ${unit}` : ""}`
      : "";
  const where = state.within === null ? "" : ` of ${options.by!.name} ${said(state.within)}`;
  const n = `${formatCount(rows)} ${rows === 1 ? "sample" : "samples"}${where}${numbers}.`;
  return state.range
    ? `${n} Selected: ${formatNumber(state.range[0])} to ${formatNumber(state.range[1])}.`
    : n;
}

/* Groups */

export function groupsMarkup(shown: Shown): Markup | null {
  const { options, results, state } = shown;
  const groups = groupRows(results["groups"]);
  if (!options.by || groups.length === 0) return null;
  const passing = new Map(groupRows(results["groupsPassing"]).map((row) => [row.value, row]));
  const extent = results["groupsExtent"]!;
  const domain: [number, number] = [scalar(extent, "low"), scalar(extent, "high")];
  const hasFilter = isFiltered(shown);
  const { unit } = options.score;
  return html`<table class="familiarity-table">
    <caption>
      Familiarity among all samples by ${options.by.name}: mean and standard deviation
    </caption>
    <thead>
      <tr>
        <th scope="col">${titleOf(options.by.name)}</th>
        <th scope="col" class="number">n</th>
        <th scope="col" class="number">Mean</th>
        <th scope="col" class="number">SD</th>
        <th scope="col" class="familiarity-strip"><span class="visually-hidden">Drawn</span>${unit}</th>
      </tr>
    </thead>
    <tbody>
      ${groups.map((group) => {
        const here = passing.get(group.value);
        const row = hasFilter ? (here ?? { ...group, rows: 0, scored: 0, mean: null, sd: null }) : group;
        return html`<tr class="${row.rows === 0 ? "familiarity-out" : ""}">
          <th scope="row">
            ${choiceMarkup(
              "group",
              JSON.stringify(group.value),
              state.groups.includes(group.value),
              said(group.value),
              `Keep the samples of ${options.by!.name} ${said(group.value)}`,
            )}
          </th>
          <td class="number">
            ${formatCount(row.rows)}${hasFilter && html`<span class="duplicates-n"> of ${formatCount(group.rows)}</span>`}
          </td>
          <td class="number">${row.mean === null ? "–" : row.mean.toFixed(2).replace("-", "−")}</td>
          <td class="number">${row.sd === null ? "–" : row.sd.toFixed(2)}</td>
          <td class="familiarity-strip">
            ${stripMarkup(domain, [...(hasFilter ? [{ ...group, isWhole: true }] : []), { ...row, isWhole: false }])}
          </td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

interface Strip {
  mean: number | null;
  sd: number | null;
  isWhole: boolean;
}

/** A dot at the mean, a line of a standard deviation to either side; the whole in grey behind. */
function stripMarkup(domain: [number, number], strips: readonly Strip[]): Markup {
  const x = (value: number): string => `${(shareOf(domain, value) * 100).toFixed(2)}%`;
  return html`<svg width="100%" height="16" aria-hidden="true">
    ${strips.map(({ mean, sd, isWhole }) => {
      if (mean === null) return null;
      const name = isWhole ? "familiarity-whole" : "familiarity-mean";
      return html`<line
          class="${name}"
          x1="${x(mean - (sd ?? 0))}"
          x2="${x(mean + (sd ?? 0))}"
          y1="8"
          y2="8"
        /><circle class="${name}" cx="${x(mean)}" cy="8" r="${isWhole ? 4 : 3.5}" />`;
    })}
  </svg>`;
}

/* Splits */

export interface Gap {
  fitted: string;
  scored: string;
  fitted_rows: number;
  scored_rows: number;
  gap: number | null;
  low: number | null;
  high: number | null;
}

export function gapsOf({ results }: Shown): Gap[] {
  return results["gaps"] ? (objects(results["gaps"]) as unknown as Gap[]) : [];
}

export function gapsMarkup(shown: Shown): Markup | null {
  const gaps = gapsOf(shown);
  if (gaps.length === 0) return null;
  const ends = gaps.flatMap(({ low, high }) => [low, high]).filter((each) => each !== null);
  const far = greatest(ends.map(Math.abs), 1e-9) * 1.05;
  return html`<table class="familiarity-table familiarity-gaps">
    <caption>
      Gap between parts: how familiar one is to a mixture of another
    </caption>
    <thead>
      <tr>
        <th scope="col">Part, beside another</th>
        <th scope="col" class="number">Gap (95% interval)</th>
        <th scope="col" class="familiarity-strip"><span class="visually-hidden">Drawn</span></th>
      </tr>
    </thead>
    <tbody>
      ${gaps.map(
        (each) =>
          html`<tr>
            <th scope="row">
              <b>${each.scored}</b>, beside ${each.fitted}
              <span class="familiarity-said"
                >${gapInWords(each)} · n ${formatCount(each.scored_rows)} and
                ${formatCount(each.fitted_rows)}</span
              >
            </th>
            <td class="number">${gapInNumbers(each)}</td>
            <td class="familiarity-strip">${gapStrip(each, far)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const signed = (value: number): string => `${value > 0 ? "+" : ""}${value.toFixed(2)}`.replace("-", "−");

export function gapInNumbers({ gap, low, high }: Gap): string {
  if (gap === null) return "undefined";
  return low === null || high === null ? signed(gap) : `${signed(gap)} (${signed(low)} to ${signed(high)})`;
}

export function gapInWords({ gap, low, high }: Gap): string {
  if (gap === null || low === null || high === null) return "too few samples to say";
  if (low <= 0 && high >= 0) return "no difference beyond chance";
  return gap < 0 ? "less familiar" : "more familiar";
}

function gapStrip({ gap, low, high }: Gap, far: number): Markup | null {
  if (gap === null || low === null || high === null) return null;
  const x = (value: number): string => `${(shareOf([-far, far], value) * 100).toFixed(2)}%`;
  return html`<svg width="100%" height="16" aria-hidden="true">
    <line class="familiarity-zero" x1="50%" x2="50%" y1="0" y2="16" />
    <line class="familiarity-mean" x1="${x(low)}" x2="${x(high)}" y1="8" y2="8" />
    <circle class="familiarity-mean" cx="${x(gap)}" cy="8" r="3.5" />
  </svg>`;
}

/** Groups without a model of their own, and what else is undefined. */
export function undefinedInWords(shown: Shown): string[] {
  const { options, results, state } = shown;
  const groups = groupRows(results["groups"]);
  const lacking = options.within && options.by ? groups.filter(({ own }) => own === 0) : [];
  const extent = results[nameFor("extent", state)]!;
  const missing = scalar(extent, "rows") - scalar(extent, "scored");
  return [
    ...(lacking.length
      ? [
          `Too few samples to learn from: within ${options.by!.name} ${lacking.map(({ value, rows }) => `${said(value)} (n ${formatCount(rows)})`).join(", ")} familiarity is undefined.`,
        ]
      : []),
    ...(missing > 0 && lacking.every(({ value }) => value !== state.within)
      ? [`${formatCount(missing)} samples have no familiarity and are not shown.`]
      : []),
    ...(groups.length >= MOST_GROUPS ? [`The ${MOST_GROUPS} least familiar groups are listed.`] : []),
  ];
}
