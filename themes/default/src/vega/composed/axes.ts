/** A compiled chart's axes: titles of layers in lines of their own, none longer than its plot. */
import { brokenTitle } from "../axis-titles.ts";
import { isObject, type Json } from "../channels.ts";
import { titleOf } from "../../data/columns.ts";
import { fieldName } from "./spec.ts";
import { unitsOf } from "./words.ts";
import { say } from "../../words.ts";

/** Lines that a title has at most, and what it may be longer than its axis, in px. */
const MOST_LINES = 4;
const OVER = { width: 40, height: 24 };

/** Puts apart what Vega-Lite joined with commas; `spec` is the chart before it was compiled. */
export function titledAxes(chart: Json, spec: Json): Json {
  const values = list(chart["signals"]).map(({ name, value }) => [String(name), value] as const);
  // A chart of one plot has the width of all, axes included, so that its plot is narrower.
  const whole =
    "autosize" in chart ? [] : (["width", "height"] as const).map((name) => [name, chart[name]] as const);
  return titled(chart, titlesIn(spec), { width: "width", height: "height" }, new Map([...whole, ...values]));
}

interface Lengths {
  width: string;
  height: string;
}

function titled(
  group: Json,
  known: readonly string[],
  lengths: Lengths,
  signals: ReadonlyMap<string, unknown>,
): Json {
  for (const axis of list(group["axes"])) {
    const side = ["left", "right"].includes(String(axis["orient"])) ? "height" : "width";
    if (typeof axis["title"] !== "string") continue;
    axis["title"] = inLines(axis, known, signals.get(lengths[side].replace(/^\((.*)\)$/, "$1")), OVER[side]);
    axis["titleLimit"] ??= { signal: `${lengths[side]} + ${OVER[side]}` };
  }
  for (const mark of list(group["marks"]))
    if (mark["type"] === "group") titled(mark, known, lengthsOf(mark, lengths), signals);
  return group;
}

/** The title of an axis that is `length` long, where that is known. */
function inLines(axis: Json, known: readonly string[], length: unknown, over: number): unknown {
  const lines = linesOf(String(axis["title"]), known);
  if (lines.length > 1) return lines;
  const isKnown = typeof length === "number" && axis["titleLimit"] === undefined;
  return isKnown ? brokenTitle(lines[0]!, length + over) : lines[0];
}

/** The titles that a joined one is made of, each once; itself where it is of no known ones. */
function linesOf(joined: string, known: readonly string[]): string[] {
  const lines = [...new Set(partsOf(joined, known) ?? [joined])];
  if (lines.length <= MOST_LINES) return lines;
  const rest = lines.length - MOST_LINES + 1;
  return [...lines.slice(0, MOST_LINES - 1), say("and {rest} more", { rest })];
}

/** A title may have a comma itself, so that it is looked for whole. */
function partsOf(joined: string, known: readonly string[]): string[] | null {
  if (known.includes(joined)) return [joined];
  for (const title of known) {
    if (!joined.startsWith(`${title}, `)) continue;
    const rest = partsOf(joined.slice(title.length + 2), known);
    if (rest) return [title, ...rest];
  }
  return null;
}

/** Everything that an axis may be called. */
function titlesIn(spec: Json): string[] {
  const channels = unitsOf(spec).flatMap(({ encoding }) =>
    isObject(encoding) ? [encoding["x"], encoding["y"], encoding["x2"], encoding["y2"]].filter(isObject) : [],
  );
  const titles = channels.flatMap((channel) => {
    const { title, field, axis } = channel;
    const name = fieldName(field);
    return [title, isObject(axis) ? axis["title"] : null, name, titleOf(name)];
  });
  return [...new Set(titles.filter((title): title is string => typeof title === "string" && title !== ""))];
}

/** The signals of a group's own lengths. */
function lengthsOf({ encode }: Json, outer: Lengths): Lengths {
  const update = isObject(encode) && isObject(encode["update"]) ? encode["update"] : {};
  const signal = (name: keyof Lengths): string => {
    const length = isObject(update[name]) ? update[name]["signal"] : undefined;
    return typeof length === "string" ? `(${length})` : outer[name];
  };
  return { width: signal("width"), height: signal("height") };
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
