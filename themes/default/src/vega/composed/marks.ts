/** Every mark twice: the unfiltered whole in grey behind, what passes in its colours before it. */
import { isObject, type Json } from "../channels.ts";
import type { Entry } from "./data.ts";
import { KEPT, keyed, WHOLE } from "./keys.ts";

/** The signal that is true while the page's filters leave rows out. */
export const FILTERED = "sitegen_filtered";

const GREY = "var(--chart-grey)";

/** Names within a group: the data that may be drawn twice, and where more data can be put beside it. */
interface Names {
  flagged: ReadonlySet<string>;
  data: Entry[];
}

export function drawTwice(vega: Json, flagged: ReadonlySet<string>): void {
  const names = { flagged, data: vega["data"] as Entry[] };
  narrowScales(vega, names);
  vega["marks"] = marksOf(vega["marks"], names);
}

function marksOf(written: unknown, names: Names): Json[] {
  const marks = Array.isArray(written) ? (written as Json[]) : [];
  return marks.flatMap((mark) => twice(mark, names));
}

function twice(mark: Json, names: Names): Json[] {
  const from = isObject(mark["from"]) ? mark["from"] : {};
  const facet = isObject(from["facet"]) ? from["facet"] : null;
  if (facet && isPath(mark)) return leaf(mark, facet, (data) => ({ facet: { ...facet, data } }), names);
  if (mark["type"] === "group") return [grouped(mark, facet, names)];
  return leaf(mark, from, (data) => ({ ...from, data }), names);
}

/** Lines and areas of one series each: a group per series, made by the compiler. */
function isPath(mark: Json): boolean {
  return String(mark["name"]).endsWith("pathgroup");
}

function leaf(mark: Json, from: Json, moved: (data: string) => Json, names: Names): Json[] {
  const data = from["data"];
  if (typeof data !== "string" || !names.flagged.has(data)) return [mark];
  const front = { ...mark, from: moved(selection(data, "front", names)) };
  const behind = isShares(data, names) ? null : greyed(mark);
  if (!behind) return [front];
  return [{ ...behind, from: moved(selection(data, "grey", names)) }, front];
}

/** Shares of a bar always fill it: there is no whole to show behind them. */
function isShares(data: string, names: Names): boolean {
  const entry = names.data.find(({ name }) => name === data);
  return Boolean(entry?.transform?.some(({ type, offset }) => type === "stack" && offset === "normalize"));
}

/** A data set of the rows that pass, or of the whole while it differs, or of the whole always. */
function selection(data: string, kind: "front" | "grey" | "all", names: Names): string {
  const name = `${data}@${kind}`;
  if (!names.data.some((entry) => entry.name === name))
    names.data.push({
      name,
      source: data,
      transform: [{ type: "filter", expr: `${kind === "grey" ? `${FILTERED} && ` : ""}${KEPT[kind]}` }],
    });
  return name;
}

/** A group with its own names: a cell of a facet knows its rows by the facet's name. */
function grouped(mark: Json, facet: Json | null, names: Names): Json {
  const own = Array.isArray(mark["data"]) ? ([...mark["data"]] as Entry[]) : [];
  const inner = facet ? cellNames(own, facet, names) : names;
  const copy: Json = { ...mark };
  narrowScales(copy, inner);
  copy["marks"] = marksOf(mark["marks"], inner);
  if (own.length || inner.data === own) copy["data"] = own;
  return copy;
}

function cellNames(own: Entry[], facet: Json, names: Names): Names {
  const isFlagged = names.flagged.has(String(facet["data"]));
  const flagged = new Set([...names.flagged].filter((name) => !own.some((entry) => entry.name === name)));
  if (isFlagged) flagged.add(String(facet["name"]));
  for (const [index, entry] of own.entries()) {
    if (!flagged.has(String(entry.source))) continue;
    flagged.add(entry.name);
    own[index] = { ...entry, transform: keyed(entry.transform ?? [], WHOLE) };
  }
  return { flagged, data: own };
}

/** Axes of names list those of the whole, in its order; axes of numbers hold both, for means may grow under a filter. */
function narrowScales(group: Json, names: Names): void {
  if (!Array.isArray(group["scales"])) return;
  group["scales"] = (group["scales"] as Json[]).map((scale) => {
    const isDiscrete = ["ordinal", "band", "point"].includes(String(scale["type"]));
    if (!isDiscrete || !isObject(scale["domain"])) return scale;
    const narrowed = (reference: Json): Json => {
      const data = reference["data"];
      return typeof data === "string" && names.flagged.has(data)
        ? { ...reference, data: selection(data, "all", names) }
        : reference;
    };
    const domain = scale["domain"];
    const fields = Array.isArray(domain["fields"])
      ? { fields: (domain["fields"] as unknown[]).map((each) => (isObject(each) ? narrowed(each) : each)) }
      : {};
    return { ...scale, domain: { ...narrowed(domain), ...fields } };
  });
}

const GREYABLE = new Set(["rect", "symbol", "line", "area", "rule", "trail"]);
const LOOKS = [
  "fill",
  "stroke",
  "opacity",
  "fillOpacity",
  "strokeOpacity",
  "tooltip",
  "description",
  "cursor",
  "href",
];

/** The mark in grey, where the whole behind it means something. */
function greyed(mark: Json): Json | null {
  if (mark["type"] === "group") return greyedPath(mark);
  const encode = isObject(mark["encode"]) ? mark["encode"] : {};
  const update = isObject(encode["update"]) ? encode["update"] : {};
  if (!GREYABLE.has(String(mark["type"])) || isInvisible(update)) return null;
  const rest = Object.fromEntries(Object.entries(update).filter(([key]) => !LOOKS.includes(key)));
  const named = typeof mark["name"] === "string" ? { name: `${mark["name"]}_whole` } : {};
  const looks = {
    ...painted(update, String(mark["type"])),
    opacity: { value: OPACITIES[String(mark["type"])] ?? 0.5 },
  };
  return { ...mark, ...named, interactive: false, encode: { update: { ...rest, ...looks } } };
}

const OPACITIES: Readonly<Record<string, number>> = { line: 1, rule: 1, trail: 1, symbol: 0.5 };

function greyedPath(mark: Json): Json | null {
  const inner = (mark["marks"] as Json[]).map(greyed);
  if (inner.some((each) => each === null)) return null;
  return { ...mark, name: `${String(mark["name"])}_whole`, interactive: false, marks: inner };
}

/** Whatever is painted is painted grey. */
function painted(update: Json, type: string): Json {
  const has = (key: string): boolean => isObject(update[key]) && !isNone(update[key]);
  const grey = { value: GREY };
  const isLine = type === "line" || type === "rule";
  const fills = has("fill");
  const strokes = isLine || (has("stroke") && (type !== "rect" || !fills));
  if (!fills && !strokes) return { fill: grey };
  return { ...(fills && !isLine ? { fill: grey } : {}), ...(strokes ? { stroke: grey } : {}) };
}

function isNone(channel: unknown): boolean {
  return isObject(channel) && (channel["value"] === "transparent" || channel["value"] === null);
}

function isInvisible(update: Json): boolean {
  return isObject(update["opacity"]) && update["opacity"]["value"] === 0;
}
