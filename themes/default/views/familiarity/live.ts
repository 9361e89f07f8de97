/**
 * The live half of the familiarity: brushes scores by hand and by keys, chooses a group to compare within, selects groups
 * and samples. What is selected filters the other views.
 */
import { formatCount, formatNumber } from "../../src/markup.ts";
import { BarBrush } from "../../src/live/brush.ts";
import type { Host, LiveFactory } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import { walkCards } from "../../src/live/parts.ts";
import { isUnfoldedIn, unfolding } from "../../src/live/rest.ts";
import { play } from "../../src/live/sound.ts";
import { StatedView, type Meaning } from "../../src/live/stated.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { fitting, toggled, type Id } from "../../src/selected.ts";
import type { Options } from "./options.ts";
import { domainOf, type Shown } from "./panels.ts";
import { BINS, condition, countsOf, nameFor } from "./queries.ts";
import { readState, writeState, type FamiliarityState, type Value } from "./state.ts";
import { framedOf, partsOf, shownOf, view } from "./view.ts";
import { say } from "../../src/words.ts";

const MEANING: Meaning<Options, FamiliarityState> = {
  ...{ view, read: readState, write: writeState, condition },
  selecting: ["range", "groups", "ids", "within"],
  asking: ({ order, within, rows }) => [order, within, rows],
};

class LiveFamiliarity extends StatedView<Options, FamiliarityState> {
  private readonly tooltip: Tooltip;
  private shown: Shown | null = null;
  private readonly brush: BarBrush;

  constructor(host: Host) {
    super(host, MEANING);
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

  protected paint(): void {
    const { results, host, options } = this;
    const names = ["extent", "whole"].map((name) => nameFor(name, this.state));
    if (!results || ![...names, "total", "count", "spread", "tiles", "bins"].every((name) => name in results))
      return;
    if (!this.shown && isUnfoldedIn(host.body)) this.adopt();
    this.ensure("tiles", results);
    this.shown = shownOf(options, results, this.written(), host.context);
    // The plot keeps the pointer while it is dragged, so only what is in it is drawn anew.
    const { scores, ...others } = partsOf(this.shown);
    if (this.brush.isHeld) this.brush.redraw(scores?.text ?? "");
    else this.parts.show({ scores: scores ?? null });
    this.parts.show(others);
    this.brush.showCursor();
    updateFrame(host.figure, framedOf(this.shown));
  }

  /** Groups that were unfolded before the view was live. */
  private adopt(): void {
    this.state = { ...this.state, isUnfolded: true };
    this.host.publish(this.written(), null, "adjust");
  }

  /* Changing */

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const card = target.closest<HTMLElement>(".sample");
    const keep = event.ctrlKey || event.metaKey || event.shiftKey;
    if (card) {
      const id = JSON.parse(card.dataset["id"]!) as Id;
      this.change({ ids: fitting(toggled(this.state.ids, id, keep)) });
      return;
    }
    const isUnfolded = unfolding(event);
    if (isUnfolded !== null) return this.change({ isUnfolded });
    const button = target.closest<HTMLElement>("button");
    const sound = button?.dataset["play"];
    if (sound !== undefined)
      void play(this.host, this.options.card, JSON.parse(sound), button!.closest("li")!);
    else if (button) this.act(button.dataset, keep);
  }

  private act({ order, group, action }: DOMStringMap, keep: boolean): void {
    if (order === "least" || order === "most") this.change({ order, rows: null });
    if (group !== undefined) this.choose(JSON.parse(group) as Value, keep);
    if (action === "reset") this.host.page.reset();
    if (action === "more") this.change({ rows: (this.state.rows ?? this.options.rows) + this.options.rows });
  }

  /** One group alone, or none where it was; with a key it is added or taken away. */
  private choose(value: Value, keep: boolean): void {
    const { groups } = this.state;
    const without = groups.filter((each) => each !== value);
    const isAlone = groups.includes(value) && without.length === 0;
    this.change({
      groups: keep ? (groups.includes(value) ? without : [...groups, value]) : isAlone ? [] : [value],
    });
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
    const n =
      passing === all
        ? formatCount(all)
        : say("{passing} of {all}", { passing: formatCount(passing), all: formatCount(all) });
    return [
      {
        name: say("Familiarity"),
        value: say("{low} to {high}", { low: formatNumber(low), high: formatNumber(high) }),
      },
      { name: say("Samples"), value: n },
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
