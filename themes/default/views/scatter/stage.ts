/** The parts of a live scatter view in its page: what is put where, and how large. */
import { sizeOf } from "../../src/live/resizing.ts";
import { standingIn, type Standing } from "../../src/live/standing.ts";
import { html, type Markup } from "../../src/markup.ts";
import type { Mode } from "./state.ts";
import type { Frame } from "./plot.ts";

/** The narrowest plot that is drawn, in px. */
const NARROWEST = 200;
/** A hint goes by itself, in ms. */
const SHOWN = 1800;

export class Stage {
  readonly plot: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  isOpen = false;
  private readonly body: HTMLElement;
  private readonly over: HTMLElement;
  private readonly hintLine: HTMLElement;
  private readonly spoken: HTMLElement;
  private key = "";
  private overText = "";
  private drawnWidth = 0;
  /** The size at which the page showed the drawing of the build: at that width the live one is as high. */
  private still: Standing | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(body: HTMLElement) {
    this.body = body;
    this.plot = body.querySelector<HTMLElement>(".scatter-plot")!;
    this.canvas = document.createElement("canvas");
    this.over = layer("scatter-layer");
    this.hintLine = layer("canvas-hint");
    this.spoken = layer("visually-hidden");
    this.hintLine.hidden = true;
    this.spoken.setAttribute("aria-live", "polite");
  }

  /** Puts the canvas where the drawing of the build was. */
  open(label: string): void {
    this.still = standingIn(this.plot, this.width);
    this.plot.replaceChildren(this.canvas, this.over, this.hintLine, this.spoken);
    this.plot.tabIndex = 0;
    this.plot.setAttribute("role", "application");
    this.plot.setAttribute("aria-label", label);
    this.plot.classList.add("scatter-live");
    this.isOpen = true;
  }

  get width(): number {
    return Math.max(NARROWEST, sizeOf(this.plot).width);
  }

  /** As high as what stood here at this width; where nothing was seen of it, as in a frame without a size, as usual. */
  heightAt(usual: number): number {
    return this.still?.width === this.width && this.still.height > 0 ? this.still.height : usual;
  }

  hasResized(): boolean {
    return this.width !== this.drawnWidth;
  }

  fit({ width, height }: Frame): void {
    this.drawnWidth = width;
    const { style } = this.canvas;
    if (style.width === `${width}px` && style.height === `${height}px`) return;
    style.width = `${width}px`;
    style.height = `${height}px`;
  }

  setOver(markup: Markup): void {
    if (this.overText === markup.text) return;
    this.overText = markup.text;
    this.over.innerHTML = markup.text;
  }

  /** The legend; a button that has the focus keeps it. */
  setKey(markup: Markup): void {
    if (this.key === markup.text) return;
    this.key = markup.text;
    const holder = this.body.querySelector<HTMLElement>(".scatter-key")!;
    const focused = holder.querySelector<HTMLElement>(":focus")?.dataset["code"];
    holder.innerHTML = markup.text;
    if (focused !== undefined) holder.querySelector<HTMLElement>(`[data-code="${focused}"]`)?.focus();
  }

  setControls(shown: { color: string; mode: Mode; isHeld: boolean; canClear: boolean }): void {
    this.select.value = shown.color;
    for (const button of this.body.querySelectorAll<HTMLElement>("button[data-mode]"))
      button.setAttribute("aria-pressed", String(button.dataset["mode"] === shown.mode));
    this.body.querySelector<HTMLElement>("[data-action=clear]")!.hidden = !shown.canClear;
    this.plot.dataset["mode"] = shown.mode;
    this.plot.classList.toggle("scatter-held", shown.isHeld);
  }

  get select(): HTMLSelectElement {
    return this.body.querySelector<HTMLSelectElement>("select[name=color]")!;
  }

  setDescription(text: string): void {
    const line = this.body.parentElement?.querySelector(":scope > .view-description");
    if (line && line.textContent !== text) line.textContent = text;
  }

  /** Says something on the plot for a moment. */
  hint(text: string): void {
    this.hintLine.innerHTML = html`<p>${text}</p>`.text;
    this.hintLine.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.hintLine.hidden = true), SHOWN);
  }

  /** To those who listen. */
  speak(text: string): void {
    this.spoken.textContent = text;
  }
}

function layer(name: string): HTMLElement {
  const made = document.createElement("div");
  made.className = name;
  return made;
}
