/** The live half: chooses groups and metric, keeps rows of dots, pins two, and walks the dots by keys. */
import { and, column as columnRef, or, sql, type ExprNode } from "@uwdata/mosaic-sql";
import type { SelectionClause } from "@uwdata/mosaic-core";
import { asRelation } from "../../src/data/columns.ts";
import { translateFilter } from "../../src/data/expression.ts";
import { html } from "../../src/markup.ts";
import { onThemeChange } from "../../src/live/colours.ts";
import { onResize, sizeOf } from "../../src/live/resizing.ts";
import { standingIn, type Standing } from "../../src/live/standing.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Change } from "../../src/live/page.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { stepTo } from "../../src/live/walk.ts";
import type { Results, ViewState } from "../../src/view.ts";
import { isValue } from "./columns.ts";
import { draw, whisker, type Drawn, type Shown } from "./drawing.ts";
import type { Dot } from "./layout.ts";
import { domainOf } from "./layout.ts";
import { compareMarkup } from "./lists.ts";
import type { Metric } from "./metrics.ts";
import { MOST_COLUMNS, type Layout, type List, type Options } from "./options.ts";
import { groupedOf, isOf } from "./query.ts";
import { MOST_PICKED, readState, valuesOf, writeState, type FairState, type Key } from "./state.ts";
import {
  describe,
  emptyMarkup,
  frameOf,
  inWords,
  keyMarkup,
  listsMarkup,
  ofOptions,
  readShown,
  sentence,
} from "./view.ts";
import { say } from "../../src/words.ts";

const KEYS = say(
  "Arrow keys walk from group to group, Enter keeps its rows, Shift and Enter adds them, P pins it for comparison, Escape lets go.",
);

class LiveFairVis implements LiveView {
  private readonly options: Options;
  private state: FairState;
  private results: Results | null = null;
  private shown: Shown | null = null;
  private drawn: Drawn | null = null;
  private width = 0;
  /** How the page showed the drawing of the build: the live one of the same layout is as high at that width. */
  private still: { standing: Standing | null; layout: Layout } | null = null;
  private readonly tooltip: Tooltip;
  /** The dot that keys have reached. */
  private at: Key | null = null;
  private isClauseDue = false;
  /** What the list of classes and means was written with. */
  private optionsOf = "";

  constructor(private readonly host: Host) {
    this.options = host.options as Options;
    this.state = readState(this.options, null, host.context);
    this.tooltip = new Tooltip(host.body);
    const { body } = host;
    body.addEventListener("click", (event) => this.clicked(event));
    body.addEventListener("change", (event) => this.changed(event.target as HTMLElement));
    body.addEventListener("pointermove", (event) => this.point(event));
    body.addEventListener("pointerout", (event) => this.leave(event));
    body.addEventListener("keydown", (event) => this.pressed(event));
    onThemeChange(() => this.paint(), host.signal);
    onResize(body, () => this.plots && sizeOf(this.plots).width !== this.width && this.paint(), host.signal);
  }

  private part<E extends HTMLElement = HTMLElement>(name: string): E {
    return this.host.body.querySelector<E>(`.fairvis-${name}`)!;
  }

  private get plots(): HTMLElement | null {
    return this.host.body.querySelector<HTMLElement>(".fairvis-plots");
  }

  draw(results: Results): void {
    this.results = results;
    const by = groupedOf(this.options, results, this.state);
    // Answers that are still of other columns are followed by those that are wanted.
    if (!isOf(results["cells"], by)) return;
    if (this.isClauseDue) this.host.select(this.clause());
    this.isClauseDue = false;
    this.paint();
  }

  foresee(results: Results, written: ViewState): void {
    const read = readState(this.options, written, this.host.context);
    if (hasClause(read)) this.host.select(this.clause(read, results));
  }

  restore(written: ViewState | null): void {
    const before = this.state;
    this.state = readState(this.options, written, this.host.context);
    const isOther = names(before) !== names(this.state);
    const hadClause = hasClause(before) || hasClause(this.state);
    // Where ranges begin is known with the answers.
    if (hadClause && this.results) this.host.select(this.clause());
    else this.isClauseDue = hasClause(this.state);
    if (isOther) this.host.requery();
    else if (this.shown) this.paint();
  }

  private paint(): void {
    const { results, host, options, state } = this;
    if (!results || !this.plots || !isOf(results["cells"], groupedOf(options, results, state))) return;
    const shown = readShown(options, results, state, host.context);
    this.shown = shown;
    this.width = sizeOf(this.plots).width;
    const focused = focusOf(host.body);
    this.paintPlot(shown);
    this.part("say").innerHTML = sentence(shown).text;
    this.part("key").innerHTML = keyMarkup(shown).text;
    this.part("compare").innerHTML = compareMarkup(shown).text;
    this.part("lists").innerHTML = listsMarkup(options, shown, results).text;
    this.showControls();
    focused(host.body);
    host.figure.querySelector(":scope > .view-description")?.replaceChildren(describe(shown));
    updateFrame(host.figure, frameOf(options, shown));
  }

  private paintPlot(shown: Shown): void {
    const { plots, at } = this;
    const said = plots!.querySelector(".fairvis-said")?.textContent ?? "";
    if (shown.groups.length === 0) {
      plots!.innerHTML = emptyMarkup(shown, this.host.context).text;
      this.drawn = null;
      return;
    }
    this.drawn = draw(shown, Math.max(240, this.width), this.height());
    plots!.innerHTML = html`<div
        class="fairvis-plot"
        tabindex="0"
        role="application"
        aria-roledescription="${say("chart")}"
      >
        ${this.drawn.markup}
      </div>
      <p class="visually-hidden fairvis-said" role="status">${said}</p>`.text;
    const plot = plots!.querySelector<HTMLElement>(".fairvis-plot")!;
    plot.setAttribute("aria-label", `${describe(shown)} ${KEYS}`);
    if (at !== null) this.mark(this.dotOf(at), true);
  }

  private height(): number | null {
    const { layout } = this.state;
    // What stands there is the author's layout; a link may ask for the other one at once.
    this.still ??= { standing: standingIn(this.plots!, this.width), layout: this.options.layout };
    const { standing } = this.still;
    const isSame = standing?.width === this.width && this.still.layout === layout;
    return isSame ? standing.height : this.host.context.request.height;
  }

  private showControls(): void {
    const { body } = this.host;
    const { by, metric, minimum, layout } = this.state;
    const chosen = by.map((column) => column.name);
    for (const box of body.querySelectorAll<HTMLInputElement>("input[name=by]")) {
      box.checked = chosen.includes(box.value);
      box.disabled = box.checked ? chosen.length === 1 : chosen.length >= MOST_COLUMNS;
    }
    body.querySelector<HTMLSelectElement>("select[name=metric]")!.value = metric;
    this.showOf(body.querySelector<HTMLSelectElement>("select[name=of]")!);
    body.querySelector<HTMLInputElement>("input[name=minimum]")!.value = String(minimum);
    for (const button of body.querySelectorAll<HTMLElement>("[data-layout]"))
      button.setAttribute("aria-pressed", String(button.dataset["layout"] === layout));
  }

  /** The classes are hardly ever others, and there may be many. */
  private showOf(select: HTMLSelectElement): void {
    const { text } = ofOptions(this.state, this.shown?.classes ?? []);
    if (this.optionsOf !== text) select.innerHTML = text;
    this.optionsOf = text;
    select.value = this.state.of;
  }

  /* What the reader does */

  private change(changed: Partial<FairState>, kind: Change = "commit"): void {
    const before = this.state;
    this.state = { ...this.state, ...changed };
    const written = writeState(this.options, this.state);
    const isKept = hasClause(before) || hasClause(this.state);
    const clause = isKept && this.results ? this.clause() : null;
    this.host.publish(Object.keys(written).length ? written : null, clause, kind);
    if (names(before) !== names(this.state)) this.host.requery();
    else this.paint();
  }

  private clause(state = this.state, results = this.results!): SelectionClause {
    const { host } = this;
    const predicate = this.predicate(state, results);
    const value = predicate ? JSON.stringify([names(state), state.groups, state.expression]) : null;
    return { source: host.source, clients: host.clients(), fields: [], value, predicate };
  }

  private predicate(state: FairState, results: Results): ExprNode | null {
    const { host, options } = this;
    if (state.expression) return translateFilter(state.expression, asRelation(host.context.table));
    if (state.groups.length === 0) return null;
    const by = groupedOf(options, results, state);
    const of = (key: Key): ExprNode => {
      const values = valuesOf(key);
      const isAnswered = [options.label, options.prediction].map(
        (column) => sql`${columnRef(column.name)} IS NOT NULL`,
      );
      return and(...by.map((grouped, at) => isValue(grouped, values[at])), ...isAnswered);
    };
    return or(...state.groups.map(of));
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const button = target.closest<HTMLElement>("button");
    if (button) this.act(button, event.shiftKey);
    else if (target.closest(".fairvis-plot")) this.pick(event);
  }

  private act(button: HTMLElement, isAdding: boolean): void {
    const { layout, action, keys, expression } = button.dataset;
    if (layout) this.change({ layout: layout as Layout });
    if (action === "unpin") this.change({ pins: [] });
    if (action === "more") this.open(button.closest<HTMLElement>(".fairvis-list")!.dataset["list"] as List);
    if (keys === undefined) return;
    if (expression)
      this.change({ groups: [], expression: this.state.expression === expression ? "" : expression });
    else this.keep(keys.split("\n"), isAdding);
  }

  private open(list: List): void {
    this.change({ opened: [...this.state.opened, list] });
    // The button is gone; what it opened has the focus.
    this.host.body.querySelector<HTMLElement>(`[data-list=${list}] .fairvis-scroll`)?.focus();
  }

  private changed(target: HTMLElement): void {
    const { value, name } = target as HTMLInputElement | HTMLSelectElement;
    if (name === "metric") this.change({ metric: value as Metric });
    if (name === "of") this.change({ of: value });
    if (name === "by") this.regroup();
    if (name === "minimum") this.limit(target as HTMLInputElement);
    if (name === "pin") this.choose(Number(target.dataset["index"]), value);
  }

  /** Groups of other columns are other groups: what was kept and pinned is let go. */
  private regroup(): void {
    const boxes = [...this.host.body.querySelectorAll<HTMLInputElement>("input[name=by]:checked")];
    const chosen = boxes.map((box) => box.value).slice(0, MOST_COLUMNS);
    const kept = this.state.by.filter((column) => chosen.includes(column.name));
    const added = this.options.choices.filter(
      ({ name }) => chosen.includes(name) && !kept.some((each) => each.name === name),
    );
    if (chosen.length === 0) return this.showControls();
    this.at = null;
    this.change({ by: [...kept, ...added], groups: [], pins: [] });
  }

  private limit(input: HTMLInputElement): void {
    const minimum = Math.round(input.valueAsNumber);
    if (minimum >= 1 && minimum <= 1_000_000) this.change({ minimum });
    else this.showControls();
  }

  private choose(index: number, key: string): void {
    const pins = [...this.state.pins];
    if (key === "") pins.splice(index, 1);
    else pins[Math.min(index, pins.length)] = key;
    this.change({ pins: [...new Set(pins)] });
  }

  private pin(key: Key): void {
    const { pins } = this.state;
    const next = pins.includes(key) ? pins.filter((each) => each !== key) : [...pins.slice(-1), key];
    this.change({ pins: next });
    const word = next.includes(key) ? say("pinned") : say("no longer pinned");
    this.say(`${this.dotOf(key)?.group.words ?? say("group")} ${word}`);
  }

  private pick(event: MouseEvent): void {
    const dot = this.dotAt(event);
    if (dot && event.altKey) this.pin(dot.group.key);
    else if (dot) this.keep([dot.group.key], event.shiftKey);
    else if (hasClause(this.state)) this.change({ groups: [], expression: "" });
  }

  /** One click keeps the rows of groups, or lets go of them; with a key it adds or removes. */
  private keep(keys: readonly Key[], isAdding: boolean): void {
    const { groups } = this.state;
    const isSame = groups.length === keys.length && keys.every((key) => groups.includes(key));
    const without = groups.filter((key) => !keys.includes(key));
    const isRemoving = isAdding && keys.every((key) => groups.includes(key));
    const next = isAdding ? (isRemoving ? without : [...without, ...keys]) : isSame ? [] : keys;
    this.change({ groups: next.slice(-MOST_PICKED), expression: "" });
  }

  /* Dots */

  private dotOf(key: Key): Dot | undefined {
    return this.drawn?.dots.find((dot) => dot.group.key === key);
  }

  /** The dot at the pointer, or the nearest within reach of a finger. */
  private dotAt(event: MouseEvent): Dot | null {
    const svg = this.plots?.querySelector(".fairvis-chart");
    if (!svg || !this.drawn) return null;
    const box = svg.getBoundingClientRect();
    const scale = this.drawn.frame.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    const away = (dot: Dot): number => Math.max(0, Math.hypot(dot.x - x, dot.y - y) - dot.r);
    const nearest = [...this.drawn.dots].sort((a, b) => away(a) - away(b) || a.r - b.r)[0];
    return nearest && away(nearest) <= 8 ? nearest : null;
  }

  private point(event: PointerEvent): void {
    if (!this.shown || !(event.target as Element).closest(".fairvis-plot")) return;
    const dot = this.dotAt(event);
    this.mark(dot ?? undefined, false);
    if (!dot) return this.tooltip.hide();
    const hint = { name: "", value: say("Click keeps its rows, Alt-click pins it") };
    this.tooltip.show(event, [...inWords(this.shown, dot.group), hint]);
  }

  private leave(event: PointerEvent): void {
    const to = event.relatedTarget as Element | null;
    if (to?.closest(".fairvis-plot") === this.plots?.querySelector(".fairvis-plot")) return;
    this.mark(undefined, false);
    this.tooltip.hide();
  }

  /** The interval of the dot under the pointer, and a ring around the one that keys have reached. */
  private mark(dot: Dot | undefined, isRinged: boolean): void {
    const svg = this.plots?.querySelector(".fairvis-chart");
    svg?.querySelector(".fairvis-hover")?.remove();
    if (!svg || !dot || !this.drawn || !this.shown) return;
    const { frame } = this.drawn;
    const domain = domainOf(this.shown.span);
    const x = (value: number): number =>
      frame.left + ((value - domain[0]) / (domain[1] - domain[0])) * (frame.right - frame.left);
    const ring = isRinged
      ? html`<circle class="fairvis-ring" cx="${dot.x}" cy="${dot.y}" r="${dot.r + 3}" />`
      : "";
    const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
    group.setAttribute("class", "fairvis-hover");
    group.innerHTML = html`${whisker(dot, x, frame)}${ring}`.text;
    svg.append(group);
  }

  /* Keys */

  private pressed(event: KeyboardEvent): void {
    const plot = event.target as HTMLElement;
    if (!plot.matches(".fairvis-plot") || !this.shown || !this.drawn) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (this.command(event)) return event.preventDefault();
    const drawn = new Set(this.drawn.dots.map((dot) => dot.group.key));
    const groups = this.shown.groups.filter(({ key }) => drawn.has(key));
    const from = groups.findIndex(({ key }) => key === this.at);
    const to = groups.length ? stepTo(event.key, from, groups.length) : null;
    if (to === null) return;
    event.preventDefault();
    this.reach(groups[to]!.key, to, groups.length, plot);
  }

  private command({ key, shiftKey }: KeyboardEvent): boolean {
    if (key === "Escape" && hasClause(this.state)) {
      this.change({ groups: [], expression: "" });
      return true;
    }
    if (this.at === null || !["Enter", " ", "p", "P"].includes(key)) return false;
    if (key.toLowerCase() === "p") this.pin(this.at);
    else this.keep([this.at], shiftKey);
    return true;
  }

  private reach(key: Key, at: number, all: number, plot: HTMLElement): void {
    this.at = key;
    const dot = this.dotOf(key)!;
    this.mark(dot, true);
    const lines = inWords(this.shown!, dot.group);
    const said = lines.map(({ name, value }) => `${name} ${value}`).join(", ");
    this.say(`${said}; ${say("{n} of {total}", { n: at + 1, total: all })}`);
    const box = plot.querySelector("svg")!.getBoundingClientRect();
    const scale = box.width / this.drawn!.frame.width;
    const [clientX, clientY] = [box.left + dot.x * scale, box.top + dot.y * scale];
    this.tooltip.show(new PointerEvent("pointermove", { clientX, clientY }), lines);
  }

  private say(text: string): void {
    const said = this.plots?.querySelector(".fairvis-said");
    if (said) said.textContent = text;
  }
}

const names = ({ by }: FairState): string => JSON.stringify(by.map((column) => column.name));

const hasClause = ({ groups, expression }: FairState): boolean => groups.length > 0 || expression !== "";

/** What is drawn anew loses the focus: this remembers which part had it, and gives it back. */
function focusOf(body: HTMLElement): (body: HTMLElement) => void {
  const active = document.activeElement as HTMLElement | null;
  if (!active || !body.contains(active)) return () => undefined;
  const { keys, expression, index, action } = active.dataset;
  const is = (other: HTMLElement): boolean =>
    other.dataset["keys"] === keys &&
    other.dataset["expression"] === expression &&
    other.dataset["index"] === index &&
    other.dataset["action"] === action;
  const isPlot = active.matches(".fairvis-plot");
  return (within) => {
    if (within.contains(active)) return;
    const found = isPlot
      ? within.querySelector<HTMLElement>(".fairvis-plot")
      : [...within.querySelectorAll<HTMLElement>("button, select")].find(
          (each) => each.tagName === active.tagName && is(each),
        );
    found?.focus({ preventScroll: true });
  };
}

export const live: LiveFactory = (host) => new LiveFairVis(host);
