import { expect, test } from "vitest";
import { measure, type Cell, type Metric, type Of } from "./metrics.ts";
import { wilsonInterval } from "../../src/shares.ts";
import { benjaminiHochberg, differenceOf, erfc, twoProportions } from "./statistics.ts";

/** Labels and predictions `aaaabbbcc` and `aaabbbaad`, as classes 0 to 3. */
const CELLS: Cell[] = [
  { label: 0, prediction: 0, n: 3 },
  { label: 0, prediction: 1, n: 1 },
  { label: 1, prediction: 1, n: 2 },
  { label: 1, prediction: 0, n: 1 },
  { label: 2, prediction: 0, n: 1 },
  { label: 2, prediction: 3, n: 1 },
];
const value = (metric: Metric, of: Of, cells = CELLS): number => measure(cells, metric, of).value;

test("means of classes are over those that occur and have a value, as scikit-learn's with zero_division=nan", () => {
  expect(value("precision", "macro")).toBeCloseTo((3 / 5 + 2 / 3 + 0) / 3, 12);
  expect(value("recall", "macro")).toBeCloseTo((3 / 4 + 2 / 3 + 0) / 3, 12);
  expect(value("f1", "macro")).toBeCloseTo((6 / 9 + 4 / 6 + 0 + 0) / 4, 12);
  expect(value("precision", "weighted")).toBeCloseTo((4 * (3 / 5) + 3 * (2 / 3)) / 7, 12);
  expect(value("f1", "weighted")).toBeCloseTo((4 * (6 / 9) + 3 * (4 / 6)) / 9, 12);
  for (const metric of ["precision", "recall", "f1"] as const)
    expect(value(metric, "micro")).toBeCloseTo(5 / 9, 12);
});

test("a class against the rest has every rate, and what is undefined has none", () => {
  const of = (metric: Metric, class_: number): number => value(metric, class_);
  expect([of("precision", 0), of("recall", 0), of("specificity", 0), of("npv", 0)]).toEqual([
    3 / 5,
    3 / 4,
    3 / 5,
    3 / 4,
  ]);
  expect([of("fnr", 0), of("fpr", 0), of("fdr", 0), of("for", 0), of("base_rate", 0)]).toEqual([
    1 / 4,
    2 / 5,
    2 / 5,
    1 / 4,
    4 / 9,
  ]);
  expect(of("precision", 2)).toBeNaN();
  expect(of("recall", 3)).toBeNaN();
  expect(of("recall", 9)).toBeNaN();
  expect(of("f1", 0)).toBeCloseTo(6 / 9, 12);
});

test("intervals hold the value, shrink with samples, and are no point where all answers agree", () => {
  const times = (by: number): Cell[] => CELLS.map((cell) => ({ ...cell, n: cell.n * by }));
  for (const metric of [
    "accuracy",
    "precision",
    "recall",
    "f1",
    "specificity",
    "npv",
    "fnr",
    "fpr",
    "fdr",
    "for",
  ] as const)
    for (const of of ["macro", "weighted", "micro", 0] as const) {
      const [few, many] = [measure(CELLS, metric, of), measure(times(100), metric, of)];
      expect(few.low).toBeLessThanOrEqual(few.value);
      expect(few.high).toBeGreaterThanOrEqual(few.value);
      expect(many.high - many.low).toBeLessThan((few.high - few.low) / 4);
    }
  const perfect = measure(
    [
      { label: 0, prediction: 0, n: 10 },
      { label: 1, prediction: 1, n: 10 },
    ],
    "f1",
    "macro",
  );
  expect([perfect.value, perfect.high]).toEqual([1, 1]);
  expect(perfect.low).toBeLessThan(0.9);
});

test("Wilson and Newcombe are as published, and nothing has no interval", () => {
  expect(wilsonInterval(0, 0)).toEqual([Number.NaN, Number.NaN]);
  const share = (hits: number, n: number): { value: number; low: number; high: number } => {
    const [low, high] = wilsonInterval(hits, n);
    return { value: hits / n, low, high };
  };
  const away = differenceOf(share(56, 70), share(48, 80));
  expect([away.low, away.high].map((end) => Number(end.toFixed(4)))).toEqual([0.0524, 0.3339]);
});

test("the error function is right to many digits on both of its branches", () => {
  // From tables: erfc(0.5), erfc(1), erfc(2), erfc(3), erfc(5).
  const known = [
    0.4795001221869535, 0.15729920705028513, 0.004677734981047266, 2.209049699858544e-5,
    1.5374597944280349e-12,
  ];
  [0.5, 1, 2, 3, 5].forEach((x, at) => expect(erfc(x) / known[at]!).toBeCloseTo(1, 10));
  expect(erfc(-1)).toBeCloseTo(2 - known[1]!, 14);
  expect(twoProportions(56, 70, 48, 80)).toBeCloseTo(0.008045081368, 10);
  expect(twoProportions(5, 5, 9, 9)).toBe(1);
});

test("q-values are those of Benjamini and Hochberg", () => {
  const found = benjaminiHochberg([0.01, 0.04, 0.03, 0.005]);
  [0.02, 0.04, 0.04, 0.02].forEach((q, at) => expect(found[at]).toBeCloseTo(q, 12));
  expect(benjaminiHochberg([])).toEqual([]);
});
