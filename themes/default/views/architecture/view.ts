/** The architecture of a network as a figure for a paper: how deep its groups are open, and how it looks, is its reader's. */
import { sliderMarkup } from "../../src/architecture/slider.ts";
import { tikzOf } from "../../src/architecture/tikz.ts";
import { scrollRegion } from "../../src/figure.ts";
import { html, type Markup } from "../../src/markup.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, Drawing, Results, View, ViewState } from "../../src/view.ts";
import { paperOf, shownOf, svgMarkup, type Shown } from "./drawing.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import { actionsMarkup, saidMarkup } from "./panels.ts";
import { queries } from "./queries.ts";
import { accept, readState } from "./state.ts";
import { dataTable, inWords, summary } from "./words.ts";
import { noLayers } from "../../src/nothing.ts";
import { say } from "../../src/words.ts";

/** The parts that a live view draws anew, by name; the slider stays, for it is dragged. */
export function partsOf(shown: Shown, refused: string | null = null): Record<string, Markup> {
  return { actions: actionsMarkup(shown), figure: svgMarkup(shown), said: saidMarkup(shown, refused) };
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  return drawingOf(shownOf(options, results, readState(options, state), context));
}

export function drawingOf(shown: Shown): Drawing {
  const { request } = shown.context;
  const parts = partsOf(shown);
  const part = (name: string): Markup => html`<div data-part="${name}">${parts[name]}</div>`;
  return {
    ...framedOf(shown),
    body: html`<div class="network-bar">
        ${sliderMarkup(shown.state.detail ?? shown.figure.shown.level, shown.figure.shown.deepest)}${part("actions")}
      </div>
      ${scrollRegion("network-scroll", say("Architecture"), request, part("figure"))} ${part("said")}
      <details class="network-looks">
        <summary>${say("Looks, types and files")}</summary>
        <div data-part="looks"></div>
        <div class="network-files" data-part="files"></div>
      </details>`,
    paper: () => paperOf(shown),
    tikz: (title) => tikzOf(paperOf(shown), title),
  };
}

/** What stands around the drawing. */
export function framedOf(shown: Shown): Pick<Drawing, "rows" | "total" | "notices" | "data" | "description"> {
  const { counts, figure, network } = shown;
  const none = network.layers.length === 0 ? [noLayers(shown.context)] : [];
  return {
    rows: counts.rows,
    total: counts.total,
    notices: [...none, ...figure.notices],
    data: dataTable(figure),
    description: `${summary(network, figure)} ${inWords(figure, shown.state.aliases)}`,
  };
}

function selected(options: Options, written: ViewState): Selected[] {
  const { ids } = readState(options, written);
  return ids.length ? [{ column: "id", values: ids }] : [];
}

export const view: View<Options> = {
  name: "architecture",
  summary:
    "The layers of a network as a figure: repeated blocks are folded, glyphs show resolution and features, and a slider goes from one glyph to every layer.",
  options: MEANINGS,
  parse,
  queries,
  render,
  accept,
  selected,
  // A network is one, whatever splits its layers.
  groups: false,
};
