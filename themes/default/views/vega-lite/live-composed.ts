/**
 * The live half of a composition: one Vega view of all its plots. What is selected in one of them becomes a clause for
 * the page's other views, and part of the questions that the chart's own plots ask.
 */
import { changeset, type View } from "vega";
import type { SelectionClause } from "@uwdata/mosaic-core";
import { updateFrame } from "../../src/live/mount.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { onThemeChange, resolveVariable } from "../../src/live/colours.ts";
import { Gesture } from "../../src/live/gesture.ts";
import { onResize } from "../../src/live/resizing.ts";
import { captureDrags } from "../../src/live/drags.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { marksOf, Walker, type Scene, type Walked } from "../../src/live/walk.ts";
import type { Results, ViewState } from "../../src/view.ts";
import { isObject } from "../../src/vega/channels.ts";
import {
  answered,
  arrangedAt,
  sourcesOf,
  unfiltered,
  type Answered,
  type Row,
} from "../../src/vega/composed/chart.ts";
import type { Source } from "../../src/vega/composed/data.ts";
import { copied, fitted, viewOf, type Place } from "../../src/vega/composed/draw.ts";
import { pointFields, selectedRows } from "../../src/vega/composed/expressions.ts";
import { WHOLE } from "../../src/vega/composed/keys.ts";
import { FILTERED } from "../../src/vega/composed/marks.ts";
import { isBlank } from "../../src/vega/composed/missing.ts";
import {
  NOTHING,
  plainValue,
  selectedOf,
  writeState,
  type ChartState,
  type Part,
  type Selected,
} from "../../src/vega/composed/state.ts";
import { encodingsOf, isRange, pointOf, rangeOf } from "../../src/vega/composed/targets.ts";
import { MOST_ELEMENTS, outerSize } from "../../src/vega/draw.ts";
import { fromLabel } from "../../src/vega/labels.ts";
import { pointClause } from "../../src/vega/clause.ts";
import { chosenWith } from "../../src/vega/selects.ts";
import { CANVAS } from "../../src/live/canvas.ts";
import { canvasVega } from "../../src/vega/theme.ts";
import { frame, stateOf, type Options } from "./composed.ts";
import { tooltipRows, tooltipsOf, type Tooltips } from "./composed-tooltip.ts";
import { titleIn } from "./names.ts";
import { standingIn, type Standing } from "../../src/live/standing.ts";

/** The narrowest chart that is drawn, in px. */
const NARROWEST = 200;

class LiveComposed implements LiveView {
  private readonly host: Host;
  private readonly options: Options;
  private view: View | null = null;
  private found: Answered | null = null;
  private state: ChartState = NOTHING;
  private readonly tooltip: Tooltip;
  private readonly tooltips: Tooltips;
  private readonly walker: Walker;
  private drawnWidth = 0;
  /** What the page showed before: at that width the live drawing is as high. */
  private still: Standing | null = null;
  /** Counts the drawings that were begun: one that another overtook is not shown. */
  private generation = 0;
  private building: Promise<void> = Promise.resolve();
  private readonly gesture = new Gesture<ChartState>(NOTHING, () => this.commit());
  /** Whether the plots' own questions are on their way, and whether they ask for less than is selected by now. */
  private isAsking = false;
  private isOutdated = false;
  /** Whether a variable changed since the plots were fitted to their numbers. */
  private isUnfit = false;

  constructor(host: Host) {
    this.host = host;
    this.options = host.options as Options;
    this.tooltip = new Tooltip(host.body);
    this.tooltips = tooltipsOf(this.options.composed);
    this.walker = this.walkerOf(host);
    const { body, signal } = host;
    onThemeChange(() => void this.rebuild(), signal);
    onResize(body, () => void this.resized(), signal);
    addEventListener("pointerup", (event) => this.lift(event.pointerId), { signal });
    addEventListener("pointercancel", (event) => this.cancel(event), { signal });
    signal.addEventListener("abort", () => this.dispose());
    body.addEventListener("pointerdown", ({ pointerId }) => this.gesture.press(pointerId, this.state), {
      capture: true,
    });
    // The list of a select input takes the pointer's end for itself.
    body.addEventListener("change", () => this.gesture.isHeld && this.lift());
  }

  private dispose(): void {
    this.generation++;
    this.gesture.settle();
    this.tooltip.hide();
    this.view?.finalize();
    this.view = null;
  }

  async draw(results: Results): Promise<void> {
    const isFirst = this.found === null;
    this.isAsking = false;
    if (this.isOutdated) this.ask();
    this.found = answered(this.options.composed, results, this.state, this.host.context.group?.peers);
    if (isFirst) this.applyClauses();
    if (this.view) await this.update(this.view);
    else await this.rebuild();
    await this.refit();
    updateFrame(this.host.figure, frame(this.found, this.host.context));
  }

  foresee(results: Results, written: ViewState): void {
    const state = stateOf(this.options, written);
    const sources = sourcesOf(this.options.composed, results, state);
    for (const name of this.options.composed.params.filtering)
      if (state.selected[name]) this.tell(name, state, sources);
  }

  restore(state: ViewState | null): void {
    this.gesture.settle();
    this.state = stateOf(this.options, state);
    if (!this.found) return;
    this.isUnfit = this.options.composed.params.variables.size > 0;
    this.applyClauses();
    this.ask();
    void this.rebuild();
  }

  private async resized(): Promise<void> {
    if (this.view && Math.abs(this.width() - this.drawnWidth) >= 1) await this.rebuild();
  }

  private width(): number {
    return Math.max(NARROWEST, Math.floor(this.host.body.clientWidth));
  }

  private place(): Place {
    const { height } = this.host.context.request;
    this.still ??= standingIn(this.host.body, this.drawnWidth);
    return {
      width: this.drawnWidth,
      height,
      still: this.still?.width === this.drawnWidth ? this.still : null,
    };
  }

  /** Who waits for a drawing that another one overtakes waits for that one. */
  private async rebuild(): Promise<void> {
    let awaited = (this.building = this.build());
    await awaited;
    while (awaited !== this.building) await (awaited = this.building);
  }

  /**
   * A variable reaches the whole, so that axes have other numbers and take other room: at rest they get it, as they do
   * where the link is opened.
   */
  private async refit(): Promise<void> {
    if (!this.isUnfit || this.isAsking || this.gesture.isOpen || this.gesture.isHeld) return;
    this.isUnfit = false;
    await this.rebuild();
  }

  /** Draws anew beside the old drawing and swaps, so that nothing blinks. */
  private async build(): Promise<void> {
    const { found, state } = this;
    const generation = ++this.generation;
    if (!found || found.total === 0 || isBlank(found)) return;
    this.drawnWidth = this.width();
    const place = this.place();
    const holder = document.createElement("div");
    holder.className = "chart-live";
    const inputs = document.createElement("div");
    inputs.className = "chart-inputs";
    const view = await this.laidOut(holder, inputs, found, place);
    if (generation !== this.generation) return void view.finalize();
    fit(holder, view, place);
    // What came meanwhile, answers and values of inputs, went to the old drawing.
    const isOvertaken = this.found !== found || this.state.values !== state.values;
    if (isOvertaken) for (const [name, value] of Object.entries(this.state.values)) view.signal(name, value);
    this.show(view, holder, inputs);
    if (isOvertaken) await this.update(view);
  }

  /**
   * A view of these answers. Where its axes and legends stand is decided once, and from all rows: the filter of a link
   * leaves them where others have them.
   */
  private async laidOut(
    holder: HTMLElement,
    inputs: HTMLElement,
    found: Answered,
    place: Place,
  ): Promise<View> {
    const view = this.viewIn(holder, inputs, found.isFiltered ? unfiltered(found) : found, place);
    await view.runAsync();
    if (found.isFiltered) await this.update(view, found);
    return view;
  }

  private viewIn(holder: HTMLElement, inputs: HTMLElement, found: Answered, place: Place): View {
    const { vega } = arrangedAt(found, fitted(found, place, this.state), this.state);
    const isCanvas = isLarge(found);
    return viewOf(isCanvas ? canvasVega(vega, resolveVariable) : vega, found, {
      renderer: isCanvas ? CANVAS : "svg",
      container: holder,
      bind: inputs,
      hover: true,
      tooltip: (_handler: unknown, event: PointerEvent, item: { datum?: unknown } | null, value: unknown) =>
        this.tooltip.show(event, tooltipRows(this.tooltips, value, item?.datum)),
    });
  }

  /** Takes the place of the old drawing, and of its focus. */
  private show(view: View, holder: HTMLElement, inputs: HTMLElement): void {
    this.view?.finalize();
    this.view = view;
    const isFocused = this.host.body.querySelector(".chart-live") === document.activeElement;
    const refocus = focusIn(this.host.body);
    this.host.body.replaceChildren(...(inputs.childElementCount ? [inputs] : []), holder);
    refocus(inputs);
    this.listen(view);
    this.walker.attach(view);
    if (isFocused) holder.focus({ preventScroll: true });
  }

  private async update(view: View, { data, isFiltered } = this.found!): Promise<void> {
    // Variables reach the whole as well; without any it stays as it is.
    const isWhole = this.options.composed.params.variables.size > 0;
    view.signal(FILTERED, isFiltered && this.host.showsWhole());
    for (const [name, listed] of data) {
      const outdated = (row: Row): boolean => isWhole || !(Number(row[WHOLE]) > 0);
      const changed = listed.filter(outdated);
      view.change(
        name,
        changeset()
          .remove(outdated as never)
          .insert(copied(changed)),
      );
    }
    await view.runAsync();
  }

  private listen(view: View): void {
    const { params } = this.options.composed;
    for (const name of params.filtering)
      view.addDataListener(`${name}_store`, (_, tuples) => this.selected(name, tuples));
    for (const name of params.variables.keys())
      view.addSignalListener(name, (_, value) => this.set(name, value));
    captureDrags(view.container()!.querySelector("svg, canvas")!);
    view.addEventListener("pointerout", () => this.tooltip.hide());
    // Between two clicks a mark may be drawn anew, and the browser then tells of no double one.
    view.container()!.addEventListener("click", ({ detail }) => {
      if (detail === 2) void view.runAsync().then(() => this.release(this.options.composed.params.cleared));
    });
  }

  /** The selection's parts as the chart's store holds them. */
  private selected(name: string, tuples: unknown): void {
    const views = this.options.composed.params.selectable.get(name)!;
    const parts = (Array.isArray(tuples) ? tuples.filter(isObject) : []).map((tuple): Part => {
      const of = Math.max(
        0,
        views.findIndex((fields) => sameFields(fields, tuple["fields"])),
      );
      const values = (tuple["values"] as unknown[]).map((value) => labels(plainValue(value)));
      return { ...(of ? { of } : {}), values };
    });
    const isDrag = views.some((fields) => fields.some(({ type }) => type === "R"));
    if (!this.take(name, parts, isDrag ? "drag" : "commit")) return;
    if (isDrag) this.gesture.go();
    else this.gesture.settle();
  }

  /** Takes on what is selected now; false where it was before. */
  private take(name: string, parts: readonly Part[], change: "drag" | "commit"): boolean {
    const { [name]: before, ...others } = this.state.selected;
    if (JSON.stringify(before ?? []) === JSON.stringify(parts)) return false;
    this.state = { ...this.state, selected: parts.length ? { ...others, [name]: parts } : others };
    this.publish(change);
    this.applyClause(name);
    return true;
  }

  private walkerOf({ context }: Host): Walker {
    const { targets } = this.options.composed.params;
    const of = context.group ? `, ${context.group.label}` : "";
    const ranges = [...targets].filter(([, target]) => isRange(target)).map(([name]) => name);
    return new Walker(
      {
        describe: ({ tooltip, datum }) => tooltipRows(this.tooltips, tooltip, datum),
        select: (marks, keep) => this.choose(marks, keep),
        label: `${titleIn(context)}${of}`,
        isRange: (mark) => (mark ? ranges.includes(mark.name) : ranges.length > 0),
        names: new Set(targets.keys()),
      },
      this.tooltip,
    );
  }

  /** What the keyboard selects, as if it were dragged or clicked: in the plot of the mark that it came to last. */
  private choose(marks: readonly Walked[], keep: boolean): void {
    const last = marks.at(-1);
    if (!last) return this.release(this.options.composed.params.filtering);
    const target = this.options.composed.params.targets.get(last.name);
    if (!target) return;
    const rows = marks.filter(({ name }) => name === last.name).map(({ datum }) => datum);
    const before = this.state.selected[target.name] ?? [];
    const points = (): readonly Part[] =>
      chosenWith(
        before,
        rows.map((row) => pointOf(target, row)),
        keep,
      );
    const parts = isRange(target) ? this.rangeOf(last.name, rows) : points();
    if (this.take(target.name, parts, "commit")) void this.rebuild();
  }

  private rangeOf(name: string, rows: readonly Row[]): Part[] {
    const { params, compiled } = this.options.composed;
    const { root } = this.view!.scenegraph() as unknown as { root: Scene };
    const drawn = marksOf(root, new Set([name])).filter((mark) => mark.name === name);
    // Rows of the whole are among the data also where they are not drawn: the last bar stays the last under a filter.
    const all = [...drawn.map(({ datum }) => datum), ...[...this.found!.data.values()].flat()];
    const range = rangeOf(params.targets.get(name)!, rows, all, encodingsOf(compiled).get(name) ?? {});
    return range ? [range] : [];
  }

  /** Lets go of what is selected in the chart. */
  private release(of: readonly string[]): void {
    const names = of.filter((name) => name in this.state.selected);
    for (const name of names) this.take(name, [], "commit");
    if (names.length) void this.rebuild();
  }

  private set(name: string, value: unknown): void {
    if (this.state.values[name] === value) return;
    this.state = { ...this.state, values: { ...this.state.values, [name]: value } };
    this.isUnfit = true;
    this.publish("drag");
    this.gesture.go();
  }

  /** Into the link, and into what the chart's own plots ask. */
  private publish(change: "drag" | "commit"): void {
    this.host.publish(writeState(this.state), null, change);
    this.ask();
  }

  /** One question at a time: while a drag is faster than the answers, the newest is asked next. */
  private ask(): void {
    this.isOutdated = this.isAsking;
    if (this.isAsking || this.host.clients().size === 0) return;
    this.isAsking = true;
    this.host.requery();
  }

  private lift(pointer?: number): void {
    if (this.gesture.lift(pointer)) this.gesture.end();
  }

  /** What has changed becomes a step in the browser's history. */
  private commit(): void {
    this.host.publish(writeState(this.state), null, "commit");
    void this.refit();
  }

  private cancel({ pointerId }: PointerEvent): void {
    if (!this.gesture.cancel(pointerId)) return;
    this.restore(writeState(this.gesture.before));
    this.host.publish(writeState(this.state), null, "commit");
  }

  /** What came from the link, or from another drawing of this view. */
  private applyClauses(): void {
    for (const name of this.options.composed.params.filtering)
      this.tell(name, this.state, this.found!.sources);
  }

  private tell(name: string, state: ChartState, sources: readonly Source[]): void {
    const made = this.clauseOf(name, state, sources);
    if (made) this.host.select(made.clause, made.relation);
  }

  /** Tells the other views of the table that the selection was made in. */
  private applyClause(name: string): void {
    const made = this.clauseOf(name, this.state, this.found?.sources ?? []);
    if (made) this.host.page.select(made.relation, made.clause);
  }

  private clauseOf(
    name: string,
    state: ChartState,
    sources: readonly Source[],
  ): { clause: SelectionClause; relation: string } | null {
    const { selectable } = this.options.composed.params;
    const fields = new Set((selectable.get(name) ?? []).flat().map(({ field }) => field));
    const source = sources.find(({ origins }) => [...fields].every((field) => origins.has(field)));
    if (!source) return null;
    const selected = selectedOf(name, state, selectable);
    return { clause: this.clause(name, selected, source), relation: source.table.relation };
  }

  private clause(name: string, selected: Selected, { origins }: Source): SelectionClause {
    const origin = { source: this.host.sourceOf(name), clients: this.host.clients() };
    if (selected.length === 0) return { ...origin, fields: [], value: null, predicate: null };
    const fields = pointFields(selected, origins);
    if (fields)
      return pointClause(
        fields,
        selected.map(({ values }) => values),
        origin,
      );
    return { ...origin, fields: [], value: selected, predicate: selectedRows(selected, origins) };
  }
}

/** Whether some plot has more marks than a page holds as elements: its rows, and the whole behind them. */
function isLarge({ data }: Answered): boolean {
  return [...data.values()].some((rows) => rows.length > 2 * MOST_ELEMENTS);
}

/** Plots that cannot be made narrower scroll; they take whole pixels, so that a few of the height may be left over. */
function fit(holder: HTMLElement, view: View, { width, still }: Place): void {
  holder.classList.toggle("scrolls", outerSize(view).width > width);
  if (still) holder.style.minHeight = `${still.height}px`;
}

/** Remembers which input has the focus, and where in its text; gives the focus to the same one of others. */
function focusIn(body: Element): (inputs: Element) => void {
  const listed = (root: Element): Element[] => [...root.querySelectorAll("input, select, textarea")];
  const focused = body.querySelector(":focus");
  const at = focused ? listed(body).indexOf(focused) : -1;
  const { selectionStart, selectionEnd } = (focused ?? {}) as Partial<HTMLInputElement>;
  return (inputs) => {
    const input = listed(inputs)[at] as HTMLInputElement | undefined;
    input?.focus({ preventScroll: true });
    if (typeof selectionStart === "number") input?.setSelectionRange(selectionStart, selectionEnd!);
  };
}

function sameFields(fields: readonly { field: string }[], others: unknown): boolean {
  const names = Array.isArray(others) ? others.filter(isObject).map(({ field }) => field) : [];
  return fields.length === names.length && fields.every(({ field }, at) => field === names[at]);
}

function labels(value: unknown): unknown {
  return Array.isArray(value) ? value.map(fromLabel) : fromLabel(value);
}

export const liveComposed: LiveFactory = (host) => new LiveComposed(host);
