import { expect, test } from "vitest";
import { clonePlain } from "./shims.ts";

test("copies what Vega-Lite clones as the platform does", () => {
  const value = {
    measures: { y: { mean: new Set(["mean_y"]) } },
    widths: new Map([["x", { step: 20 }]]),
    when: new Date(0),
    list: [1, "two", null, undefined, { three: 3 }],
  };
  const copy = clonePlain(value);
  expect(copy).toEqual(structuredClone(value));
  value.measures.y.mean.add("median_y");
  expect(copy).toHaveProperty("measures.y.mean", new Set(["mean_y"]));
});
