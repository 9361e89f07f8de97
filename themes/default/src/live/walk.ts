/**
 * Walking a chart's marks by keyboard, for those who have no pointer or do not see: arrow keys go from mark to mark in
 * the order of the data, and each is framed, shown and said; enter selects it, shift widens a range.
 */
import type { View } from "vega";
import type { Tooltip } from "./tooltip.ts";

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A mark as the reader meets it; its box is in px of the drawing, from where its plot begins. */
export interface Walked {
  datum: Readonly<Record<string, unknown>>;
  box: Box;
}

/** The part of Vega's scenegraph that is read. */
export interface Scene {
  marktype?: string;
  name?: string;
  items?: readonly SceneItem[];
}

interface SceneItem {
  x?: number;
  y?: number;
  datum?: unknown;
  bounds?: { x1: number; y1: number; x2: number; y2: number };
  items?: readonly Scene[];
}

export interface Walk {
  /** A mark in words, as its tooltip says it. */
  describe: (datum: Walked["datum"]) => readonly { name: string; value: string }[];
  /** Selects marks; with `keep` beside those selected. None lets the selection go. */
  select: (marks: readonly Walked[], keep: boolean) => void;
  /** What the chart is called, and whether ranges are selected in it. */
  label: string;
  isRange: boolean;
}

/** Marks that a page key goes over. */
const STRIDE = 10;

/** Half the side of a mark that has no extent of its own, such as a line's point, in px. */
const DOT = 4;

/** The marks that show what passes: of the topmost layer of each plot, in the order of the data. */
export function marksOf(root: Scene): Walked[] {
  const found: { layer: string; depth: number; walked: Walked }[] = [];
  visit(root, 0, 0, found);
  const top = new Map<string, number>();
  for (const { layer, depth } of found) top.set(layer, Math.max(top.get(layer) ?? -1, depth));
  return found.filter(({ layer, depth }) => depth === top.get(layer)).map(({ walked }) => walked);
}

function visit(
  mark: Scene,
  x: number,
  y: number,
  found: { layer: string; depth: number; walked: Walked }[],
): void {
  const named = /^(.*?)(?:layer_(\d+)_)?marks$/.exec(mark.name ?? "");
  for (const item of mark.items ?? []) {
    if (mark.marktype === "group") {
      for (const inner of item.items ?? []) visit(inner, x + (item.x ?? 0), y + (item.y ?? 0), found);
    } else if (named && isObject(item.datum)) {
      const walked = { datum: item.datum, box: boxOf(item, x, y) };
      found.push({ layer: named[1]!, depth: Number(named[2] ?? 0), walked });
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function boxOf({ bounds, x = 0, y = 0 }: SceneItem, dx: number, dy: number): Box {
  const { x1, y1, x2, y2 } = bounds ?? { x1: x - DOT, y1: y - DOT, x2: x + DOT, y2: y + DOT };
  return { left: x1 + dx, top: y1 + dy, right: x2 + dx, bottom: y2 + dy };
}

/** Where a key leads from a mark, or null for other keys; the walk stops at both ends. */
export function stepTo(key: string, at: number, marks: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    PageDown: at + STRIDE,
    PageUp: at - STRIDE,
    Home: 0,
    End: marks - 1,
  };
  const to = Object.hasOwn(steps, key) ? steps[key]! : null;
  return to === null ? null : Math.min(Math.max(to, 0), marks - 1);
}

/** Makes a drawing walkable; to be called for every drawing of a chart, which is new when its size changes. */
export class Walker {
  private readonly walk: Walk;
  private readonly tooltip: Tooltip;
  private at = -1;
  /** Where a range begins. */
  private anchor = -1;

  constructor(walk: Walk, tooltip: Tooltip) {
    this.walk = walk;
    this.tooltip = tooltip;
  }

  attach(view: View): void {
    const holder = view.container() as HTMLElement;
    const range = this.walk.isRange ? "shift and arrow keys select a range, " : "";
    holder.tabIndex = 0;
    holder.setAttribute("role", "application");
    holder.setAttribute("aria-roledescription", "chart");
    holder.setAttribute(
      "aria-label",
      `${this.walk.label}: arrow keys walk from mark to mark, enter selects, ${range}escape lets go`,
    );
    const [ring, said] = [element("div", "chart-ring"), element("p", "visually-hidden")];
    ring.hidden = true;
    said.setAttribute("role", "status");
    holder.append(ring, said);
    const leave = (): void => {
      ring.hidden = true;
      this.tooltip.hide();
    };
    holder.addEventListener("blur", leave);
    holder.addEventListener("pointerdown", leave);
    holder.addEventListener("keydown", (event) => {
      if (this.press(event, view, ring, said)) event.preventDefault();
    });
  }

  /** True when the key was one of the walk's. */
  private press(event: KeyboardEvent, view: View, ring: HTMLElement, said: HTMLElement): boolean {
    if (event.altKey || event.ctrlKey || event.metaKey) return false;
    if (event.key === "Escape") {
      this.anchor = -1;
      this.walk.select([], false);
      return true;
    }
    const marks = marksOf((view.scenegraph() as unknown as { root: Scene }).root);
    if (marks.length === 0) return false;
    if (event.key === "Enter" || event.key === " ") return this.choose(marks, event.shiftKey);
    const to = stepTo(event.key, this.at, marks.length);
    if (to === null) return false;
    this.go(to, marks, event.shiftKey && this.walk.isRange);
    show(marks[to]!, this.walk, view, ring, this.tooltip);
    said.textContent = `${inWords(this.walk.describe(marks[to]!.datum))}; ${to + 1} of ${marks.length}`;
    return true;
  }

  private choose(marks: readonly Walked[], keep: boolean): boolean {
    const mark = marks[this.at];
    if (!mark) return false;
    this.anchor = this.at;
    this.walk.select([mark], keep);
    return true;
  }

  private go(to: number, marks: readonly Walked[], isRange: boolean): void {
    const from = this.at;
    this.at = to;
    if (!isRange) return;
    if (this.anchor < 0 || this.anchor >= marks.length) this.anchor = Math.max(0, from);
    this.walk.select([marks[this.anchor]!, marks[to]!], false);
  }
}

function element(name: string, className: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

function inWords(rows: readonly { name: string; value: string }[]): string {
  return rows.map(({ name, value }) => (name ? `${name} ${value}` : value)).join(", ");
}

/** Frames the mark, and puts its tooltip beside it. */
function show({ datum, box }: Walked, walk: Walk, view: View, ring: HTMLElement, tooltip: Tooltip): void {
  const drawing = view.container()!.querySelector("svg, canvas")!.getBoundingClientRect();
  const holder = view.container()!.getBoundingClientRect();
  const [x, y] = originOf(view);
  ring.hidden = false;
  ring.style.left = `${drawing.left - holder.left + x + box.left}px`;
  ring.style.top = `${drawing.top - holder.top + y + box.top}px`;
  ring.style.width = `${Math.max(2, box.right - box.left)}px`;
  ring.style.height = `${Math.max(2, box.bottom - box.top)}px`;
  const [clientX, clientY] = [drawing.left + x + (box.left + box.right) / 2, drawing.top + y + box.top];
  tooltip.show(new PointerEvent("pointermove", { clientX, clientY }), walk.describe(datum));
}

/** Where the plot begins within the drawing, in px. */
function originOf(view: View): [number, number] {
  const { left, top } = view.padding() as { left: number; top: number };
  const [x, y] = (view as unknown as { origin: () => [number, number] }).origin();
  return [left + x, top + y];
}
