import { expect, test } from "vitest";
import { columnOf } from "../../tests/tables.ts";
import { apart, domainOf, isLessBetter, judgedSplit, lineName, orderedSplits, smoothed } from "./curves.ts";

test("smoothing is the closed form of an exponential average, and leaves gaps where they are", () => {
  const values = [4, 2, 8, 1];
  const weight = 0.6;
  const closed = values.map((_, end) => {
    const parts = values.slice(0, end + 1).map((value, at) => ({ value, share: weight ** (end - at) }));
    const whole = parts.reduce((sum, { share }) => sum + share, 0);
    return parts.reduce((sum, { value, share }) => sum + value * share, 0) / whole;
  });
  smoothed(values, weight).forEach((value, index) => expect(value).toBeCloseTo(closed[index]!, 12));
  expect(smoothed([1, null, Number.NaN, 1], 0.9)).toEqual([1, null, null, 1]);
  expect(smoothed(values, 0)).toEqual(values);
});

test.each([
  [["train", "test"], "test"],
  [["test", "train", "validation"], "validation"],
  [["Train", "Val"], "Val"],
  [["a", "b"], "b"],
  [[], ""],
])("of the splits %j epochs are judged by %j", (splits, judged) => {
  expect(judgedSplit(splits)).toBe(judged);
});

test("splits stand in the order in which they are used", () => {
  expect(orderedSplits(["test", "other", "train", "validation"])).toEqual([
    "train",
    "test",
    "validation",
    "other",
  ]);
  expect([lineName({ run: "", split: "test" }), lineName({ run: "wide", split: "test" })]).toEqual([
    "test",
    "wide · test",
  ]);
});

test("less loss and more accuracy are better", () => {
  const better = (name: string, role: string | null = null): boolean =>
    isLessBetter(columnOf(name, "float32", role));
  expect([better("loss", "loss"), better("val_error"), better("accuracy", "accuracy"), better("f1")]).toEqual(
    [true, true, false, false],
  );
});

test("labels are moved apart, keep their order, stay inside, and are left out where there is no room", () => {
  expect(apart([50, 52, 10], 14, 100)).toEqual([50, 64, 10]);
  expect(apart([98, 99, 100], 14, 100)).toEqual([72, 86, 100]);
  expect(apart([-5, 200], 14, 100)).toEqual([0, 100]);
  expect(apart([0, 1, 2], 14, 14).filter((place) => place !== null)).toHaveLength(2);
});

test("an axis has room around its values, none below zero that are not there, and a share stays one", () => {
  expect(domainOf([1, 3], false, false)).toEqual([0.9, 3.1]);
  expect(domainOf([0.01, 1], false, true)).toEqual([0, 1]);
  expect(domainOf([0, -1, 0.001, 1], true, false)).toEqual([0.001 / 1.1, 1.1]);
  expect(domainOf([2], true, false)).toEqual([1, 4]);
  expect(domainOf([0], true, false)).toBeNull();
  expect(domainOf([Number.NaN], false, false)).toBeNull();
});
