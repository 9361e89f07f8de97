/** The live half of principal filter analysis: asks by another strategy or share, and selects layers and units. */
import type { SelectionClause } from "@uwdata/mosaic-core";
import { formatShare } from "../../src/values.ts";
import { clauseOf } from "../../src/live/clause.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Change } from "../../src/live/page.ts";
import { Parts } from "../../src/live/parts.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { walkChips } from "./chips.ts";
import { fitting, toggled } from "../../src/selected.ts";
import type { Results, ViewState } from "../../src/view.ts";
import { STRATEGIES, type Options } from "./options.ts";
import { shareOf, shownOf, unitInWords, type Shown } from "./panels.ts";
import { condition, nameFor, ofLayer, shownLayer } from "./queries.ts";
import { readState, writeState, type PfaState } from "./state.ts";
import { framedOf, partsOf, view } from "./view.ts";

class LivePfa implements LiveView {
  private readonly options: Options;
  private readonly parts: Parts;
  private readonly tooltip: Tooltip;
  private state: PfaState;
  private results: Results | null = null;
  private shown: Shown | null = null;

  constructor(private readonly host: Host) {
    this.options = host.options as Options;
    this.state = readState(this.options, {});
    this.parts = new Parts(host.body);
    this.tooltip = new Tooltip(host.body);
    const { body } = host;
    body.addEventListener("click", (event) => this.clicked(event));
    body.addEventListener("input", (event) => this.moved(event.target as HTMLElement, "drag"));
    body.addEventListener("change", (event) => this.moved(event.target as HTMLElement, "commit"));
    body.addEventListener("keydown", (event) => this.pressed(event));
    body.addEventListener("pointermove", (event) => this.hovered(event));
  }

  draw(results: Results): void {
    this.results = results;
    this.paint();
  }

  restore(written: ViewState | null): void {
    const before = this.state;
    this.state = readState(this.options, written ?? {});
    if (condition(before) || condition(this.state)) this.host.select(this.clause());
    if (this.isAskedAnew(before)) this.host.requery();
    this.paint();
  }

  /** Whether the state asks other questions than before. */
  private isAskedAnew({ strategy, energy, size, layers }: PfaState): boolean {
    const { state } = this;
    const isSame = strategy === state.strategy && energy === state.energy && size === state.size;
    return !isSame || layers.at(-1) !== state.layers.at(-1);
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

  private paint(): void {
    const { results, host, options, state } = this;
    if (!results || !this.isAnswered(results)) return;
    this.shown = shownOf(options, results, state, host.context);
    if (!host.body.querySelector("[data-part=units]")) {
      const written = writeState(options, state);
      host.body.innerHTML = view.render(options, results, written, host.context).body.text;
      this.parts.forget();
    }
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

  private change(changed: Partial<PfaState>, kind: Change = "commit"): void {
    const before = this.state;
    this.state = { ...before, ...changed };
    const written = writeState(this.options, this.state);
    const clause = "layers" in changed || "ids" in changed ? this.clause() : null;
    this.host.publish(Object.keys(written).length ? written : null, clause, kind);
    if (this.isAskedAnew(before)) this.host.requery();
    this.paint();
  }

  private clause(): SelectionClause {
    return clauseOf(this.host, condition(this.state));
  }

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
