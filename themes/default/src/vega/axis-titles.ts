/** Titles of axes: in several lines where a plot is narrower, or lower, than the title. */
import { isObject, objectsIn, type Json } from "./channels.ts";
import { config, FONT_SIZE } from "./theme.ts";
import { textWidth } from "./widths.ts";

/** What an axis beside a plot takes of its width in px, about: with names, and with numbers. */
const NAMES = 160;
const NUMBERS = 56;

/** What a title may be longer than its plot, in px: as much more of it is shown before it is cut. */
const OVER = 8;

/** Px between the lines of a title. */
const LINE = 14;

/** Where a title ends that lies above its plot, in px. */
const ABOVE = -8;

/**
 * Breaks titles that are longer than a plot is wide, in a compiled chart of one plot. Its room is estimated: Vega
 * knows it only once everything has its place, the titles' lines included. It is made as high as its titles and
 * `names`, in px, need; null leaves its height as it is.
 */
export function fitTitles(chart: Json, width: number, names: number | null = 0): Json {
  const axes = objectsIn(chart["axes"]);
  const named = objectsIn(chart["scales"]).filter(({ type }) => type === "band" || type === "point");
  const isNamed = ({ orient, scale }: Json): boolean =>
    orient === "left" && named.some(({ name }) => name === scale);
  const room = width - (axes.some(isNamed) ? NAMES : NUMBERS) + OVER;
  const upright = axes.filter((axis) => isBeside(axis) && !isAcross(axis, chart)).map(({ title }) => title);
  const narrowed = upright.reduce<number>((sum, title) => sum + LINE * (linesOf(title).length - 1), 0);
  for (const axis of axes.filter((each) => "title" in each && isAcross(each, chart))) {
    const lines = broken(linesOf(axis["title"]), Math.max(LEAST, room - narrowed));
    axis["title"] = lines.length > 1 ? lines : (lines[0] ?? axis["title"]);
    if (!isBeside(axis) || lines.length < 2) continue;
    // It ends where one of one line does, and what stands above the plot makes room for it.
    axis["titleY"] = ABOVE - LINE * (lines.length - 1);
    raiseLegends(chart, lines.length - 1);
  }
  if (names === null) return chart;
  return heightened(chart, axes, Math.max(names, LINE * Math.min(FEW, namesOf(axes, named))));
}

/** The least that is left of a plot between its titles, in px: more where one stands beside it. */
const LOWEST = { plain: 48, upright: 80 };

/** What the labels below a plot take, and a legend above it beside its offset, in px. */
const LABELS = 22;
const LEGEND = 36;

/** As high as its titles need, whatever the author wrote: Vega would take what they need from the plot, and all of it. */
function heightened(chart: Json, axes: readonly Json[], names: number): Json {
  const { height } = chart;
  const titled = axes.filter((axis) => linesOf(axis["title"]).length > 0);
  if (typeof height !== "number" || !("autosize" in chart) || titled.length === 0) return chart;
  const most = (of: readonly Json[]): number =>
    Math.max(0, ...of.map(({ title }) => LINE * linesOf(title).length));
  const beside = titled.filter(isBeside);
  const isUpright = beside.some((axis) => !isAcross(axis, chart));
  const lying = most(beside.filter((axis) => isAcross(axis, chart)));
  const above = objectsIn(chart["legends"]).map((each) => offsetOf(each, chart) + LEGEND + more(each));
  const offset = Math.max(0, ...above);
  const plot = Math.max(isUpright ? LOWEST.upright : LOWEST.plain, names);
  const below = LABELS + most(titled.filter(({ orient }) => orient === "bottom"));
  return { ...chart, height: Math.max(height, Math.max(offset, lying - ABOVE) + plot + below) };
}

/** Names that are all shown beside a plot; of more, some are left out. */
export const FEW = 14;

/** How many names stand beside a plot, where that is known before it is drawn. */
function namesOf(axes: readonly Json[], named: readonly Json[]): number {
  const beside = new Set(axes.filter(isBeside).map(({ scale }) => scale));
  const domains = named.filter(({ name }) => beside.has(name)).map(({ domain }) => domain);
  return Math.max(0, ...domains.map((domain) => (Array.isArray(domain) ? domain.length : 0)));
}

/** Px that the lines of a legend's title take beyond the first. */
function more({ title }: Json): number {
  return LINE * Math.max(0, linesOf(title).length - 1);
}

function offsetOf(legend: Json, { config }: Json): number {
  const { legend: look } = isObject(config) ? config : {};
  return Number(legend["offset"] ?? (isObject(look) ? look["offset"] : 0)) || 0;
}

/** The least room that a title is broken to, in px. */
const LEAST = 40;

function isBeside({ orient }: Json): boolean {
  return orient === "left" || orient === "right";
}

function linesOf(title: unknown): string[] {
  return (Array.isArray(title) ? title : [title]).filter((line): line is string => typeof line === "string");
}

/** What lays the title of a side axis above its plot, where it would be long beside it. */
export function lying(lines: number): Json {
  return {
    ...{ titleAngle: 0, titleAlign: "left", titleAnchor: "end", titleBaseline: "bottom", titleX: 0 },
    titleY: ABOVE - LINE * (lines - 1),
  };
}

/** Each line in as many of a width, in px, as it takes. */
export function broken(lines: readonly string[], room: number): string[] {
  return lines.flatMap((line) => brokenTitle(line, room));
}

/** Whether a title lies: one of a side axis does where the theme lays it above the plot. */
function isAcross({ orient, titleAngle }: Json, { config }: Json): boolean {
  if (titleAngle) return false;
  const { axisY } = isObject(config) ? config : {};
  const isAbove = titleAngle === 0 || (isObject(axisY) && axisY["titleAngle"] === 0);
  return orient === "left" ? isAbove : orient !== "right";
}

function raiseLegends(chart: Json, lines: number): void {
  const offset = Number((config["legend"] as Json)["offset"]);
  if (lines > 0) for (const legend of objectsIn(chart["legends"])) legend["offset"] ??= offset + lines * LINE;
}

/** A title in as many lines of a width, in px, as it takes; a word that is wider than that is broken, too. */
export function brokenTitle(title: string, room: number): readonly string[] | string {
  if (widthOf(title) <= room) return title;
  const two = halves(title);
  if (typeof two !== "string" && two.every((line) => widthOf(line) <= room)) return two;
  const lines: string[] = [];
  for (const word of title.split(" ").flatMap((each) => pieces(each, room))) {
    const last = lines.at(-1);
    if (last === undefined || widthOf(`${last} ${word}`) > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.length === 1 ? title : lines;
}

/** A word in parts that fit; no narrower than a sign. */
function pieces(word: string, room: number): string[] {
  const parts = [""];
  for (const sign of word) {
    if (parts.at(-1) !== "" && widthOf(parts.at(-1)! + sign) > room) parts.push("");
    parts[parts.length - 1] += sign;
  }
  return parts;
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
