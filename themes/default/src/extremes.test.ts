import { expect, test } from "vitest";
import { ends, greatest } from "./extremes.ts";

const MANY = Array.from({ length: 1_000_000 }, (_, index) => (index * 7919) % 1_000_003);

test("of a million numbers they are those of the sorted ones", () => {
  const sorted = Float64Array.from(MANY).sort();
  expect(ends(MANY)).toEqual([sorted[0], sorted.at(-1)]);
  expect(greatest(MANY)).toBe(sorted.at(-1));
});

test("none leave the bound that was given, and enclose nothing", () => {
  expect(greatest([], 1)).toBe(1);
  expect(greatest([-3, 0.5], 1)).toBe(1);
  expect(ends([])).toEqual([Infinity, -Infinity]);
});
