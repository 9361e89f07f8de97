import { expect, test } from "vitest";
import { contextOf } from "../../tests/charts.ts";
import { tableOf } from "../../tests/tables.ts";
import { stepOf } from "./keys.ts";
import { parse } from "./options.ts";
import { soundType } from "./sound.ts";
import { accept, between, compact, toggled } from "./state.ts";

const table = tableOf({ id: "int32 id", label: "string label", score: "float32" });
const options = parse(contextOf(table, {}));
const grouped = parse(contextOf(table, { groups: "label" }));

test("of a link only what fits is kept", () => {
  const state = {
    ids: [1, "x"],
    page: 2,
    size: "large",
    open: 4,
    closed: ["cat"],
    more: [["cat", 1]],
    zoom: 1,
  };
  expect(accept(options, state)).toEqual({ ids: [1], page: 2, size: "large", open: 4 });
  expect(
    accept(grouped, { closed: ["cat", {}, null], more: [["cat", 1], ["dog", -1], "x", ["owl", 1e9]] }),
  ).toEqual({
    closed: ["cat", null],
    more: [["cat", 1]],
  });
  expect(accept(options, { size: "huge", open: "four", page: -1, ids: {}, constructor: 1 })).toEqual({});
});

test("what is as at the start is not in a link", () => {
  expect(compact(options, { page: 0, ids: [], open: null, size: "medium" })).toEqual({});
  expect(compact(options, { page: 1, ids: [3], size: "small" })).toEqual({
    page: 1,
    ids: [3],
    size: "small",
  });
});

test.each([
  [[], 1, false, [1]],
  [[1], 1, false, []],
  [[1, 2], 1, false, [1]],
  [[1], 2, true, [1, 2]],
  [[1, 2], 1, true, [2]],
])("of %j a click on %d, keeping others: %s, leaves %j", (ids, id, keep, expected) => {
  expect(toggled(ids, id, keep)).toEqual(expected);
});

test("a range holds both its ends, either way; without a beginning it is one sample", () => {
  expect(between([1, 2, 3, 4], 2, 4)).toEqual([2, 3, 4]);
  expect(between([1, 2, 3, 4], 4, 2)).toEqual([2, 3, 4]);
  expect(between([1, 2, 3, 4], null, 2)).toEqual([2]);
  expect(between([1, 2, 3, 4], 9, 2)).toEqual([2]);
});

test("arrow keys walk in rows as they lie, and over the edges to other pages", () => {
  // Three in a row, and two in the last one.
  const tiles = Array.from({ length: 8 }, (_, at) => ({
    offsetTop: Math.floor(at / 3) * 100,
    offsetLeft: (at % 3) * 50,
  }));
  const step = (at: number, key: string): unknown => stepOf(tiles, tiles[at]!, key);
  expect(step(1, "ArrowDown")).toEqual({ index: 4, page: 0 });
  expect(step(5, "ArrowDown")).toEqual({ index: 7, page: 0 });
  expect(step(4, "ArrowUp")).toEqual({ index: 1, page: 0 });
  expect(step(7, "ArrowDown")).toMatchObject({ page: 1 });
  expect(step(0, "ArrowLeft")).toMatchObject({ page: -1 });
  expect(step(7, "ArrowRight")).toMatchObject({ page: 1 });
  expect([step(3, "Home"), step(3, "End"), step(3, "x")]).toEqual([
    { index: 0, page: 0 },
    { index: 7, page: 0 },
    null,
  ]);
});

test.each([
  ["audio/wav", "audio/wav"],
  ["audio/x-m4a", "audio/x-m4a"],
  ["text/html", ""],
  ["audio/wav; x=<script>", ""],
  [null, ""],
])("a sound that claims to be %j is played as %j", (written, expected) =>
  expect(soundType(written)).toBe(expected),
);
