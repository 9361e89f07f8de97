import { expect, test } from "vitest";
import { contextOf } from "../../tests/charts.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Table } from "../../src/page.ts";
import type { Context } from "../../src/view.ts";
import { conditionsOf, tellsOf } from "./groups.ts";
import { view } from "./view.ts";

const own = {
  ...tableOf({ slice: "string", expression: "string", n: "int32" }),
  name: "a/slices",
  relation: "slices",
};
const samples = {
  ...tableOf({ id: "int32 id", label: "string label" }),
  name: "a/samples",
  relation: "samples",
};
const units = { ...tableOf({ unit: "string id" }), name: "a/units", relation: "units" };
const alike = { ...own, name: "b/slices", relation: "others" };
const SEVEN = 'datum.label == "7"';

function contextWith(...beside: Table[]): Context {
  const tables = Object.fromEntries([own, ...beside].map((table) => [table.name, table]));
  return { ...contextOf(own, {}), tables };
}

test("rows that tell of groups of samples keep these in the relations that have them, and in no others", () => {
  const found = conditionsOf([SEVEN, 'datum.label == "3"'], contextWith(samples, units, alike));
  expect([...found.keys()]).toEqual(["samples", "units"]);
  expect(String(found.get("samples"))).toContain("OR");
  expect(found.get("units")).toBeNull();
  expect([...conditionsOf([], contextWith(samples)).values()]).toEqual([null]);
});

test("a link names groups that the page has samples of; what else it says is left out", () => {
  const context = contextWith(samples);
  const options = view.parse(context);
  const written = { ids: [SEVEN, "datum.nowhere == 1", "1 +", 'error("x")', 5] };
  expect(view.accept!(options, written, context)).toEqual({ ids: [SEVEN] });
  expect(tellsOf("datum.nowhere == 1", context)).toBe(false);
  expect(view.selected!(options, { ids: [SEVEN] }, context)).toEqual([{ column: "group", values: [SEVEN] }]);
});

test("without samples on the page its rows cannot be selected", () => {
  expect(view.parse(contextWith(alike)).key).toBeNull();
  expect(view.parse(contextWith(samples)).key?.name).toBe("expression");
});
