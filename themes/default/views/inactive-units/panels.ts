/** The parts of a view of inactive units: how shares are spread, the layers, the units, and one unit by label. */
import { choiceMarkup } from "../../src/choice.ts";
import { objects, scalar } from "../../src/data/result.ts";
import { brushedMarkup } from "../../src/histogram.ts";
import {
  formatCount,
  formatFixed,
  formatNumber,
  html,
  type Markup,
  percent,
  shorten,
} from "../../src/markup.ts";
import { formatShare } from "../../src/values.ts";
import type { Context, Results } from "../../src/view.ts";
import { ORDERS, type Options } from "./options.ts";
import { apartOf, BINS, countsOf, deadOf, MOST_LABELS, MOST_LAYERS, ofUnit, shownUnit } from "./queries.ts";
import type { InactiveState } from "./state.ts";
import { noUnits } from "../../src/nothing.ts";
import { say, sayCount } from "../../src/words.ts";

export interface Shown {
  options: Options;
  results: Results;
  state: InactiveState;
  context: Context;
  layers: readonly Layer[];
  /** The unit that is looked into; null where nothing is known of labels. */
  unit: string | null;
  rows: number;
  total: number;
}

export interface Layer {
  layer: string;
  units: number;
  inputs: number;
  dead: number;
  mean_inactive: number;
  sd_inactive: number | null;
  /** How many layers there are, also those that are not listed. */
  all: number;
}

export interface Measured {
  inputs: number;
  inactive: number;
  share: number;
  low: number;
  high: number;
}

export interface Unit extends Measured {
  id: string;
  layer: string;
  unit: number;
  is_dead: boolean;
  mean: number;
}

export function shownOf(options: Options, results: Results, state: InactiveState, context: Context): Shown {
  const layers = objects(results["layers"]!) as unknown as Layer[];
  const [total, rows] = ["total", "count"].map((name) => scalar(results[name]!, "rows")) as [number, number];
  const unit = options.classes ? shownUnit(results, state) : null;
  return { options, results, state, context, layers, unit, rows, total };
}

export function isFiltered({ rows, total }: Shown): boolean {
  return rows < total;
}

/* All units */

export const DOMAIN = [0, 1] as const;

export function sharesMarkup(shown: Shown): Markup {
  const { results, state, total } = shown;
  if (total === 0) return html`<p class="view-empty">${say("There are no units.")}</p>`;
  const shares = {
    domain: DOMAIN,
    whole: countsOf(results["whole"]),
    passing: countsOf(results["bins"]),
    title: say("Share of inputs on which a unit is inactive"),
    range: state.range,
    lines: [],
    say: (value: number) => percent(String(Math.round(value * 100))),
  };
  const words = state.range
    ? say("{rangeinwords} selected", { rangeinwords: rangeInWords(state.range) })
    : say("nothing selected");
  return brushedMarkup(
    shares,
    "familiarity-plot units-plot",
    say("Units by how often they are inactive"),
    words,
  );
}

export function rangeInWords(range: readonly [number, number]): string {
  const [low, high] = endsInWords(range);
  return say("{low} to {high}", { low, high });
}

export function endsInWords([low, high]: readonly [number, number]): [string, string] {
  const inWords = (share: number): string => percent(String(Math.round(share * 100)));
  return [inWords(low), inWords(high)];
}

/** `12 of 82 units are inactive for every input, 15 for at least half of them.` */
export function summary(shown: Shown): string {
  const { results, rows, state, total } = shown;
  if (total === 0) return noUnits(shown.context);
  if (rows === 0) return say("No unit passes the filters.");
  const dead = deadOf(results["bins"]);
  const half = countsOf(results["bins"])
    .slice(BINS / 2)
    .reduce((sum, each) => sum + each, 0);
  const all = sayCount(
    rows,
    "{dead} of {rows} unit is inactive for every input",
    "{dead} of {rows} units are inactive for every input",
    { dead: formatCount(dead), rows: formatCount(rows) },
  );
  const range = state.range
    ? ` ${say("Selected: {rangeinwords}.", { rangeinwords: rangeInWords(state.range) })}`
    : "";
  return say("{all}, {half} for at least half of them.{range}", { all, half: formatCount(half), range });
}

/** What the list of units is: those at one end come first. */
export function orderInWords(order: Shown["state"]["order"]): string {
  return order === "most"
    ? say("Units, the most often inactive first")
    : say("Units, the least often inactive first");
}

/* Layers */

export function layersMarkup(shown: Shown): Markup {
  const { layers, state, results } = shown;
  const rows = layers.map((layer) => {
    const [whole, passing] = [
      countsOf(results["whole"], layer.layer),
      countsOf(results["bins"], layer.layer),
    ];
    const n = passing.reduce((sum, each) => sum + each, 0);
    const dead = deadOf(results["bins"], layer.layer);
    return html`<tr class="${n === 0 ? "familiarity-out" : ""}">
      <th scope="row">
        ${choiceMarkup("layer", layer.layer, state.layers.includes(layer.layer), shorten(layer.layer, 32), say("Keep the units of {layer}", { layer: layer.layer }))}
      </th>
      <td class="number">
        ${isFiltered(shown) && html`${formatCount(n)} <span class="duplicates-n">${say("of")}</span> `}${formatCount(layer.units)}
      </td>
      <td class="number">${dead > 0 ? html`<b>${formatCount(dead)}</b>` : "0"}</td>
      <td class="number">${perInput(layer)}</td>
      <td class="familiarity-strip">${stepsMarkup(whole, passing)}</td>
    </tr>`;
  });
  return html`<table class="familiarity-table units-layers">
    <caption>
      ${say("Inactive units of each layer")}
    </caption>
    <thead>
      <tr>
        <th scope="col">${say("Layer")}</th>
        <th scope="col" class="number">${say("Units")}</th>
        <th scope="col" class="number">${say("Dead")}</th>
        <th scope="col" class="number">${say("For an input")}</th>
        <th scope="col" class="familiarity-strip units-ends">
          <span>${percent("0")}</span><span>${percent("100")}</span>
        </th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** Inactive units for an input: the mean and the standard deviation over the inputs. */
export function perInput({ mean_inactive: mean, sd_inactive: sd }: Layer): string {
  const deviation = sd === null || !Number.isFinite(sd) ? "" : ` ± ${formatFixed(sd, 1)}`;
  return formatFixed(mean, 1) + deviation;
}

/** A histogram of one layer from 0 to 100%, as high as its own tallest step. */
function stepsMarkup(whole: readonly number[], passing: readonly number[]): Markup {
  const most = Math.max(1, ...whole);
  const bar = (name: string, counts: readonly number[]): Markup[] =>
    counts.flatMap((rows, bin) => {
      if (rows === 0) return [];
      const height = Math.max(2, Math.round((rows / most) * 18));
      return [
        html`<rect
          class="${name}"
          x="${(bin * 100) / BINS}%"
          width="${92 / BINS}%"
          y="${20 - height}"
          height="${height}"
        />`,
      ];
    });
  return html`<svg width="100%" height="20" aria-hidden="true">
    ${bar("units-whole", whole)}${bar("units-bar", passing)}
    <line class="histogram-axis" x1="0" x2="100%" y1="19.5" y2="19.5" />
  </svg>`;
}

/* Units */

export function unitsOf({ results }: Shown): Unit[] {
  return objects(results["list"]!) as unknown as Unit[];
}

export function ordersMarkup({ state }: Shown): Markup {
  const buttons = ORDERS.map((order) =>
    choiceMarkup(
      "order",
      order,
      order === state.order,
      order === "most" ? say("Most often inactive") : say("Least often inactive"),
    ),
  );
  return html`<div class="duplicates-kinds" role="group" aria-label="${say("Which units come first")}">
    ${buttons}
  </div>`;
}

export function listMarkup(shown: Shown): Markup {
  const { options, state, rows, unit: inside } = shown;
  const units = unitsOf(shown);
  if (shown.total === 0) return html`<p class="view-empty">${noUnits(shown.context)}</p>`;
  if (units.length === 0)
    return html`<p class="view-empty">
      ${say("No unit passes the filters.")}
      <button type="button" data-action="reset">${say("Reset the filters")}</button>
    </p>`;
  const more = Math.min(rows - units.length, options.rows);
  const listed = units.map(
    (unit) =>
      html`<tr class="${unit.id === inside ? "units-inside" : ""}">
        <th scope="row">
          ${choiceMarkup("unit", unit.id, state.ids.includes(unit.id), shorten(unit.id, 40), options.classes ? say("Keep this unit, and look into its labels") : say("Keep this unit"))}
        </th>
        ${measuredCells(unit)}
        <td class="number">
          ${unit.is_dead ? html`<b class="units-dead">${say("dead")}</b>` : meanInWords(unit.mean)}
        </td>
      </tr>`,
  );
  return html`<table class="familiarity-table units-list">
      <caption>
        ${orderInWords(state.order)}
      </caption>
      <thead>
        <tr>
          <th scope="col">${say("Unit")}</th>
          ${MEASURED_HEADS}
          <th scope="col" class="number">${say("Mean response")}</th>
        </tr>
      </thead>
      <tbody>
        ${listed}
      </tbody>
    </table>
    ${
      more > 0 &&
      html`<p class="duplicates-left">
        <button type="button" data-action="more" data-key="more">
          ${say("Show {more} more", { more: formatCount(more) })}
        </button>
        <span
          >${say("{units} of {rows} units are listed.", { units: formatCount(units.length), rows: formatCount(rows) })}</span
        >
      </p>`
    }`;
}

/** Of responses that are hardly any more is said in the data table. */
function meanInWords(mean: number): string {
  if (mean !== 0 && Math.abs(mean) < 0.001) return mean < 0 ? "> −0.001" : "< 0.001";
  return formatNumber(Number(mean.toPrecision(3)));
}

const MEASURED_HEADS = html`<th scope="col" class="number">${say("Inactive")}</th>
  <th scope="col" class="number units-interval">${say("95% interval")}</th>
  <th scope="col" class="familiarity-strip units-ends">
    <span>${percent("0")}</span><span>${percent("100")}</span>
  </th>`;

function measuredCells({ share, low, high, inactive, inputs }: Measured): Markup {
  return html`<td
      class="number"
      title="${say("{inactive} of {inputs} inputs", { inactive: formatCount(inactive), inputs: formatCount(inputs) })}"
    >
      ${formatShare(share)}
    </td>
    <td class="number units-interval">
      ${say("{low} to {high}", { low: formatShare(low), high: formatShare(high) })}
    </td>
    <td class="familiarity-strip">${intervalMarkup({ share, low, high })}</td>`;
}

/** A bar from zero with its interval as a line. */
function intervalMarkup({ share, low, high }: Pick<Measured, "share" | "low" | "high">): Markup {
  const at = (value: number): string => `${Number((value * 100).toFixed(2))}%`;
  return html`<svg width="100%" height="16" aria-hidden="true">
    <rect class="units-whole" width="100%" y="3" height="10" />
    <rect class="units-bar" width="${at(share)}" y="3" height="10" />
    <line class="units-error" x1="${at(low)}" x2="${at(high)}" y1="8" y2="8" />
  </svg>`;
}

/* One unit by label */

export interface Labelled extends Measured {
  label: string | null;
  /** How many labels there are, also those that are not listed. */
  all: number;
}

export function labelsOf({ results, unit }: Shown): Labelled[] {
  const answer = unit === null ? undefined : results[ofUnit(unit)];
  return answer ? inOrder(objects(answer) as unknown as Labelled[]) : [];
}

/** Making one takes longer than to sort with it. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

function inOrder(rows: readonly Labelled[]): Labelled[] {
  return [...rows].sort((a, b) => BY_NAME.compare(String(a.label), String(b.label)));
}

/** Why this unit is looked into, with what it is judged by. */
function whyInWords(apart: number): string {
  return apart > 0
    ? say(
        "which tells labels apart the most: 95% intervals of two labels lie {apart} percentage points apart",
        { apart: formatFixed(apart * 100, 1) },
      )
    : say("which comes nearest to telling labels apart: their 95% intervals overlap");
}

export function labelsMarkup(shown: Shown): Markup | null {
  const { unit, state } = shown;
  const labels = labelsOf(shown);
  if (unit === null || labels.length === 0) return null;
  const why = state.ids.length ? "" : `, ${whyInWords(apartOf(shown.results))}`;
  return html`<table class="familiarity-table units-labels">
    <caption>
      ${say("Inactive by label: unit {unit}{why}", { unit: shorten(unit, 40), why })}
    </caption>
    <thead>
      <tr>
        <th scope="col">${say("Label")}</th>
        <th scope="col" class="number">n</th>
        ${MEASURED_HEADS}
      </tr>
    </thead>
    <tbody>
      ${labels.map(
        (row) =>
          html`<tr>
            <th scope="row">${row.label === "" ? say("(empty)") : shorten(String(row.label ?? "–"), 32)}</th>
            <td class="number">${formatCount(row.inputs)}</td>
            ${measuredCells(row)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** What a cap leaves out. */
export function noticesOf(shown: Shown): string[] {
  const [{ layers }, labels] = [shown, labelsOf(shown)];
  return [
    ...(shown.total === 0 ? [noUnits(shown.context)] : []),
    ...(layers.length > 0 && layers.length < layers[0]!.all
      ? [
          say("The first {most} of {all} layers are listed.", {
            most: MOST_LAYERS,
            all: formatCount(layers[0]!.all),
          }),
        ]
      : []),
    ...(labels.length > 0 && labels.length < labels[0]!.all
      ? [
          say("The first {most} of {all} labels are listed.", {
            most: MOST_LABELS,
            all: formatCount(labels[0]!.all),
          }),
        ]
      : []),
  ];
}
