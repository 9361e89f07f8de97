import { expect, test } from "vitest";
import { contextOf } from "../../tests/charts.ts";
import { tableOf } from "../../tests/tables.ts";
import { ProblemError } from "../problem.ts";
import { allViews, findView } from "../registry.ts";
import type { View } from "../view.ts";
import { allFaults } from "./faults.ts";

const table = tableOf({
  id: "int32 id",
  label: "string label",
  prediction: "string prediction",
  confidence: "float32 confidence",
  size: "float32",
  split: "string split",
});

/** What is wrong with the options of a view, as path and message. */
function faultsOf(
  name: string,
  options: Record<string, unknown>,
  view = findView(name)!,
  rows = table,
): string[] {
  const context = contextOf(rows, options, { view: name });
  try {
    view.parse(context);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return allFaults(view, context, error.problems).map(
      ({ path, what, hint }) => `${path}: ${what}; ${hint}`,
    );
  }
  return [];
}

const unknown = (path: string, name: string, meant: string): string =>
  `${path}: column "${name}" is not in table ${table.name}; did you mean "${meant}"?`;

test("tells every wrong column, option and value of a view", () => {
  const options = {
    x: "confidense",
    y: "sise",
    colr: "labl",
    columns: ["splt", "id", "lable"],
    size: 90,
    labels: 1,
  };
  expect(faultsOf("scatter", options)).toEqual([
    'colr: the view "scatter" has no option "colr"; did you mean "color"?',
    unknown("x", "confidense", "confidence"),
    unknown("y", "sise", "size"),
    unknown("colr", "labl", "label"),
    unknown("columns", "splt", "split"),
    unknown("columns", "lable", "label"),
    'size: "size" is not a number from 1 to 20; write size: 4',
    'labels: "labels" is neither true nor false; write labels: true',
  ]);
});

test("goes on where the nearest column is of another kind, and says nothing of that one", () => {
  expect(faultsOf("scatter", { x: "labl", y: "conf", size: 0 })).toEqual([
    unknown("x", "labl", "label"),
    expect.stringContaining('y: column "conf" is not in table'),
    'size: "size" is not a number from 1 to 20; write size: 4',
  ]);
});

test("says nothing of what is only missing because it is misspelt", () => {
  expect(faultsOf("scatter", { across: "confidence", y: "confidence", size: 0 })).toEqual([
    expect.stringContaining('across: the view "scatter" has no option "across"'),
  ]);
});

test("goes on where an option is missing that the view needs", () => {
  expect(faultsOf("scatter", { color: "labl", size: 0 })).toEqual([
    expect.stringContaining('x: table test/data has no projection, so the view needs "x"'),
    expect.stringContaining('y: table test/data has no projection, so the view needs "y"'),
    unknown("color", "labl", "label"),
    'size: "size" is not a number from 1 to 20; write size: 4',
  ]);
});

test("goes on where the only column of a role is missing", () => {
  const bare = tableOf({ id: "int32 id", a: "string", b: "string", n: "float32" });
  const found = faultsOf("confusion-matrix", { measures: ["recal"] }, undefined, bare);
  expect(found).toEqual([
    expect.stringContaining("label: table test/data has no column with the role label"),
    expect.stringContaining("prediction: table test/data has no column with the role prediction"),
    expect.stringContaining('measures: "measures" is "recal"'),
  ]);
});

test("tells every value of a list that is none", () => {
  expect(faultsOf("confusion-matrix", { measures: ["recal", "n", "presicion"], label: "lable" })).toEqual(
    expect.arrayContaining([
      unknown("label", "lable", "label"),
      expect.stringContaining('measures: "measures" is "recal"'),
      expect.stringContaining('measures: "measures" is "presicion"'),
    ]),
  );
});

test("tells every wrong field of a spec", () => {
  const spec = {
    data: { name: table.name },
    mark: "bar",
    encoding: { x: { field: "lable" }, y: { field: "sise", type: "quantitative" } },
  };
  expect(faultsOf("vega-lite", { spec })).toEqual([
    unknown("encoding.x.field", "lable", "label"),
    unknown("encoding.y.field", "sise", "size"),
  ]);
});

// A spec has keys of its own, and what blocks of text and summaries take is checked before they are views.
test("one wrong option is one problem, in every view", () => {
  for (const { name } of allViews().filter(
    (each) => !["vega-lite", "markdown", "summary"].includes(each.name),
  )) {
    const found = faultsOf(name, { nonsense: 1 });
    expect(
      found.filter((each) => each.startsWith("nonsense: ")),
      name,
    ).toHaveLength(1);
    // What the view says of a table that is not its own it says without the option, too.
    expect(found.slice(1), name).toEqual([]);
  }
});

test("ends, however much is wrong", () => {
  const many = Array.from({ length: 2000 }, (_, index) => `none${index}`);
  expect(faultsOf("scatter", { x: "size", y: "size", columns: many }).length).toBeLessThan(300);
});

test("a view of a theme that fails at a guess is asked no further", () => {
  const view: View<unknown> = {
    ...findView("scatter")!,
    parse({ request }) {
      if (request.options["x"] === "labl") throw new ProblemError("no such column", "", "x", "labl");
      throw new TypeError("no");
    },
  };
  expect(faultsOf("scatter", { x: "labl" }, view)).toEqual(["x: no such column; "]);
});
