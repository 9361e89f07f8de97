/**
 * Any ordinary Vega-Lite spec. A single view that Mosaic can pre-aggregate takes the fast way; all else is compiled by
 * Vega-Lite, and of its transforms as many as SQL has become queries.
 */
import { isObject } from "../../src/vega/channels.ts";
import { misspelt } from "../../src/vega/keys.ts";
import { ProblemError } from "../../src/problem.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, Drawing, NamedQuery, Results, View, ViewState } from "../../src/view.ts";
import { nameIn } from "./names.ts";
import { composed, type Options as Composed } from "./composed.ts";
import { readSingle, single, type Options as Single } from "./single.ts";

export type Options = Single | Composed;

export function isComposed(options: Options): options is Composed {
  return "composed" in options;
}

function parse(context: Context): Options {
  const spec = context.request.options["spec"];
  if (!isObject(spec))
    throw new ProblemError("the block holds no Vega-Lite spec", "a JSON object with mark and encoding");
  const isRead = misspelt(spec).length === 0;
  return (isRead ? readSingle(spec, context) : null) ?? composed.parse(context);
}

function queries(
  options: Options,
  results: Results,
  context: Context,
  state: ViewState,
): Record<string, NamedQuery> {
  return isComposed(options)
    ? composed.queries(options, results, context, state)
    : single.queries(options, results, context, state);
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const drawing = isComposed(options)
    ? composed.render(options, results, state, context)
    : single.render(options, results, state, context);
  return { ...drawing, title: nameIn(context) };
}

function accept(options: Options, state: ViewState, context: Context): ViewState {
  return isComposed(options)
    ? composed.accept!(options, state, context)
    : single.accept!(options, state, context);
}

function selected(options: Options, state: ViewState, context: Context): Selected[] {
  return isComposed(options)
    ? composed.selected!(options, state, context)
    : single.selected!(options, state, context);
}

export const view: View<Options> = {
  name: "vega-lite",
  summary: "An ordinary Vega-Lite spec, cross-filtered; what SQL has of its transforms is computed in SQL.",
  options: {
    spec: "the Vega-Lite v6 spec; its data is named after one of the page's tables, or holds its rows",
  },
  parse,
  queries,
  render,
  accept,
  selected,
  tableless: true,
};
