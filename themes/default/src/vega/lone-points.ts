/** Lines of one point: Vega draws nothing where there is nothing to join, and a selection may leave just that. */
import { isObject, objectsIn, type Json } from "./channels.ts";
import { config } from "./theme.ts";

/** The diameter of the dot that stands for such a line, in px. */
const DOT = 6;
const WIDTH = Number((config["line"] as Json)["strokeWidth"]);

/** Where a mark has no stroke of its own, px that it is wide while there is something to join. */
const USUAL: Readonly<Record<string, number>> = { line: WIDTH, area: 0 };

/**
 * Makes each line of a compiled chart a dot, and each area a stroke, while it has a single row. Whether it has is a
 * signal of the group around it, worked out once: what a mark is drawn with is asked of every row.
 */
export function showLonePoints(group: Json): Json {
  const isLone = objectsIn(group["marks"]).flatMap((mark) => {
    if (mark["type"] === "group") showLonePoints(mark);
    return String(mark["type"]) in USUAL ? showIn(mark) : [];
  });
  if (isLone.length > 0) group["signals"] = [...objectsIn(group["signals"]), ...isLone];
  return group;
}

/** Returns the signal that the mark now follows; none where its stroke is not ours to change. */
function showIn(mark: Json): Json[] {
  const update = isObject(mark["encode"]) ? mark["encode"]["update"] : undefined;
  const rows = isObject(mark["from"]) ? mark["from"]["data"] : undefined;
  if (typeof rows !== "string" || !isObject(update)) return [];
  const width = fixedIn(update["strokeWidth"] ?? { value: USUAL[String(mark["type"])] });
  if (typeof width !== "number") return [];
  const name = `lone_${String(mark["name"])}`;
  update["strokeWidth"] = { signal: `${name} ? ${Math.max(width, DOT)} : ${width}` };
  if (mark["type"] === "line") update["strokeCap"] = { signal: `${name} ? "round" : ${capOf(update)}` };
  else if (isObject(update["fill"]))
    update["stroke"] ??= [{ test: name, ...update["fill"] }, { value: null }];
  return [{ name, update: `length(data(${JSON.stringify(rows)})) === 1` }];
}

/** How the ends of a line are drawn that has two. */
function capOf(update: Json): string {
  const own = fixedIn(update["strokeCap"]);
  return JSON.stringify(typeof own === "string" ? own : "butt");
}

/** What is the same for all marks; none where it comes from their rows. */
function fixedIn(encoded: unknown): unknown {
  return isObject(encoded) ? encoded["value"] : undefined;
}
