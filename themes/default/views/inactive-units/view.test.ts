import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Context, Drawing, Filter, ViewState } from "../../src/view.ts";
import { condition } from "./queries.ts";
import { readState } from "./state.ts";
import { view } from "./view.ts";

const SHARES = { inputs: "int32", inactive: "int32", share: "float64", low: "float64", high: "float64" };
const units = tableOf(
  { id: "string id", layer: "dictionary", unit: "int32", ...SHARES, is_dead: "bool", mean: "float64" },
  { name: "net-inactive/units" },
);
const layers = tableOf(
  {
    layer: "dictionary",
    position: "int32",
    units: "int32",
    inputs: "int32",
    dead: "int32",
    mean_inactive: "float64",
    sd_inactive: "float64",
  },
  { name: "net-inactive/layers", relation: "layers" },
);
const classes = tableOf(
  { id: "string", layer: "dictionary", unit: "int32", label: "dictionary label", ...SHARES },
  { name: "net-inactive/classes", relation: "classes" },
);

let engine: Engine;

/** Forty units of two layers: unit u is inactive for 2.5% more of 40 inputs than the one before; the last is dead. */
beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT layer || '/' || unit AS id, layer, unit, 40 AS inputs,
    (n + 1)::INTEGER AS inactive, (n + 1) / 40.0::DOUBLE AS share, n / 40.0::DOUBLE AS low,
    least(1.0, (n + 2) / 40.0)::DOUBLE AS high, n = 39 AS is_dead, -0.5::DOUBLE AS mean
    FROM (SELECT range AS n, CASE WHEN range < 30 THEN '<i>' ELSE 'b' END AS layer, (range % 30)::INTEGER AS unit
      FROM range(40))`);
  await engine.query(`CREATE TABLE "layers" AS SELECT * FROM (VALUES ('<i>', 0, 30, 40, 0, 11.6, 2.0),
    ('b', 1, 10, 40, 1, 8.9, NULL)) AS t(layer, position, units, inputs, dead, mean_inactive, sd_inactive)`);
  await engine.query(`CREATE TABLE "classes" AS SELECT layer || '/' || unit AS id, layer, unit, label, 20 AS inputs,
    10 AS inactive, share::DOUBLE AS share, low::DOUBLE AS low, high::DOUBLE AS high FROM (VALUES
    ('<i>', 3, 'owl', 0.5, 0.3, 0.7), ('<i>', 3, 'cat', 0.4, 0.22, 0.61),
    ('b', 1, '10', 1, 0.21, 1), ('b', 1, '9', 0, 0, 0.79),
    ('b', 2, '10', 0.9, 0.7, 0.97), ('b', 2, '9', 0.1, 0.03, 0.3))
    AS t(layer, unit, label, share, low, high)`);
});

function contextFor(options: object = {}, without: readonly string[] = []): Context {
  const tables = [units, layers, classes].filter(({ name }) => !without.includes(name));
  return {
    ...contextOf(units, { ...options }),
    tables: Object.fromEntries(tables.map((each) => [each.name, each])),
  };
}

async function draw(
  state: ViewState = {},
  filter: Filter = null,
  context: Context = contextFor(),
): Promise<Drawing> {
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

const idsOf = ({ data }: Drawing): unknown[] => data!.rows.map((row) => row["id"]);
const besides = ({ data }: Drawing, caption: string): Record<string, unknown>[] =>
  data!.beside!.find((table) => table.caption!.startsWith(caption))!.rows;

test("units come most or least often inactive first, as many as asked for", async () => {
  const context = contextFor({ rows: 3 });
  expect(idsOf(await draw({}, null, context))).toEqual(["b/9", "b/8", "b/7"]);
  expect(idsOf(await draw({ order: "least" }, null, context))).toEqual(["<i>/0", "<i>/1", "<i>/2"]);
  expect(idsOf(await draw({ rows: 5 }, null, context))).toHaveLength(5);
});

test("what is dead, and for how many inputs, is said of the units that pass", async () => {
  // Shares of exactly a half and above: 20 to 40 of 40.
  expect((await draw()).description).toBe(
    "1 of 40 units are inactive for every input, 21 for at least half of them. Dead units: 1 of 10 in b.",
  );
  const shown = await draw({}, sql`layer = '<i>'`);
  expect([shown.rows, shown.total]).toEqual([30, 40]);
  expect(shown.description).toContain("0 of 30 units are inactive for every input, 11 for at least half");
});

test("layers have the mean and the deviation for an input; an unknown deviation is left out", async () => {
  const shown = await draw();
  expect(shown.body.text).toContain("11.6 ± 2.0");
  expect(shown.body.text).toMatch(/>\s*8\.9\s*</);
  expect(besides(shown, "Inactive units of each layer").map((row) => row["dead"])).toEqual([0, 1]);
});

test("the unit that tells labels apart the most is looked into, or the one selected last", async () => {
  const shown = await draw();
  // Of b/1 two labels are as far apart as can be, and each has a single sample.
  expect(shown.body.text).toContain(
    "unit b/2, which tells labels apart the most: 95% intervals of two labels lie 40.0 percentage points apart",
  );
  expect(besides(shown, "Inactive by label").map((row) => row["label"])).toEqual(["9", "10"]);
  const chosen = await draw({ ids: ["b/2", "<i>/3"] });
  expect(besides(chosen, "Inactive by label").map((row) => row["label"])).toEqual(["cat", "owl"]);
  expect(chosen.body.text).not.toContain("tells labels apart");
});

test("where all intervals overlap no unit is said to tell labels apart", async () => {
  await engine.query(`CREATE TABLE "few" AS SELECT * FROM "classes" WHERE unit <> 2`);
  const context = contextFor();
  const few = { ...classes, relation: "few" };
  const shown = await draw({}, null, { ...context, tables: { ...context.tables, [few.name]: few } });
  expect(shown.body.text).toContain(
    "unit &lt;i&gt;/3, which comes nearest to telling labels apart: their 95% intervals overlap",
  );
});

test("without labels on the page the view goes without them", async () => {
  const shown = await draw({}, null, contextFor({}, ["net-inactive/classes"]));
  expect(shown.data!.beside).toHaveLength(1);
  expect(shown.body.text).not.toContain("Inactive by label");
});

test("names are never markup, and the markup has no inline style", async () => {
  const { body } = await draw();
  expect(body.text).toContain("&lt;i&gt;");
  expect(body.text).not.toMatch(/<i>|\sstyle=/);
});

test("a filter that nothing passes draws an empty list and says so", async () => {
  const { body, description } = await draw({}, sql`FALSE`);
  expect(description).toContain("No unit passes the filters.");
  expect(body.text).toContain("Reset the filters");
});

test("what is selected is one condition of shares, layers and units", async () => {
  const options = view.parse(contextFor());
  const rows = async (state: ViewState): Promise<number> => {
    const found = condition(readState(options, state));
    return (await engine.query(`SELECT id FROM "data" WHERE ${String(found ?? "TRUE")}`)).rows;
  };
  expect(await rows({})).toBe(40);
  // Steps of two units each: the end of a step belongs to the next, the last one has its own.
  expect(await rows({ range: [0, 0.05] })).toBe(1);
  expect(await rows({ range: [0.05, 0.1] })).toBe(2);
  expect(await rows({ range: [0.95, 1] })).toBe(3);
  expect(await rows({ range: [0.5, 1], layers: ["b"] })).toBe(10);
  expect(await rows({ ids: ["b/1", "'; DROP TABLE data; --"] })).toBe(1);
});

test("a brushed range is said by its two ends, in whatever language", async () => {
  const context = contextFor();
  expect(view.selected!(view.parse(context), { range: [0.5, 1], layers: ["b"] }, context)).toEqual([
    { column: "share", range: ["50%", "100%"] },
    { column: "layer", values: ["b"] },
  ]);
  expect((await draw({ range: [0.5, 1] })).description).toContain("Selected: 50% to 100%.");
});

test.each([
  [
    { order: "least", range: [0.5, 1], layers: ["b"], ids: ["b/1"], rows: 40 },
    { order: "least", range: [0.5, 1], layers: ["b"], ids: ["b/1"], rows: 40 },
  ],
  [{ order: "middle", range: [-1, 0.5], layers: 3, ids: [4], rows: 1e9 }, {}],
])("of the state %j %j fits", (written, kept) => {
  const context = contextFor();
  expect(view.accept!(view.parse(context), written, context)).toEqual(kept);
});

test("a table without units, and tables that are not on the page, are refused with what to do", () => {
  expect(() => view.parse(contextOf(tableOf({ id: "string id" }), {}))).toThrow('no column "layer"');
  expect(() => view.parse(contextFor({}, ["net-inactive/layers"]))).toThrow(
    "the table layers of net-inactive",
  );
  expect(() => view.parse(contextFor({ order: "mst" }))).toThrow('"order" is "mst"');
});

test("as many layers and labels as are listed at most are all; of more it is said that they are the first", async () => {
  const drawMany = async (many: number, labels: number): Promise<Drawing> => {
    await engine.query(`CREATE OR REPLACE TABLE "many_layers" AS SELECT 'l' || range AS layer, range::INTEGER AS position,
      1 AS units, 40 AS inputs, 0 AS dead, 1::DOUBLE AS mean_inactive, NULL::DOUBLE AS sd_inactive FROM range(${many})`);
    await engine.query(`CREATE OR REPLACE TABLE "many_labels" AS SELECT 'b/2' AS id, 'b' AS layer, 2 AS unit,
      'c' || range AS label, 20 AS inputs, 10 AS inactive, 0.5::DOUBLE AS share, 0.3::DOUBLE AS low,
      0.7::DOUBLE AS high FROM range(${labels})`);
    const others = [
      { ...layers, relation: "many_layers" },
      { ...classes, relation: "many_labels" },
    ];
    const context = contextFor();
    const tables = { ...context.tables, ...Object.fromEntries(others.map((each) => [each.name, each])) };
    return draw({}, null, { ...context, tables });
  };
  expect((await drawMany(500, 200)).notices).toEqual([]);
  expect((await drawMany(501, 201)).notices).toEqual([
    "The first 500 of 501 layers are listed.",
    "The first 200 of 201 labels are listed.",
  ]);
});
