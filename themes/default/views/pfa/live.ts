/** The live half of principal filter analysis: asks by another strategy or share, and selects layers and units. */
import { formatShare } from "../../src/values.ts";
import type { Host, LiveFactory } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Change } from "../../src/live/page.ts";
import { StatedView, type Meaning } from "../../src/live/stated.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { walkChips } from "./chips.ts";
import { fitting, toggled } from "../../src/selected.ts";
import type { Results } from "../../src/view.ts";
import { STRATEGIES, type Options } from "./options.ts";
import { shareOf, shownOf, unitInWords, type Shown } from "./panels.ts";
import { condition, nameFor, ofLayer, shownLayer } from "./queries.ts";
import { amongUnits } from "../../src/units.ts";
import { readState, writeState, type PfaState } from "./state.ts";
import { framedOf, partsOf, view } from "./view.ts";

const MEANING: Meaning<Options, PfaState> = {
  ...{ view, read: readState, write: writeState, selecting: ["layers", "ids"] },
  condition: (_, state) => condition(state),
  elsewhere: (_, state, context) => amongUnits(context, condition(state)),
  asking: ({ strategy, energy, size, layers }) => [strategy, energy, size, layers.at(-1)],
};

class LivePfa extends StatedView<Options, PfaState> {
  private readonly tooltip: Tooltip;
  private shown: Shown | null = null;

  constructor(host: Host) {
    super(host, MEANING);
    this.tooltip = new Tooltip(host.body);
    const { body } = host;
    body.addEventListener("click", (event) => this.clicked(event));
    body.addEventListener("input", (event) => this.moved(event.target as HTMLElement, "drag"));
    body.addEventListener("change", (event) => this.moved(event.target as HTMLElement, "commit"));
    body.addEventListener("keydown", (event) => this.pressed(event));
    body.addEventListener("pointermove", (event) => this.hovered(event));
  }

  private isAnswered(results: Results): boolean {
    const { state, options } = this;
    const layer = shownLayer(options, results, state)?.layer;
    const names = [
      ...["layers", "total", "count"],
      ...(state.strategy === "kl" ? [] : [nameFor("counts", state)]),
      ...(layer === undefined
        ? []
        : [ofLayer("curve", layer), ofLayer("units", layer), "passing", "unitsPassing"]),
    ];
    return names.every((name) => name in results);
  }

  protected paint(): void {
    const { results, host, options, state } = this;
    if (!results || !this.isAnswered(results)) return;
    this.shown = shownOf(options, results, state, host.context);
    this.ensure("units", results);
    this.parts.show(partsOf(this.shown));
    this.showShare();
    updateFrame(host.figure, framedOf(this.shown));
  }

  private showShare(): void {
    const slider = this.host.body.querySelector<HTMLInputElement>("input[name=share]");
    if (!slider) return;
    const share = shareOf(this.state);
    slider.closest("label")!.hidden = this.state.strategy === "kl";
    // While it is dragged it is where the hand is.
    if (Number(slider.value) !== Math.round(share * 100)) slider.value = String(Math.round(share * 100));
    slider.setAttribute("aria-valuetext", formatShare(share));
  }

  /* Changing */

  private moved(target: HTMLElement, kind: Change): void {
    if (!target.matches("input[name=share]") || this.state.strategy === "kl") return;
    const share = Number((target as HTMLInputElement).value) / 100;
    this.change({ [this.state.strategy]: share }, kind);
  }

  private clicked(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>("button");
    if (!button) return;
    const keep = event.ctrlKey || event.metaKey || event.shiftKey;
    const { strategy, layer, unit, action } = button.dataset;
    const chosen = STRATEGIES.find((each) => each === strategy);
    if (chosen) this.change({ strategy: chosen });
    // Units of another layer would be selected where nobody sees them.
    if (layer !== undefined)
      this.change({ layers: toggled(this.state.layers, layer, keep) as string[], ids: [], rows: null });
    if (unit !== undefined) this.change({ ids: fitting(toggled(this.state.ids, unit, keep) as string[]) });
    if (action === "more") this.change({ rows: (this.state.rows ?? this.options.rows) + this.options.rows });
  }

  private hovered(event: PointerEvent): void {
    const chip = (event.target as Element).closest<HTMLElement>("[data-unit]");
    const unit = this.shown?.units.find(({ id }) => id === chip?.dataset["unit"]);
    if (unit) this.tooltip.show(event, unitInWords(unit));
    else this.tooltip.hide();
  }

  private pressed(event: KeyboardEvent): void {
    const { layers, ids } = this.state;
    const target = event.target as HTMLElement;
    if (event.key === "Escape" && (layers.length || ids.length)) {
      event.preventDefault();
      return this.change({ layers: [], ids: [] });
    }
    if (walkChips(target, event)) event.preventDefault();
  }
}

export const live: LiveFactory = (host) => new LivePfa(host);
