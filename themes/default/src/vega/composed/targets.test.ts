import { expect, test } from "vitest";
import { contextOf } from "../../../tests/charts.ts";
import { tableOf } from "../../../tests/tables.ts";
import { readComposed } from "./chart.ts";
import { encodingsOf, isRange, pointOf, rangeOf } from "./targets.ts";

const table = tableOf({ id: "int32 id", value: "float64", label: "string", when: "date" });
const COUNT = { aggregate: "count" };
const bars = { mark: "bar", encoding: { x: { field: "label", type: "nominal" }, y: COUNT } };
const bins = { mark: "bar", encoding: { x: { field: "value", bin: true }, y: COUNT } };
const lines = {
  layer: [
    { mark: "line", encoding: { x: { field: "when", timeUnit: "yearmonth" }, y: COUNT } },
    { mark: "rule", encoding: { y: { aggregate: "mean", field: "value" } } },
  ],
};

const chart = readComposed(
  { data: { name: table.name }, hconcat: [bars, bins, lines, { facet: { field: "label" }, spec: bins }] },
  contextOf(table, {}),
);
const { targets } = chart.params;
const encodings = encodingsOf(chart.compiled);

test("each plot's marks have their own selection, whatever layer it is made in", () => {
  const found = [...targets].map(([mark, target]) => [mark, target.name, isRange(target)]);
  expect(found).toEqual([
    ["concat_0_marks", "select_0", false],
    ["concat_1_marks", "select_1", true],
    ["concat_2_layer_0_marks", "select_2", true],
    ["concat_3_child_marks", "select_3", true],
  ]);
});

test("a bar is its value, a missing one too, as the table has it", () => {
  const target = targets.get("concat_0_marks")!;
  expect(pointOf(target, { label: "a", __count: 3 })).toEqual({ values: ["a"] });
  expect(pointOf(target, { label: "\u2060constructor" })).toEqual({ values: ["constructor"] });
  expect(pointOf(target, { __count: 3 })).toEqual({ values: [null] });
});

test("bins are ranges from edge to edge, and only the last holds its upper one", () => {
  const row = (low: number): Record<string, number> => ({
    bin_maxbins_10_value: low,
    bin_maxbins_10_value_end: low + 10,
    __count: 1,
  });
  const all = [row(0), row(10), row(20)];
  const range = (...marks: Record<string, number>[]): number[] =>
    rangeOf(targets.get("concat_1_marks")!, marks, all, encodings.get("concat_1_marks")!)!
      .values[0] as number[];
  expect(range(row(20))).toEqual([20, 30]);
  expect(range(row(20), row(0))).toEqual([0, 30]);
  expect(range(row(10))).toEqual([10, 20 - 2 ** -48]);
});

test("a point of a line is its time, and a mark without a place selects nothing", () => {
  const name = "concat_2_layer_0_marks";
  const at = (time: unknown): ReturnType<typeof rangeOf> =>
    rangeOf(targets.get(name)!, [{ utcyearmonth_when: time }], [], encodings.get(name)!);
  expect(at(new Date(86_400_000))).toEqual({ values: [[86_400_000, 86_400_000]] });
  expect(at(null)).toBeNull();
});
