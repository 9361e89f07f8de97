/**
 * The live half of the familiarity: brushes scores by hand and by keys, chooses a group to compare within, selects groups
 * and samples. What is selected filters the other views.
 */
import type { SelectionClause } from "@uwdata/mosaic-core";
import { formatNumber } from "../../src/markup.ts";
import { BarBrush } from "../../src/live/brush.ts";
import { clauseOf } from "../../src/live/clause.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Change } from "../../src/live/page.ts";
import { Parts, walkCards } from "../../src/live/parts.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { fitting, toggled, type Id } from "../../src/selected.ts";
import { formatCount } from "../../src/markup.ts";
import type { Results, ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { domainOf, type Shown } from "./panels.ts";
import { BINS, condition, countsOf, nameFor } from "./queries.ts";
import { readState, writeState, type FamiliarityState, type Value } from "./state.ts";
import { framedOf, partsOf, shownOf, view } from "./view.ts";

class LiveFamiliarity implements LiveView {
  private readonly options: Options;
  private readonly parts: Parts;
  private readonly tooltip: Tooltip;
  private state: FamiliarityState;
  private results: Results | null = null;
  private shown: Shown | null = null;
  private readonly brush: BarBrush;

  constructor(private readonly host: Host) {
    this.options = host.options as Options;
    this.state = readState(this.options, {});
    this.parts = new Parts(host.body);
    this.tooltip = new Tooltip(host.body);
    const { body } = host;
    body.addEventListener("click", (event) => this.clicked(event));
    body.addEventListener("change", (event) => this.chosen(event.target as HTMLElement));
    body.addEventListener("keydown", (event) => this.pressed(event));
    this.brush = new BarBrush(body, this.tooltip, {
      plot: ".familiarity-plot",
      bins: BINS,
      domain: () => this.shown && domainOf(this.shown),
      range: () => this.state.range,
      words: (bin) => this.binInWords(bin),
      select: (range, kind) => this.change({ range }, kind),
    });
  }

  draw(results: Results): void {
    this.results = results;
    this.paint();
  }

  restore(written: ViewState | null): void {
    const before = this.state;
    this.state = readState(this.options, written ?? {});
    if (condition(this.options, before) || condition(this.options, this.state))
      this.host.select(this.clause());
    if (this.isAskedAnew(before)) this.host.requery();
    this.paint();
  }

  /** Whether the state asks other questions than before. */
  private isAskedAnew({ order, within, rows }: FamiliarityState): boolean {
    const { state } = this;
    return order !== state.order || within !== state.within || rows !== state.rows;
  }

  private paint(): void {
    const { results, host, options } = this;
    const names = ["extent", "whole"].map((name) => nameFor(name, this.state));
    if (!results || ![...names, "total", "count", "spread", "tiles", "bins"].every((name) => name in results))
      return;
    const written = writeState(options, this.state);
    if (!host.body.querySelector("[data-part=tiles]")) {
      host.body.innerHTML = view.render(options, results, written, host.context).body.text;
      this.parts.forget();
    }
    this.shown = shownOf(options, results, written, host.context);
    // The plot keeps the pointer while it is dragged, so only what is in it is drawn anew.
    const { scores, ...others } = partsOf(this.shown);
    if (this.brush.isHeld) this.brush.redraw(scores?.text ?? "");
    else this.parts.show({ scores: scores ?? null });
    this.parts.show(others);
    this.brush.showCursor();
    updateFrame(host.figure, framedOf(this.shown));
  }

  /* Changing */

  private change(changed: Partial<FamiliarityState>, kind: Change = "commit"): void {
    const before = this.state;
    this.state = { ...before, ...changed };
    const written = writeState(this.options, this.state);
    const isSelecting = ["range", "groups", "ids", "within"].some((name) => name in changed);
    const clause = isSelecting ? this.clause() : null;
    this.host.publish(Object.keys(written).length ? written : null, clause, kind);
    if (this.isAskedAnew(before)) this.host.requery();
    this.paint();
  }

  private clause(): SelectionClause {
    return clauseOf(this.host, condition(this.options, this.state));
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const card = target.closest<HTMLElement>(".sample");
    const keep = event.ctrlKey || event.metaKey || event.shiftKey;
    if (card) {
      const id = JSON.parse(card.dataset["id"]!) as Id;
      this.change({ ids: fitting(toggled(this.state.ids, id, keep)) });
      return;
    }
    const button = target.closest<HTMLElement>("button");
    if (button) this.act(button.dataset, keep);
  }

  private act({ order, group, action }: DOMStringMap, keep: boolean): void {
    if (order === "least" || order === "most") this.change({ order, rows: null });
    if (group !== undefined) {
      const value = JSON.parse(group) as Value;
      const { groups } = this.state;
      const without = groups.filter((each) => each !== value);
      const isAlone = groups.includes(value) && without.length === 0;
      this.change({
        groups: keep ? (groups.includes(value) ? without : [...groups, value]) : isAlone ? [] : [value],
      });
    }
    if (action === "reset") this.host.page.reset();
    if (action === "more") this.change({ rows: (this.state.rows ?? this.options.rows) + this.options.rows });
  }

  private chosen(target: HTMLElement): void {
    if (!target.matches("select[name=within]")) return;
    const { value } = target as HTMLSelectElement;
    this.brush.forget(true);
    // Scores within a group are on another scale: what was brushed on the one is nowhere on the other.
    this.change({ within: value === "" ? null : (JSON.parse(value) as Value), range: null, rows: null });
  }

  private binInWords(bin: number): { name: string; value: string }[] {
    const { results, state } = this.shown!;
    const [low, high] = this.brush.rangeOf(bin, bin);
    const all = countsOf(results[nameFor("whole", state)])[bin]!;
    const passing = countsOf(results["bins"])[bin]!;
    const n = passing === all ? formatCount(all) : `${formatCount(passing)} of ${formatCount(all)}`;
    return [
      { name: "Familiarity", value: `${formatNumber(low)} to ${formatNumber(high)}` },
      { name: "Samples", value: n },
    ];
  }

  /* Keys */

  private pressed(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const { range, groups, ids } = this.state;
    if (event.key === "Escape" && (range || groups.length || ids.length)) {
      event.preventDefault();
      this.brush.forget();
      return this.change({ range: null, groups: [], ids: [] });
    }
    if (target.matches(".familiarity-plot")) return this.brush.walk(event);
    const list = target.matches(".sample") ? target.closest("ul") : null;
    if (list && !event.altKey && walkCards(list, target, event.key)) event.preventDefault();
  }
}

export const live: LiveFactory = (host) => new LiveFamiliarity(host);
