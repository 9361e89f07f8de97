/**
 * Brushing the bars of a histogram, by hand and by keys: a drag selects a range, a click one bar, arrow keys read bars,
 * shift and arrow keys select. The plot is found anew for each event, because what is in it is drawn anew.
 */
import { shareOf } from "../histogram.ts";
import { rangeOfBars, type Range } from "../ranges.ts";
import type { Change } from "./page.ts";
import type { Tooltip } from "./tooltip.ts";

export interface Brushed {
  /** Selector of the element with the bars, which has the role of a slider. */
  plot: string;
  bins: number;
  /** Ends of the axis; null while nothing is drawn. */
  domain: () => Range | null;
  range: () => Range | null;
  /** What a bar holds. */
  words: (bin: number) => { name: string; value: string }[];
  /** Takes on a range, or null for none; while a drag goes on its kind says so. */
  select: (range: Range | null, kind: Change) => void;
}

export class BarBrush {
  /** Bars where a drag began, where the keys are, and where they began to select. */
  private start: number | null = null;
  private cursor: number | null = null;
  private anchor: number | null = null;
  private wasRange: Range | null = null;
  private moved = false;

  constructor(
    private readonly body: HTMLElement,
    private readonly tooltip: Tooltip,
    private readonly of: Brushed,
  ) {
    body.addEventListener("pointerdown", (event) => this.press(event));
    body.addEventListener("pointermove", (event) => this.move(event));
    body.addEventListener("pointerup", () => this.release());
    body.addEventListener("pointercancel", () => this.release());
    body.addEventListener("focusin", () => this.showCursor());
    body.addEventListener("focusout", () => this.showCursor());
  }

  /** Whether a drag goes on: then the plot must stay, and only what is in it may be drawn anew. */
  get isHeld(): boolean {
    return this.start !== null;
  }

  /** Draws the bars anew in a plot that stays. */
  redraw(markup: string): void {
    const fresh = document.createElement("template");
    fresh.innerHTML = markup;
    const drawing = fresh.content.querySelector(".histogram");
    if (drawing) this.plot?.querySelector(".histogram")?.replaceWith(drawing);
  }

  /** Where keys begin is forgotten; with `isOther`, also where they are, for bars that are others now. */
  forget(isOther = false): void {
    this.anchor = null;
    if (isOther) this.cursor = null;
  }

  /** The ends of a range of bars. */
  rangeOf(from: number, to: number): Range {
    const [low, high] = this.of.domain()!;
    const { bins } = this.of;
    // The end of the axis itself, whatever rounding says.
    const edge = (bin: number): number => (bin === bins ? high : low + (bin / bins) * (high - low));
    const all = Array.from({ length: bins }, (_, bin): Range => [edge(bin), edge(bin + 1)]);
    return rangeOfBars([all[from]!, all[to]!], all) ?? [low, high];
  }

  private get plot(): HTMLElement | null {
    return this.body.querySelector<HTMLElement>(this.of.plot);
  }

  /* By hand */

  private binAt(x: number): number {
    const { left, width } = this.plot!.getBoundingClientRect();
    return Math.max(0, Math.min(this.of.bins - 1, Math.floor(((x - left) / width) * this.of.bins)));
  }

  private binOf(value: number): number {
    return Math.round(shareOf(this.of.domain()!, value) * this.of.bins);
  }

  private press(event: PointerEvent): void {
    const plot = (event.target as Element).closest<HTMLElement>(this.of.plot);
    if (!plot || !this.of.domain() || event.button !== 0) return;
    this.tooltip.hide();
    plot.focus({ preventScroll: true });
    plot.setPointerCapture(event.pointerId);
    this.start = this.binAt(event.clientX);
    this.wasRange = this.of.range();
    this.moved = false;
  }

  private move(event: PointerEvent): void {
    const plot = (event.target as Element).closest<HTMLElement>(this.of.plot);
    if (!plot || !this.of.domain()) return;
    const bin = this.binAt(event.clientX);
    if (this.start === null) return this.tooltip.show(event, this.of.words(bin));
    if (!this.moved && bin === this.start) return;
    this.moved = true;
    this.of.select(this.rangeOf(this.start, bin), "drag");
  }

  /** A click selects one bar, and lets go of what was selected when it is that bar. */
  private release(): void {
    const { start, moved, wasRange } = this;
    if (start === null) return;
    this.start = null;
    if (moved) return this.of.select(this.of.range(), "commit");
    const isSame = wasRange !== null && start >= this.binOf(wasRange[0]) && start < this.binOf(wasRange[1]);
    this.of.select(isSame ? null : this.rangeOf(start, start), "commit");
  }

  /* By keys */

  /** The bar that a key leads to from another, within the plot; null for other keys. */
  private binFor(key: string, at: number): number | null {
    const last = this.of.bins - 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: last,
      Enter: at,
      " ": at,
    };
    const wanted = steps[key];
    return wanted === undefined || wanted < -1 ? null : Math.max(0, Math.min(last, wanted));
  }

  /** Takes a key that was pressed on the plot. */
  walk(event: KeyboardEvent): void {
    const at = this.cursor ?? -1;
    const bin = this.binFor(event.key, at);
    if (bin === null || !this.of.domain()) return;
    event.preventDefault();
    const isChoice = event.key === "Enter" || event.key === " ";
    this.cursor = bin;
    if (event.shiftKey || isChoice) {
      this.anchor = event.shiftKey ? (this.anchor ?? Math.max(0, at)) : bin;
      return this.of.select(this.rangeOf(this.anchor, bin), "commit");
    }
    this.anchor = null;
    this.showCursor();
  }

  /** A frame around the bar that the keys are at while the plot has them; the bar is said, too. */
  showCursor(): void {
    const { plot, cursor } = this;
    plot?.querySelector(".familiarity-cursor")?.remove();
    if (!plot?.matches(":focus") || cursor === null) return;
    const { bins } = this.of;
    const frame = document.createElement("div");
    frame.className = "familiarity-cursor";
    frame.style.left = `${(cursor / bins) * 100}%`;
    frame.style.width = `${100 / bins}%`;
    frame.style.top = "0";
    frame.style.height = "100px";
    plot.append(frame);
    plot.setAttribute("aria-valuenow", String(this.rangeOf(cursor, cursor)[0]));
    const words = this.of.words(cursor).map(({ name, value }) => `${name} ${value}`);
    plot.setAttribute("aria-valuetext", words.join(", "));
  }
}
