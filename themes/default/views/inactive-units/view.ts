/** How often the units of a network answer nothing: overall, by layer, unit by unit, and for each label. */
import { scrollRegion } from "../../src/figure.ts";
import { html, type Markup } from "../../src/markup.ts";
import type { Selected } from "../../src/selected.ts";
import { formatShare } from "../../src/values.ts";
import type { Context, DataTable, Drawing, Results, View, ViewState } from "../../src/view.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import {
  orderInWords,
  labelsMarkup,
  labelsOf,
  layersMarkup,
  listMarkup,
  noticesOf,
  ordersMarkup,
  endsInWords,
  sharesMarkup,
  shownOf,
  summary,
  unitsOf,
  type Shown,
} from "./panels.ts";
import { queries } from "./queries.ts";
import { accept, readState } from "./state.ts";
import { say } from "../../src/words.ts";

/** The parts that a live view draws anew, by name. */
export function partsOf(shown: Shown): Record<string, Markup | null> {
  return {
    shares: sharesMarkup(shown),
    summary: html`<p class="duplicates-said" role="status">${summary(shown)}</p>`,
    layers: layersMarkup(shown),
    orders: ordersMarkup(shown),
    list: listMarkup(shown),
    labels: labelsMarkup(shown),
  };
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const shown = shownOf(options, results, readState(options, state), context);
  const parts = partsOf(shown);
  const part = (name: string): Markup => html`<div data-part="${name}">${parts[name]}</div>`;
  const scroll = (name: string, label: string): Markup =>
    scrollRegion("units-scroll", label, context.request, part(name));
  return {
    ...framedOf(shown),
    body: html`${part("summary")}
      <div class="duplicates-sides">${part("shares")}${scroll("layers", say("Layers"))}</div>
      ${part("orders")}
      <div class="duplicates-sides">
        ${scroll("list", say("Units"))}${options.classes && scroll("labels", say("Inactive by label"))}
      </div>`,
    description: describe(shown),
  };
}

/** What stands around the drawing. */
export function framedOf(shown: Shown): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  const { rows, total } = shown;
  return { rows, total, notices: noticesOf(shown), data: dataTables(shown) };
}

function describe(shown: Shown): string {
  const dead = shown.layers
    .filter((layer) => layer.dead > 0)
    .map(({ layer, dead, units }) => say("{dead} of {units} in {layer}", { dead, units, layer }));
  return dead.length
    ? say("{summary} Dead units: {dead}.", { summary: summary(shown), dead: dead.join(", ") })
    : summary(shown);
}

const MEASURED = [
  { name: "inputs", title: "n" },
  { name: "inactive", title: say("Inactive") },
  { name: "share", title: say("Share|part"), say: formatShare },
  { name: "low", title: say("95% from"), say: formatShare },
  { name: "high", title: say("95% to"), say: formatShare },
];

function dataTables(shown: Shown): DataTable {
  const labels = labelsOf(shown);
  const layers: DataTable = {
    caption: say("Inactive units of each layer"),
    columns: [
      { name: "layer", title: say("Layer") },
      { name: "units", title: say("Units") },
      { name: "dead", title: say("Dead") },
      { name: "mean_inactive", title: say("Mean inactive for an input") },
      { name: "sd_inactive", title: say("Standard deviation") },
      { name: "inputs", title: say("Inputs") },
    ],
    rows: shown.layers as unknown as Record<string, unknown>[],
  };
  const byLabel: DataTable = {
    caption: say("Inactive by label: unit {unit}", { unit: shown.unit }),
    columns: [{ name: "label", title: say("Label") }, ...MEASURED],
    rows: labels as unknown as Record<string, unknown>[],
  };
  return {
    caption: orderInWords(shown.state.order),
    columns: [
      { name: "id", title: say("Unit"), say: String },
      ...MEASURED,
      { name: "mean", title: say("Mean response") },
    ],
    rows: unitsOf(shown) as unknown as Record<string, unknown>[],
    beside: labels.length ? [layers, byLabel] : [layers],
  };
}

function selected(options: Options, written: ViewState): Selected[] {
  const { range, layers, ids } = readState(options, written);
  return [
    ...(range ? [{ column: "share", range: endsInWords(range) }] : []),
    ...(layers.length ? [{ column: "layer", values: layers }] : []),
    ...(ids.length ? [{ column: "id", values: ids }] : []),
  ];
}

export const view: View<Options> = {
  name: "inactive-units",
  summary:
    "How often units of a network answer nothing: a histogram, each layer with its dead units, the units at either end with intervals, and one unit by label.",
  options: MEANINGS,
  parse,
  queries,
  render,
  accept,
  selected,
};
