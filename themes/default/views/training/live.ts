/** The training's live half: brushes epochs, reads values under the pointer or by keys, smooths, changes axes. */
import { clauseInterval } from "@uwdata/mosaic-core";
import { column as columnRef } from "@uwdata/mosaic-sql";
import { onThemeChange } from "../../src/live/colours.ts";
import { onResize } from "../../src/live/resizing.ts";
import { updateFrame } from "../../src/live/mount.ts";
import { standingIn, type Standing } from "../../src/live/standing.ts";
import { Tooltip } from "../../src/live/tooltip.ts";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import type { Change } from "../../src/live/page.ts";
import { scalar } from "../../src/data/result.ts";
import { titleOf } from "../../src/data/columns.ts";
import { formatCount, formatFixed } from "../../src/markup.ts";
import type { Results, ViewState } from "../../src/view.ts";
import { lineName } from "./curves.ts";
import { keyOf, type Options } from "./query.ts";
import { epochDomain, type Panel } from "./spec.ts";
import {
  bestSentence,
  dataTable,
  formatMetric,
  notices,
  panelsMarkup,
  panelsOf,
  readState,
  writeState,
  type TrainingState,
} from "./view.ts";
import { say } from "../../src/words.ts";

/** A drag shorter than this is a click, which lets go of the epochs, in px. */
const CLICK = 4;

class LiveTraining implements LiveView {
  private readonly options: Options;
  private state: TrainingState;
  private results: Results | null = null;
  private panels: Panel[] = [];
  private width = 0;
  /** The size at which the page showed the charts of the build: at that width the live ones are as high. */
  private still: Standing | null = null;
  private readonly tooltip: Tooltip;
  /** Where a drag began, as an epoch. */
  private start: { epoch: number; x: number } | null = null;
  /** The epoch that keys read. */
  private cursor: number | null = null;

  constructor(private readonly host: Host) {
    this.options = host.options as Options;
    this.state = readState(this.options, {});
    this.tooltip = new Tooltip(host.body);
    const { body } = host;
    body.addEventListener("click", (event) => this.clicked(event.target as Element));
    body.addEventListener("input", (event) => this.smooth(event.target as HTMLElement, "drag"));
    body.addEventListener("change", (event) => this.smooth(event.target as HTMLElement, "commit"));
    body.addEventListener("pointerdown", (event) => this.press(event));
    body.addEventListener("pointermove", (event) => this.moved(event));
    body.addEventListener("pointerout", () => this.tooltip.hide());
    body.addEventListener("keydown", (event) => this.pressed(event));
    onThemeChange(() => this.paint(), host.signal);
    const resized = (): boolean => this.results !== null && this.drawings.clientWidth !== this.width;
    onResize(body, () => resized() && this.paint(), host.signal);
  }

  private get drawings(): HTMLElement {
    return this.host.body.querySelector<HTMLElement>(".training-drawings")!;
  }

  draw(results: Results): void {
    this.results = results;
    if (scalar(results["extent"]!, "rows") === 0) return;
    this.paint();
  }

  foresee(_results: Results, written: ViewState): void {
    const read = readState(this.options, written);
    if (read.epochs) this.host.select(this.clause(read));
  }

  restore(written: ViewState | null): void {
    const had = this.state.epochs !== null;
    this.state = readState(this.options, written ?? {});
    if (had || this.state.epochs) this.host.select(this.clause());
    if (this.results) this.paint();
  }

  private paint(): void {
    const { results, host, options } = this;
    if (!results || !this.drawings) return;
    this.panels = panelsOf(options, results, this.state);
    this.width = this.drawings.clientWidth;
    const focused = (document.activeElement as HTMLElement | null)?.closest<HTMLElement>(
      ".training-panel, .training-log",
    );
    const [metric, isButton] = [
      focused?.closest<HTMLElement>("[data-metric]")?.dataset["metric"],
      focused?.matches(".training-log"),
    ];
    this.drawings.innerHTML = panelsMarkup(this.panels, this.width, this.height()).text;
    this.makeReadable();
    if (metric !== undefined) this.focus(metric, isButton === true);
    this.showBrush();
    this.showControls();
    updateFrame(host.figure, {
      rows: scalar(results["passing"]!, "rows"),
      total: scalar(results["extent"]!, "rows"),
      notices: notices(options, results),
      data: dataTable(options, results),
    });
  }

  private height(): number | null {
    this.still ??= standingIn(this.drawings, this.width);
    return this.still?.width === this.width ? this.still.height : this.host.context.request.height;
  }

  private focus(metric: string, isButton: boolean): void {
    const panel = this.drawings.querySelector(`[data-metric="${CSS.escape(metric)}"]`);
    panel?.querySelector<HTMLElement>(isButton ? ".training-log" : ".training-plot")?.focus();
  }

  private showControls(): void {
    const { body } = this.host;
    body.querySelector<HTMLInputElement>("input[name=smoothing]")!.value = String(this.state.smoothing);
    body.querySelector("output")!.textContent = formatFixed(this.state.smoothing, 2);
    body.querySelector(".training-best")!.textContent = bestSentence(this.options, this.results!);
  }

  /** Each plot is a slider over the epochs: keys read it, and with shift they select. */
  private makeReadable(): void {
    for (const plot of this.drawings.querySelectorAll<HTMLElement>(".training-plot")) {
      const panel = this.panelOf(plot)!;
      plot.tabIndex = 0;
      plot.setAttribute("role", "slider");
      plot.setAttribute("aria-label", say("{metric} by epoch", { metric: titleOf(panel.metric.name) }));
      plot.setAttribute("aria-valuemin", String(panel.epochs[0]));
      plot.setAttribute("aria-valuemax", String(panel.epochs[1]));
      const at = this.cursor ?? panel.epochs[1];
      plot.setAttribute("aria-valuenow", String(at));
      plot.setAttribute("aria-valuetext", this.inWords(panel, at));
    }
  }

  private inWords(panel: Panel, epoch: number): string {
    const read = this.valuesAt(panel, epoch).map(({ name, value }) => `${name} ${value}`);
    return [say("epoch {epoch}", { epoch: formatCount(epoch) }), ...read].join(", ");
  }

  private valuesAt(panel: Panel, epoch: number): { name: string; value: string }[] {
    return panel.lines.flatMap((line) => {
      const point = panel.filtered.get(keyOf(line))?.find((each) => each.epoch === epoch);
      if (!point) return [];
      return [
        {
          name: lineName(line) || titleOf(panel.metric.name),
          value: formatMetric(point.values[panel.index]!, panel.metric),
        },
      ];
    });
  }

  private panelOf(element: Element): Panel | undefined {
    const metric = element.closest<HTMLElement>("[data-metric]")?.dataset["metric"];
    return this.panels.find((panel) => panel.metric.name === metric);
  }

  /* Epochs and pixels */

  /** The plot's own box, without its axes. */
  private box(plot: Element): DOMRect {
    return plot.querySelector("path.background")!.getBoundingClientRect();
  }

  private epochAt(plot: Element, x: number): number {
    const { left, width } = this.box(plot);
    const [low, high] = epochDomain(this.panels[0]!.epochs);
    const share = Math.max(0, Math.min(1, (x - left) / width));
    return this.nearest(low + share * (high - low));
  }

  /** The drawn epoch nearest to a place on the axis. */
  private nearest(wanted: number): number {
    const all = this.epochs();
    return all.reduce(
      (best, epoch) => (Math.abs(epoch - wanted) < Math.abs(best - wanted) ? epoch : best),
      all[0] ?? wanted,
    );
  }

  private epochs(): number[] {
    const all = [...this.panels[0]!.whole.values()].flatMap((points) => points.map((point) => point.epoch));
    return [...new Set(all)].sort((a, b) => a - b);
  }

  private showBrush(): void {
    const { epochs } = this.state;
    const marked = epochs ?? (this.cursor === null ? null : ([this.cursor, this.cursor] as const));
    const [low, high] = epochDomain(this.panels[0]!.epochs);
    for (const plot of this.drawings.querySelectorAll<HTMLElement>(".training-plot")) {
      plot.querySelector(".training-brush")?.remove();
      if (!marked) continue;
      const [box, outer] = [this.box(plot), plot.getBoundingClientRect()];
      const place = (epoch: number): number =>
        Math.max(0, Math.min(1, (epoch - low) / (high - low))) * box.width;
      const brush = document.createElement("div");
      brush.className = epochs ? "training-brush" : "training-brush training-cursor";
      brush.style.left = `${box.left - outer.left + place(marked[0]) - 1}px`;
      brush.style.top = `${box.top - outer.top}px`;
      brush.style.width = `${place(marked[1]) - place(marked[0]) + 2}px`;
      brush.style.height = `${box.height}px`;
      plot.append(brush);
    }
  }

  /* What the reader does */

  private change(changed: Partial<TrainingState>, kind: Change): void {
    this.state = { ...this.state, ...changed };
    const written = writeState(this.options, this.state);
    const clause = "epochs" in changed ? this.clause() : null;
    this.host.publish(Object.keys(written).length ? written : null, clause, kind);
  }

  private clause({ epochs } = this.state): ReturnType<typeof clauseInterval> {
    const { source } = this.host;
    const range = epochs ? ([...epochs] as [number, number]) : null;
    return clauseInterval(columnRef(this.options.epoch.name), range, {
      source,
      clients: this.host.clients(),
    });
  }

  private clicked(target: Element): void {
    const metric = target.closest<HTMLElement>("[data-log]")?.dataset["log"];
    if (metric === undefined || !this.results) return;
    const { log } = this.state;
    this.change(
      { log: log.includes(metric) ? log.filter((name) => name !== metric) : [...log, metric] },
      "commit",
    );
    this.paint();
  }

  private smooth(target: HTMLElement, kind: Change): void {
    if (!target.matches("input[name=smoothing]") || !this.results) return;
    this.change({ smoothing: Number((target as HTMLInputElement).value) }, kind);
    this.paint();
  }

  private press(event: PointerEvent): void {
    const plot = (event.target as Element).closest<HTMLElement>(".training-plot");
    if (!plot || !this.results || event.button !== 0) return;
    plot.setPointerCapture(event.pointerId);
    this.start = { epoch: this.epochAt(plot, event.clientX), x: event.clientX };
    this.tooltip.hide();
    plot.addEventListener("pointerup", (end) => this.release(end), { once: true });
  }

  private moved(event: PointerEvent): void {
    const plot = (event.target as Element).closest<HTMLElement>(".training-plot");
    if (!plot || !this.results) return;
    if (this.start) this.brushTo(plot, event, "drag");
    else this.point(plot, event);
  }

  private brushTo(plot: HTMLElement, event: PointerEvent, kind: Change): void {
    if (Math.abs(event.clientX - this.start!.x) < CLICK) return;
    const ends = [this.start!.epoch, this.epochAt(plot, event.clientX)];
    this.select([Math.min(...ends), Math.max(...ends)], kind);
  }

  private release(event: PointerEvent): void {
    const plot = event.currentTarget as HTMLElement;
    if (this.start && Math.abs(event.clientX - this.start.x) < CLICK) this.select(null, "commit");
    else if (this.start) this.brushTo(plot, event, "commit");
    this.start = null;
  }

  private select(epochs: readonly [number, number] | null, kind: Change): void {
    if (!epochs && !this.state.epochs) return;
    this.change({ epochs }, kind);
    this.showBrush();
  }

  private point(plot: HTMLElement, event: PointerEvent): void {
    const panel = this.panelOf(plot)!;
    const epoch = this.epochAt(plot, event.clientX);
    this.tooltip.show(event, [
      { name: say("Epoch"), value: formatCount(epoch) },
      ...this.valuesAt(panel, epoch),
    ]);
  }

  private pressed(event: KeyboardEvent): void {
    const plot = event.target as HTMLElement;
    if (!plot.matches(".training-plot")) return;
    const all = this.epochs();
    const at = all.indexOf(this.cursor ?? this.panels[0]!.epochs[1]);
    const steps: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: all.length - 1,
    };
    const wanted = steps[event.key];
    if (event.key === "Escape") return this.select(null, "commit");
    if (wanted === undefined) return;
    event.preventDefault();
    const epoch = all[Math.max(0, Math.min(all.length - 1, wanted))]!;
    if (event.shiftKey) this.extend(all[at]!, epoch);
    this.cursor = epoch;
    this.makeReadable();
    this.showBrush();
  }

  /** Moves the end of the selection that the cursor is at. */
  private extend(from: number, to: number): void {
    const { epochs } = this.state;
    const fixed = epochs ? (epochs[0] === from ? epochs[1] : epochs[0]) : from;
    this.select([Math.min(fixed, to), Math.max(fixed, to)], "commit");
  }
}

export const live: LiveFactory = (host) => new LiveTraining(host);
