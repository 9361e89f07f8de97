import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, chartOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { objects, type Result } from "../data/result.ts";
import type { Table } from "../page.ts";
import type { Filter } from "../view.ts";
import { view } from "../../views/vega-lite/view.ts";
import { MOST_VALUES, natural, readChart } from "./chart.ts";
import { drawnRows } from "./compose.ts";

const table = tableOf(
  {
    id: "int32 id",
    number: "float32",
    label: "string",
    flag: "bool",
    many: "int32",
    odd: "float32",
    when: "date",
  },
  { rows: 100 },
);

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT
    range::INTEGER AS id,
    CASE range WHEN 97 THEN 'NaN'::FLOAT WHEN 98 THEN 'Infinity'::FLOAT WHEN 99 THEN NULL ELSE (range / 97.0)::FLOAT END AS number,
    CASE range % 4 WHEN 0 THEN 'cat' WHEN 1 THEN 'O''Brien' WHEN 2 THEN '' ELSE NULL END AS label,
    CASE range % 3 WHEN 0 THEN TRUE WHEN 1 THEN FALSE ELSE NULL END AS flag,
    CASE WHEN range % 20 = 19 THEN NULL ELSE (range % 20)::INTEGER END AS many,
    CASE WHEN range % 13 = 12 THEN 'NaN'::FLOAT ELSE ((range % 13) / 10.0)::FLOAT END AS odd,
    DATE '2020-01-01' + range::INTEGER AS "when",
    range < 50 AS "in:test/data"
    FROM range(100)`);
});

const COUNT = { aggregate: "count" };

async function answers(
  encoding: object,
  filter: Filter = null,
  mark = "bar",
): Promise<Record<string, Result>> {
  return answersOf(view, contextOf(table, { spec: { mark, encoding } }), engine, filter);
}

async function marks(
  encoding: object,
  filter: Filter = null,
  mark = "bar",
): Promise<Record<string, unknown>[]> {
  const results = await answers(encoding, filter, mark);
  const { chart, domains } = chartOf({ mark, encoding }, table, results);
  return drawnRows(chart, domains, results["filtered"]!);
}

const rowsOf = (found: Record<string, unknown>[]): number =>
  found.reduce((total, row) => total + (row["rows"] as number), 0);

test.each(["layer", "hconcat", "vconcat", "concat", "facet", "repeat", "transform", "projection", "resolve"])(
  "a spec with %s is refused by name",
  (key) => {
    expect(() => readChart({ [key]: [], mark: "bar", encoding: {} }, table)).toThrow(`"${key}" is not drawn`);
  },
);

test("the queries of a histogram are one for the extent and one for the bins, as SQL", () => {
  const context = contextOf(table, {
    spec: { mark: "bar", encoding: { x: { field: "number", bin: true }, y: COUNT } },
  });
  const options = view.parse(context);
  const first = view.queries(options, {}, context, {});
  expect(
    Object.entries(first).map(([name, query]) => [name, query.filtered, String(query.sql(null))]),
  ).toEqual([
    [
      "domain",
      false,
      'SELECT (count(*))::INTEGER AS "rows", ' +
        'min(CASE WHEN isfinite((("number")::DOUBLE)::DOUBLE) THEN (("number")::DOUBLE)::DOUBLE END) AS "x_low", ' +
        'max(CASE WHEN isfinite((("number")::DOUBLE)::DOUBLE) THEN (("number")::DOUBLE)::DOUBLE END) AS "x_high" ' +
        'FROM "data"',
    ],
  ]);
  const domain = { rows: 1, columns: { rows: [100], x_low: [0], x_high: [1] } };
  const second = view.queries(options, { domain }, context, {});
  const filtered = String(second["filtered"]!.sql(sql`"id" < 5`));
  expect(filtered).toContain('FROM "data" WHERE "id" < 5 GROUP BY "@x" ORDER BY "@x"');
  expect(String(second["whole"]!.sql(null))).not.toContain("WHERE");
});

test("a histogram counts every finite value once, and its bins touch", async () => {
  const found = await marks({ x: { field: "number", bin: { maxbins: 20 } }, y: COUNT });
  expect(rowsOf(found)).toBe(97);
  expect(found.map((row) => row["@x"])).toEqual(
    [...Array(20).keys()].map((index) => Number((index * 0.05).toFixed(2))),
  );
  expect(found.every((row) => row["@y"] === row["rows"])).toBe(true);
});

test("a filter reaches the marks and not the whole", async () => {
  const results = await answers({ x: { field: "label", type: "nominal" }, y: COUNT }, sql`"id" < 10`);
  expect(rowsOf(objects(results["filtered"]!))).toBe(10);
  expect(rowsOf(objects(results["whole"]!))).toBe(100);
});

test("texts that are empty, quoted or null are groups of their own", async () => {
  const found = await marks({ x: { field: "label", type: "nominal" }, y: COUNT });
  expect(found.map((row) => [row["@x"], row["rows"]])).toEqual([
    ["", 25],
    ["O'Brien", 25],
    ["cat", 25],
    [null, 25],
  ]);
});

test("the mean of a boolean is its share of those that are known", async () => {
  const [row] = await marks({
    x: { field: "number", bin: { step: 100 } },
    y: { field: "flag", aggregate: "mean" },
  });
  expect(row!["@y"]).toBeCloseTo(33 / 65, 9);
});

test("NaN and infinities are left out of sums, means and extremes", async () => {
  const of = async (aggregate: string): Promise<unknown> => {
    const found = await marks({ x: { field: "flag", type: "nominal" }, y: { field: "number", aggregate } });
    return found.every((row) => Number.isFinite(row["@y"]));
  };
  expect(await Promise.all(["sum", "mean", "min", "max"].map(of))).toEqual([true, true, true, true]);
});

test("a table that shares its relation asks only for its own rows", async () => {
  const member = { ...table, member: "in:test/data" };
  const spec = { mark: "bar", encoding: { x: { field: "label", type: "nominal" }, y: COUNT } };
  const results = await answersOf(view, contextOf(member, { spec }), engine);
  expect(rowsOf(objects(results["filtered"]!))).toBe(50);
});

test("a point chart has a mark per row, in order of the id", async () => {
  const encoding = { x: { field: "number", type: "quantitative" }, y: { field: "id", type: "quantitative" } };
  const found = await marks(encoding, sql`"id" >= 95`, "point");
  expect(found.map((row) => [row["id"], row["rows"]])).toEqual([95, 96, 97, 98, 99].map((id) => [id, 5]));
});

test.each([
  ["whole numbers with nulls", "many", 20],
  ["floats with NaN", "odd", 13],
])("more %s than there are colours share one, and no row is lost", async (_name, field, all) => {
  const encoding = { x: { field: "flag", type: "nominal" }, y: COUNT, color: { field, type: "nominal" } };
  const results = await answers(encoding);
  const { domains } = chartOf({ mark: "bar", encoding }, table, results);
  const { shown, all: counted } = domains.values["color"]!;
  expect([shown.length, shown.at(-1), counted]).toEqual([MOST_VALUES.color, "Other", all]);
  const found = objects(results["filtered"]!);
  expect(rowsOf(found)).toBe(100);
  expect(new Set(found.map((row) => row["@color"]))).toEqual(new Set(shown));
});

test("a null among the most frequent values keeps a colour of its own", async () => {
  const encoding = { x: COUNT, color: { field: "many", type: "nominal" } };
  const results = await answersOf(
    view,
    contextOf(tableOf({ many: "int32" }, { relation: "nulls" }), { spec: { mark: "bar", encoding } }),
    await nulls(),
  );
  const values = objects(results["filtered"]!).map((row) => [row["@color"], row["rows"]]);
  expect(values).toContainEqual([null, 50]);
});

async function nulls(): Promise<Engine> {
  await engine.query(
    'CREATE TABLE "nulls" AS SELECT CASE WHEN range < 50 THEN NULL ELSE range % 25 END AS many FROM range(100)',
  );
  return engine;
}

test("more floats than fit on an axis are shown by the most frequent, NaN among them", async () => {
  await engine.query(`CREATE TABLE "floats" AS
    SELECT CASE WHEN range < 5 THEN 'NaN'::FLOAT WHEN range < 10 THEN NULL ELSE (range / 7.0)::FLOAT END AS value FROM range(200)`);
  const floats = tableOf({ value: "float32" }, { relation: "floats" });
  const spec = { mark: "bar", encoding: { x: { field: "value", type: "ordinal" }, y: COUNT } };
  const found = objects((await answersOf(view, contextOf(floats, { spec }), engine))["filtered"]!);
  expect(found).toHaveLength(MOST_VALUES.position);
  expect(found.filter((row) => row["rows"] === 5).map((row) => row["@x"])).toEqual([Number.NaN, null]);
});

test("an empty table, and a column of nulls, have no bins and no marks, and no query fails", async () => {
  await engine.query(
    'CREATE TABLE "none" AS SELECT NULL::DOUBLE AS value, NULL::VARCHAR AS label FROM range(3)',
  );
  for (const condition of [null, sql`FALSE`]) {
    const none = tableOf({ value: "float64", label: "string" }, { relation: "none" });
    const spec = { mark: "bar", encoding: { x: { field: "value", bin: true }, y: COUNT } };
    const results = await answersOf(view, contextOf(none, { spec }), engine, condition);
    const { chart, domains } = chartOf(spec, none, results);
    expect(domains.bins["x"]).toBeNull();
    expect(drawnRows(chart, domains, results["filtered"]!)).toEqual([]);
  }
});

test("values are ordered by size, texts by code point, null last", () => {
  expect([null, 10, 9, -1].sort(natural)).toEqual([-1, 9, 10, null]);
  expect(["b", "10", "9", "a", ""].sort(natural)).toEqual(["", "9", "10", "a", "b"]);
});

test("the classes of the table give the order, and what is no class comes after", () => {
  const classed: Table = { ...table, classes: ["zebra", "cat"] };
  const answer = { rows: 3, columns: { value: ["a", "cat", "zebra"], rows: [1, 1, 1], all: [3, 3, 3] } };
  const domain = { rows: 1, columns: { rows: [3] } };
  const encoding = { x: { field: "label", type: "nominal" }, y: COUNT };
  const { domains } = chartOf({ mark: "bar", encoding }, classed, { domain, values_x: answer });
  expect(domains.values["x"]!.shown).toEqual(["zebra", "cat", "a"]);
});
