import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Context, Drawing, Filter, ViewState } from "../../src/view.ts";
import { histogramMarkup, ticksOf } from "../../src/histogram.ts";
import { condition } from "./queries.ts";
import { readState } from "./state.ts";
import { view } from "./view.ts";

const samples = tableOf({
  id: "int32 id",
  label: "string label",
  prediction: "string prediction",
  split: "string split",
  familiarity_embedding: "float64 familiarity",
  familiarity_label: "float64 familiarity",
});
const gaps = tableOf(
  {
    fitted: "string",
    scored: "string",
    fitted_rows: "int32",
    scored_rows: "int32",
    fitted_mean: "float64",
    scored_mean: "float64",
    gap: "float64",
    low: "float64",
    high: "float64",
  },
  { name: "test/gaps", relation: "gaps" },
);

let engine: Engine;

/** Forty samples with scores -40 … -1; those of label "few" have none within it. */
beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id,
    CASE WHEN range >= 36 THEN 'few' WHEN range % 2 = 0 THEN '<i>' ELSE 'odd' END AS label, 'odd' AS prediction,
    CASE WHEN range < 10 THEN 'test' ELSE 'train' END AS split, (range - 40)::DOUBLE AS familiarity_embedding,
    CASE WHEN range < 36 THEN -range::DOUBLE / 2 END AS familiarity_label FROM range(40)`);
  await engine.query(`CREATE TABLE "gaps" AS SELECT * FROM (VALUES ('train', 'test', 30, 10, -5.0, -6.0, -1.0, -1.5, -0.5),
    ('test', 'train', 10, 30, -5.0, -4.9, 0.1, -0.3, 0.5), ('a', 'b', 1, 1, NULL, NULL, NULL, NULL, NULL))
    AS t(fitted, scored, fitted_rows, scored_rows, fitted_mean, scored_mean, gap, low, high)`);
});

function contextFor(options: object = {}): Context {
  const context = contextOf(samples, { ...options });
  return { ...context, tables: { [samples.name]: samples, [gaps.name]: gaps } };
}

async function draw(state: ViewState = {}, filter: Filter = null, options: object = {}): Promise<Drawing> {
  const context = contextFor(options);
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

const idsOf = ({ data }: Drawing): unknown[] => data!.rows.map((row) => row["id"]);
const besides = ({ data }: Drawing, caption: string): Record<string, unknown>[] =>
  data!.beside!.find((table) => table.caption!.startsWith(caption))!.rows;

test("the least familiar come first, or the most, and within a group by its own scores", async () => {
  expect(idsOf(await draw({}, null, { rows: 3 }))).toEqual([0, 1, 2]);
  expect(idsOf(await draw({ order: "most" }, null, { rows: 3 }))).toEqual([39, 38, 37]);
  expect(idsOf(await draw({ within: "odd" }, null, { rows: 3 }))).toEqual([35, 33, 31]);
  expect(idsOf(await draw({ rows: 5 }, null, { rows: 3 }))).toHaveLength(5);
});

test("twenty bars hold all samples, and those that pass stand before the whole", async () => {
  const drawing = await draw({}, sql`split = 'test'`);
  const bars = besides(drawing, "Samples by familiarity");
  expect(bars).toHaveLength(20);
  expect(bars.reduce((sum, bar) => sum + Number(bar["all"]), 0)).toBe(40);
  expect(bars.reduce((sum, bar) => sum + Number(bar["rows"]), 0)).toBe(10);
  expect([bars[0]!["from"], bars[19]!["to"], bars[19]!["all"]]).toEqual([-40, -1, 2]);
  expect([drawing.rows, drawing.total]).toEqual([10, 40]);
});

test("groups have the mean and the deviation of their samples, the least familiar first", async () => {
  const rows = besides(await draw(), "Familiarity by label");
  expect(rows.map((row) => [row["value"], row["rows"]])).toEqual([
    ["<i>", 18],
    ["odd", 18],
    ["few", 4],
  ]);
  expect(rows[0]!["mean"]).toBeCloseTo(-23, 9);
  // Of -40, -38, …, -6: sd² = 4 (n² - 1) n / (12 (n - 1)).
  expect(rows[0]!["sd"]).toBeCloseTo(Math.sqrt((4 * (18 ** 2 - 1) * 18) / (12 * 17)), 9);
});

test("a group without scores of its own is said, and so is what it shows", async () => {
  const { notices } = await draw();
  expect(notices).toEqual([
    "Too few samples to learn from: within label few (n 4) familiarity is undefined.",
  ]);
  expect((await draw({ within: "few" })).body.text).toContain(
    "No sample of label few has a familiarity within it",
  );
});

test("gaps are said with their intervals, and undefined ones as undefined", async () => {
  const { body } = await draw();
  expect(body.text).toContain("−1.00 (−1.50 to −0.50)");
  expect(body.text).toContain("+0.10 (−0.30 to +0.50)");
  for (const words of ["less familiar", "no difference beyond chance", "too few samples to say"])
    expect(body.text).toContain(words);
});

test("labels are never markup, and the markup has no inline style", async () => {
  const { body } = await draw();
  expect(body.text).toContain("&lt;i&gt;");
  expect(body.text).not.toMatch(/<i>|\sstyle=/);
});

test("what is selected is one condition of scores, groups and ids", async () => {
  const options = view.parse(contextFor());
  const rows = async (state: ViewState): Promise<number> => {
    const found = condition(options, readState(options, state));
    return (await engine.query(`SELECT id FROM "data" WHERE ${String(found ?? "TRUE")}`)).rows;
  };
  expect(await rows({})).toBe(40);
  expect(await rows({ range: [-40, -31] })).toBe(10);
  expect(await rows({ range: [-40, -31], groups: ["odd"] })).toBe(5);
  expect(await rows({ within: "odd", range: [-3, 0] })).toBe(3);
  expect(await rows({ ids: [1, 2, 3], groups: ["odd"] })).toBe(2);
  expect(await rows({ groups: ["'; DROP TABLE data; --"] })).toBe(0);
});

test.each([
  [
    { order: "most", within: "odd", range: [-3, 1], groups: ["odd"], ids: [1], rows: 48 },
    { order: "most", within: "odd", range: [-3, 1], groups: ["odd"], ids: [1], rows: 48 },
  ],
  [{ order: "middle", range: [1, -3], rows: 1e9, ids: ["a"] }, {}],
])("of the state %j %j fits", (written, kept) => {
  const context = contextFor();
  expect(view.accept!(view.parse(context), written, context)).toEqual(kept);
});

test("options that cannot be shown are refused", () => {
  expect(() => view.parse(contextOf(tableOf({ id: "int32 id" }), {}))).toThrow("with the role familiarity");
  expect(() => view.parse(contextFor({ score: "label" }))).toThrow('column "label" holds string, no numbers');
  expect(() => view.parse(contextFor({ order: "lest" }))).toThrow('"order" is "lest"');
  expect(() => view.parse(contextFor({ by: "labl" }))).toThrow('column "labl" is not in table');
});

test("ticks are round and within the axis", () => {
  expect(ticksOf([-40, -1])).toEqual([-40, -30, -20, -10]);
  expect(ticksOf([0, 3.1])).toEqual([0, 1, 2, 3]);
  expect(ticksOf([5, 5])).toEqual([5]);
});

test("a bar that has rows is seen, and lines beyond the axis are not", () => {
  const lines = [
    { at: 2, label: "inside", isUsed: true },
    { at: 9, label: "beyond", isUsed: false },
  ];
  const shown = histogramMarkup({
    domain: [0, 4],
    whole: [1000, 1],
    passing: [1000, 0],
    title: "T",
    range: null,
    lines,
  });
  expect(shown.text.match(/<rect/g)).toHaveLength(3);
  expect(shown.text).toContain("inside");
  expect(shown.text).not.toContain("beyond");
});

test("of many groups the least familiar are seen and the others unfold, at once where one of them is chosen", async () => {
  const many = tableOf({
    id: "int32 id",
    label: "string label",
    familiarity_embedding: "float64 familiarity",
  });
  await engine.query(`CREATE OR REPLACE TABLE "many" AS SELECT range::INTEGER AS id, 'g' || (range // 2) AS label,
    range::DOUBLE AS familiarity_embedding FROM range(80)`);
  const context = contextOf({ ...many, relation: "many" }, {});
  const drawn = async (state: ViewState): Promise<string> => {
    const results = await answersOf(view, context, engine, null, state);
    return view.render(view.parse(context), results, state, context).body.text;
  };
  const [seen, rest] = (await drawn({})).split("<details");
  expect(seen!.match(/data-group=/g)).toHaveLength(12);
  expect(rest!.match(/data-group=/g)).toHaveLength(28);
  expect(rest).toMatch(/^[^>]*familiarity-rest(?![^>]*open)/);
  expect(rest).toContain("28 more");
  expect(await drawn({ groups: ["g39"] })).toMatch(/<details class="familiarity-rest"[^>]* open/);
  expect(await drawn({ unfolded: true })).toMatch(/<details class="familiarity-rest"[^>]* open/);
});

test("of more groups than are listed each that is has its own rows under a filter, and all are counted", async () => {
  const table = tableOf({
    id: "int32 id",
    label: "string label",
    familiarity_embedding: "float64 familiarity",
  });
  // The least familiar sample of the first groups is filtered out, so that others are the least familiar then.
  await engine.query(`CREATE OR REPLACE TABLE "crowd" AS SELECT range::INTEGER AS id, 'g' || (range // 2) AS label,
    (CASE WHEN range % 2 = 0 THEN -1000 + range // 2 ELSE 1000 - range // 2 END)::DOUBLE AS familiarity_embedding
    FROM range(240)`);
  const drawn = async (relation: string, filter: Filter): Promise<Drawing> => {
    const context = contextOf({ ...table, relation }, {});
    const results = await answersOf(view, context, engine, filter, {});
    return view.render(view.parse(context), results, {}, context);
  };
  const { body, notices } = await drawn("crowd", sql`id % 2 = 1`);
  expect(body.text.match(/data-group=/g)).toHaveLength(100);
  expect(body.text.match(/<td class="number">\s*1\s*<span class="duplicates-n"> of 2/g)).toHaveLength(100);
  expect(notices).toEqual(["The 100 least familiar of 120 groups are listed."]);
  await engine.query(`CREATE OR REPLACE TABLE "hundred" AS SELECT * FROM "crowd" WHERE id < 200`);
  expect((await drawn("hundred", null)).notices ?? []).toEqual([]);
});

test("a table of nothing says so once", async () => {
  await engine.query(`CREATE TABLE "nothing" AS SELECT * FROM "data" WHERE FALSE`);
  const none = { ...samples, relation: "nothing", rows: 0 };
  const context = { ...contextFor(), table: none };
  const drawing = view.render(view.parse(context), await answersOf(view, context, engine), {}, context);
  expect(drawing.body.text.split("The table has no samples.")).toHaveLength(2);
});

test("a caption called as the score is on cards is written by its own range, and whole scores as whole", async () => {
  await engine.query(`CREATE TABLE "called" AS SELECT range::INTEGER AS id, (range - 40)::DOUBLE AS score,
    (range / 4000)::DOUBLE AS familiarity FROM range(40)`);
  const kinds = { id: "int32 id", score: "float64 familiarity", familiarity: "float64" };
  const called = tableOf(kinds, { relation: "called" });
  const context = contextOf(called, { columns: ["familiarity"] });
  const results = await answersOf(view, context, engine, null, {});
  const { text } = view.render(view.parse(context), results, {}, context).body;
  const values = [...text.matchAll(/sample-caption-value">([^<]*)</g)].map(([, value]) => value);
  // The range from 0 to 0.00975 has six decimals, that from -40 to -1 none.
  expect(values.slice(0, 4)).toEqual(["−40", "0.000000", "−39", "0.000250"]);
});
