/** The live half of a binary confusion matrix: the threshold moves answers that are there, cells filter the page. */
import type { SelectionClause } from "@uwdata/mosaic-core";
import type { Host, LiveFactory, LiveView } from "../../src/live/host.ts";
import { updateFrame } from "../../src/live/mount.ts";
import type { Change } from "../../src/live/page.ts";
import { onResize } from "../../src/live/resizing.ts";
import { standingIn, type Standing } from "../../src/live/standing.ts";
import type { Results, ViewState } from "../../src/view.ts";
import { drawing } from "./drawing.ts";
import { modelOf, type Model } from "./model.ts";
import type { Options } from "./options.ts";
import { isAnswered, names, predicateOf, readSpread } from "./queries.ts";
import { positiveOf, readState, thresholdOf, withCell, type BinaryState, type CellName } from "./state.ts";
import { controls, describe, frameOf, measures } from "./view.ts";

class LiveBinary implements LiveView {
  private readonly host: Host;
  private readonly options: Options;
  private state: BinaryState = {};
  private results: Results | null = null;
  private model: Model | null = null;
  private width = 0;
  /** The size at which the page showed the drawing of the build: at that width the live one is as high. */
  private still: Standing | null = null;
  private isClauseDue = false;

  constructor(host: Host) {
    this.host = host;
    this.options = host.options as Options;
    const { body } = host;
    body.addEventListener("input", (event) => this.moved(event.target as HTMLInputElement, "drag"));
    body.addEventListener("change", (event) => this.chose(event.target as HTMLInputElement));
    body.addEventListener("click", (event) => this.press(event));
    body.addEventListener("keydown", (event) => this.pressed(event));
    onResize(body, () => this.model && this.plot.clientWidth !== this.width && this.paint(), host.signal);
  }

  private get plot(): HTMLElement {
    return this.part("plot");
  }

  private part(name: string): HTMLElement {
    return this.host.body.querySelector<HTMLElement>(`.binary-${name}`)!;
  }

  draw(results: Results): void {
    this.results = results;
    this.refresh();
  }

  /** Scores reach as far as all rows say. */
  foresee(results: Results, written: ViewState): void {
    const read = readState(this.options, written);
    if (read.cells) this.host.select(this.clause(read, results));
  }

  restore(written: ViewState | null): void {
    const before = this.state;
    this.state = readState(this.options, written);
    this.isClauseDue = Boolean(before.cells ?? this.state.cells);
    if (before.positive !== this.state.positive) this.host.requery();
    this.refresh();
  }

  /** Answers of another class are waited for. */
  private refresh(): void {
    const { results, options, state } = this;
    const positive = positiveOf(options, state);
    const { spread, whole } = names(positive);
    if (
      !results?.[spread] ||
      !isAnswered(results[whole], positive) ||
      !isAnswered(results["passing"], positive)
    )
      return;
    if (this.isClauseDue) this.host.select(this.clause());
    this.isClauseDue = false;
    this.model = modelOf(options, results, state, this.host.context);
    updateFrame(this.host.figure, frameOf(this.model, options));
    if (this.model.total > 0) this.paint();
  }

  private paint(): void {
    const { model, options } = this;
    this.width = this.plot.clientWidth;
    this.still ??= standingIn(this.plot, this.width);
    const held = this.still?.width === this.width ? this.still.height : null;
    replace(this.plot, drawing(model!, Math.max(240, this.width), true, held).text, "data-cell");
    this.part("measures").innerHTML = measures(model!).text;
    this.tellControls();
    const line = this.host.body.parentElement?.querySelector(":scope > .view-description");
    if (line) line.textContent = describe(model!, options);
  }

  /** A slider that is held is not made anew: its value and the words around it are. */
  private tellControls(): void {
    const { model, options, state } = this;
    const holder = this.part("controls");
    const made = document.createElement("div");
    made.innerHTML = controls(model!, options, state).text;
    for (const name of ["threshold", "exact", "positive"]) {
      const [now, next] = [holder, made].map((each) =>
        each.querySelector<HTMLInputElement>(`[name=${name}]`),
      ) as [HTMLInputElement | null, HTMLInputElement | null];
      if (!now || !next) continue;
      for (const limit of ["min", "max", "step", "aria-valuetext"])
        if (next.hasAttribute(limit)) now.setAttribute(limit, next.getAttribute(limit)!);
      if (now !== document.activeElement || name !== "exact") now.value = next.value;
    }
    holder.querySelector(".binary-sentence")!.textContent =
      made.querySelector(".binary-sentence")!.textContent;
    holder.querySelector<HTMLElement>("[data-action=clear]")!.hidden = !state.cells;
  }

  private change(state: BinaryState, kind: Change): void {
    const { positive, cells } = this.state;
    this.state = state;
    const isOther = positive !== state.positive;
    // The clause of another class needs its scores; it follows with the answer.
    this.isClauseDue = isOther && Boolean(cells ?? state.cells);
    const clause = !isOther && Boolean(cells ?? state.cells) ? this.clause() : null;
    this.host.publish(Object.keys(state).length ? { ...state } : null, clause, kind);
    if (isOther) this.host.requery();
    else this.refresh();
  }

  private clause(state = this.state, results = this.results!): SelectionClause {
    const { host, options } = this;
    const positive = positiveOf(options, state);
    const spread = readSpread(results[names(positive).spread]!);
    const predicate = predicateOf(options, positive, thresholdOf(options, state), state.cells ?? [], spread);
    const value = predicate ? JSON.stringify(state) : null;
    return { source: host.source, clients: host.clients(), fields: [], value, predicate };
  }

  private moved(control: HTMLInputElement, kind: Change): void {
    if (!this.model || control.name !== "threshold") return;
    this.moveTo(Number(control.value), kind);
  }

  private moveTo(threshold: number, kind: Change): void {
    if (!Number.isFinite(threshold)) return;
    this.change(readState(this.options, { ...this.state, threshold }), kind);
  }

  private chose(control: HTMLInputElement): void {
    if (!this.model) return;
    if (control.name === "threshold") this.moved(control, "commit");
    if (control.name === "exact" && control.value !== "") this.moveTo(Number(control.value), "commit");
    if (control.name === "positive")
      this.change(readState(this.options, { ...this.state, positive: control.value }), "commit");
  }

  private press(event: MouseEvent): void {
    if (!this.model) return;
    const target = event.target as Element;
    const cell = target.closest<SVGElement>("[data-cell]")?.dataset["cell"] as CellName | undefined;
    const curve = target.closest<SVGElement>("[data-curve]");
    if (cell) this.take(cell, event.shiftKey || event.metaKey || event.ctrlKey);
    else if (curve) this.pointOn(curve, event);
    else if (target.closest("[data-action=clear]")) this.clear();
  }

  private take(cell: CellName, isAdding: boolean): void {
    this.change(withCell(this.state, cell, isAdding), "commit");
  }

  private clear(): void {
    const { cells, ...others } = this.state;
    if (cells) this.change(others, "commit");
  }

  private pressed(event: KeyboardEvent): void {
    const cell = (event.target as Element).closest<SVGElement>("[data-cell]")?.dataset["cell"];
    if (!this.model || !cell) return;
    if (event.key === "Escape") return this.clear();
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    this.take(cell as CellName, event.shiftKey);
  }

  /** The threshold of the point of a curve that is nearest to the pointer. */
  private pointOn(curve: SVGElement, event: MouseEvent): void {
    const points =
      curve.dataset["curve"] === "roc" ? this.model!.roc.passing : this.model!.precisionRecall.passing;
    const area = curve.querySelector("rect")!.getBoundingClientRect();
    const [x, y] = [(event.clientX - area.left) / area.width, (area.bottom - event.clientY) / area.height];
    let nearest: { threshold: number; apart: number } | null = null;
    for (const point of points ?? []) {
      const apart = Math.hypot(point.x - x, point.y - y);
      if (point.threshold !== null && apart < (nearest?.apart ?? Infinity))
        nearest = { threshold: point.threshold, apart };
    }
    if (nearest) this.moveTo(nearest.threshold, "commit");
  }
}

/** New markup; what had the focus has it again. */
function replace(holder: HTMLElement, markup: string, name: string): void {
  const focused = document.activeElement?.getAttribute(name);
  const hasFocus = holder.contains(document.activeElement);
  holder.innerHTML = markup;
  if (hasFocus && focused) holder.querySelector<SVGElement>(`[${name}="${CSS.escape(focused)}"]`)?.focus();
}

export const live: LiveFactory = (host) => new LiveBinary(host);
