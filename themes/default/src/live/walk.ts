/**
 * Walking a chart's marks by keyboard, for those who have no pointer or do not see: arrow keys go from mark to mark in
 * the order of the data, and each is framed, shown and said; enter selects it, shift widens a range.
 */
import type { View } from "vega";
import type { Tooltip } from "./tooltip.ts";
import { say } from "../words.ts";

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A mark as the reader meets it; its box is in px of the drawing, from where its plot begins. */
export interface Walked {
  /** The mark's name in the compiled chart; those of one layer share it. */
  name: string;
  datum: Readonly<Record<string, unknown>>;
  /** What the chart itself says of it. */
  tooltip: unknown;
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
  tooltip?: unknown;
  bounds?: { x1: number; y1: number; x2: number; y2: number };
  items?: readonly Scene[];
}

export interface Walk {
  /** A mark in words, as its tooltip says it. */
  describe: (mark: Walked) => readonly { name: string; value: string }[];
  /** Selects marks; with `keep` beside those selected. None lets the selection go. */
  select: (marks: readonly Walked[], keep: boolean) => void;
  /** What the chart is called. */
  label: string;
  /** Whether choosing a mark selects a range; without one, whether any does. */
  isRange: (mark: Walked | null) => boolean;
  /** Layers that are walked whatever lies above them: those that something is selected in. */
  names?: ReadonlySet<string>;
}

/** Marks that a page key goes over. */
const STRIDE = 10;

/** Half the side of a mark that has no extent of its own, such as a line's point, in px. */
const DOT = 4;

/** The marks that show what passes: of the layers named, or the topmost, of each plot, in the order of the data. */
export function marksOf(root: Scene, names: ReadonlySet<string> = new Set()): Walked[] {
  const found: Layered[] = [];
  visit(root, 0, 0, found);
  const top = new Map<string, number>();
  for (const { layer, depth } of found) top.set(layer, Math.max(top.get(layer) ?? -1, depth));
  for (const { layer, depth, walked } of found) if (names.has(walked.name)) top.set(layer, depth);
  return found.filter(({ layer, depth }) => depth === top.get(layer)).map(({ walked }) => walked);
}

interface Layered {
  layer: string;
  depth: number;
  walked: Walked;
}

function visit(mark: Scene, x: number, y: number, found: Layered[]): void {
  const named = /^(.*?)(?:layer_(\d+)_)?marks$/.exec(mark.name ?? "");
  for (const item of mark.items ?? []) {
    if (mark.marktype === "group") visitGroup(item, x, y, found);
    else if (named && isObject(item.datum)) {
      const { datum, tooltip } = item;
      const walked = { name: mark.name!, datum, tooltip, box: boxOf(item, x, y) };
      found.push({ layer: named[1]!, depth: Number(named[2] ?? 0), walked });
    }
  }
}

function visitGroup(
  { items = [], x = 0, y = 0 }: SceneItem,
  left: number,
  top: number,
  found: Layered[],
): void {
  for (const inner of items) visit(inner, left + x, top + y, found);
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

/** Where a mark is among those of now: itself, or the one of its layer that is drawn nearest to where it was. */
export function placeOf(mark: Walked | null, marks: readonly Walked[], before: number): number {
  if (!mark || before < 0) return before;
  const [nearest] = marks
    .map((each, index) => ({ index, far: each.name === mark.name ? distance(each.box, mark.box) : Infinity }))
    .sort((a, b) => a.far - b.far);
  return nearest && Number.isFinite(nearest.far) ? nearest.index : Math.min(before, marks.length - 1);
}

function distance(a: Box, b: Box): number {
  return Math.hypot(a.left - b.left, a.right - b.right, a.top - b.top, a.bottom - b.bottom);
}

/** Makes a drawing walkable; to be called for every drawing of a chart, which is new when its size changes. */
export class Walker {
  private readonly walk: Walk;
  private readonly tooltip: Tooltip;
  private at = -1;
  /** The marks where the walk stands and where a range begins: their places among the others change with the data. */
  private stood: Walked | null = null;
  private began: Walked | null = null;
  /** What was said last; it stands in a new drawing, too. */
  private said = "";
  /** Where a range begins. */
  private anchor = -1;

  constructor(walk: Walk, tooltip: Tooltip) {
    this.walk = walk;
    this.tooltip = tooltip;
  }

  attach(view: View): void {
    const holder = view.container() as HTMLElement;
    const range = this.walk.isRange(null) ? `${say("shift and arrow keys select a range,")} ` : "";
    holder.tabIndex = 0;
    holder.setAttribute("role", "application");
    holder.setAttribute("aria-roledescription", "chart");
    holder.setAttribute(
      "aria-label",
      say("{label}: arrow keys walk from mark to mark, enter selects, {range}escape lets go", {
        label: this.walk.label,
        range,
      }),
    );
    describedBy(holder);
    // The walk says what there is; Vega's own containers of marks have roles and no names.
    holder.querySelector("svg")?.setAttribute("aria-hidden", "true");
    const [ring, said] = [element("div", "chart-ring"), element("p", "visually-hidden")];
    ring.hidden = true;
    said.setAttribute("role", "status");
    holder.append(ring, said);
    said.textContent = this.said;
    const leave = (): void => {
      ring.hidden = true;
      this.tooltip.hide();
    };
    holder.addEventListener("blur", leave);
    holder.addEventListener("pointerdown", leave);
    // A brush keeps the press to itself; the keys that let go of it are the chart's all the same.
    holder.addEventListener("click", () => holder.focus({ preventScroll: true }));
    holder.addEventListener("keydown", (event) => {
      if (this.press(event, view, ring, said)) event.preventDefault();
    });
  }

  /** True when the key was one of the walk's. */
  private press(event: KeyboardEvent, view: View, ring: HTMLElement, said: HTMLElement): boolean {
    if (event.altKey || event.ctrlKey || event.metaKey) return false;
    if (event.key === "Escape") {
      this.anchor = -1;
      this.began = null;
      this.walk.select([], false);
      return true;
    }
    const marks = marksOf((view.scenegraph() as unknown as { root: Scene }).root, this.walk.names);
    if (marks.length === 0) return false;
    this.at = placeOf(this.stood, marks, this.at);
    this.anchor = placeOf(this.began, marks, this.anchor);
    if (event.key === "Enter" || event.key === " ") return this.choose(marks, event.shiftKey);
    const to = stepTo(event.key, this.at, marks.length);
    if (to === null) return false;
    this.go(to, marks, event.shiftKey && this.walk.isRange(marks[to]!));
    show(marks[to]!, this.walk, view, ring, this.tooltip);
    this.said = say("{describe}; {to} of {marks}", {
      describe: inWords(this.walk.describe(marks[to]!)),
      to: to + 1,
      marks: marks.length,
    });
    said.textContent = this.said;
    return true;
  }

  private choose(marks: readonly Walked[], keep: boolean): boolean {
    const mark = marks[this.at];
    if (!mark) return false;
    this.anchor = this.at;
    this.began = mark;
    this.walk.select([mark], keep);
    return true;
  }

  private go(to: number, marks: readonly Walked[], isRange: boolean): void {
    const from = this.at;
    this.at = to;
    this.stood = marks[to]!;
    if (!isRange) return;
    if (this.anchor < 0 || this.anchor >= marks.length) this.anchor = Math.max(0, from);
    this.began = marks[this.anchor]!;
    this.walk.select([this.began, marks[to]!], false);
  }
}

/** The figure's own sentence on what it shows is heard with the chart's name. */
function describedBy(holder: HTMLElement): void {
  const figure = holder.closest(".view");
  const description = figure?.querySelector<HTMLElement>(":scope > .view-description");
  if (!description) return;
  holder.setAttribute("aria-describedby", description.id);
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
function show(mark: Walked, walk: Walk, view: View, ring: HTMLElement, tooltip: Tooltip): void {
  const { box } = mark;
  const drawing = view.container()!.querySelector("svg, canvas")!.getBoundingClientRect();
  const holder = view.container()!.getBoundingClientRect();
  const [x, y] = originOf(view);
  ring.hidden = false;
  ring.style.left = `${drawing.left - holder.left + x + box.left}px`;
  ring.style.top = `${drawing.top - holder.top + y + box.top}px`;
  ring.style.width = `${Math.max(2, box.right - box.left)}px`;
  ring.style.height = `${Math.max(2, box.bottom - box.top)}px`;
  const [clientX, clientY] = [drawing.left + x + (box.left + box.right) / 2, drawing.top + y + box.top];
  tooltip.show(new PointerEvent("pointermove", { clientX, clientY }), walk.describe(mark));
}

/** Where the plot begins within the drawing, in px. */
function originOf(view: View): [number, number] {
  const { left, top } = view.padding() as { left: number; top: number };
  const [x, y] = (view as unknown as { origin: () => [number, number] }).origin();
  return [left + x, top + y];
}
