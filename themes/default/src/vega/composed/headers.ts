/** Names of cells: shortened in the middle where a cell is narrower, or lower, than its name. */
import { expressionFunction } from "vega";
import { isObject, objectsIn, type Json } from "../channels.ts";
import { FONT_SIZE } from "../theme.ts";
import { textWidth } from "../widths.ts";
import { shorten } from "../../markup.ts";

/** What a name may be longer than its cell, in px: cells are 20 apart. */
const OVER = 8;

/** The least signs that are left of a name, and the most of one that is looked at. */
const SIGNS = { least: 4, most: 200 };

expressionFunction("headerOf", (name: unknown, length: unknown) =>
  headerIn(String(name), Number(length) + OVER),
);

/** As much of a name as a width in px has room for. */
export function headerIn(name: string, room: number): string {
  let shown = shorten(name, SIGNS.most);
  for (let signs = [...shown].length; signs > SIGNS.least && textWidth(shown, FONT_SIZE) > room;)
    shown = shorten(name, --signs);
  return shown;
}

/** Fits the names of all cells of a compiled chart; those that an author limits, or turns, stay as they are. */
export function shortHeaders(group: Json): Json {
  if (isObject(group["title"])) shortHeader(group["title"], group);
  for (const mark of objectsIn(group["marks"])) if (mark["type"] === "group") shortHeaders(mark);
  return group;
}

function shortHeader(title: Json, group: Json): void {
  const isBeside = title["orient"] === "left" || title["orient"] === "right";
  const [name, length] = [signalIn(title["text"]), lengthOf(group, isBeside ? "height" : "width")];
  if (name && length && !("limit" in title) && !("angle" in title))
    title["text"] = { signal: `headerOf(${name}, ${length})` };
}

/** The signal of a cell's own width or height. */
function lengthOf({ encode }: Json, side: "width" | "height"): string | null {
  const update = isObject(encode) && isObject(encode["update"]) ? encode["update"] : {};
  return signalIn(update[side]);
}

function signalIn(value: unknown): string | null {
  return isObject(value) && typeof value["signal"] === "string" ? value["signal"] : null;
}
