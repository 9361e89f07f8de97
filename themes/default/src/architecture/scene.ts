/** A figure as marks on a plane, in units of a pixel: what SVG, TikZ and tests of its geometry are made of. */
import { textWidth } from "../vega/widths.ts";

export type Point = readonly [x: number, y: number];

export interface Area {
  kind: "area";
  points: readonly Point[];
  fill: string;
  stroke: string;
  width: number;
  texture?: number;
  dash?: boolean;
  round?: number;
}

export interface Line {
  kind: "line";
  points: readonly Point[];
  stroke: string;
  width: number;
  arrow?: boolean;
  dash?: boolean;
}

export interface Text {
  kind: "text";
  x: number;
  y: number;
  text: string;
  size: number;
  weight: 400 | 650;
  anchor: "start" | "middle" | "end";
  fill: string;
  /** Turned to read from top to bottom; then x is the middle of its line, y where it begins. */
  turned?: boolean;
}

export interface Picture {
  kind: "picture";
  x: number;
  y: number;
  width: number;
  height: number;
  href: string;
  /** The part of the sheet that is shown, in its pixels, and the sheet's own sizes. */
  part: readonly [x: number, y: number, width: number, height: number];
  sheet: readonly [width: number, height: number];
}

/** `glyph` is the place of the glyph that a mark belongs to. */
export type Mark = (Area | Line | Text | Picture) & { glyph?: number };

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Scene {
  width: number;
  height: number;
  marks: readonly Mark[];
}

/** Height of a line of text above its baseline, and below it, in shares of its size. */
export const ASCENT = 0.76;
export const DESCENT = 0.24;
export const LINE = 1.2;

/** Where a text stands: what no other text may touch. */
export function boxOf({ x, y, text, size, weight, anchor, turned }: Text): Box {
  const length = textWidth(text, size, weight);
  const from = anchor === "start" ? 0 : anchor === "middle" ? length / 2 : length;
  if (turned)
    return {
      x: x - (size * (ASCENT + DESCENT)) / 2,
      y: y - from,
      width: size * (ASCENT + DESCENT),
      height: length,
    };
  return { x: x - from, y: y - size * ASCENT, width: length, height: size * (ASCENT + DESCENT) };
}

export function moved(mark: Mark, dx: number, dy: number, scale = 1): Mark {
  const at = ([x, y]: Point): Point => [x * scale + dx, y * scale + dy];
  if (mark.kind === "area" || mark.kind === "line")
    return { ...mark, points: mark.points.map(at), width: mark.width * scale };
  const [x, y] = at([mark.x, mark.y]);
  if (mark.kind === "text") return { ...mark, x, y, size: mark.size * scale };
  return { ...mark, x, y, width: mark.width * scale, height: mark.height * scale };
}

/** What a mark covers. */
export function extentOf(mark: Mark): Box {
  if (mark.kind === "text") return boxOf(mark);
  if (mark.kind === "picture") return mark;
  const xs = mark.points.map(([x]) => x);
  const ys = mark.points.map(([, y]) => y);
  const half = mark.width / 2;
  const [left, top] = [Math.min(...xs) - half, Math.min(...ys) - half];
  return { x: left, y: top, width: Math.max(...xs) + half - left, height: Math.max(...ys) + half - top };
}

/** What stands beside each glyph: whoever hears its name, or says it, hears and says that, too. */
export function textsBy(marks: readonly Mark[]): Map<number, string> {
  const texts = new Map<number, string>();
  for (const mark of marks)
    if (mark.kind === "text" && mark.glyph !== undefined)
      texts.set(mark.glyph, `${texts.get(mark.glyph) ?? ""} ${mark.text}`.trim());
  return texts;
}
