/** Ramps of colours in legends: as long as others, but no longer than the plot that they stand above. */
import { isObject, objectsIn, type Json } from "./channels.ts";
import { legendTitleWidth } from "./legend-titles.ts";
import { config } from "./theme.ts";

const { gradientLength, titlePadding } = config["legend"] as Record<string, number>;
/** From so many px on the ends of a ramp can be told apart. */
const LEAST = 60;
/** Half of the label at a ramp's end, in px. */
const OVERHANG = 16;

/** Fits the ramps of all legends of a compiled chart into what their plots leave beside the titles. */
export function fitRamps(group: Json, outer?: string): Json {
  const plot = plotOf(group) ?? outer;
  for (const legend of objectsIn(group["legends"])) {
    if (plot === undefined || !isOpen(legend)) continue;
    const beside = (legendTitleWidth(legend["title"]) + titlePadding! + OVERHANG).toFixed(1);
    legend["gradientLength"] = { signal: `max(${LEAST}, min(${gradientLength}, ${plot} - ${beside}))` };
  }
  for (const mark of objectsIn(group["marks"])) if (mark["type"] === "group") fitRamps(mark, plot);
  return group;
}

/** Whether a legend can hold a ramp whose length its author left open. */
function isOpen(legend: Json): boolean {
  const isColoured = "fill" in legend || "stroke" in legend;
  return isColoured && legend["gradientLength"] === undefined && legend["direction"] !== "vertical";
}

/** The signal of the width of a group's plot, if it has one. */
function plotOf(group: Json): string | null {
  const isSized =
    group["width"] !== undefined || objectsIn(group["signals"]).some(({ name }) => name === "width");
  return widthIn(group) ?? (isSized ? "width" : null);
}

/** The signal of a group's own width. */
export function widthIn({ encode }: Json): string | null {
  const update = isObject(encode) && isObject(encode["update"]) ? encode["update"] : {};
  const width = isObject(update["width"]) ? update["width"] : {};
  return typeof width["signal"] === "string" ? `(${width["signal"]})` : null;
}
