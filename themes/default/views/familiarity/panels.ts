/** The parts of a view of familiarity: the histogram, the groups with mean and deviation, and how far splits are apart. */
import { choiceMarkup } from "../../src/choice.ts";
import { titleOf } from "../../src/data/columns.ts";
import { objects, scalar } from "../../src/data/result.ts";
import { brushedMarkup, shareOf } from "../../src/histogram.ts";
import { formatCell, formatCount, formatFixed, formatNumber, html, type Markup } from "../../src/markup.ts";
import type { Context, Results } from "../../src/view.ts";
import { nameFor, scoreOf, countsOf } from "./queries.ts";
import type { Options } from "./options.ts";
import type { FamiliarityState, Value } from "./state.ts";
import { greatest } from "../../src/extremes.ts";
import { noSamples } from "../../src/nothing.ts";
import { say, sayCount } from "../../src/words.ts";

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
  /** How many groups there are, of which not all may be listed. */
  groups: number;
}

export function groupRows(answer: Results[string] | undefined): GroupRow[] {
  return answer ? (objects(answer) as unknown as GroupRow[]) : [];
}

export function isFiltered({ results }: Shown): boolean {
  return scalar(results["count"]!, "rows") < scalar(results["total"]!, "rows");
}

export const said = (value: unknown): string => (value === "" ? say("(empty)") : formatCell(value, 32));

/* Choices */

export function choicesMarkup({ options, results, state }: Shown): Markup {
  const orders = (["least", "most"] as const).map((order) =>
    choiceMarkup(
      "order",
      order,
      order === state.order,
      order === "least" ? say("Least familiar") : say("Most familiar"),
    ),
  );
  const values = groupRows(results["groups"]).map(({ value }) => value);
  const listed = state.within === null || values.includes(state.within) ? values : [...values, state.within];
  const choose =
    options.by &&
    html`<label class="familiarity-within"
      >${say("among")}
      <select name="within" data-key="within">
        <option value="" ${state.within === null ? "selected" : ""}>${say("all samples")}</option>
        ${inOrder(listed).map(
          (value) =>
            html`<option value="${JSON.stringify(value)}" ${value === state.within ? "selected" : ""}>
              ${say("those of {by} {value}", { by: options.by!.name, value: said(value) })}
            </option>`,
        )}
      </select></label
    >`;
  return html`<div class="duplicates-kinds" role="group" aria-label="${say("Which samples come first")}">
    ${orders}${choose}
  </div>`;
}

/** Making one takes longer than to sort with it. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

function inOrder(values: readonly Value[]): Value[] {
  return [...values].sort((a, b) => BY_NAME.compare(String(a), String(b)));
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
    title: say("Familiarity") + (score.unit ? ` (${score.unit})` : ""),
    range: state.range,
    lines: [],
  };
  return brushedMarkup(
    shownScores,
    "familiarity-plot",
    say("Samples by familiarity"),
    rangeInWords(state.range),
  );
}

function rangeInWords(range: FamiliarityState["range"]): string {
  return range
    ? say("{range} to {range2} selected", { range: formatNumber(range[0]), range2: formatNumber(range[1]) })
    : say("nothing selected");
}

export function emptyInWords({ options, state, results, context }: Shown): string {
  if (scalar(results["total"]!, "rows") === 0) return noSamples(context);
  if (state.within === null || !options.by) return say("No sample has a familiarity.");
  return say("No sample of {by} {within} has a familiarity within it: there were too few to learn from.", {
    by: options.by.name,
    within: said(state.within),
  });
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
      ? say(": mean {mean}, standard deviation {sd}{more}", {
          mean: formatNumber(mean),
          sd: formatNumber(sd),
          more: unit ? ` ${unit}` : "",
        })
      : "";
  const where =
    state.within === null
      ? ""
      : ` ${say("of {by} {within}", { by: options.by!.name, within: said(state.within) })}`;
  const n = `${sayCount(rows, "{n} sample", "{n} samples", { n: formatCount(rows) })}${where}${numbers}.`;
  return state.range
    ? say("{n} Selected: {range} to {range2}.", {
        n,
        range: formatNumber(state.range[0]),
        range2: formatNumber(state.range[1]),
      })
    : n;
}

/* Groups */

/** Groups that are seen at once; further ones are unfolded. */
const SEEN = 12;

export function groupsMarkup(shown: Shown): Markup | null {
  const groups = groupRows(shown.results["groups"]);
  if (!shown.options.by || groups.length === 0) return null;
  // To unfold what holds one group more takes as much room as that group.
  const seen = groups.length <= SEEN + 1 ? groups : groups.slice(0, SEEN);
  const rest = groups.slice(seen.length);
  const isOpen = shown.state.isUnfolded || isChosenIn(rest, shown.state);
  return html`${groupsTable(shown, seen, true)}${
    rest.length > 0 &&
    html`<details class="familiarity-rest" data-rest ${isOpen ? "open" : ""}>
      <summary data-key="rest">${say("{rest} more", { rest: formatCount(rest.length) })}</summary>
      ${groupsTable(shown, rest, false)}
    </details>`
  }`;
}

function isChosenIn(groups: readonly GroupRow[], { groups: chosen }: FamiliarityState): boolean {
  return groups.some(({ value }) => chosen.includes(value));
}

function groupsTable(shown: Shown, groups: readonly GroupRow[], isFirst: boolean): Markup {
  const { options, results } = shown;
  const passing = new Map(groupRows(results["groupsPassing"]).map((row) => [row.value, row]));
  const hidden = isFirst ? "" : "visually-hidden";
  const { name } = options.by!;
  return html`<table class="familiarity-table">
    <caption class="${hidden}">
      ${say("Familiarity among all samples by {by}: mean and standard deviation", { by: name })}
    </caption>
    <thead class="${hidden}">
      <tr>
        <th scope="col">${titleOf(name)}</th>
        <th scope="col" class="number">n</th>
        <th scope="col" class="number">${say("Mean")}</th>
        <th scope="col" class="number">${say("SD")}</th>
        <th scope="col" class="familiarity-strip">
          <span class="visually-hidden">${say("Drawn")}</span>${options.score.unit}
        </th>
      </tr>
    </thead>
    <tbody>
      ${groups.map((group) => groupMarkup(shown, group, passing.get(group.value)))}
    </tbody>
  </table>`;
}

/** A group, and of it what passes. */
function groupMarkup(shown: Shown, group: GroupRow, here: GroupRow | undefined): Markup {
  const { options, results, state } = shown;
  const extent = results["groupsExtent"]!;
  const domain: [number, number] = [scalar(extent, "low"), scalar(extent, "high")];
  const hasFilter = isFiltered(shown);
  const row = hasFilter ? (here ?? { ...group, rows: 0, scored: 0, mean: null, sd: null }) : group;
  return html`<tr class="${row.rows === 0 ? "familiarity-out" : ""}">
    <th scope="row">
      ${choiceMarkup(
        "group",
        JSON.stringify(group.value),
        state.groups.includes(group.value),
        said(group.value),
        say("Keep the samples of {by} {group}", { by: options.by!.name, group: said(group.value) }),
      )}
    </th>
    <td class="number">
      ${formatCount(row.rows)}${hasFilter && html`<span class="duplicates-n"> ${say("of {rows}", { rows: formatCount(group.rows) })}</span>`}
    </td>
    <td class="number">${row.mean === null ? "–" : formatFixed(row.mean, 2)}</td>
    <td class="number">${row.sd === null ? "–" : formatFixed(row.sd, 2)}</td>
    <td class="familiarity-strip">
      ${stripMarkup(domain, [...(hasFilter ? [{ ...group, isWhole: true }] : []), { ...row, isWhole: false }])}
    </td>
  </tr>`;
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
      ${say("Gap between parts: how familiar one is to a mixture of another")}
    </caption>
    <thead>
      <tr>
        <th scope="col">${say("Part, beside another")}</th>
        <th scope="col" class="number">${say("Gap (95% interval)")}</th>
        <th scope="col" class="familiarity-strip"><span class="visually-hidden">${say("Drawn")}</span></th>
      </tr>
    </thead>
    <tbody>
      ${gaps.map(
        (each) =>
          html`<tr>
            <th scope="row">
              <b>${each.scored}</b>${say(", beside {fitted}", { fitted: each.fitted })}
              <span class="familiarity-said"
                >${say("{gapinwords} · n {scored_rows} and {fitted_rows}", { gapinwords: gapInWords(each), scored_rows: formatCount(each.scored_rows), fitted_rows: formatCount(each.fitted_rows) })}</span
              >
            </th>
            <td class="number">${gapInNumbers(each)}</td>
            <td class="familiarity-strip">${gapStrip(each, far)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const signed = (value: number): string => (value > 0 ? "+" : "") + formatFixed(value, 2);

export function gapInNumbers({ gap, low, high }: Gap): string {
  if (gap === null) return say("undefined");
  return low === null || high === null
    ? signed(gap)
    : say("{gap} ({low} to {high})", { gap: signed(gap), low: signed(low), high: signed(high) });
}

export function gapInWords({ gap, low, high }: Gap): string {
  if (gap === null || low === null || high === null) return say("too few samples to say");
  if (low <= 0 && high >= 0) return say("no difference beyond chance");
  return gap < 0 ? say("less familiar") : say("more familiar");
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

/** Groups that one sentence can name. */
const MOST_NAMED = 8;

function listed(groups: readonly GroupRow[]): string {
  const named = groups
    .slice(0, MOST_NAMED)
    .map(({ value, rows }) => `${said(value)} (n ${formatCount(rows)})`);
  const others = groups.length - named.length;
  const rest = others ? ` ${say("and {more} more", { more: formatCount(others) })},` : "";
  return `${named.join(", ")}${rest}`;
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
          say("Too few samples to learn from: within {by} {lacking} familiarity is undefined.", {
            by: options.by!.name,
            lacking: listed(lacking),
          }),
        ]
      : []),
    ...(missing > 0 && lacking.every(({ value }) => value !== state.within)
      ? [
          sayCount(
            missing,
            "{missing} sample has no familiarity and is not shown.",
            "{missing} samples have no familiarity and are not shown.",
            { missing: formatCount(missing) },
          ),
        ]
      : []),
    ...(groups.length && groups[0]!.groups > groups.length
      ? [
          say("The {most} least familiar of {groups} groups are listed.", {
            most: formatCount(groups.length),
            groups: formatCount(groups[0]!.groups),
          }),
        ]
      : []),
  ];
}
