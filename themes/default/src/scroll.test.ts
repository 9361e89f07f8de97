import { expect, test } from "vitest";
import {
  begin,
  drawn,
  follow,
  heightOf,
  inSight,
  MOST_HEIGHT,
  partOfRow,
  reveal,
  rowExtent,
  settled,
  START,
} from "./scroll.ts";

const few = rowExtent(1000, 32, 400);
const many = rowExtent(5_000_000, 32, 400);

test("few rows have an element of their own height, many as high a one as browsers make", () => {
  expect([heightOf(few), heightOf(many)]).toEqual([32_000, MOST_HEIGHT]);
});

test("few rows follow the scrollbar exactly", () => {
  const position = follow(START, 3217, few);
  expect(position.top).toBe(3217);
  expect(inSight(position, few)).toEqual({ first: 100, end: 114 });
});

test("many rows follow a wheel pixel by pixel, and a leap by its share", () => {
  const near = follow(START, 96, many);
  expect(near.top).toBe(96);
  const leapt = follow(near, (MOST_HEIGHT - 400) / 2, many);
  expect(inSight(leapt, many).first).toBe(2_499_993);
  expect(follow(leapt, leapt.scroll - 64, many).top).toBeCloseTo(leapt.top - 64, 6);
});

test("both ends are reached, whatever steps led there", () => {
  const end = follow(follow(START, 5_000_000, many), MOST_HEIGHT - 400.5, many);
  expect(inSight(end, many).end).toBe(5_000_000);
  expect(follow({ scroll: 300, top: 9000 }, 0, many).top).toBe(0);
});

test("at rest the scrollbar stands where the rows are", () => {
  const drifted = { scroll: 1000, top: 80_000_000 };
  expect(settled(drifted, many)).toEqual({
    top: 80_000_000,
    scroll: (80_000_000 / (160_000_000 - 400)) * (MOST_HEIGHT - 400),
  });
  expect(settled({ scroll: 3, top: 3 }, rowExtent(2, 32, 400))).toEqual(START);
});

test("a row is brought into sight with the least move", () => {
  expect(reveal(START, partOfRow(5, few), few).top).toBe(0);
  expect(reveal(START, partOfRow(20, few), few).top).toBe(21 * 32 - 400);
  expect(reveal({ scroll: 900, top: 900 }, partOfRow(2, few), few).top).toBe(64);
  expect(reveal(START, partOfRow(4_999_999, many), many).top).toBe(160_000_000 - 400);
});

test("a link begins at its row, and near the end as far up as the rows go", () => {
  expect(begin(partOfRow(100, few), few).top).toBe(3200);
  expect(begin(partOfRow(999, few), few).top).toBe(32_000 - 400);
  expect(inSight(begin(partOfRow(4_000_000, many), many), many).first).toBe(4_000_000);
});

test.each([
  [few, 0],
  [few, 31_600],
  [few, 14_321],
  [many, 0],
  [many, 40],
  [many, 4_123_456],
  [many, MOST_HEIGHT - 400],
])("of %o at %d the drawn rows lie under the reader's eyes", (extent, scroll) => {
  const position = follow({ scroll: -1e9, top: 0 }, scroll, extent);
  const { first, end, above, below } = drawn(position, extent, 8);
  const seen = inSight(position, extent);
  expect(first).toBeLessThanOrEqual(seen.first);
  expect(end).toBeGreaterThanOrEqual(seen.end);
  expect(end - first).toBeLessThan(32);
  // The row at the upper edge is drawn at the upper edge.
  expect(above + (seen.first - first) * 32).toBeCloseTo(
    position.scroll - (position.top - seen.first * 32),
    3,
  );
  expect(above + (end - first) * 32 + below).toBeCloseTo(heightOf(extent), 0);
});

test("of no rows none is drawn", () => {
  expect(drawn(START, rowExtent(0, 32, 400), 8)).toEqual({ first: 0, end: 0, above: 0, below: 0 });
});
