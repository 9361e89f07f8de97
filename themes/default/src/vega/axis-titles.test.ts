/** Titles of axes beside the room that a plot leaves them. */
import { expect, test } from "vitest";
import { fitTitles } from "./axis-titles.ts";

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
  const [across, upright, whole, none] = titles("band", 328);
  expect(across).toEqual(["Right, and of how", "many judged"]);
  expect([upright, whole, none]).toEqual([TITLE, "Unbreakable".repeat(9), undefined]);
});

test("where there is room it stands in one", () => {
  expect(titles("band", 548)[0]).toBe(TITLE);
  expect(titles("linear", 328)[0]).toBe(TITLE);
});
