/** The live half of inactive units: brushes shares by hand and by keys, and selects layers and units. */
import { formatCount } from "../../src/markup.ts";
import { BarBrush } from "../../src/live/brush.ts";
import type { Host, LiveFactory } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import { StatedView, type Meaning } from "../../src/live/stated.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { fitting, toggled } from "../../src/selected.ts";
import type { Options } from "./options.ts";
import { DOMAIN, rangeInWords, shownOf } from "./panels.ts";
import { BINS, condition, conditionElsewhere, countsOf, ofUnit, shownUnit } from "./queries.ts";
import { amongUnits } from "../../src/units.ts";
import { readState, writeState, type InactiveState } from "./state.ts";
import { framedOf, partsOf, view } from "./view.ts";
import { say } from "../../src/words.ts";

const MEANING: Meaning<Options, InactiveState> = {
  ...{ view, read: readState, write: writeState, selecting: ["range", "layers", "ids"] },
  condition: (_, state) => condition(state),
  elsewhere: (_, state, context) => amongUnits(context, conditionElsewhere(state, context.table)),
  asking: ({ order, rows, ids }) => [order, rows, ids.at(-1)],
};

class LiveInactiveUnits extends StatedView<Options, InactiveState> {
  private readonly brush: BarBrush;

  constructor(host: Host) {
    super(host, MEANING);
    const { body } = host;
    body.addEventListener("click", (event) => this.clicked(event));
    body.addEventListener("keydown", (event) => this.pressed(event));
    this.brush = new BarBrush(body, new Tooltip(body), {
      plot: ".units-plot",
      bins: BINS,
      domain: () => (this.results ? DOMAIN : null),
      range: () => this.state.range,
      words: (bin) => this.binInWords(bin),
      select: (range, kind) => this.change({ range }, kind),
    });
  }

  protected paint(): void {
    const { results, host, options, state } = this;
    const names = ["layers", "whole", "bins", "total", "count", "list"];
    if (!results || !names.every((name) => name in results)) return;
    const unit = options.classes ? shownUnit(results, state) : null;
    if (unit !== null && !(ofUnit(unit) in results)) return;
    this.ensure("list", results);
    const shown = shownOf(options, results, state, host.context);
    // The plot keeps the pointer while it is dragged, so only what is in it is drawn anew.
    const { shares, ...others } = partsOf(shown);
    if (this.brush.isHeld) this.brush.redraw(shares?.text ?? "");
    else this.parts.show({ shares: shares ?? null });
    this.parts.show(others);
    this.brush.showCursor();
    updateFrame(host.figure, framedOf(shown));
  }

  /* Changing */

  private clicked(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>("button");
    if (button) this.act(button.dataset, event.ctrlKey || event.metaKey || event.shiftKey);
  }

  private act({ order, layer, unit, action }: DOMStringMap, keep: boolean): void {
    const { state } = this;
    if (order === "most" || order === "least") this.change({ order, rows: null });
    if (layer !== undefined) this.change({ layers: toggled(state.layers, layer, keep) as string[] });
    if (unit !== undefined) this.change({ ids: fitting(toggled(state.ids, unit, keep) as string[]) });
    if (action === "reset") this.host.page.reset();
    if (action === "more") this.change({ rows: (state.rows ?? this.options.rows) + this.options.rows });
  }

  private binInWords(bin: number): { name: string; value: string }[] {
    const [all, passing] = ["whole", "bins"].map((name) => countsOf(this.results![name])[bin]!) as [
      number,
      number,
    ];
    const n =
      passing === all
        ? formatCount(all)
        : say("{passing} of {all}", { passing: formatCount(passing), all: formatCount(all) });
    return [
      { name: say("Inactive"), value: rangeInWords(this.brush.rangeOf(bin, bin)) },
      { name: say("Units"), value: n },
    ];
  }

  private pressed(event: KeyboardEvent): void {
    const { range, layers, ids } = this.state;
    if (event.key === "Escape" && (range || layers.length || ids.length)) {
      event.preventDefault();
      this.brush.forget();
      return this.change({ range: null, layers: [], ids: [] });
    }
    if ((event.target as HTMLElement).matches(".units-plot")) this.brush.walk(event);
  }
}

export const live: LiveFactory = (host) => new LiveInactiveUnits(host);
