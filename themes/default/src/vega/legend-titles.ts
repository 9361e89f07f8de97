/** Titles of legends: in lines beside their entries, where Vega would cut off the end. */
import { brokenTitle } from "./axis-titles.ts";
import { isObject, objectsIn, type Json } from "./channels.ts";
import { FONT_SIZE } from "./theme.ts";
import { textWidth } from "./widths.ts";
import { html, shorten, trusted } from "../markup.ts";

/** Px that a title takes beside its entries at most; Vega cuts one at 180. */
const ROOM = 160;

/** Lines of a title at most; a longer one is shortened in its middle. */
const MOST_LINES = 4;

/** Breaks the titles of all legends of a compiled chart; one that its author limits is cut there. */
export function fitLegendTitles(group: Json): Json {
  for (const legend of objectsIn(group["legends"]))
    if (typeof legend["title"] === "string" && legend["titleLimit"] === undefined) fitTitle(legend);
  for (const mark of objectsIn(group["marks"])) if (mark["type"] === "group") fitLegendTitles(mark);
  return group;
}

function fitTitle(legend: Json): void {
  const whole = legend["title"] as string;
  const lines = linesOf(whole);
  legend["title"] = lines;
  if ([lines].flat().join(" ").length < whole.length) tellWhole(legend, whole);
}

/** A pointer on a shortened title is told the whole. */
function tellWhole(legend: Json, whole: string): void {
  const encode = isObject(legend["encode"]) ? legend["encode"] : {};
  const [own, title] = ["legend", "title"].map((part) => (isObject(encode[part]) ? encode[part] : {}));
  const update = isObject(title!["update"]) ? title!["update"] : {};
  legend["encode"] = {
    ...encode,
    legend: { ...own, interactive: true },
    title: { ...title, interactive: true, update: { ...update, tooltip: { value: whole } } },
  };
}

interface Scene {
  role?: string;
  tooltip?: unknown;
  items?: readonly Scene[];
}

/** Puts the whole of each shortened title into a drawing, whose markup has titles in the order of the scene. */
export function withWholeTitles(svg: string, root: Scene): string {
  const wholes = titlesIn(root).map(({ tooltip }) => tooltip);
  if (!wholes.some((whole) => typeof whole === "string")) return svg;
  let at = 0;
  return svg.replace(/(<g class="mark-text role-legend-title"[^>]*><text[^>]*>)/g, (start: string) => {
    const whole = wholes[at++];
    return typeof whole === "string" ? html`${trusted(start)}<title>${whole}</title>`.text : start;
  });
}

function titlesIn(scene: Scene): readonly Scene[] {
  if (scene.role === "legend-title") return scene.items ?? [];
  return (scene.items ?? []).flatMap(titlesIn);
}

/** Px that the widest line of a legend's title takes. */
export function legendTitleWidth(title: unknown): number {
  const lines = typeof title === "string" ? linesOf(title) : title;
  const all = (Array.isArray(lines) ? lines : [lines]).filter((line) => typeof line === "string");
  return Math.max(0, ...all.map((line) => textWidth(line, FONT_SIZE, 550)));
}

function linesOf(title: string): readonly string[] | string {
  const lines = brokenTitle(title, ROOM);
  if (typeof lines === "string" || lines.length <= MOST_LINES) return lines;
  const signs = Math.min(title.length - 1, lines.slice(0, MOST_LINES).join(" ").length);
  return linesOf(shorten(title, signs));
}
