/** The live half of a comparison: a glyph selects its layers and those that stand for them in the other network. */
import { literal, type ExprNode } from "@uwdata/mosaic-sql";
import { elk } from "../../src/architecture/engine.ts";
import { useEngine } from "../../src/architecture/layout.ts";
import { showLevel } from "../../src/architecture/slider.ts";
import { isAmong } from "../../src/data/rows.ts";
import { clauseOf } from "../../src/live/clause.ts";
import type { Host, LiveFactory } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Change } from "../../src/live/page.ts";
import { StatedView, type Meaning } from "../../src/live/stated.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { fitting } from "../../src/selected.ts";
import type { Results, ViewState } from "../../src/view.ts";
import { idsOf, levelsOf, pointedAt, shownOf, type Shown } from "./drawing.ts";
import type { Options } from "./options.ts";
import { readState, writeState, type DiffState } from "./state.ts";
import { framedOf, partsOf, view } from "./view.ts";
import { factsOf } from "./words.ts";

/** Layers of one network; none where all that is selected is in the other. */
function condition({ first, second }: DiffState, side: "first" | "second"): ExprNode | null {
  if (first.length + second.length === 0) return null;
  const ids = side === "first" ? first : second;
  return ids.length ? isAmong("id", ids) : literal(false);
}

const MEANING: Meaning<Options, DiffState> = {
  ...{ view, read: readState, write: writeState, selecting: ["first"] },
  condition: (_, state) => condition(state, "first"),
  asking: () => [],
};

const NOTHING = { first: [], second: [] };

class LiveDiff extends StatedView<Options, DiffState> {
  private readonly tooltip: Tooltip;
  private drawn: Shown | null = null;

  constructor(host: Host) {
    useEngine(elk);
    super(host, MEANING);
    this.tooltip = new Tooltip(host.body);
    const { body } = host;
    body.addEventListener("click", (event) => this.clicked(event));
    body.addEventListener("input", (event) => this.slid(event.target as HTMLInputElement, "drag"));
    body.addEventListener("change", (event) => this.slid(event.target as HTMLInputElement, "commit"));
    body.addEventListener("keydown", (event) => this.pressed(event));
    body.addEventListener("pointermove", (event) => this.hovered(event));
  }

  override restore(written: ViewState | null): void {
    super.restore(written);
    this.selectSecond();
  }

  protected paint(): void {
    const { results, host, options, state } = this;
    if (
      !results ||
      !Object.keys(view.queries(options, {}, host.context, {})).every((name) => name in results)
    )
      return;
    this.drawn = shownOf(options, results as Results, state, host.context);
    this.ensure("figure", results);
    this.parts.show(partsOf(this.drawn));
    showLevel(host.body, ...levelsOf(this.drawn));
    updateFrame(host.figure, framedOf(this.drawn));
  }

  /** The second network has a table of its own, and its clause stands beside that of the first. */
  private selectSecond(): void {
    const { relation } = this.options.networks[1].layers;
    this.host.select(clauseOf(this.host, condition(this.state, "second")), relation);
  }

  private select(changed: Pick<DiffState, "first" | "second">): void {
    this.change(changed);
    this.selectSecond();
  }

  private slid(target: HTMLInputElement, kind: Change): void {
    if (target.name === "detail") this.change({ detail: Number(target.value) }, kind);
  }

  private choose(index: number): void {
    const ids = idsOf(this.drawn!, pointedAt(this.drawn!, index));
    const { first, second } = this.state;
    const isChosen = `${ids.first.join()} ${ids.second.join()}` === `${first.join()} ${second.join()}`;
    this.select(isChosen ? NOTHING : { first: fitting(ids.first), second: fitting(ids.second) });
  }

  private clicked(event: MouseEvent): void {
    const glyph = glyphAt(event.target as Element);
    if (glyph !== null && this.drawn) this.choose(glyph);
  }

  private hovered(event: PointerEvent): void {
    const glyph = glyphAt(event.target as Element);
    if (glyph === null || !this.drawn) this.tooltip.hide();
    else this.tooltip.show(event, factsOf(this.drawn, pointedAt(this.drawn, glyph)));
  }

  private pressed(event: KeyboardEvent): void {
    const glyph = glyphAt(event.target as Element);
    const isEmpty = this.state.first.length + this.state.second.length === 0;
    const keys: Readonly<Record<string, () => void>> = {
      ...(glyph === null || event.altKey || event.metaKey ? {} : this.keysOf(glyph)),
      ...(isEmpty ? {} : { Escape: () => this.select(NOTHING) }),
    };
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (!act) return;
    event.preventDefault();
    act();
  }

  private keysOf(glyph: number): Record<string, () => void> {
    const last = this.host.body.querySelectorAll("[data-glyph]").length - 1;
    return {
      ArrowRight: () => this.focus(Math.min(last, glyph + 1)),
      ArrowLeft: () => this.focus(Math.max(0, glyph - 1)),
      Home: () => this.focus(0),
      End: () => this.focus(last),
      Enter: () => this.choose(glyph),
      " ": () => this.choose(glyph),
    };
  }

  private focus(index: number): void {
    for (const each of this.host.body.querySelectorAll<SVGGElement>("[data-glyph]")) {
      const isNext = each.dataset["glyph"] === String(index);
      each.setAttribute("tabindex", isNext ? "0" : "-1");
      if (!isNext) continue;
      each.focus();
      each.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }
}

function glyphAt(element: Element): number | null {
  const found = element.closest<SVGGElement>("[data-glyph]");
  return found ? Number(found.dataset["glyph"]) : null;
}

export const live: LiveFactory = (host) => new LiveDiff(host);
