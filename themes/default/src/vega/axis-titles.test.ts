/** Titles of axes beside the room that a plot leaves them. */
import { expect, test } from "vitest";
import { brokenTitle, fitTitles } from "./axis-titles.ts";
import { FONT_SIZE } from "./theme.ts";
import { textWidth } from "./widths.ts";

const TITLE = "Right, and of how many judged";

const chart = (type: string): Record<string, unknown> => ({
  scales: [
    { name: "x", type: "linear" },
    { name: "y", type },
  ],
  axes: [
    { orient: "bottom", scale: "x", title: TITLE },
    { orient: "left", scale: "y", title: TITLE },
    { orient: "bottom", scale: "x", title: "Unbreakable".repeat(9) },
    { orient: "bottom", scale: "x", grid: true },
  ],
});

const titles = (type: string, width: number): unknown[] =>
  (fitTitles(chart(type), width)["axes"] as { title?: unknown }[]).map(({ title }) => title);

test("a title that is wider than its plot stands in two lines", () => {
  const [across, upright, word, none] = titles("band", 328);
  expect(across).toEqual(["Right, and of how", "many judged"]);
  expect([upright, none]).toEqual([TITLE, undefined]);
  expect((word as string[]).join("")).toBe("Unbreakable".repeat(9));
  expect((word as string[]).length).toBeGreaterThan(3);
});

test("a title of any length is whole, in lines that fit", () => {
  const long = "Share of the images that every one of the three annotators judged right, in per cent "
    .repeat(3)
    .trim();
  const lines = brokenTitle(long, 120) as string[];
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.join(" ")).toBe(long);
  expect(Math.max(...lines.map((line) => textWidth(line, FONT_SIZE, 550)))).toBeLessThanOrEqual(120);
});

test("where there is room it stands in one", () => {
  expect(titles("band", 548)[0]).toBe(TITLE);
  expect(titles("linear", 328)[0]).toBe(TITLE);
});

const fit = (height: number, more: Record<string, unknown> = {}): unknown =>
  fitTitles({ ...chart("linear"), autosize: { type: "fit" }, height, config: {}, ...more }, 328)["height"];

test("a chart that its author made lower than its titles and a plot is as high as they need", () => {
  expect(fit(60)).toBeGreaterThan(150);
  expect(fit(600)).toBe(600);
  expect(fit(60, { axes: [{ orient: "bottom", scale: "x", grid: true }] })).toBe(60);
});

test("names beside a plot have a line each", () => {
  const named = (count: number): unknown =>
    fit(60, {
      scales: [
        { name: "y", type: "band", domain: Array.from({ length: count }, (_, index) => String(index)) },
      ],
      axes: [{ orient: "left", scale: "y", title: "Name" }],
    });
  expect(Number(named(12)) - Number(named(8))).toBe(4 * 14);
  expect(named(40)).toBe(named(14));
});
