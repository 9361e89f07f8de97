/** A figure as one SVG: text as text, no style but attributes, nothing from elsewhere. */
import { escape } from "../markup.ts";
import { TEXTURES } from "./palettes.ts";
import { ASCENT, DESCENT, type Mark, type Point, type Scene, type Text } from "./scene.ts";

/** What the colours that are no values stand for. */
export interface Ink {
  ink: string;
  quiet: string;
  panel: string;
  font: string;
}

/** On paper, and wherever no page says otherwise. */
export const PAPER: Ink = {
  ink: "#1a1f29",
  quiet: "#5a6475",
  panel: "#f6f7f9",
  font: "Inter, Helvetica, Arial, sans-serif",
};
/** In a page, whose colours follow its theme. */
export const PAGE: Ink = {
  ...{
    ink: "var(--chart-title)",
    quiet: "var(--chart-text)",
    panel: "var(--page-surface)",
    font: "var(--font-family)",
  },
};

export interface Written {
  /** Begins the ids of what is defined in the drawing; nothing else of the page's begins so. */
  id: string;
  title: string;
  ink: Ink;
  /** `pt` for drawings that are to be exactly as wide as they say on paper. */
  unit?: "pt";
  /** Further attributes of the drawing; a drawing whose glyphs can be pointed at is no single image. */
  attributes?: string;
  /** Attributes of the group of a glyph. */
  glyph?: (index: number) => string;
}

export function svgOf({ width, height, marks }: Scene, written: Written): string {
  const { id, title, ink, unit = "", attributes = 'role="img"' } = written;
  const textures = new Set(
    marks.flatMap((mark) =>
      mark.kind === "area" && mark.texture !== undefined ? [mark.texture % TEXTURES] : [],
    ),
  );
  const size = `width="${fixed(width)}${unit}" height="${fixed(height)}${unit}" viewBox="0 0 ${fixed(width)} ${fixed(height)}"`;
  const pictures: string[] = [];
  const body = grouped(marks, (mark) => markText(mark, id, ink, pictures), written.glyph);
  const defined = [
    ...[...textures].sort((a, b) => a - b).map((index) => texture(index, id)),
    arrow(id, ink),
    ...pictures,
  ].join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${attributes} aria-label="${escape(title)}" font-family="${escape(ink.font)}"><title>${escape(title)}</title><defs>${defined}</defs>${body}</svg>`;
}

/** Marks of one glyph in one element, so that it can be pointed at. */
function grouped(
  marks: readonly Mark[],
  write: (mark: Mark) => string,
  attributes: Written["glyph"],
): string {
  const parts: string[] = [];
  let open = -1;
  for (const mark of marks) {
    const glyph = attributes ? (mark.glyph ?? -1) : -1;
    if (glyph !== open) {
      if (open >= 0) parts.push("</g>");
      if (glyph >= 0) parts.push(`<g ${attributes!(glyph)}>`);
      open = glyph;
    }
    parts.push(write(mark));
    // What a glyph says is read aloud word by word.
    if (glyph >= 0 && mark.kind === "text") parts.push(" ");
  }
  return parts.join("") + (open >= 0 ? "</g>" : "");
}

/** Two places behind the point, and no more than are needed. */
export const fixed = (value: number): string => String(Math.round(value * 100) / 100);

function colour(name: string, ink: Ink): string {
  return name === "ink" || name === "quiet" || name === "panel" ? ink[name] : name;
}

function markText(mark: Mark, id: string, ink: Ink, pictures: string[]): string {
  if (mark.kind === "text") return textText(mark, ink);
  if (mark.kind === "picture") return pictureText(mark, id, pictures);
  const stroke =
    mark.stroke === "none" || mark.width === 0
      ? ""
      : ` stroke="${colour(mark.stroke, ink)}" stroke-width="${fixed(mark.width)}" stroke-linejoin="round"`;
  const dash = mark.dash ? ` stroke-dasharray="${fixed(Math.max(2, mark.width * 3))}"` : "";
  if (mark.kind === "line") {
    const head = mark.arrow ? ` marker-end="url(#${id}-arrow)"` : "";
    return `<path d="${pathOf(mark.points, BEND)}" fill="none"${stroke}${dash}${head}/>`;
  }
  const fill =
    mark.texture === undefined ? colour(mark.fill, ink) : `url(#${id}-texture-${mark.texture % TEXTURES})`;
  return `<path d="${pathOf(mark.points, 0)}Z" fill="${fill}"${stroke}${dash}/>`;
}

/** Radius of the corners of lines. */
export const BEND = 4;

/** A step of a way; of a bend, the handles of its curve of the third order. */
export type Step =
  | { kind: "move" | "line"; to: Point }
  | { kind: "bend"; corner: Point; controls: readonly [Point, Point]; to: Point };

/** A way with its corners rounded. */
export function bentPath(points: readonly Point[], radius: number): Step[] {
  return points.flatMap((point, index): Step[] => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (!before) return [{ kind: "move", to: point }];
    if (!after || radius === 0) return [{ kind: "line", to: point }];
    const [from, to] = [towards(point, before, radius), towards(point, after, radius)];
    const handle = ([x, y]: Point): Point => [x + ((point[0] - x) * 2) / 3, y + ((point[1] - y) * 2) / 3];
    return [
      { kind: "line", to: from },
      { kind: "bend", corner: point, controls: [handle(from), handle(to)], to },
    ];
  });
}

export function pathOf(points: readonly Point[], radius: number): string {
  const at = ([x, y]: Point): string => `${fixed(x)} ${fixed(y)}`;
  return bentPath(points, radius)
    .map((step) => {
      if (step.kind === "bend") return `Q${at(step.corner)} ${at(step.to)}`;
      return `${step.kind === "move" ? "M" : "L"}${at(step.to)}`;
    })
    .join("");
}

/** A point so far from one on the way to another, at most half of the way. */
function towards([x, y]: Point, [toX, toY]: Point, far: number): Point {
  const length = Math.hypot(toX - x, toY - y);
  const share = length === 0 ? 0 : Math.min(far, length / 2) / length;
  return [x + (toX - x) * share, y + (toY - y) * share];
}

function textText({ x, y, text, size, weight, anchor, fill, turned }: Text, ink: Ink): string {
  const base = turned ? x - (size * (ASCENT - DESCENT)) / 2 : x;
  const turn = turned ? ` transform="rotate(90 ${fixed(base)} ${fixed(y)})"` : "";
  const heavy = weight === 400 ? "" : ` font-weight="${weight}"`;
  const aligned = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
  return `<text x="${fixed(base)}" y="${fixed(y)}" font-size="${fixed(size)}"${heavy}${aligned} fill="${colour(fill, ink)}"${turn}>${escape(text)}</text>`;
}

/** A part of a sheet fills an area: of a sheet that is merely clipped, all of it would count as the glyph's. */
function pictureText(mark: Mark & { kind: "picture" }, id: string, defined: string[]): string {
  const { x, y, width, height, href, part, sheet } = mark;
  const [scaleX, scaleY] = [width / part[2], height / part[3]];
  const name = `${id}-picture-${defined.length}`;
  const size = `width="${fixed(width)}" height="${fixed(height)}"`;
  const whole = `x="${fixed(-part[0] * scaleX)}" y="${fixed(-part[1] * scaleY)}" width="${fixed(sheet[0] * scaleX)}" height="${fixed(sheet[1] * scaleY)}"`;
  defined.push(
    `<pattern id="${name}" ${size} patternUnits="userSpaceOnUse" patternTransform="translate(${fixed(x)} ${fixed(y)})"><image href="${escape(href)}" ${whole} preserveAspectRatio="none"/></pattern>`,
  );
  return `<rect x="${fixed(x)}" y="${fixed(y)}" ${size} fill="url(#${name})"/>`;
}

const arrow = (id: string, ink: Ink): string =>
  `<marker id="${id}-arrow" viewBox="0 0 6 6" refX="5.5" refY="3" markerWidth="5" markerHeight="5" orient="auto"><path d="M0 0.4L6 3L0 5.6Z" fill="${ink.ink}"/></marker>`;

/** Patterns that are told apart in print; each a tile of 8. */
export const TILES: readonly string[] = [
  "M0 8L8 0",
  "M0 0L8 8",
  "M0 4H8",
  "M4 0V8",
  "M0 4H8M4 0V8",
  "M0 8L8 0M0 0L8 8",
  "M0 2H8M0 6H8",
  "M2 0V8M6 0V8",
  "M2 2H3V3H2ZM6 6H7V7H6Z",
  "M0 8L4 4L8 8M0 4L4 0L8 4",
  "M4 1A3 3 0 1 0 4.01 1",
  "M0 0H4V4H0ZM4 4H8V8H4Z",
];

export interface TileLook {
  isFilled: boolean;
  colour: string;
  /** Of its lines. */
  width: number;
}

/** Dots and squares are filled; the others are lines. */
export const tileLook = (index: number): TileLook => ({
  isFilled: index === 8 || index === 11,
  colour: "#444444",
  width: 0.9,
});

function texture(index: number, id: string): string {
  const { isFilled, colour: name, width } = tileLook(index);
  const looks = isFilled ? `fill="${name}"` : `fill="none" stroke="${name}" stroke-width="${width}"`;
  return `<pattern id="${id}-texture-${index}" width="8" height="8" patternUnits="userSpaceOnUse"><path d="${TILES[index]!}" ${looks}/></pattern>`;
}
