/** Titles of axes: in several lines where a plot is narrower, or lower, than the title. */
import { isObject, type Json } from "./channels.ts";
import { FONT_SIZE } from "./theme.ts";
import { textWidth } from "./widths.ts";

/** What an axis beside a plot takes of its width in px, about: with names, and with numbers. */
const NAMES = 160;
const NUMBERS = 56;

/**
 * Breaks titles that are longer than a plot is wide, in a compiled chart of one plot. Its room is estimated: Vega
 * knows it only once everything has its place, the titles' lines included.
 */
export function fitTitles(chart: Json, width: number): Json {
  const axes = list(chart["axes"]);
  const named = list(chart["scales"]).filter(({ type }) => type === "band" || type === "point");
  const isNamed = ({ orient, scale }: Json): boolean =>
    orient === "left" && named.some(({ name }) => name === scale);
  const room = width - (axes.some(isNamed) ? NAMES : NUMBERS);
  for (const axis of axes) {
    const { title, orient, titleAngle } = axis;
    const isAcross = orient !== "left" && orient !== "right" && !titleAngle;
    if (isAcross && typeof title === "string" && widthOf(title) > room) axis["title"] = halves(title);
  }
  return chart;
}

/** Lines that a title is broken into at most. */
const MOST_LINES = 3;

/** A title in as many lines of a width, in px, as it takes; what is left stands in the last one, which may be too long. */
export function brokenTitle(title: string, room: number): readonly string[] | string {
  if (widthOf(title) <= room) return title;
  if (widthOf(title) <= 1.8 * room) return halves(title);
  const lines: string[] = [];
  for (const word of title.split(" ")) {
    const last = lines.at(-1);
    const isFull = last === undefined || widthOf(`${last} ${word}`) > room;
    if (isFull && lines.length < MOST_LINES) lines.push(word);
    else lines[lines.length - 1] += ` ${word}`;
  }
  return lines.length === 1 ? title : lines;
}

/** Two lines as alike in width as the words allow; one of one word. */
function halves(title: string): readonly string[] | string {
  const words = title.split(" ");
  const breaks = words.slice(1).map((_, index) => {
    const lines = [words.slice(0, index + 1).join(" "), words.slice(index + 1).join(" ")];
    return { lines, widest: Math.max(...lines.map(widthOf)) };
  });
  return breaks.reduce((best, each) => (each.widest < best.widest ? each : best), breaks[0]!)?.lines ?? title;
}

function widthOf(text: string): number {
  return textWidth(text, FONT_SIZE, 550);
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
