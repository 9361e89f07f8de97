/** Titles of legends: in lines beside their entries, where Vega would cut off the end. */
import { brokenTitle } from "./axis-titles.ts";
import { objectsIn, type Json } from "./channels.ts";
import { FONT_SIZE } from "./theme.ts";
import { textWidth } from "./widths.ts";
import { shorten } from "../markup.ts";

/** Px that a title takes beside its entries at most; Vega cuts one at 180. */
const ROOM = 160;

/** Lines of a title at most; a longer one is shortened in its middle. */
const MOST_LINES = 4;

/** Breaks the titles of all legends of a compiled chart; one that its author limits is cut there. */
export function fitLegendTitles(group: Json): Json {
  for (const legend of objectsIn(group["legends"]))
    if (typeof legend["title"] === "string" && legend["titleLimit"] === undefined)
      legend["title"] = linesOf(legend["title"]);
  for (const mark of objectsIn(group["marks"])) if (mark["type"] === "group") fitLegendTitles(mark);
  return group;
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
