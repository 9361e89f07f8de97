import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { metrics } from "../../scripts/metrics.mjs";
import { textMetrics } from "vega-scenegraph";
import { measureText } from "./metrics.ts";
import { textWidth } from "./widths.ts";

test("the committed widths are those of a fresh run over the font", () => {
  expect(readFileSync(new URL("metrics.gen.ts", import.meta.url), "utf8")).toBe(metrics());
});

test("a text's width is the sum of its characters', and grows with size and weight", () => {
  expect(textWidth("ab", 10)).toBeCloseTo(textWidth("a", 10) + textWidth("b", 10), 9);
  expect(textWidth("label", 20)).toBeCloseTo(2 * textWidth("label", 10), 9);
  expect(textWidth("label", 12, 700)).toBeGreaterThan(textWidth("label", 12, 400));
});

test("a character that the font lacks is taken for a wide one, and one beyond U+FFFF for one", () => {
  expect(textWidth("日", 10)).toBe(10);
  expect(textWidth("😀", 10)).toBe(10);
});

test("Vega measures by the table: a text that is cut takes no more room than it may, and no text takes none", () => {
  measureText();
  const width = textMetrics["width"] as (item: object, text: unknown) => number;
  const item = { fontSize: 10, limit: 50 };
  expect(width(item, " ab ")).toBeCloseTo(textWidth("ab", 10), 9);
  expect(width(item, "x".repeat(10_000))).toBe(50);
  expect([width(item, null), width(item, undefined)]).toEqual([0, 0]);
  expect(width({ fontSize: 10, fontWeight: "bold" }, "ab")).toBeCloseTo(textWidth("ab", 10, 650), 9);
});
