import { expect, test } from "vitest";
import { columnOf } from "../../tests/tables.ts";
import { fitting } from "../../src/selected.ts";
import { acceptState, readState, sortedBy, toggled, writeState, type SortKey } from "./state.ts";

const columns = [
  columnOf("id", "int32", "id"),
  columnOf("-odd", "string"),
  columnOf("score", "float32"),
  columnOf("parts", "list<float32>"),
];
const table = { key: columns[0]!, all: columns, searched: [columns[0]!, columns[1]!] };

test.each([
  [
    {
      sort: ["-score", "id"],
      search: "x",
      within: "-odd",
      columns: ["score"],
      widths: { score: 90 },
      ids: [1, 2],
    },
  ],
  [{ ids: [7], sort: ["-odd"] }],
  [{ sort: ["--odd"] }],
  [{}],
])("the state %j is written as it was read", (state) => {
  expect(writeState(readState(table, state))).toEqual(state);
  expect(JSON.stringify(acceptState(table, state))).toBe(JSON.stringify(state));
});

test.each([
  [{ sort: ["nowhere", 3, "-score", "score", "parts"] }, { sort: ["-score"] }],
  [{ sort: "score" }, {}],
  [{ search: 5, within: "score" }, {}],
  [{ columns: ["nowhere"] }, {}],
  [{ columns: ["id", "id", null] }, { columns: ["id"] }],
  [{ widths: { score: 1, id: 4.5, nowhere: 90 } }, {}],
  [{ widths: [90] }, {}],
  [{ ids: ["1", null, 2, 2, Number.NaN] }, { ids: [2] }],
  [{ page: 3 }, {}],
])("of the state %j only %j fits", (state, kept) => {
  expect(acceptState(table, state)).toEqual(kept);
});

test("a long search is cut, and no more ids are taken than one query can hold", () => {
  expect(readState(table, { search: "x".repeat(500) }).search).toHaveLength(200);
  expect(fitting(Array.from({ length: 9000 }, (_, index) => 100_000 + index))).toHaveLength(2000);
});

const by = (column: string, direction: SortKey["direction"] = "ascending"): SortKey => ({
  column,
  direction,
});

test("a click sorts upwards, then downwards, then not; with shift it adds and turns one key of several", () => {
  expect(sortedBy([], "a", false)).toEqual([by("a")]);
  expect(sortedBy([by("a")], "a", false)).toEqual([by("a", "descending")]);
  expect(sortedBy([by("a", "descending")], "a", false)).toEqual([]);
  expect(sortedBy([by("a"), by("b")], "b", false)).toEqual([by("b")]);
  expect(sortedBy([by("a")], "b", true)).toEqual([by("a"), by("b")]);
  expect(sortedBy([by("a"), by("b")], "a", true)).toEqual([by("a", "descending"), by("b")]);
  expect(sortedBy([by("a", "descending"), by("b")], "a", true)).toEqual([by("b")]);
});

test("a click selects one row, with a modifier it adds or takes away", () => {
  expect(toggled([], 1, false)).toEqual([1]);
  expect(toggled([1, 2], 1, false)).toEqual([1]);
  expect(toggled([1], 1, false)).toEqual([]);
  expect(toggled([1], 2, true)).toEqual([1, 2]);
  expect(toggled([1, 2], 1, true)).toEqual([2]);
});
