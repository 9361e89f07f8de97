import { expect, test } from "vitest";
import { tableOf } from "../../tests/tables.ts";
import { chartName } from "./names.ts";

const table = tableOf({ id: "int32 id", label: "string", split: "string", sure: "float64", BMI: "float64" });
const count = { aggregate: "count" };
const label = { field: "label" };
const sure = { field: "sure", type: "quantitative" };
const bars = { mark: "bar", encoding: { x: label, y: count } };

test.each([
  [bars, "Bars of count by label"],
  [
    { mark: "bar", encoding: { x: { ...sure, bin: true }, y: count, color: { field: "split" } } },
    "Bars of count by sure and split",
  ],
  [
    {
      mark: { type: "line" },
      encoding: { x: { ...sure, title: "Confidence" }, y: { aggregate: "mean", field: "BMI" } },
    },
    "Lines of mean of BMI by confidence",
  ],
  [
    { mark: "point", encoding: { x: sure, y: { field: "BMI", type: "quantitative" }, color: label } },
    "Points of BMI by sure and label",
  ],
  [{ mark: "tick", encoding: { x: sure } }, "Ticks of sure"],
  [
    { mark: "rect", encoding: { x: label, y: { field: "split" }, color: count } },
    "Cells of count by label and split",
  ],
  [{ mark: "arc", encoding: { theta: count, color: label } }, "Sectors of count by label"],
  [{ mark: "boxplot", encoding: { x: label, y: sure } }, "Boxes of sure by label"],
  [
    { mark: "bar", encoding: { x: label, y: count, column: { field: "split" } } },
    "Bars of count by label, for each split",
  ],
  [{ facet: { field: "split" }, spec: bars }, "Bars of count by label, for each split"],
  [
    {
      layer: [
        bars,
        { mark: "rule", encoding: { y: { aggregate: "mean", field: "sure" } } },
        { mark: "text", encoding: { x: label, y: count, text: count } },
      ],
    },
    "Bars, rules and texts of count and mean of sure by label",
  ],
  [
    {
      encoding: { x: label },
      layer: [
        { mark: "bar", encoding: { y: count } },
        { mark: "line", encoding: { y: count } },
      ],
    },
    "Bars and lines of count by label",
  ],
  [
    { hconcat: [bars, { mark: "tick", encoding: { x: sure } }, bars] },
    "Bars of count by label; ticks of sure",
  ],
  [
    {
      repeat: ["sure", "BMI"],
      spec: { mark: "bar", encoding: { x: { field: { repeat: "repeat" }, bin: true }, y: count } },
    },
    "Bars of count by sure and BMI",
  ],
  [
    { mark: "bar", encoding: { x: label, y: { aggregate: { argmax: "sure" }, field: "BMI" } } },
    "Bars of argmax of BMI by label",
  ],
  [
    {
      mark: "point",
      encoding: { x: label, color: { condition: { param: "p", field: "split" }, value: "grey" } },
    },
    "Points of label and split",
  ],
  [{ mark: "geoshape" }, null],
  [{ mark: "rule", encoding: { y: { datum: 3 } } }, null],
])("the chart %# is called by what it shows", (spec, name) => {
  expect(chartName(spec, table)).toBe(name);
});

test("charts of different columns, marks or plots have different names", () => {
  const names = ["label", "split"].flatMap((field) =>
    ["bar", "line"].flatMap((mark) => [
      chartName({ mark, encoding: { x: { field }, y: count } }, table),
      chartName({ facet: { field: "split" }, spec: { mark, encoding: { x: { field }, y: count } } }, table),
    ]),
  );
  expect(new Set(names).size).toBe(names.length);
});

test("a name of much is cut, and says so", () => {
  const ticks = ["one", "two", "six", "ten", "nil"].map((field) => ({
    mark: "tick",
    encoding: { x: { field } },
  }));
  expect(chartName({ vconcat: ticks }, table)).toBe(
    "Ticks of one; ticks of two; ticks of six; and 2 more plots",
  );
  const x = { field: "one" };
  const encoding = {
    x,
    y: count,
    color: { field: "two" },
    shape: { field: "six" },
    size: { field: "ten" },
    detail: { field: "nil" },
  };
  expect(chartName({ mark: "point", encoding }, table)).toBe("Points of count by one, two, six and 2 more");
});
