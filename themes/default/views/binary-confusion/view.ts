/** One class against the rest at a threshold: four cells, ROC and precision-recall curves, measures with intervals. */
import { formatCount, formatFixed, html, type Markup } from "../../src/markup.ts";
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
import { drawing, drawnWidths, formatRatio } from "./drawing.ts";
import { modelOf, type Model } from "./model.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import { queries as scoreQueries, STEPS } from "./queries.ts";
import { formatThreshold, positiveOf, readState, selectedIn, type BinaryState } from "./state.ts";
import { noRows } from "../../src/nothing.ts";
import { say } from "../../src/words.ts";

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
  const drawn = drawnWidths(staticWidths(context.request.width));
  return {
    ...frameOf(model, options),
    body:
      model.total === 0
        ? html`<p class="view-empty">${noRows(context)}</p>`
        : html`<div class="binary">
            <div class="binary-controls">${controls(model, options, state)}</div>
            <div class="binary-plot">
              ${drawn.map(
                ({ width, arrangements }) =>
                  html`<div class="binary-still ${arrangements.map((name) => `binary-${name}`).join(" ")}">
                    ${drawing(model, width, false)}
                  </div>`,
              )}
            </div>
            <div class="binary-measures">${measures(model)}</div>
          </div>`,
    description: describe(model, options),
    reading: [say("Threshold {threshold}", { threshold: formatThreshold(model.threshold) })],
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
              >${say("Positive")}
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
      <div class="binary-threshold">
        <label
          ><span>${say("Threshold")}</span
          ><input
            type="range"
            name="threshold"
            autocomplete="off"
            min="${low}"
            max="${high}"
            step="${step}"
            value="${model.threshold}"
            aria-valuetext="${value}" /></label
        ><input
          type="number"
          name="exact"
          autocomplete="off"
          aria-label="${say("Threshold as a number")}"
          step="any"
          value="${value}"
        />
      </div>
      <button type="button" data-action="clear" ${state.cells ? "" : "hidden"}>${say("Clear")}</button>
    </div>
    <p class="binary-sentence">${sentence(model, options)}</p>`;
}

/** `Positive at 0.5 and above: 178 of 180 samples of 3 are found; 4 others are taken for one.` */
function sentence({ positive, threshold, four }: Model, { noun }: Options): string {
  const found = say("{tp} of {tp2} {noun} of {positive} are found", {
    tp: formatCount(four.tp),
    tp2: formatCount(four.tp + four.fn),
    noun,
    positive,
  });
  return say("At a score of {threshold} and above, {found}; {fp} of {fp2} others are taken for it.", {
    threshold: formatThreshold(threshold),
    found,
    fp: formatCount(four.fp),
    fp2: formatCount(four.fp + four.tn),
  });
}

function valueOf({ name, measured }: Line): string {
  if (name !== "Matthews correlation") return formatShare(measured.value) + formatInterval(measured);
  const { value, interval } = measured;
  if (value === null) return "–";
  const ends = interval ? ` (${interval.map((end) => formatFixed(end, 2)).join(` ${say("to")} `)})` : "";
  return formatFixed(value, 2) + ends;
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
  const missing = say("{missing} of {rows} {noun} have no {label} or no {score} and are left out.", {
    missing: formatCount(passing.missing),
    rows: formatCount(rows),
    noun,
    label: label.name,
    score: score.name,
  });
  const stepped = say(
    "There are {distinct} different scores; they are put together in {steps} equal steps.",
    { distinct: formatCount(model.spread.distinct), steps: formatCount(STEPS) },
  );
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
  const titles = { name: say("Measure"), value: say("Value"), low: say("From"), high: say("To"), n: "n" };
  return {
    columns: Object.entries(titles).map(([name, title]) => ({ name, title })),
    rows: [
      ...Object.entries(four).map(([name, n]) => row(name.toUpperCase(), n, null, all)),
      ...lines.map(({ name, measured, n }) => row(name, measured.value, measured.interval, n)),
      row(say("ROC AUC"), roc.summary.value, roc.summary.interval, all),
      row(say("Average precision"), precisionRecall.summary.value, precisionRecall.summary.interval, all),
    ],
  };
}

export function describe(model: Model, options: Options): string {
  const { roc, precisionRecall, rows, total } = model;
  const curves = say("Area under the ROC curve {summary}, average precision {summary2}.", {
    summary: formatRatio(roc.summary),
    summary2: formatRatio(precisionRecall.summary),
  });
  return say("{positive} against the rest; {rows} of {total} {noun}. {sentence} {curves}", {
    positive: model.positive,
    rows: formatCount(rows),
    total: formatCount(total),
    noun: options.noun,
    sentence: sentence(model, options),
    curves,
  });
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
