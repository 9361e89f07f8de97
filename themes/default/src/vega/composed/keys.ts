/** Fields that a chart's rows get besides their own, and transforms done for the rows of each value of them. */
import type { Transform } from "./transforms.ts";

/**
 * The field that tells rows of the unfiltered whole (true) from those that pass (false). Where the page is split, scales
 * are over all groups: rows of other groups have a number, positive in their whole and negative where they pass.
 */
export const WHOLE = "@whole";

/** Which rows are drawn before, which behind in grey, and which axes of names list. */
export const KEPT = {
  front: `!datum['${WHOLE}']`,
  grey: `datum['${WHOLE}'] === true`,
  all: `datum['${WHOLE}'] > 0`,
};

/** The field that tells the data sets of one facet apart. */
export const PART = "@part";

/** Keeps the rows of the whole. */
export const onlyWhole: Transform = { type: "filter", expr: KEPT.all };

const GROUPED = new Set([
  "aggregate",
  "joinaggregate",
  "window",
  "stack",
  "impute",
  "pivot",
  "kde",
  "density",
  "loess",
  "regression",
  "quantile",
  "dotbin",
]);

/** Transforms over many rows, each done for the rows of one key. */
export function keyed(transforms: readonly Transform[], ...keys: string[]): Transform[] {
  return transforms.map((transform) => {
    if (transform.type === "project" && Array.isArray(transform["fields"]))
      return withNames(transform, "fields", keys);
    return GROUPED.has(transform.type) ? withNames(transform, "groupby", keys) : transform;
  });
}

function withNames(transform: Transform, key: string, names: readonly string[]): Transform {
  const written = Array.isArray(transform[key]) ? (transform[key] as unknown[]) : [];
  return { ...transform, [key]: [...written, ...names.filter((name) => !written.includes(name))] };
}
