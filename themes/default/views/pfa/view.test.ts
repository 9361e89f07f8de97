import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Context, Drawing, Filter, ViewState } from "../../src/view.ts";
import { condition } from "./queries.ts";
import { readState } from "./state.ts";
import { view } from "./view.ts";

const units = tableOf(
  {
    id: "string id",
    layer: "dictionary",
    unit: "int32",
    variance: "float64",
    is_active: "bool",
    correlation: "float64",
    nearest: "int32",
    nearest_correlation: "float64",
    place: "int32",
  },
  { name: "net-pfa/units" },
);
const layers = tableOf(
  {
    layer: "dictionary",
    position: "int32",
    units: "int32",
    inputs: "int32",
    is_enough: "bool",
    inactive: "int32",
    rank: "int32",
    ratio: "float64",
    kl: "float64",
    recommended_kl: "int32",
  },
  { name: "net-pfa/layers", relation: "layers" },
);
const spectrum = tableOf(
  { layer: "dictionary", component: "int32", before: "float64", energy: "float64" },
  { name: "net-pfa/spectrum", relation: "spectrum" },
);

let engine: Engine;

/**
 * Layer `<a>` has four units whose components hold 40, 30, 20 and 10%, one of them inactive but for rounding; `b` has two
 * that hold 90 and 10%; `few` has too few inputs, and in `still` nothing varies.
 */
beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT layer || '/' || unit AS id, layer, unit::INTEGER AS unit,
    1.5::DOUBLE AS variance, place IS NOT NULL AS is_active, 0.25::DOUBLE AS correlation, 1::INTEGER AS nearest,
    -0.75::DOUBLE AS nearest_correlation, place::INTEGER AS place
    FROM (VALUES ('<a>', 0, 2), ('<a>', 1, 1), ('<a>', 2, NULL), ('<a>', 3, 3), ('b', 0, 1), ('b', 1, 2),
      ('few', 0, 1), ('few', 1, 2), ('still', 0, NULL)) AS t(layer, unit, place)`);
  await engine.query(`CREATE TABLE "layers" AS SELECT * FROM (VALUES
    ('<a>', 0, 4, 100, true, 1, 4, 0.92, 0.1, 4), ('b', 1, 2, 100, true, 0, 2, 0.47, 0.3, 1),
    ('few', 2, 2, 2, false, 0, 1, NULL, NULL, NULL), ('still', 3, 1, 100, true, 1, 0, NULL, NULL, NULL))
    AS t(layer, position, units, inputs, is_enough, inactive, rank, ratio, kl, recommended_kl)`);
  await engine.query(`CREATE TABLE "spectrum" AS SELECT layer, component::INTEGER AS component, before::DOUBLE AS before,
    energy::DOUBLE AS energy FROM (VALUES ('<a>', 1, 0.0, 0.4), ('<a>', 2, 0.4, 0.7), ('<a>', 3, 0.7, 0.9),
    ('<a>', 4, 0.9, 1.0), ('b', 1, 0.0, 0.9), ('b', 2, 0.9, 1.0), ('few', 1, 0.0, 1.0), ('few', 2, 1.0, 1.0))
    AS t(layer, component, before, energy)`);
});

function contextFor(options: object = {}, without: readonly string[] = []): Context {
  const tables = [units, layers, spectrum].filter(({ name }) => !without.includes(name));
  return {
    ...contextOf(units, { ...options }),
    tables: Object.fromEntries(tables.map((each) => [each.name, each])),
  };
}

async function draw(state: ViewState = {}, filter: Filter = null, options: object = {}): Promise<Drawing> {
  const context = contextFor(options);
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

const keptOf = ({ data }: Drawing): unknown[] => data!.rows.map((row) => row["kept"]);

test("each strategy keeps what its formula says, and never more than are active", async () => {
  expect(keptOf(await draw())).toEqual([3, 1, null, null]);
  // The fewest components that hold 70% of the variance, and 71%.
  expect(keptOf(await draw({ strategy: "energy", energy: 0.7 }))).toEqual([2, 1, null, null]);
  expect(keptOf(await draw({ strategy: "energy", energy: 0.71 }))).toEqual([3, 1, null, null]);
  expect(keptOf(await draw({ strategy: "energy", energy: 1 }))).toEqual([3, 2, null, null]);
  // Seven units have enough inputs; begins are 0, 0, 0.4, 0.7, 0.9, 0.9, and none for the one that is still.
  expect(keptOf(await draw({ strategy: "size", size: 0.5 }))).toEqual([2, 1, null, null]);
  expect(keptOf(await draw({ strategy: "size", size: 0.65 }))).toEqual([3, 1, null, null]);
  expect(keptOf(await draw({ strategy: "size", size: 0 }))).toEqual([1, 1, null, null]);
  expect(keptOf(await draw({ strategy: "size", size: 1 }))).toEqual([3, 2, null, null]);
});

test("what cannot be recommended is said with its reason, and is no 0", async () => {
  const { notices, body } = await draw();
  expect(notices).toEqual([
    "Too few inputs for a recommendation, more than units are needed: few (2 units, 2 inputs).",
    "Nothing varies, so nothing is recommended: still (1 unit, 100 inputs).",
  ]);
  expect(body.text).toContain("– of 2");
  expect(body.text).toContain("4 of 6 units of 2 layers would do: 66.7%.");
});

test("the layer of which least is needed is looked into, or the one that is selected", async () => {
  expect((await draw()).description).toContain(
    "The 2 units of b have 2 components that vary. 1 of them hold 90.0%",
  );
  const shown = await draw({ layers: ["b", "<a>"], strategy: "energy", energy: 0.7 });
  expect(shown.description).toContain("The 4 units of <a> have 4 components that vary. 2 of them hold 70.0%");
  const kinds = shown.data!.beside![1]!.rows.map((row) => row["kind"]);
  expect(kinds).toEqual(["kept", "kept", "inactive", "spare"]);
  expect((await draw({}, null, { layer: "<a>" })).description).toContain("units of <a>");
});

test("the words of the curve are drawn after it, and the one at its end is clear of it", async () => {
  const { body } = await draw();
  const words = [...body.text.matchAll(/<text[^>]* y="([\d.]+)"[^>]*>\s*(\d+%)/g)];
  expect(words.map((found) => found[2])).toEqual(["50%", "100%"]);
  expect(words.every(({ index }) => index > body.text.indexOf("units-line"))).toBe(true);
  const top = Number(/<svg\s+y="(\d+)"/.exec(body.text)![1]);
  expect(top - Number(words[1]![1])).toBeGreaterThanOrEqual(6);
});

test("filters count units and those kept among them, and the recommendation stays", async () => {
  const shown = await draw({ layers: ["<a>"] }, sql`unit > 0`);
  expect([shown.rows, shown.total]).toEqual([5, 9]);
  expect(shown.data!.rows.map((row) => [row["kept"], row["rows"], row["keptPassing"]])).toEqual([
    [3, 3, 2],
    [1, 1, 0],
    [null, 1, 0],
    [null, 0, 0],
  ]);
  expect(shown.body.text.match(/units-out/g)).toHaveLength(1);
});

test("names of layers are never markup, and the markup has no inline style", async () => {
  const { body } = await draw({ layers: ["<a>"] });
  expect(body.text).toContain("&lt;a&gt;");
  expect(body.text).not.toMatch(/<a>|\sstyle=/);
});

test("more units are shown when a reader asks for them", async () => {
  const { body } = await draw({ layers: ["<a>"] }, null, { rows: 2 });
  expect(body.text.match(/data-unit=/g)).toHaveLength(2);
  expect(body.text).toContain("2 of 4 units are shown");
});

test("what is selected is one condition of layers and units", async () => {
  const options = view.parse(contextFor());
  const rows = async (state: ViewState): Promise<number> => {
    const found = condition(readState(options, state));
    return (await engine.query(`SELECT id FROM "data" WHERE ${String(found ?? "TRUE")}`)).rows;
  };
  expect(await rows({})).toBe(9);
  expect(await rows({ layers: ["<a>", "b"] })).toBe(6);
  expect(await rows({ layers: ["<a>"], ids: ["<a>/0", "b/0"] })).toBe(1);
  expect(await rows({ layers: ["'; DROP TABLE data; --"] })).toBe(0);
});

test.each([
  [
    { strategy: "size", size: 0.25, energy: 0.9, layers: ["b"], ids: ["b/1"], rows: 512 },
    { strategy: "size", size: 0.25, energy: 0.9, layers: ["b"], ids: ["b/1"], rows: 512 },
  ],
  [{ strategy: "most", size: 7, energy: "x", layers: 3, ids: [4], rows: 1e9 }, {}],
])("of the state %j %j fits", (written, kept) => {
  const context = contextFor();
  expect(view.accept!(view.parse(context), written, context)).toEqual(kept);
});

test("a table without units, and tables that are not on the page, are refused with what to do", () => {
  expect(() => view.parse(contextOf(tableOf({ id: "string id" }), {}))).toThrow('no column "layer"');
  expect(() => view.parse(contextFor({}, ["net-pfa/spectrum"]))).toThrow("the table spectrum of net-pfa");
  expect(() => view.parse(contextFor({ strategy: "kll" }))).toThrow('"strategy" is "kll"');
  expect(() => view.parse(contextFor({ energy: 2 }))).toThrow('"energy" is not a number from 0 to 1');
});

test("an empty table draws no layers and says so", async () => {
  const empty = await openEngine();
  for (const name of ["data", "layers", "spectrum"]) {
    const { columns } = await engine.query(`SELECT * FROM "${name}" LIMIT 0`);
    const listed = Object.keys(columns).map((each) => `NULL AS "${each}"`);
    await empty.query(`CREATE TABLE "${name}" AS SELECT ${listed.join(", ")} WHERE FALSE`);
  }
  const context = contextFor();
  const results = await answersOf(view, context, empty);
  const { notices, body } = view.render(view.parse(context), results, {}, context);
  expect(notices).toEqual(["The table has no units."]);
  expect(body.text).toContain("No layer has a recommendation.");
});

/** The view on so many layers, of which the first has so many units, each with a place. */
async function drawMany(
  many: number,
  ofFirst: number,
  filter: Filter = null,
  known = ofFirst,
): Promise<Drawing> {
  const name = `many_${many}_${ofFirst}_${known}`;
  await engine.query(`CREATE TABLE "${name}_layers" AS SELECT 'l' || range AS layer, range::INTEGER AS position,
    CASE range WHEN 0 THEN ${ofFirst} ELSE 0 END AS units, 100 AS inputs, true AS is_enough, 0 AS inactive, 1 AS rank,
    0.5::DOUBLE AS ratio, 0.1::DOUBLE AS kl, 1 AS recommended_kl FROM range(${many})`);
  // Stored from the last unit to the first: which ones are listed is the order's to say, not the table's.
  await engine.query(`CREATE TABLE "${name}_units" AS SELECT 'l0/' || range AS id, 'l0' AS layer, range::INTEGER AS unit,
    1::DOUBLE AS variance, true AS is_active, 0::DOUBLE AS correlation, 0::INTEGER AS nearest,
    0::DOUBLE AS nearest_correlation, (range + 1)::INTEGER AS place FROM range(${known - 1}, -1, -1)`);
  const [table, listed] = [
    { ...units, relation: `${name}_units` },
    { ...layers, relation: `${name}_layers` },
  ];
  const tables = [table, listed, spectrum].map((each) => [each.name, each]);
  const context = { ...contextFor(), table, tables: Object.fromEntries(tables) };
  const state = { layers: ["l0"], rows: 4096 };
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

test("as many layers and units as are listed at most are all; of more it is said that they are the first", async () => {
  expect((await drawMany(500, 4096)).notices).toEqual([]);
  expect((await drawMany(501, 4097)).notices).toEqual([
    "The first 500 of 501 layers are listed.",
    "The first 4,096 of 4,097 units of l0 are listed.",
  ]);
  expect((await drawMany(1, 64, null, 60)).notices, "a table may know fewer").toEqual([]);
});

test("of a layer with more units than are listed, no listed unit that passes is drawn as filtered out", async () => {
  const { body } = await drawMany(1, 6000, sql`unit <> 7`);
  expect(body.text.match(/units-out/g)).toHaveLength(1);
});
