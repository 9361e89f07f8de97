/** How many units of each layer would do, by a strategy that the reader chooses, and which ones those are. */
import { scrollRegion } from "../../src/figure.ts";
import { html, type Markup } from "../../src/markup.ts";
import type { Selected } from "../../src/selected.ts";
import { formatShare } from "../../src/values.ts";
import type { Context, DataTable, Drawing, Results, View, ViewState } from "../../src/view.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import {
  curveInWords,
  curveMarkup,
  kindOfUnit,
  layersMarkup,
  meaningMarkup,
  noticesOf,
  pointsOf,
  shownOf,
  sliderMarkup,
  strategiesMarkup,
  summary,
  unitsMarkup,
  type Shown,
} from "./panels.ts";
import { queries } from "./queries.ts";
import { accept, readState } from "./state.ts";
import { say } from "../../src/words.ts";

/** The parts that a live view draws anew, by name; what is between them stays. */
export function partsOf(shown: Shown): Record<string, Markup | null> {
  return {
    strategies: strategiesMarkup(shown),
    meaning: meaningMarkup(shown),
    layers: layersMarkup(shown),
    curve: curveMarkup(shown),
    units: unitsMarkup(shown),
  };
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const shown = shownOf(options, results, readState(options, state), context);
  const parts = partsOf(shown);
  const part = (name: string): Markup => html`<div data-part="${name}">${parts[name]}</div>`;
  return {
    ...framedOf(shown),
    body: html`<div class="units-asked">${part("strategies")}${sliderMarkup(shown)}</div>
      ${part("meaning")}
      <div class="duplicates-sides">
        ${scrollRegion("units-scroll", say("Layers"), context.request, part("layers"))} ${part("curve")}
      </div>
      ${part("units")}`,
    description: `${summary(shown)} ${curveInWords(shown)}`,
  };
}

/** What stands around the drawing. */
export function framedOf(shown: Shown): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  const { rows, total } = shown;
  return { rows, total, notices: noticesOf(shown), data: dataTables(shown) };
}

function dataTables(shown: Shown): DataTable {
  const { layers, layer, units } = shown;
  return {
    caption: say("Units of each layer that would do"),
    columns: [
      { name: "layer", title: say("Layer") },
      { name: "units", title: say("Units") },
      { name: "kept", title: say("Kept") },
      { name: "share", title: say("Share|part"), say: formatShare },
      { name: "kl", title: say("KL (nats)") },
      { name: "rank", title: say("Rank") },
      { name: "inactive", title: say("Inactive") },
      { name: "inputs", title: say("Inputs") },
      { name: "rows", title: say("Units that pass") },
      { name: "keptPassing", title: say("Kept of those") },
    ],
    rows: layers.map((row) => ({ ...row, share: row.kept === null ? null : row.kept / row.units })),
    beside: layer
      ? [
          {
            caption: say("Variance in the first components of {layer}", { layer: layer.layer }),
            columns: [
              { name: "component", title: say("Components") },
              { name: "energy", title: say("Variance in them"), say: formatShare },
            ],
            rows: pointsOf(shown) as unknown as Record<string, unknown>[],
          },
          {
            caption: say("Units of {layer}", { layer: layer.layer }),
            columns: [
              { name: "unit", title: say("Unit") },
              { name: "kind", title: say("Is") },
              { name: "place", title: say("Place of keeping") },
              { name: "variance", title: say("Variance") },
              { name: "correlation", title: say("Mean correlation") },
              { name: "nearest", title: say("Most like") },
              { name: "nearest_correlation", title: say("Correlation with it") },
            ],
            rows: units.map((unit) => ({ ...unit, kind: kindOfUnit(shown, unit) })),
          },
        ]
      : [],
  };
}

function selected(options: Options, written: ViewState): Selected[] {
  const { layers, ids } = readState(options, written);
  return [
    ...(layers.length ? [{ column: "layer", values: layers }] : []),
    ...(ids.length ? [{ column: "id", values: ids }] : []),
  ];
}

export const view: View<Options> = {
  name: "pfa",
  summary:
    "How many units of each layer would do, by divergence, energy or size; the variance that their principal components hold, and which units to keep.",
  options: MEANINGS,
  parse,
  queries,
  render,
  accept,
  selected,
  // What is recommended is of whole layers, whatever splits the units.
  groups: false,
};
