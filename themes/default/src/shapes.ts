/** The few shapes that drawings of our own are made of, alike as SVG and on a canvas. Colours are names of variables. */
import { html, shorten, type Markup } from "./markup.ts";
import { textWidth } from "./vega/widths.ts";

export interface Rect {
  kind: "rect";
  x: number;
  y: number;
  width: number;
  height: number;
  fill?: string;
  stroke?: string;
  line?: number;
  opacity?: number;
  /** What it stands for, for tests and for the people who script a page. */
  data?: { actual: string; predicted: string; n: number };
}

export interface Text {
  kind: "text";
  x: number;
  y: number;
  text: string;
  /** The whole, where it was cut. */
  full?: string;
  size: number;
  anchor: "start" | "middle" | "end";
  fill: string;
  weight?: number;
  /** Read from below to above. */
  isTurned?: boolean;
}

export interface Line {
  kind: "line";
  from: readonly [number, number];
  to: readonly [number, number];
  stroke: string;
  line: number;
  opacity?: number;
}

export type Shape = Rect | Text | Line;

/** Texts as they were cut before: a drawing that moves asks for the same ones in every frame. */
const cut = new Map<string, string>();
const MOST_KEPT = 10_000;

/** The text cut in the middle to a width in px. */
export function fitted(text: string, room: number, size: number, weight = 400): string {
  const key = `${size} ${weight} ${Math.floor(room)} ${text}`;
  const kept = cut.get(key);
  if (kept !== undefined) return kept;
  if (cut.size >= MOST_KEPT) cut.clear();
  const found = cutTo(text, Math.floor(room), size, weight);
  cut.set(key, found);
  return found;
}

function cutTo(text: string, room: number, size: number, weight: number): string {
  if (textWidth(text, size, weight) <= room) return text;
  let [fits, fails] = [0, Math.min(text.length, 200)];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (textWidth(shorten(text, middle), size, weight) <= room) fits = middle;
    else fails = middle;
  }
  return fits > 1 ? shorten(text, fits) : "";
}

export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

export function svgOf(shape: Shape): Markup {
  if (shape.kind === "rect") return rectSvg(shape);
  if (shape.kind === "text") return textSvg(shape);
  const [[x1, y1], [x2, y2]] = [shape.from, shape.to];
  return html`<path
    d="M${tenth(x1)},${tenth(y1)}L${tenth(x2)},${tenth(y2)}"
    fill="none"
    stroke="var(--${shape.stroke})"
    stroke-width="${shape.line}"
    stroke-opacity="${shape.opacity ?? 1}"
  />`;
}

function rectSvg({ x, y, width, height, fill, stroke, line, opacity, data }: Rect): Markup {
  const place = html`x="${tenth(x)}" y="${tenth(y)}" width="${tenth(width)}" height="${tenth(height)}"`;
  const edge = stroke ? html` stroke="var(--${stroke})" stroke-width="${line ?? 1}"` : null;
  const said = data
    ? html` data-actual="${data.actual}" data-predicted="${data.predicted}" data-n="${data.n}"`
    : null;
  const paint = html`fill="${fill ? `var(--${fill})` : "none"}"`;
  return html`<rect
    ${place}
    ${paint}${edge}${opacity === undefined ? null : html` opacity="${opacity}"`}${said}
  />`;
}

function textSvg({ x, y, text, full, size, anchor, fill, weight, isTurned }: Text): Markup {
  const place = isTurned
    ? html`transform="translate(${tenth(x)},${tenth(y)})rotate(-90)"`
    : html`x="${tenth(x)}" y="${tenth(y)}"`;
  return html`<text
    ${place}
    font-size="${size}"
    text-anchor="${anchor}"
    fill="var(--${fill})"
    font-weight="${weight ?? 400}"
    >${full && full !== text ? html`<title>${full}</title>` : null}${text}</text
  >`;
}
