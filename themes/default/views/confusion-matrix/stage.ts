/** The parts of a live matrix in its page, and how their markup is exchanged without losing the reader's place. */
import { sizeOf } from "../../src/live/resizing.ts";
import { standingIn, type Standing } from "../../src/live/standing.ts";
import { html, type Markup } from "../../src/markup.ts";
import { say } from "../../src/words.ts";

const SHOWN = 1800;

export class Stage {
  readonly plot: HTMLElement;
  readonly canvas = document.createElement("canvas");
  isOpen = false;
  /** The size at which the page showed the drawing of the build: at that width the live one is as high. */
  private still: Standing | null = null;
  private readonly body: HTMLElement;
  private readonly spoken = layer("visually-hidden");
  private readonly hintLine = layer("canvas-hint");
  private readonly written = new Map<string, string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(body: HTMLElement) {
    this.body = body;
    this.plot = body.querySelector<HTMLElement>(".confusion-plot")!;
    this.spoken.setAttribute("aria-live", "polite");
    this.hintLine.hidden = true;
  }

  /** Puts the canvas where the drawing of the build was. */
  open(label: string): void {
    this.still ??= standingIn(this.plot, this.width);
    this.plot.replaceChildren(this.canvas, this.hintLine, this.spoken);
    this.plot.tabIndex = 0;
    this.plot.setAttribute("role", "application");
    this.plot.setAttribute("aria-roledescription", say("confusion matrix"));
    this.plot.setAttribute("aria-label", label);
    this.plot.classList.add("confusion-live");
    this.isOpen = true;
  }

  /** A sentence in the cells' place. */
  close(markup: Markup): void {
    this.plot.innerHTML = markup.text;
    this.isOpen = false;
  }

  get width(): number {
    return Math.max(240, sizeOf(this.plot).width);
  }

  /** The height that the matrix has at the width it has now; null for as high as it likes. */
  heldHeight(): number | null {
    const height = this.still?.width === this.width ? this.still.height : null;
    const least = height === null ? "" : `${height}px`;
    if (this.plot.style.minHeight !== least) this.plot.style.minHeight = least;
    return height;
  }

  /** New markup for a part; what has the focus keeps it, and what is unfolded stays so. */
  set(part: "controls" | "key", markup: Markup): void {
    if (this.written.get(part) === markup.text) return;
    this.written.set(part, markup.text);
    const holder = this.body.querySelector<HTMLElement>(`.confusion-${part}`)!;
    const isUnfolded = holder.querySelector("details")?.open ?? false;
    const focused = holder.contains(document.activeElement) ? nameOf(document.activeElement!) : "";
    holder.innerHTML = markup.text;
    const details = holder.querySelector("details");
    if (details) details.open = isUnfolded;
    if (focused) holder.querySelector<HTMLElement>(focused)?.focus();
  }

  /** Folds the options, unless the reader is at them; the button has the focus then if something in them had it. */
  fold(at: Element | null): void {
    const details = this.body.querySelector<HTMLDetailsElement>(".confusion-more");
    if (!details?.open || (at && details.contains(at))) return;
    const hadFocus = details.contains(document.activeElement);
    details.open = false;
    if (hadFocus && !at) details.querySelector("summary")!.focus();
  }

  setDescription(text: string): void {
    const line = this.body.parentElement?.querySelector(":scope > .view-description");
    if (line && line.textContent !== text) line.textContent = text;
  }

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

/** A selector for a control, by what it is for. */
function nameOf(element: Element): string {
  if (element.matches("summary")) return "summary";
  const { action, zoom, outer, focus } = (element as HTMLElement).dataset;
  for (const [key, value] of Object.entries({ action, zoom, outer, focus }))
    if (value !== undefined) return `[data-${key}="${CSS.escape(value)}"]`;
  const { name, value, type } = element as HTMLInputElement;
  if (!name) return "";
  return type === "checkbox" && name !== "errors"
    ? `[name=${name}][value="${CSS.escape(value)}"]`
    : `[name=${name}]`;
}

function layer(name: string): HTMLElement {
  const made = document.createElement("div");
  made.className = name;
  return made;
}
