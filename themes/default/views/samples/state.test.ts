import { expect, test } from "vitest";
import { contextOf } from "../../tests/charts.ts";
import { tableOf } from "../../tests/tables.ts";
import { parse } from "./options.ts";
import { soundType } from "../../src/live/sound.ts";
import { toggled } from "../../src/selected.ts";
import { accept, atOf, compact, searchOf } from "./state.ts";

const table = tableOf({ id: "int32 id", label: "string label", score: "float32" });
const options = parse(contextOf(table, {}));
const grouped = parse(contextOf(table, { groups: "label" }));

const texts = parse(contextOf(tableOf({ id: "int32 id", text: "string text", note: "string" }), {}));

test("of a link only what fits is kept", () => {
  const state = { ids: [1, "x"], at: 96, size: "large", open: 4, closed: ["cat"], search: "cat", zoom: 1 };
  expect(accept(options, state)).toEqual({ ids: [1], at: 96, size: "large", open: 4 });
  expect(accept(grouped, { closed: ["cat", {}, null] })).toEqual({ closed: ["cat", null] });
  expect(accept(options, { size: "huge", open: "four", at: -1, ids: {}, constructor: 1 })).toEqual({});
  expect(accept(texts, { search: "cat" })).toEqual({ search: "cat" });
  expect(accept(texts, { search: ["cat"] })).toEqual({});
});

test.each([
  [{ at: 3 }, 3],
  [{ at: -1 }, 0],
  [{ at: 1.5 }, 0],
  [{ at: 1e21 }, 0],
  [{ at: "3" }, 0],
  [{}, 0],
])("of the state %j the first card in sight is %d", (state, at) => {
  expect(atOf(state)).toBe(at);
});

test("texts are searched, and no longer a search than a query takes", () => {
  expect(searchOf(options, { search: "cat" })).toBe("");
  expect(searchOf(texts, { search: "cat" })).toBe("cat");
  expect(searchOf(texts, { search: "x".repeat(9000) })).toHaveLength(200);
});

test("what is as at the start is not in a link", () => {
  expect(compact(options, { at: 0, ids: [], open: null, size: "medium", search: "" })).toEqual({});
  const changed = { at: 1, ids: [3], size: "small" };
  expect(compact(options, changed)).toEqual(changed);
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

test.each([
  ["audio/wav", "audio/wav"],
  ["audio/x-m4a", "audio/x-m4a"],
  ["text/html", ""],
  ["audio/wav; x=<script>", ""],
  [null, ""],
])("a sound that claims to be %j is played as %j", (written, expected) =>
  expect(soundType(written)).toBe(expected),
);
