/** One class against the rest at a threshold: four cells, ROC and precision-recall curves, measures with intervals. */
import { formatCount, html, type Markup } from "../../src/markup.ts";
import type { Selected } from "../../src/selected.ts";
import { formatInterval, formatShare } from "../../src/shares.ts";
import { staticWidths } from "../../src/vega/size.ts";
import {
  inOrderOf,
  type Context,
  type Drawing,
  type NamedQuery,
  type Results,
  type View,
  type ViewState,
} from "../../src/view.ts";
import type { Line } from "./curves.ts";
import { drawing, formatRatio } from "./drawing.ts";
import { modelOf, type Model } from "./model.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import { queries as scoreQueries, STEPS } from "./queries.ts";
import { formatThreshold, positiveOf, readState, selectedIn, type BinaryState } from "./state.ts";

function queries(
  options: Options,
  results: Results,
  { table }: Context,
  state: ViewState,
): Record<string, NamedQuery> {
  return scoreQueries(options, results, table, positiveOf(options, readState(options, state)));
}

function render(options: Options, results: Results, written: ViewState, context: Context): Drawing {
  const state = readState(options, written);
  const model = modelOf(options, results, state, context);
  const { wide, narrow } = staticWidths(context.request.width);
  const plot = (width: number): Markup => drawing(model, width, false);
  return {
    ...frameOf(model, options),
    body:
      model.total === 0
        ? html`<p class="view-empty">The table has no rows.</p>`
        : html`<div class="binary">
            <div class="binary-controls">${controls(model, options, state)}</div>
            <div class="binary-plot">
              <div class="chart-wide">${plot(wide)}</div>
              <div class="chart-narrow">${plot(narrow)}</div>
            </div>
            <div class="binary-measures">${measures(model)}</div>
          </div>`,
    description: describe(model, options),
  };
}

/** The ends of the slider: all probabilities, or the scores that there are. */
function endsOf({ spread: { low, high } }: Model): readonly [number, number] {
  const isShare = !(low < 0) && !(high > 1);
  return isShare || !Number.isFinite(low) ? [0, 1] : [low, high];
}

export function controls(model: Model, options: Options, state: BinaryState): Markup {
  const [low, high] = endsOf(model);
  const step = (high - low) / 1000;
  const value = formatThreshold(model.threshold);
  return html`<div class="binary-bar">
      ${
        options.choices.length > 1
          ? html`<label class="binary-choice"
              >Positive
              <select name="positive" autocomplete="off">
                ${options.choices.map(
                  (name) =>
                    html`<option value="${name}" ${name === model.positive ? "selected" : ""}>
                      ${name}
                    </option>`,
                )}
              </select></label
            >`
          : null
      }
      <label class="binary-threshold"
        ><span>Threshold</span
        ><input
          type="range"
          name="threshold"
          autocomplete="off"
          min="${low}"
          max="${high}"
          step="${step}"
          value="${model.threshold}"
          aria-valuetext="${value}" /><input
          type="number"
          name="exact"
          autocomplete="off"
          aria-label="Threshold as a number"
          step="any"
          value="${value}"
      /></label>
      <button type="button" data-action="clear" ${state.cells ? "" : "hidden"}>Clear</button>
    </div>
    <p class="binary-sentence">${sentence(model, options)}</p>`;
}

/** `Positive at 0.5 and above: 178 of 180 samples of 3 are found; 4 others are taken for one.` */
function sentence({ positive, threshold, four }: Model, { noun }: Options): string {
  const found = `${formatCount(four.tp)} of ${formatCount(four.tp + four.fn)} ${noun} of ${positive} are found`;
  return `At a score of ${formatThreshold(threshold)} and above, ${found}; ${formatCount(four.fp)} of ${formatCount(four.fp + four.tn)} others are taken for it.`;
}

function valueOf({ name, measured }: Line): string {
  if (name !== "Matthews correlation") return formatShare(measured.value) + formatInterval(measured);
  const { value, interval } = measured;
  if (value === null) return "–";
  const ends = interval ? ` (${interval.map((end) => end.toFixed(2)).join(" to ")})` : "";
  return value.toFixed(2) + ends;
}

export function measures({ lines }: Model): Markup {
  return html`<dl>
    ${lines.map(
      (line) =>
        html`<div data-measure="${line.name}" data-value="${line.measured.value ?? ""}">
          <dt>${line.name}</dt>
          <dd>${valueOf(line)}</dd>
          <dd class="binary-n">n = ${formatCount(line.n)}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Counts, notices and data, as they stand around the drawing. */
export function frameOf(
  model: Model,
  { label, score, noun }: Options,
): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  const { rows, total, passing } = model;
  const missing = `${formatCount(passing.missing)} of ${formatCount(rows)} ${noun} have no ${label.name} or no ${score.name} and are left out.`;
  const stepped = `There are ${formatCount(model.spread.distinct)} different scores; they are put together in ${formatCount(STEPS)} equal steps.`;
  return {
    rows,
    total,
    notices: [...(passing.missing > 0 ? [missing] : []), ...(model.isStepped ? [stepped] : [])],
    data: dataTable(model),
  };
}

function dataTable({ four, lines, roc, precisionRecall }: Model): NonNullable<Drawing["data"]> {
  const row = (
    name: string,
    value: unknown,
    interval: readonly number[] | null,
    n: unknown,
  ): Record<string, unknown> => ({
    ...{ name, value, low: interval?.[0] ?? null, high: interval?.[1] ?? null, n },
  });
  const all = four.tp + four.fp + four.fn + four.tn;
  const titles = { name: "Measure", value: "Value", low: "From", high: "To", n: "n" };
  return {
    columns: Object.entries(titles).map(([name, title]) => ({ name, title })),
    rows: [
      ...Object.entries(four).map(([name, n]) => row(name.toUpperCase(), n, null, all)),
      ...lines.map(({ name, measured, n }) => row(name, measured.value, measured.interval, n)),
      row("ROC AUC", roc.summary.value, roc.summary.interval, all),
      row("Average precision", precisionRecall.summary.value, precisionRecall.summary.interval, all),
    ],
  };
}

export function describe(model: Model, options: Options): string {
  const { roc, precisionRecall, rows, total } = model;
  const curves = `Area under the ROC curve ${formatRatio(roc.summary)}, average precision ${formatRatio(precisionRecall.summary)}.`;
  return `${model.positive} against the rest; ${formatCount(rows)} of ${formatCount(total)} ${options.noun}. ${sentence(model, options)} ${curves}`;
}

function accept(options: Options, state: ViewState): ViewState {
  return inOrderOf(state, readState(options, state) as ViewState);
}

function selected(options: Options, state: ViewState): Selected[] {
  return selectedIn(options, readState(options, state));
}

export const view: View<Options> = {
  name: "binary-confusion",
  summary:
    "One class against the rest at a threshold that can be moved: four cells, ROC and precision-recall curves, measures.",
  options: MEANINGS,
  parse,
  queries,
  render,
  keepsMarkup: true,
  accept,
  selected,
};
