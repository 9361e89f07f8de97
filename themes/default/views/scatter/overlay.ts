/** What lies over the marks: axes, names, what is selected, and the point under the pointer. */
import { html, type Markup } from "../../src/markup.ts";
import { axesMarkup, labelsMarkup, type Drawn } from "./drawing.ts";
import type { Place } from "../../src/live/gestures.ts";
import type { Options } from "./options.ts";
import type { Projection } from "./plot.ts";
import type { ScatterState } from "./state.ts";

export interface Over {
  projection: Projection;
  picked: ReadonlySet<number> | null;
  state: ScatterState;
  /** Where picked points are, in px. */
  points: readonly Place[];
  /** The way of a lasso under way, in px. */
  way: readonly Place[];
  current: Place | null;
  size: number;
}

export function overlay(options: Options, drawn: Drawn, over: Over): Markup {
  const { projection, picked } = over;
  const { width, height } = projection.frame;
  return html`<svg
    class="chart scatter-over"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    aria-hidden="true"
  >
    ${axesMarkup(options, projection)}${labelsMarkup(options, drawn, projection, picked)}
    <g class="scatter-selection">${areas(over)}${rings(over)}</g>
    <g class="scatter-current">${over.current ? ring(over.current, over.size / 2 + 3) : null}</g>
  </svg>`;
}

function areas({ projection, state, way }: Over): Markup[] {
  const { left, right, top, bottom } = projection.frame;
  const inX = (value: number): number => tenth(Math.min(Math.max(projection.x(value), left), right));
  const inY = (value: number): number => tenth(Math.min(Math.max(projection.y(value), top), bottom));
  const boxes = (state.boxes ?? []).map((box) => {
    const [x0, x1, y0, y1] = [inX(box[0]), inX(box[1]), inY(box[3]), inY(box[2])];
    return html`<rect x="${x0}" y="${y0}" width="${tenth(x1 - x0)}" height="${tenth(y1 - y0)}" />`;
  });
  const lassos = (state.lassos ?? []).map((lasso) => {
    const corners = Array.from({ length: lasso.length / 2 }, (_, at) => ({
      x: projection.x(lasso[at * 2]!),
      y: projection.y(lasso[at * 2 + 1]!),
    }));
    return html`<path d="${pathOf(corners)}z" />`;
  });
  return [...boxes, ...lassos, ...(way.length > 1 ? [html`<path d="${pathOf(way)}" />`] : [])];
}

function pathOf(way: readonly Place[]): string {
  return way.map(({ x, y }, index) => `${index ? "L" : "M"}${tenth(x)},${tenth(y)}`).join("");
}

function rings({ points, size }: Over): Markup[] {
  return points.map((point) => ring(point, size / 2 + 2));
}

function ring({ x, y }: Place, radius: number): Markup {
  return html`<circle cx="${tenth(x)}" cy="${tenth(y)}" r="${radius}" />`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
