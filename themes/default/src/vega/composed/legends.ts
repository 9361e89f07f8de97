/** Legends of compiled charts: those of symlog scales get a tick for each power of ten. */
import { isObject, type Json } from "../channels.ts";
import { SYMLOG_TICKS } from "../theme.ts";

const SCALES = ["fill", "stroke", "size", "opacity", "strokeWidth"];

/** Gives the legends of all groups of a chart their ticks, unless the author did. */
export function tickedLegends(group: Json, outer: ReadonlySet<string> = new Set()): Json {
  const symlog = new Set([
    ...outer,
    ...list(group["scales"])
      .filter(({ type }) => type === "symlog")
      .map(({ name }) => String(name)),
  ]);
  for (const legend of list(group["legends"])) {
    const scale = SCALES.map((key) => legend[key]).find((name) => symlog.has(String(name)));
    if (scale !== undefined && !("values" in legend)) legend["values"] = { signal: ticks(String(scale)) };
  }
  for (const mark of list(group["marks"])) if (mark["type"] === "group") tickedLegends(mark, symlog);
  return group;
}

/** Those ticks that the scale reaches; Vega has the rounding of logarithms that JavaScript has. */
function ticks(scale: string): string {
  const top = `max(1, domain(${JSON.stringify(scale)})[1])`;
  return `slice(${JSON.stringify(SYMLOG_TICKS)}, 0, 2 + floor(1e-9 + log(${top}) / LN10))`;
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
