import { expect, test } from "vitest";
import { Layout, type Measures, type Section, type Way } from "./layout.ts";

const measures: Measures = {
  columns: 3,
  width: 100,
  height: 50,
  across: 10,
  down: 20,
  heading: 30,
  apart: 8,
};
const section = (key: string | null, cards: number, isClosed = false): Section => ({ key, cards, isClosed });
const plain = new Layout([section(null, 1_000_000)], measures);
const grouped = new Layout([section('"a"', 5), section('"b"', 4, true), section('"c"', 2)], measures);

test("cards lie in columns, and their rows one below the other", () => {
  expect(plain.rectangleOf(0)).toEqual({ top: 0, left: 0, height: 50 });
  expect(plain.rectangleOf(5)).toEqual({ top: 70, left: 220, height: 50 });
  expect(plain.length).toBe(Math.ceil(1_000_000 / 3) * 70 - 20);
  expect(plain.rectangleOf(1_000_000)).toBeNull();
});

test("cards lie below the heading of their group, and those of a folded one nowhere", () => {
  expect(grouped.sections.map(({ first, top, cardsTop, end }) => [first, top, cardsTop, end])).toEqual([
    [0, 0, 30, 150],
    [5, 158, 188, 188],
    [9, 196, 226, 276],
  ]);
  expect(grouped.rectangleOf(4)).toEqual({ top: 100, left: 110, height: 50 });
  expect(grouped.rectangleOf(6)).toBeNull();
  expect(grouped.rectangleOf(10)).toEqual({ top: 226, left: 110, height: 50 });
  expect([grouped.length, grouped.cards]).toEqual([276, 11]);
  // The first row comes into sight with its heading.
  expect([grouped.partOf(9), grouped.partOf(4), grouped.partOf(6)]).toEqual([
    { top: 196, height: 80 },
    { top: 100, height: 50 },
    null,
  ]);
});

test.each([
  [0, 50, [[0, 3]]],
  [50, 51, []],
  [51, 60, []],
  [60, 71, [[3, 6]]],
  [0, 200, [[0, 9]]],
  [7_000_000, 7_000_100, [[300_000, 300_006]]],
])("between %d and %d px are the cards %j", (top, end, expected) => {
  const found = plain.between(top, end).map(({ first, end: after }) => [first, after]);
  // A row whose lower room alone is in sight may be drawn, too; none that is in sight is missing.
  const wanted = expected as number[][];
  if (wanted.length) expect(found).toEqual(wanted);
  else expect(found.flat().every((index) => index <= 6)).toBe(true);
});

test("between two heights the cards of several groups are told apart", () => {
  const found = grouped.between(90, 240).map(({ section: { key }, first, end }) => [key, first, end]);
  expect(found).toEqual([
    ['"a"', 3, 5],
    ['"c"', 9, 11],
  ]);
});

test.each<[number, Way, number]>([
  [0, "next", 1],
  [4, "next", 9],
  [9, "previous", 4],
  [0, "previous", 0],
  [10, "next", 10],
  [1, "down", 4],
  [2, "down", 4],
  [4, "down", 10],
  [3, "down", 9],
  [10, "up", 4],
  [1, "up", 1],
  [7, "next", 0],
  [3, "first", 0],
  [3, "last", 10],
])("from card %d the way %s leads to %d", (from, way, to) => {
  expect(grouped.step(from, way, 200)).toBe(to);
});

test("a page leaves one row in sight, and stops at the ends", () => {
  expect(plain.step(1, "page down", 300)).toBe(1 + 3 * 3);
  expect(plain.step(999_999, "page down", 300)).toBe(999_999);
  expect(plain.step(4, "page up", 300)).toBe(1);
  expect(plain.step(500_000, "page up", 50)).toBe(499_997);
});

test("of no cards none is reached", () => {
  const none = new Layout([section(null, 0)], measures);
  expect([none.length, none.step(0, "last", 100), none.between(0, 500)]).toEqual([0, null, []]);
  expect(new Layout([section('"a"', 3, true)], measures).step(0, "next", 100)).toBeNull();
});
