/** Text as it stands in lines: each line of a text node is an SVG text of its own, at the place the browser gave it. */
import { escape } from "../../../markup.ts";
import { rounded, type Area, type Clips } from "./area.ts";
import { colourOf, paintOf } from "./colour.ts";

export interface Line {
  text: string;
  area: Area;
}

/** Where a text goes, and what is seen of it. */
export interface Room {
  origin: { left: number; top: number };
  sight: Area;
  clips: Clips;
  /** The edge at which a text that is too long ends in an ellipsis; null where it goes on. */
  end: number | null;
}

/** The lines of a text node. */
export function linesOf(node: Text, { left, top }: Room["origin"]): Line[] {
  if (!node.data.trim()) return [];
  return merged(
    [...node.data.matchAll(/\S+/g)].flatMap((word) => piecesOf(node, word.index, word[0])),
    node,
  )
    .map(({ from, to, area }) => ({
      text: node.data.slice(from, to).replace(/\s/g, " "),
      area: {
        left: area.left - left,
        top: area.top - top,
        right: area.right - left,
        bottom: area.bottom - top,
      },
    }))
    .filter(({ area }) => area.right > area.left);
}

interface Piece {
  from: number;
  to: number;
  area: Area;
}

/** A word, or where it is broken over lines each of its signs. */
function piecesOf(node: Text, from: number, word: string): Piece[] {
  const rects = rectsOf(node, from, from + word.length);
  if (rects.length <= 1) return rects.map((area) => ({ from, to: from + word.length, area }));
  let at = from;
  return Array.from(word).flatMap((sign) => {
    const start = at;
    at += sign.length;
    return rectsOf(node, start, at)
      .slice(0, 1)
      .map((area) => ({ from: start, to: start + sign.length, area }));
  });
}

function rectsOf(node: Text, from: number, to: number): Area[] {
  const range = document.createRange();
  range.setStart(node, from);
  range.setEnd(node, to);
  return [...range.getClientRects()]
    .filter(({ width, height }) => width > 0 && height > 0)
    .map(({ left, top, right, bottom }) => ({ left, top, right, bottom }));
}

/** Pieces that follow each other on one line are one. */
function merged(pieces: readonly Piece[], node: Text): Piece[] {
  const found: Piece[] = [];
  for (const piece of pieces) {
    const last = found[found.length - 1];
    const { area } = piece;
    const isOnLine =
      last !== undefined &&
      Math.abs(last.area.top - area.top) < (area.bottom - area.top) / 2 &&
      area.left >= last.area.left &&
      !node.data.slice(last.to, piece.from).includes("\t");
    if (!isOnLine) found.push({ ...piece });
    else {
      last.to = piece.to;
      last.area = { ...last.area, right: Math.max(last.area.right, area.right) };
    }
  }
  return found;
}

/* Writing */

export function lineOf(line: Line, style: CSSStyleDeclaration, room: Room): string {
  const colour = colourOf(style.color);
  const told = ended(line, style, room.end);
  const cut = told && room.clips.cut(told.area, room.sight);
  if (!colour || told === null || cut === null) return "";
  const text = transformed(told.text, style.textTransform);
  const width = told.area.right - told.area.left;
  // A program without the font sets the text as wide as the page does.
  const fitted = text.length > 1 ? ` textLength="${rounded(width)}" lengthAdjust="spacingAndGlyphs"` : "";
  const preserved = / {2}/.test(text) ? ' xml:space="preserve"' : "";
  return `<text x="${rounded(told.area.left)}" y="${rounded(baseline(told.area, style))}" ${paintOf("fill", colour)}${lookOf(style)}${fitted}${preserved}${cut}>${escape(text)}</text>`;
}

/** How the text is set, as far as it is not what an SVG is set in anyway. */
function lookOf(style: CSSStyleDeclaration): string {
  const { fontStyle, fontWeight, fontVariantNumeric, letterSpacing, textDecorationLine } = style;
  const looks: [string, string, boolean][] = [
    ["font-size", style.fontSize, true],
    ["font-family", style.fontFamily, style.fontFamily !== bodyFont()],
    ["font-weight", fontWeight, fontWeight !== "400"],
    ["font-style", fontStyle, fontStyle !== "normal"],
    ["letter-spacing", letterSpacing, letterSpacing !== "normal"],
    ["text-decoration", textDecorationLine, textDecorationLine !== "none"],
    ["style", `font-variant-numeric:${fontVariantNumeric}`, fontVariantNumeric !== "normal"],
  ];
  return looks.map(([name, value, isOwn]) => (isOwn ? ` ${name}="${escape(value)}"` : "")).join("");
}

const bodyFont = (): string => getComputedStyle(document.body).fontFamily;

function transformed(text: string, how: string): string {
  if (how === "uppercase") return text.toLocaleUpperCase();
  if (how === "lowercase") return text.toLocaleLowerCase();
  return how === "capitalize" ? text.replace(/(^|\s)\p{L}/gu, (sign) => sign.toLocaleUpperCase()) : text;
}

/** A line that goes beyond the edge, as far as it has room, with an ellipsis; null where it has none. */
function ended({ text, area }: Line, style: CSSStyleDeclaration, end: number | null): Line | null {
  if (end === null || area.right <= end + 0.5) return { text, area };
  const width = widthIn(style);
  const signs = Array.from(text);
  while (signs.length && area.left + width(`${signs.join("")}…`) > end) signs.pop();
  if (!signs.length) return null;
  const said = `${signs.join("").trimEnd()}…`;
  return { text: said, area: { ...area, right: area.left + width(said) } };
}

const plane = (): CanvasRenderingContext2D => document.createElement("canvas").getContext("2d")!;
let measure: CanvasRenderingContext2D | null = null;

export function widthIn(style: CSSStyleDeclaration): (text: string) => number {
  const context = (measure ??= plane());
  context.font = fontOf(style);
  return (text) => context.measureText(text).width;
}

function fontOf({ fontStyle, fontWeight, fontSize, fontFamily }: CSSStyleDeclaration): string {
  return `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
}

/** The line's box is as high as the font's signs reach, up and down. */
function baseline({ top, bottom }: Area, style: CSSStyleDeclaration): number {
  const context = (measure ??= plane());
  context.font = fontOf(style);
  const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = context.measureText("x");
  return top + (bottom - top - up - down) / 2 + up;
}
