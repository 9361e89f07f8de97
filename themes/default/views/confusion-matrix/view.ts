/** Which labels are taken for which: flat, hierarchical or nested, for ten classes or a thousand. */
import { labelOf } from "../../src/data/columns.ts";
import { html, type Markup } from "../../src/markup.ts";
import type { Selected } from "../../src/selected.ts";
import { staticPlaces } from "../../src/vega/size.ts";
import {
  inOrderOf,
  type Context,
  type Drawing,
  type NamedQuery,
  type Results,
  type View,
  type ViewState,
} from "../../src/view.ts";
import { controls, legend, scaleInWords } from "./controls.ts";
import { drawings } from "./drawing.ts";
import type { Titles } from "./margins.ts";
import { modelOf, type Model } from "./model.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import { dimensionsOf, queries as pairQueries } from "./queries.ts";
import { readState, selectedIn, type MatrixState } from "./state.ts";
import { dataTable, describe } from "./words.ts";
import { noRows } from "../../src/nothing.ts";
import { say } from "../../src/words.ts";

function queries(
  options: Options,
  _results: Results,
  context: Context,
  state: ViewState,
): Record<string, NamedQuery> {
  return pairQueries(options, context.table, readState(options, state));
}

export function titlesOf(options: Options, state: MatrixState): Titles {
  const nested = dimensionsOf(options, state).map((at) => options.dimensions[at]!);
  const last = nested.find(({ label, prediction }) => label !== prediction) ?? nested[0]!;
  return { actual: labelOf(last.label), predicted: labelOf(last.prediction) };
}

function render(options: Options, results: Results, written: ViewState, context: Context): Drawing {
  const state = readState(options, written);
  const model = modelOf(options, results, state, context);
  const { request } = context;
  const look = { height: request.height, window: state.window ?? null };
  const { shown, ends } = scaleInWords(model, options);
  const plot =
    model.axis.entries.length === 0
      ? emptyBody(options, model, context)
      : drawings(model, titlesOf(options, state), staticPlaces(request.width), look);
  return {
    ...frameOf(model),
    body: html`<div class="confusion">
      <div class="confusion-controls">${controls(model, options, state)}</div>
      <div class="confusion-key">${legend(model, options)}</div>
      <div class="confusion-plot">${plot}</div>
    </div>`,
    description: describe(model, options),
    reading: [`${shown} ${ends}`],
  };
}

/** Counts, notices and data, as they stand around the drawing. */
export function frameOf(model: Model): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  return {
    rows: model.rows,
    total: model.total,
    notices: [...model.notices],
    data: model.axis.entries.length ? dataTable(model) : null,
  };
}

function emptyBody({ dimensions }: Options, { total }: Model, context: Context): Markup {
  const { label, prediction } = dimensions[0]!;
  const reason =
    total === 0
      ? noRows(context)
      : say("No row has both a {label} and a {prediction}, so nothing can be compared.", {
          label: label.name,
          prediction: prediction.name,
        });
  return html`<p class="view-empty">${reason}</p>`;
}

function accept(options: Options, state: ViewState): ViewState {
  return inOrderOf(state, readState(options, state) as ViewState);
}

function selected(options: Options, state: ViewState): Selected[] {
  return selectedIn(options, readState(options, state));
}

export const view: View<Options> = {
  name: "confusion-matrix",
  summary:
    "Which labels are taken for which: flat or hierarchical, of ten classes or a thousand, with each class's measures.",
  options: MEANINGS,
  parse,
  queries,
  render,
  keepsMarkup: true,
  accept,
  selected,
};
