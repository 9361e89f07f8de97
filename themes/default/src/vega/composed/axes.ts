/** A compiled chart's axes: titles of layers in lines of their own, none longer than its plot. */
import { broken, lying } from "../axis-titles.ts";
import { isObject, objectsIn, type Json } from "../channels.ts";
import { titleOf } from "../../data/columns.ts";
import { fieldName } from "./spec.ts";
import { unitsOf } from "./words.ts";
import { say } from "../../words.ts";

/** Lines that a title has at most, and what it may be longer than its axis, in px: plots beside each other are 20 apart. */
const MOST_LINES = 4;
const OVER = { width: 8, height: 8 };

/** What stands above and below the plot of a chart of one, about, and the least that is left, in px. */
const AROUND = 150;
const LOWEST = 80;

/** Lines that a title has beside its plot at most; a longer one lies above it. */
const MOST_UPRIGHT = 4;

/** The room of a title beside a plot whose length only Vega works out, in px. */
const UNKNOWN = 180;

/** Puts apart what Vega-Lite joined with commas; `spec` is the chart before it was compiled. */
export function titledAxes(chart: Json, spec: Json): Json {
  const values = objectsIn(chart["signals"]).map(({ name, value }) => [String(name), value] as const);
  // A chart of one plot has the size of all, axes included: what lies is fitted to the plot's width later.
  const { width, height } = chart;
  const plot = typeof height === "number" ? Math.max(LOWEST, height - AROUND) : height;
  const whole: [string, unknown][] = Object.entries(
    "autosize" in chart ? { width: Infinity, height: plot } : { width, height },
  );
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
  const length = (side: keyof Lengths): unknown => signals.get(lengths[side].replace(/^\((.*)\)$/, "$1"));
  for (const axis of objectsIn(group["axes"]))
    if (typeof axis["title"] === "string") titleAxis(axis, known, length);
  for (const mark of objectsIn(group["marks"]))
    if (mark["type"] === "group") titled(mark, known, lengthsOf(mark, lengths), signals);
  return group;
}

/** Beside its plot a title has a few lines; a longer one lies above it. */
function titleAxis(axis: Json, known: readonly string[], length: (side: keyof Lengths) => unknown): void {
  const { orient } = axis;
  const side = orient === "left" || orient === "right" ? "height" : "width";
  const lines = inLines(axis, known, length(side), OVER[side]);
  const isLong = orient === "left" && lines.length > MOST_UPRIGHT && !("titleAngle" in axis);
  const across = isLong ? inLines(axis, known, length("width"), 0) : lines;
  if (isLong) Object.assign(axis, lying(across.length));
  axis["title"] = across.length > 1 ? across : across[0];
}

/** The title of an axis that is `length` long, where that is known; one that its author limits is cut there. */
function inLines(axis: Json, known: readonly string[], length: unknown, over: number): string[] {
  const lines = linesOf(String(axis["title"]), known);
  const room = typeof length === "number" ? length + over : UNKNOWN;
  return axis["titleLimit"] === undefined ? broken(lines, room) : lines;
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
