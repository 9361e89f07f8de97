import { expect, test } from "vitest";
import { above, below, isOneValue, rangeOfBars, type Range } from "./ranges.ts";

const EDGES = [-10, -0.3, 0, 1e-12, 0.1, 20, 1e9];
const BARS = EDGES.slice(1).map((high, index): Range => [EDGES[index]!, high]);

/** Values at an edge and on both sides of it, as near as numbers are. */
function near(edge: number): number[] {
  return [below(edge), edge - 1e-9, edge - 1, edge, above(edge), edge + 1e-9, edge + 1];
}

const values = [...EDGES.flatMap(near), -Number.MIN_VALUE, Number.MIN_VALUE].filter(
  (value) => value >= -10 && value <= 1e9,
);

test("every value is in exactly one bar's range", () => {
  const ranges = BARS.map((bar) => rangeOfBars([bar], BARS)!);
  for (const value of values)
    expect(ranges.filter(([low, high]) => low <= value && value <= high)).toHaveLength(1);
});

test("up to the number above its end and without it, a range holds the same", () => {
  const ranges = BARS.map((bar) => rangeOfBars([bar], BARS)!);
  for (const [low, high] of ranges)
    for (const value of values)
      expect(value >= low && value < above(high)).toBe(value >= low && value <= high);
});

test("several bars are one range, in whatever order they were chosen, and all hold all", () => {
  expect(rangeOfBars([BARS[3]!, BARS[1]!], BARS)).toEqual([-0.3, below(0.1)]);
  expect(rangeOfBars(BARS, BARS)).toEqual([-10, 1e9]);
});

test("a bar is the last one although those after it are not drawn now, if it is none of theirs", () => {
  expect(rangeOfBars([[0, 1]], [[0, 1]])).toEqual([0, 1]);
  expect(rangeOfBars([[0, 1]], [[5, 6]])).toEqual([0, below(1)]);
});

test("a point is its value, and what has no place is no range", () => {
  expect(rangeOfBars([[3, 3]], [])).toEqual([3, 3]);
  expect(
    rangeOfBars(
      [
        [3, 3],
        [1, 1],
      ],
      [[7, 7]],
    ),
  ).toEqual([1, 3]);
  expect(rangeOfBars([], [])).toBeNull();
  expect(rangeOfBars([[Number.NaN, Number.NaN]], [])).toBeNull();
});

test("the numbers beside one are the nearest", () => {
  expect([below(1), above(1)]).toEqual([1 - 2 ** -53, 1 + 2 ** -52]);
  expect([below(-1), above(-1)]).toEqual([-1 - 2 ** -52, -1 + 2 ** -53]);
  expect([below(0), above(0)]).toEqual([-Number.MIN_VALUE, Number.MIN_VALUE]);
  for (const value of [0.1, -7e300, 5e-324, 20]) expect(above(below(value))).toBeCloseTo(value, 15);
});

test("one value is told from a range of some width, wherever it lies", () => {
  for (const value of EDGES) {
    expect([isOneValue([value, value]), isOneValue([value, above(value)])]).toEqual([true, true]);
    expect(isOneValue([value, value + Math.max(1e-6, Math.abs(value) * 1e-6)])).toBe(false);
  }
  expect(isOneValue([3735, 3735 + 4e-12])).toBe(true);
});
