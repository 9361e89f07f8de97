import { sql } from "@uwdata/mosaic-sql";
import { View } from "vega";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { heightsOf } from "../../tests/drawn.ts";
import { tableOf } from "../../tests/tables.ts";
import { above } from "../../src/ranges.ts";
import type { Drawing, Filter } from "../../src/view.ts";
import { MOST_VALUES } from "../../src/vega/chart.ts";
import { runtimeOf, withRows } from "../../src/vega/draw.ts";
import { expressions } from "../../src/vega/evaluate.ts";
import { prepare, prepareBase, readState, single, specAt } from "./single.ts";
import { view } from "./view.ts";

const table = tableOf({
  id: "int32 id",
  value: "float32",
  label: "string",
  name: "string",
  when: "timestamp",
});
const COUNT = { aggregate: "count" };

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id, (range / 10.0)::FLOAT AS value,
    CASE range % 3 WHEN 0 THEN 'cat' WHEN 1 THEN '<b>dog</b>' END AS label, 'name ' || range AS name,
    TIMESTAMP '2020-01-01 00:00:00' + INTERVAL (range) DAY AS "when" FROM range(100)`);
});

async function draw(spec: Record<string, unknown>, filter: Filter = null): Promise<Drawing> {
  const context = contextOf(table, { spec });
  const results = await answersOf(view, context, engine, filter);
  return view.render(view.parse(context), results, {}, context);
}

const BARS = { mark: "bar", encoding: { x: { field: "label", type: "nominal" }, y: COUNT } };

test("a block without a spec is refused", () => {
  expect(() => view.parse(contextOf(table, {}))).toThrow("the block holds no Vega-Lite spec");
});

test("a chart says how many rows it shows, and lists its numbers", async () => {
  const drawing = await draw(BARS);
  expect([drawing.rows, drawing.total, drawing.notices]).toEqual([100, 100, []]);
  expect(drawing.data!.columns.map((column) => column.title)).toEqual(["Label", "Number of samples"]);
  expect(drawing.data!.rows.map((row) => [row["@x"], row["@y"]])).toEqual([
    ["<b>dog</b>", 33],
    ["cat", 34],
    [null, 33],
  ]);
  expect(drawing.description).toBe(
    "Bar chart of Label, Number of samples; 100 of 100. Values from 33 to 34.",
  );
  expect(drawing.body.text).not.toContain("<b>dog");
});

test("under a filter it says how many pass", async () => {
  const drawing = await draw(BARS, sql`"id" < 10`);
  expect([drawing.rows, drawing.total]).toEqual([10, 100]);
});

test("where no row passes, a sentence stands in the chart's place", async () => {
  expect((await draw(BARS, sql`FALSE`)).body.text).toContain("No row has values for this chart.");
});

test("names beyond the cap are said, and the rows counted are all that pass", async () => {
  const drawing = await draw({ mark: "bar", encoding: { y: { field: "name", type: "nominal" }, x: COUNT } });
  expect(drawing.notices).toEqual([
    `The ${MOST_VALUES.position} most frequent of 100 values of name are shown.`,
  ]);
  expect([drawing.rows, drawing.data!.rows.length]).toEqual([100, MOST_VALUES.position]);
});

test("the bins of a data table have both their ends, and times are dates", async () => {
  const bins = await draw({ mark: "bar", encoding: { x: { field: "value", bin: true }, y: COUNT } });
  expect(bins.data!.columns.map((column) => column.title)).toEqual([
    "Value, from",
    "to",
    "Number of samples",
  ]);
  const months = await draw({
    mark: "line",
    encoding: { x: { field: "when", timeUnit: "yearmonth" }, y: COUNT },
  });
  expect(months.data!.rows.map((row) => row["@x"])).toEqual(["2020-01", "2020-02", "2020-03", "2020-04"]);
});

const HISTOGRAM = { mark: "bar", encoding: { x: { field: "value", bin: true }, y: COUNT } };

test.each([
  [{ interval: { x: [1, 2] } }, { interval: { x: [1, 2] } }],
  [{ interval: { x: [2, 1] } }, {}],
  [{ interval: { x: [1, null] } }, {}],
  [{ interval: { x: [1] } }, {}],
  [{ interval: { y: [1, 2] } }, {}],
  [{ interval: "x" }, {}],
  [{ points: [[1]] }, {}],
  [null, {}],
])("of the state %j a brushed chart takes what it can show", (state, read) => {
  const { chart } = single.parse(contextOf(table, { spec: HISTOGRAM }));
  expect(readState(chart, state)).toEqual(read);
});

test.each([
  [{ points: [["cat"], [null]] }, { points: [["cat"], [null]] }],
  [{ points: [["cat", "dog"], [{}], "cat"] }, {}],
  [{ points: [] }, {}],
  [{ interval: { x: [1, 2] } }, {}],
])("of the state %j a picked chart takes what it can show", (state, read) => {
  const { chart } = single.parse(contextOf(table, { spec: BARS }));
  expect(readState(chart, state)).toEqual(read);
});

test("a selection is said by its column, as a range or as values", () => {
  const said = (spec: object, state: object): unknown =>
    view.selected!(view.parse(contextOf(table, { spec })), state as never, contextOf(table, { spec }));
  expect(said(HISTOGRAM, { interval: { x: [1, 2] } })).toEqual([
    { column: "value", range: ["1.00", "2.00"] },
  ]);
  expect(said(HISTOGRAM, { interval: { x: [3735, above(3735)] } })).toEqual([
    { column: "value", values: ["3,735"] },
  ]);
  expect(said(BARS, { points: [["cat"], ["cat"], [null]] })).toEqual([
    { column: "label", values: ["cat", null] },
  ]);
  expect(said(BARS, {})).toEqual([]);
  const plot = { mark: "point", encoding: { x: { field: "value", type: "quantitative" }, y: COUNT } };
  const brushed = {
    hconcat: [{ ...plot, params: [{ name: "brush", select: { type: "interval", encodings: ["x"] } }] }],
  };
  const around = (low: number, high: number): object => ({
    selected: { brush: [{ values: [[low, high]] }] },
  });
  expect(said(brushed, around(1, 2))).toEqual([{ column: "value", range: ["1.00", "2.00"] }]);
  // Whoever clicks a point selects it alone.
  expect(said(brushed, around(3735, 3735.000_000_000_000_5))).toEqual([
    { column: "value", values: ["3,735"] },
  ]);
});

test("between a legend and the title of the axis below it is room", async () => {
  const spec = {
    mark: "bar",
    encoding: { x: { field: "value", bin: true }, y: COUNT, color: { field: "label", type: "nominal" } },
  };
  const context = contextOf(table, { spec });
  const results = await answersOf(single as never, context, engine);
  const options = single.parse(context);
  const prepared = prepare(options, results, prepareBase(options, results, context));
  const compiled = specAt(options, prepared, context, 600);
  const drawn = new View(runtimeOf(compiled), { renderer: "none", expr: expressions as never });
  withRows(drawn, compiled, { whole: [], filtered: prepared.filtered }).run();
  const legend = Math.max(...heightsOf(drawn.scenegraph(), "legend-label").map(({ bottom }) => bottom));
  const title = Math.min(
    ...heightsOf(drawn.scenegraph(), "axis-title")
      .map(({ top }) => top)
      .filter((top) => top < 0),
  );
  // Of which letters with descenders take three: Vega's bounds leave them out.
  expect(title - legend - 3).toBeGreaterThanOrEqual(6);
  expect(title - legend - 3).toBeLessThanOrEqual(8);
});
