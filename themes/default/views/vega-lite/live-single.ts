/**
 * The live half of a chart: one Vega view that keeps its scales while its two data sets change, a brush or picks that
 * become clauses, and a tooltip. Bigger charts are drawn on canvas, with the colours of the theme that is on.
 */
import { changeset, truthy, View, type Item } from "vega";
import { above, rangeOfBars, type Range } from "../../src/ranges.ts";
import { expressions } from "../../src/vega/evaluate.ts";
import type { SelectionClause } from "@uwdata/mosaic-core";
import type { ExprNode } from "@uwdata/mosaic-sql";
import { updateFrame } from "../../src/live/mount.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { onThemeChange, resolveVariable } from "../../src/live/colours.ts";
import { Gesture } from "../../src/live/gesture.ts";
import { onResize } from "../../src/live/resizing.ts";
import { captureDrags } from "../../src/live/drags.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import { Walker, type Walked } from "../../src/live/walk.ts";
import {
  fieldsOf,
  intervalClause,
  pointClause,
  pointFields,
  snap,
  type Interval,
  type PixelScale,
  type PointField,
} from "../../src/vega/clause.ts";
import { changesTo } from "../../src/vega/changes.ts";
import { CANVAS } from "../../src/live/canvas.ts";
import { canvasColours } from "../../src/vega/theme.ts";
import { MOST_ELEMENTS, noLoader, runtimeOf, withRows } from "../../src/vega/draw.ts";
import { fromLabel, toLabel } from "../../src/vega/labels.ts";
import { walkedLayers } from "../../src/vega/intervals.ts";
import { hasWhole, type Row } from "../../src/vega/compose.ts";
import { chosenWith } from "../../src/vega/selects.ts";
import type { Results, ViewState } from "../../src/view.ts";
import {
  dataTable,
  hasMarks,
  notices,
  prepare,
  prepareBase,
  readState,
  specAt,
  type Base,
  type ChartState,
  type Options,
  type Prepared,
} from "./single.ts";
import { titleIn } from "./names.ts";
import { standingIn, type Standing } from "../../src/live/standing.ts";
import { tooltipRows } from "./tooltip.ts";

/** The narrowest chart that is drawn, in px. */
const NARROWEST = 200;

/** A brush that is narrower is drawn wider, to each side of its middle, in px: that of a single point would not be seen. */
const NEAR = 3;

/** A drawing beside the page, and the rows it shows. */
interface Built {
  view: View;
  holder: HTMLElement;
  drawn: Row[];
  rows: string;
}

class LiveChart implements LiveView {
  private readonly host: Host;
  private readonly options: Options;
  private base: Base | null = null;
  private fields: ExprNode[] = [];
  private prepared: Prepared | null = null;
  private view: View | null = null;
  /** A drawing that stands ready before the page is live. */
  private ready: Built | null = null;
  /** The rows that the view draws as passing; Vega's own. */
  private drawn: Row[] = [];
  /** What tells two drawn rows apart; raw rows are not. */
  private readonly keys: readonly string[] | null;
  private state: ChartState = {};
  /** How often what is selected is being drawn right now: that is not taken for the reader's doing. */
  private silent = 0;
  private readonly gesture = new Gesture<ChartState>({}, () => this.commit());
  /** Where the pointer went down. */
  private pressed: readonly [number, number] = [0, 0];
  private drawnWidth = 0;
  /** The size at which the page showed the drawing of the build: at that width the live one is as high. */
  private still: Standing | null = null;
  private shownWhole = false;
  private readonly tooltip: Tooltip;
  private readonly walker: Walker;

  constructor(host: Host) {
    this.host = host;
    this.options = host.options as Options;
    const { raw, dimensions } = this.options.chart;
    this.keys = raw ? null : dimensions.map((channel) => channel.field);
    this.tooltip = new Tooltip(host.body);
    this.walker = this.walkerOf(host);
    const { signal } = host;
    onThemeChange(() => void this.rebuild(), signal);
    onResize(host.body, () => void this.resized(), signal);
    addEventListener("pointerup", (event) => this.lift(event), { signal });
    addEventListener("pointercancel", (event) => this.cancel(event), { signal });
    signal.addEventListener("abort", () => this.dispose());
    host.body.addEventListener("pointerdown", (event) => this.press(event), { capture: true });
    host.body.addEventListener("pointerenter", () => this.announce());
  }

  private dispose(): void {
    this.gesture.settle();
    this.view?.finalize();
  }

  async draw(results: Results): Promise<void> {
    if (!this.base) {
      this.base = this.readBase(results);
      if (this.state.interval || this.state.points) this.applyClause();
    }
    this.prepared = prepare(this.options, results, this.base);
    if (this.view) await this.update();
    else await this.first();
    this.frame();
  }

  private readBase(results: Results): Base {
    const base = prepareBase(this.options, results, this.host.context);
    this.fields = fieldsOf(this.options.chart, base.domains);
    return base;
  }

  /** Where ranges and values lie is known with what no filter changes. */
  foresee(results: Results, state: ViewState): void {
    const read = readState(this.options.chart, state);
    this.base = this.readBase(results);
    if (read.interval || read.points) this.host.select(this.clause(read));
    this.base = null;
  }

  /** Without effect on the page: should the engine fail, the drawing of the build stays. */
  async prepare(results: Results): Promise<void> {
    this.base = this.readBase(results);
    this.prepared = prepare(this.options, results, this.base);
    this.ready = await this.build();
    this.base = this.prepared = null;
  }

  /** The first drawing, made ready before or made now; its rows may be others than those it was prepared with. */
  private async first(): Promise<void> {
    const { ready } = this;
    this.ready = null;
    if (!ready || this.drawnWidth !== this.width()) return this.rebuild();
    await this.show(ready);
  }

  private drawnRows(): string {
    return JSON.stringify(this.shown());
  }

  restore(state: ViewState | null): void {
    this.gesture.settle();
    this.state = readState(this.options.chart, state);
    if (!this.base) return;
    this.applyClause();
    void this.showSelection();
  }

  private frame(): void {
    const { rows, total } = this.prepared!;
    const notice = notices(this.options, this.prepared!);
    const self = this;
    updateFrame(this.host.figure, {
      rows,
      total,
      notices: notice,
      get data() {
        return dataTable(self.options, self.prepared!, self.host.context);
      },
    });
  }

  private async resized(): Promise<void> {
    if (this.view && Math.abs(this.width() - this.drawnWidth) >= 1) await this.rebuild();
  }

  private width(): number {
    return Math.max(NARROWEST, Math.floor(this.host.body.clientWidth));
  }

  private height(): number | undefined {
    this.still ??= standingIn(this.host.body, this.drawnWidth);
    return this.still?.width === this.drawnWidth ? this.still.height : undefined;
  }

  /** Draws anew beside the old drawing and swaps, so that nothing blinks. */
  private async rebuild(): Promise<void> {
    const built = await this.build();
    if (built) await this.show(built);
  }

  /** A new drawing, not shown yet; none while there are no rows. */
  private async build(): Promise<Built | null> {
    if (!this.prepared || !hasMarks(this.options, this.prepared.whole)) return null;
    this.drawnWidth = this.width();
    const isCanvas = this.prepared.whole.length > MOST_ELEMENTS;
    const height = this.height();
    const spec = specAt(this.options, this.prepared, this.host.context, this.drawnWidth, height);
    const holder = document.createElement("div");
    holder.className = "chart-live";
    const view = new View(
      runtimeOf(isCanvas ? canvasColours(spec, resolveVariable) : spec, height !== undefined),
      {
        renderer: isCanvas ? CANVAS : "svg",
        container: holder,
        hover: true,
        expr: expressions as never,
        loader: noLoader as never,
        tooltip: () => undefined,
      },
    );
    const { whole, filtered } = this.shown();
    const rows = this.drawnRows();
    this.shownWhole = whole.length > 0;
    // Where axes stand is decided once, and from all rows: the filter of a link leaves them where other readers have them.
    const isFiltered = this.prepared.rows < this.prepared.total;
    const all = isFiltered ? this.prepared.whole.map((row) => ({ ...row })) : filtered;
    await withRows(view, spec, { whole, filtered: all }).runAsync();
    if (isFiltered) await view.data("filtered", filtered).runAsync();
    return { view, holder, drawn: [...filtered], rows };
  }

  /** What is answered while a drawing is made comes on top of it. */
  private async show({ view, holder, drawn, rows }: Built): Promise<void> {
    const isFocused = this.host.body.contains(document.activeElement);
    this.listen(view);
    this.view?.finalize();
    this.view = view;
    this.drawn = drawn;
    this.host.body.replaceChildren(holder);
    this.walker.attach(view);
    if (isFocused) holder.focus({ preventScroll: true });
    if (rows !== this.drawnRows()) await this.update();
    if (this.state.interval || this.state.points) await this.showSelection();
  }

  private shown(): { whole: Row[]; filtered: Row[] } {
    const { rows, total, whole, filtered } = this.prepared!;
    const isShown = hasWhole(this.options.chart) && rows < total && this.host.showsWhole();
    return { whole: isShown ? whole : [], filtered };
  }

  private async update(): Promise<void> {
    const { whole, filtered } = this.shown();
    const view = this.view!;
    view.change("filtered", changesTo(this.drawn, filtered, this.keys));
    if (whole.length > 0 !== this.shownWhole) {
      view.change("whole", changeset().remove(truthy).insert(whole));
      this.shownWhole = whole.length > 0;
    }

    await view.runAsync();
  }

  private listen(view: View): void {
    const { type, channels } = this.options.chart.selection;
    if (type === "interval") {
      for (const name of channels) view.addSignalListener(`selected_${name}`, () => this.brushed());
    }
    if (type === "interval") captureDrags(drawingOf(view));
    if (type === "point") view.addDataListener("selected_store", () => this.picked());
    if (type === "interval")
      view.addEventListener("click", (event) => this.clicked(event as unknown as PointerEvent));
    view.addEventListener("pointermove", (event, item) => {
      this.tooltip.show(event as unknown as PointerEvent, this.rowsOf(item));
    });
    view.addEventListener("pointerout", () => this.tooltip.hide());
  }

  /** What a mark shows, or the whole of what was shortened. */
  private rowsOf(item: Item | null | undefined): { name: string; value: string }[] {
    const { datum, tooltip } = (item ?? {}) as { datum?: Row; tooltip?: unknown };
    if (typeof tooltip === "string") return [{ name: "", value: tooltip }];
    return datum ? tooltipRows(this.options.chart, datum, this.host.context.table) : [];
  }

  private scales(): PixelScale[] {
    return this.options.chart.selection.channels.map(
      (name) => this.view!.scale(name) as unknown as PixelScale,
    );
  }

  private brushed(): void {
    if (this.silent > 0 || !this.view) return;
    const { channels } = this.options.chart.selection;
    const scales = this.scales();
    const snapped = channels.map((name, index) => {
      const pixels = this.view!.signal(`selected_${name}`) as [number, number] | [];
      return pixels.length === 2 ? snap(scales[index]!, pixels) : null;
    });
    const intervals = snapped.filter((each): each is Interval => each !== null);
    const isWhole = intervals.length === channels.length;
    this.state = isWhole
      ? {
          interval: Object.fromEntries(
            channels.map((name, index) => [name, [intervals[index]!.low, intervals[index]!.high] as const]),
          ),
        }
      : {};
    const clause = isWhole ? intervalClause(this.fields, intervals, scales, this.origin()) : this.noClause();
    this.host.publish(isWhole ? { ...this.state } : null, clause, "drag");
    this.gesture.go();
  }

  private picked(): void {
    if (this.silent > 0 || !this.view || !this.base) return;
    const tuples = this.view.data("selected_store") as { values: unknown[] }[];
    const points = tuples.map((tuple) =>
      tuple.values.map((value) => (Array.isArray(value) ? (value[0] as unknown) : plainValue(value))),
    );
    if (JSON.stringify(points) === JSON.stringify(this.state.points ?? [])) return;
    this.state = points.length ? { points } : {};
    const clause = pointClause(this.pointFields(), points, this.origin());
    this.host.publish(points.length ? { ...this.state } : null, clause, "commit");
  }

  /**
   * The end of a drag becomes a step in the browser's history. The brush, which followed the pointer until then, goes to
   * where the link has it: to whole pixels.
   */
  private commit(): void {
    this.host.publish(this.state.interval ? { ...this.state } : null, null, "commit");
    void this.showSelection();
  }

  private lift(event: PointerEvent): void {
    // The press let go of a brush; with the click that follows it is one step.
    if (this.gesture.lift(event.pointerId) && !this.barAt(event)) this.gesture.end();
  }

  private press({ pointerId, clientX, clientY }: PointerEvent): void {
    if (this.gesture.press(pointerId, this.state)) this.pressed = [clientX, clientY];
  }

  /** What the bar at a place shows, be a brush above it; Vega notes at each element what it draws. */
  private barUnder({ clientX, clientY }: PointerEvent): Row | null {
    const { selection, channels } = this.options.chart;
    const fields = channels.filter(({ name }) => selection.channels.includes(name)).map(({ field }) => field);
    const shown = (this.host.body.getRootNode() as Document | ShadowRoot)
      .elementsFromPoint(clientX, clientY)
      .map((element) => (element as { __data__?: Item }).__data__?.datum as Row | undefined);
    return shown.find((row) => row && fields.every((field) => field in row)) ?? null;
  }

  /** The bar that a pointer clicks, and does not drag away from. */
  private barAt(event: PointerEvent): Row | null {
    const [x, y] = this.pressed;
    return Math.hypot(event.clientX - x, event.clientY - y) > NEAR ? null : this.barUnder(event);
  }

  /** A click selects the bar under it, as Enter does; where it is what is selected, it lets go of it. */
  private clicked(event: PointerEvent): void {
    const datum = this.barAt(event);
    if (!datum) return;
    const interval = this.intervalOf(this.options.chart.selection.channels, [{ datum }]);
    const isChosen = JSON.stringify(interval) === JSON.stringify(this.gesture.before.interval);
    if (interval) void this.choose(isChosen ? [] : [{ datum }], false);
    else this.gesture.end();
  }

  private cancel({ pointerId }: PointerEvent): void {
    if (!this.gesture.cancel(pointerId) || !this.base) return;
    this.state = this.gesture.before;
    const isEmpty = !this.state.interval;
    this.host.publish(isEmpty ? null : { ...this.state }, this.clause(), "commit");
    void this.showSelection();
  }

  /** Before the first brush the other views can already prepare for it. */
  private announce(): void {
    if (!this.view || this.options.chart.selection.type !== "interval") return;
    const scales = this.scales();
    const all = scales.map((scale) => snap(scale, scale.range() as [number, number]));
    if (all.every((each) => each !== null))
      this.host.activate(intervalClause(this.fields, all as Interval[], scales, this.origin()));
  }

  private origin(): { source: object; clients: ReturnType<Host["clients"]> } {
    return { source: this.host.source, clients: this.host.clients() };
  }

  private pointFields(): PointField[] {
    return pointFields(this.options.chart, this.base!.domains, this.fields);
  }

  private noClause(): ReturnType<typeof intervalClause> {
    return { ...this.origin(), fields: this.fields, value: null, predicate: null };
  }

  /** The clause of the state as it is, for states that came from the link. */
  private applyClause(): void {
    this.host.select(this.clause());
  }

  private clause({ interval, points } = this.state): SelectionClause {
    if (interval) {
      const ends = this.options.chart.selection.channels.map((name) => interval[name]!);
      const intervals = ends.map(([low, high]) => ({ low, high, inside: [low, high] as const }));
      return intervalClause(this.fields, intervals, null, this.origin());
    }
    return points ? pointClause(this.pointFields(), points, this.origin()) : this.noClause();
  }

  /** Shows the state in the chart, silently. */
  private async showSelection(): Promise<void> {
    const { view } = this;
    const { type, channels } = this.options.chart.selection;
    if (!view || type === "none") return;
    this.silent++;
    try {
      if (type === "interval") this.setBrush(view, channels);
      else this.setPoints(view, channels, this.state.points ?? []);
      await view.runAsync();
    } finally {
      this.silent--;
    }
  }

  private setBrush(view: View, channels: readonly string[]): void {
    for (const name of channels) {
      const ends = this.state.interval?.[name];
      const scale = view.scale(name) as (value: number) => number;
      const range = (view.scale(name) as unknown as PixelScale).range();
      const inside = (pixel: number): number =>
        Math.min(Math.max(pixel, Math.min(...range)), Math.max(...range));
      view.signal(`selected_${name}`, ends ? visible(ends.map(scale)).map(inside) : []);
    }
  }

  private walkerOf({ context }: Host): Walker {
    const { chart } = this.options;
    const describe = ({ datum }: Walked): { name: string; value: string }[] =>
      tooltipRows(chart, datum, context.table);
    const select = (marks: readonly Walked[], keep: boolean): void => void this.choose(marks, keep);
    const label = `${titleIn(context)}${context.group ? `, ${context.group.label}` : ""}`;
    const isRange = (): boolean => chart.selection.type === "interval";
    return new Walker({ describe, select, label, isRange, names: walkedLayers(chart) }, this.tooltip);
  }

  /** What the keyboard selects, as if it were dragged or clicked. */
  private async choose(marks: readonly Pick<Walked, "datum">[], keep: boolean): Promise<void> {
    const { view } = this;
    const { type, channels } = this.options.chart.selection;
    if (!view || type === "none") return;
    const interval = type === "interval" ? this.intervalOf(channels, marks) : null;
    if (interval) {
      this.gesture.settle();
      this.state = { interval };
      this.host.publish({ ...this.state }, this.clause(), "commit");
      return this.showSelection();
    }
    if (type === "point") this.setPoints(view, channels, this.pointsWith(marks, keep));
    else for (const name of channels) view.signal(`selected_${name}`, []);
    await view.runAsync();
    this.gesture.end();
  }

  /** One mark alone, or none where it is alone already; with `keep` it is added or taken away. */
  private pointsWith(
    marks: readonly Pick<Walked, "datum">[],
    keep: boolean,
  ): readonly (readonly unknown[])[] {
    const points = this.pointsOf(marks.map(({ datum }) => datum));
    return chosenWith(this.state.points ?? [], points, keep);
  }

  /** The values that choose marks, of each one. */
  private pointsOf(rows: readonly Row[]): readonly (readonly unknown[])[] {
    const { selection, channels } = this.options.chart;
    const fields = selection.channels.map((name) => channels.find((channel) => channel.name === name)!.field);
    return rows.map((row) => fields.map((field) => plainValue(row[field])));
  }

  /** What the marks show of each axis, bins as they are and not as their pixels are; null for none. */
  private intervalOf(
    channels: readonly string[],
    marks: readonly Pick<Walked, "datum">[],
  ): NonNullable<ChartState["interval"]> | null {
    const found = channels.map((name): [string, Range | null] => {
      const { field } = this.options.chart.channels.find((channel) => channel.name === name)!;
      const bars = (rows: readonly Row[]): Range[] => rows.map((row) => barIn(row, field));
      const chosen = bars(marks.map(({ datum }) => datum));
      return [name, rangeOfBars(chosen, bars(this.prepared!.whole))];
    });
    const isWhole = found.length > 0 && found.every(([, range]) => range !== null);
    return isWhole
      ? Object.fromEntries(found.map(([name, range]) => [name, [range![0], above(range![1])]]))
      : null;
  }

  private setPoints(view: View, channels: readonly string[], points: readonly (readonly unknown[])[]): void {
    const fields = channels.map((channel) => ({ type: "E", field: `@${channel}`, channel }));
    const tuples = points.map((values) => ({
      unit: "",
      fields,
      values: values.map(toLabel),
    }));
    view.change("selected_store", changeset().remove(truthy).insert(tuples));
  }
}

function drawingOf(view: View): Element {
  return view.container()!.querySelector("svg, canvas")!;
}

/** The ends of a brush in pixels, some way apart. */
function visible(pixels: readonly number[]): number[] {
  const [from, to] = pixels as [number, number];
  const middle = (from + to) / 2;
  return Math.abs(to - from) < 2 * NEAR ? [middle - NEAR, middle + NEAR] : [from, to];
}

/** The place of a row's mark on an axis, from its lower edge to its upper one. */
function barIn(row: Row, field: string): Range {
  const value = (key: string): number => Number(plainValue(row[key]) ?? Number.NaN);
  const low = value(field);
  return `${field}_end` in row ? [low, value(`${field}_end`)] : [low, low];
}

function plainValue(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : fromLabel(value);
}

export const liveSingle: LiveFactory = (host) => new LiveChart(host);
