/** Keys of a spec that Vega-Lite does not know: it passes over them, and the chart is not what its author meant. */
import { nearest, type Problem } from "../problem.ts";
import { isObject, type Json } from "./channels.ts";
import { KEYS } from "./keys.gen.ts";

/** What stands in a part, by its key: another part, or a list of them. */
const INSIDE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  view: {
    ...{ layer: "view", concat: "view", hconcat: "view", vconcat: "view", spec: "view" },
    ...{ data: "data", transform: "transform", mark: "mark", params: "param" },
  },
  channel: {
    ...{ axis: "axis", legend: "legend", scale: "scale", bin: "bin", impute: "impute", header: "header" },
    ...{ timeUnit: "timeUnit", condition: "condition" },
  },
  condition: { scale: "scale", legend: "legend", bin: "bin", timeUnit: "timeUnit" },
  param: { select: "select" },
};

/** Everything misspelt, each with its path and the nearest name. */
export function misspelt(spec: Json): Problem[] {
  return inPart(spec, "view", "");
}

function inPart(written: unknown, part: string, path: string): Problem[] {
  if (Array.isArray(written))
    return written.flatMap((each, index) => inPart(each, part, below(path, String(index))));
  if (!isObject(written)) return [];
  const problems = Object.keys(written)
    .filter((key) => !KEYS[part]!.includes(key))
    .map((key) => problem(key, part, below(path, key)));
  const parts = Object.entries(INSIDE[part] ?? {}).flatMap(([key, inner]) =>
    inPart(written[key], inner, below(path, key)),
  );
  return [...problems, ...parts, ...(part === "view" ? inChannels(written, path) : [])];
}

function inChannels({ encoding, facet }: Json, path: string): Problem[] {
  const channels = isObject(encoding) ? Object.entries(encoding) : [];
  const encoded = channels.flatMap(([name, written]) =>
    inPart(written, "channel", below(below(path, "encoding"), name)),
  );
  if (!isObject(facet)) return encoded;
  const at = below(path, "facet");
  const isGrid = "row" in facet || "column" in facet;
  const facets = isGrid
    ? ["row", "column"].flatMap((key) => inPart(facet[key], "channel", below(at, key)))
    : inPart(facet, "channel", at);
  return [...encoded, ...facets];
}

function below(path: string, key: string): string {
  return path ? `${path}.${key}` : key;
}

const NAMES: Readonly<Record<string, string>> = {
  view: "a spec",
  axis: "an axis",
  impute: "an impute",
  timeUnit: "a time unit",
  param: "a parameter",
  select: "a selection",
};

function problem(key: string, part: string, path: string): Problem {
  const of = NAMES[part] ?? `a ${part}`;
  return { what: `${of} of Vega-Lite has no "${key}"`, hint: nearest(key, KEYS[part]!), path };
}
