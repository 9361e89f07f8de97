/** Legends of compiled charts: ticks of symlog scales, and entries that break into as many rows as they need. */
import { objectsIn } from "../channels.ts";
import type { View } from "vega";
import type { Json } from "../channels.ts";
import { entryWidth, MARGIN } from "../compose.ts";
import { widthIn } from "../legend-ramps.ts";
import { legendTitleWidth } from "../legend-titles.ts";
import { textWidth } from "../widths.ts";
import { FONT_SIZE, SYMLOG_TICKS } from "../theme.ts";
import { greatest } from "../../extremes.ts";

const SCALES = ["fill", "stroke", "size", "opacity", "strokeWidth"];

/** Gives the legends of all groups of a chart their ticks, unless the author did. */
export function tickedLegends(group: Json, outer: ReadonlySet<string> = new Set()): Json {
  const symlog = new Set([
    ...outer,
    ...objectsIn(group["scales"])
      .filter(({ type }) => type === "symlog")
      .map(({ name }) => String(name)),
  ]);
  for (const legend of objectsIn(group["legends"])) {
    const scale = SCALES.map((key) => legend[key]).find((name) => symlog.has(String(name)));
    if (scale !== undefined && !("values" in legend)) legend["values"] = { signal: ticks(String(scale)) };
  }
  for (const mark of objectsIn(group["marks"])) if (mark["type"] === "group") tickedLegends(mark, symlog);
  return group;
}

/** Those ticks that the scale reaches; Vega has the rounding of logarithms that JavaScript has. */
function ticks(scale: string): string {
  const top = `max(1, domain(${JSON.stringify(scale)})[1])`;
  return `slice(${JSON.stringify(SYMLOG_TICKS)}, 0, 2 + floor(1e-9 + log(${top}) / LN10))`;
}

/** How wide the longest name in a legend is, in px, by the scale of names that the legend explains. */
export type Entries = ReadonlyMap<string, number>;

/** Of the scales of a chart that has been run. */
export function entriesOf(vega: Json, view: View): Entries {
  const ordinal = objectsIn(vega["scales"]).filter(({ type }) => type === "ordinal");
  return new Map(
    ordinal.map(({ name }) => {
      const { domain } = view.scale(String(name)) as unknown as { domain: () => unknown[] };
      const widths = domain().map((value) => textWidth(String(value).slice(0, 80), FONT_SIZE));
      return [String(name), greatest(widths, 0)];
    }),
  );
}

/** Lets no legend be wider than the plot that it stands above; `room` is the width of the whole, in px. */
export function wrappedLegends(group: Json, entries: Entries, room: string): Json {
  for (const legend of objectsIn(group["legends"])) {
    const scale = NAMED.map((key) => legend[key]).find((name) => entries.has(String(name)));
    if (scale === undefined || isArranged(legend)) continue;
    const { columns } = legend;
    const fitting = columnsIn(room, legend, entries.get(String(scale))!);
    legend["columns"] = { signal: columns === undefined ? fitting : `min(${String(columns)}, ${fitting})` };
  }
  for (const mark of objectsIn(group["marks"]))
    if (mark["type"] === "group") wrappedLegends(mark, entries, widthIn(mark) ?? room);
  return group;
}

/** Whether the author says how its entries lie; of a number of columns those are kept that there is room for. */
function isArranged({ columns, direction }: Json): boolean {
  return columns === undefined ? direction !== undefined : typeof columns !== "number" || columns < 1;
}

function columnsIn(room: string, legend: Json, widest: number): string {
  const [title, entry] = [legendTitleWidth(legend["title"]), entryWidth(legend, widest)];
  return `max(1, floor((${room} - ${title.toFixed(1)}) / ${entry.toFixed(1)}))`;
}

const NAMED = ["fill", "stroke", "shape", "size", "opacity"];

export function roomOf(width: number): string {
  return String(width - MARGIN);
}
