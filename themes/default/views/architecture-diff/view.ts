/** Two networks, one above the other: what both have stands in the same columns, and what differs is marked. */
import { networkQueries } from "../../src/architecture/asking.ts";
import { sliderMarkup } from "../../src/architecture/slider.ts";
import { tikzOf } from "../../src/architecture/tikz.ts";
import { scrollRegion } from "../../src/figure.ts";
import { html, type Markup } from "../../src/markup.ts";
import type { Selected } from "../../src/selected.ts";
import type { Context, Drawing, NamedQuery, Results, View, ViewState } from "../../src/view.ts";
import { noLayers } from "../../src/nothing.ts";
import { say } from "../../src/words.ts";
import { dataTable, levelsOf, paperOf, shownOf, SIDES, summary, svgMarkup, type Shown } from "./drawing.ts";
import { MEANINGS, parse, type Options } from "./options.ts";
import { accept, readState } from "./state.ts";

/** The parts that a live view draws anew, by name; the slider stays, for it is dragged. */
export function partsOf(shown: Shown): Record<string, Markup> {
  return {
    figure: svgMarkup(shown),
    said: html`<p class="network-note" role="status">${summary(shown)}</p>`,
  };
}

function queries({ networks }: Options): Record<string, NamedQuery> {
  return Object.assign({}, ...networks.map((network, side) => networkQueries(network, SIDES[side])));
}

function render(options: Options, results: Results, state: ViewState, context: Context): Drawing {
  const shown = shownOf(options, results, readState(options, state), context);
  const parts = partsOf(shown);
  const part = (name: string): Markup => html`<div data-part="${name}">${parts[name]}</div>`;
  const label = say("What differs between two networks");
  return {
    ...framedOf(shown),
    body: html`<div class="network-bar">${sliderMarkup(...levelsOf(shown))}</div>
      ${scrollRegion("network-scroll", label, context.request, part("figure"))} ${part("said")}`,
    description: `${summary(shown)} ${inWords(shown)}`.trim(),
    paper: () => paperOf(shown),
    tikz: (title) => tikzOf(paperOf(shown), title),
  };
}

/** What stands around the drawing: layers of both are counted. */
export function framedOf(shown: Shown): Pick<Drawing, "rows" | "total" | "notices" | "data"> {
  const sum = (of: "rows" | "total"): number => shown.counts.reduce((total, each) => total + each[of], 0);
  const total = sum("total");
  const none = total === 0 ? [noLayers(shown.context)] : [];
  const notices = [...none, ...shown.differences.notices];
  return { rows: sum("rows"), total, notices, data: dataTable(shown) };
}

/** Layers that differ, for those who do not see the figure. */
function inWords({ networks, differences }: Shown): string {
  const found = differences.comparison.pairs
    .filter(({ change }) => change === "changed")
    .map(
      ({ first, differences: what }) => `${networks[0].layers[first!]!.id.slice(0, 60)} (${what.join(", ")})`,
    );
  if (found.length === 0) return "";
  const more = found.length - 20;
  const rest = more > 0 ? ` ${say("and {more} more", { more })}` : "";
  return say("Changed: {names}{more}.", { names: found.slice(0, 20).join("; "), more: rest });
}

function selected(options: Options, written: ViewState): Selected[] {
  const { first, second } = readState(options, written);
  const values = [...new Set([...first, ...second])];
  return values.length ? [{ column: "id", values }] : [];
}

export const view: View<Options> = {
  name: "architecture-diff",
  summary:
    "Two networks as figures, one above the other: what both have stands in the same columns, and what was added, removed or changed is marked.",
  options: MEANINGS,
  parse,
  queries,
  render,
  accept,
  selected,
  // A comparison is one, whatever splits its layers.
  groups: false,
};
