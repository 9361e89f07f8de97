/** Lines of one point: Vega draws nothing where there is nothing to join, and a selection may leave just that. */
import { isObject, objectsIn, type Json } from "./channels.ts";
import { config } from "./theme.ts";

/** The diameter of the dot that stands for such a line, in px. */
const DOT = 6;
const WIDTH = Number((config["line"] as Json)["strokeWidth"]);

/** Makes each line of a compiled chart a dot, and each area a stroke, while it has a single row. */
export function showLonePoints(group: Json): Json {
  for (const mark of objectsIn(group["marks"])) {
    if (mark["type"] === "group") showLonePoints(mark);
    if (mark["type"] === "line" || mark["type"] === "area") showIn(mark, mark["type"] === "line" ? WIDTH : 0);
  }
  return group;
}

function showIn(mark: Json, usual: number): void {
  const update = isObject(mark["encode"]) ? mark["encode"]["update"] : undefined;
  const rows = isObject(mark["from"]) ? mark["from"]["data"] : undefined;
  if (typeof rows !== "string" || !isObject(update)) return;
  const width = fixedIn(update["strokeWidth"] ?? { value: usual });
  if (typeof width !== "number") return;
  const isLone = `length(data(${JSON.stringify(rows)})) === 1`;
  update["strokeWidth"] = { signal: `${isLone} ? ${Math.max(width, DOT)} : ${width}` };
  if (mark["type"] === "line") update["strokeCap"] = { signal: `${isLone} ? "round" : ${capOf(update)}` };
  else if (isObject(update["fill"]))
    update["stroke"] ??= [{ test: isLone, ...update["fill"] }, { value: null }];
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
