import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Context, Drawing, Filter, ViewState } from "../../src/view.ts";
import { condition } from "./queries.ts";
import { readState } from "./state.ts";
import { view } from "./view.ts";

const samples = tableOf(
  {
    id: "int32 id",
    label: "string label",
    prediction: "string prediction",
    split: "string split",
    quality: "float64 score",
    rank: "int32",
    noise_posterior: "float64",
    probabilities: "list<float32> probability",
  },
  { classes: ["<i>", "odd"] },
);
const twins = tableOf(
  {
    sample: "int32 sample",
    neighbor: "int32 neighbor",
    distance: "float32",
    similarity: "float64",
    other_label: "bool",
    other_split: "bool",
  },
  { name: "test/twins", relation: "twins" },
);

let engine: Engine;

/** Forty samples with scores 0, 0.025, …; number 39 has no label. */
beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id, CASE WHEN range < 39 THEN '<i>' END AS label,
    CASE WHEN range < 5 THEN 'odd' ELSE '<i>' END AS prediction, CASE WHEN range < 2 THEN 'test' ELSE 'train' END AS split,
    CASE WHEN range < 39 THEN range / 40.0 END AS quality, CASE WHEN range < 39 THEN range + 1 END::INTEGER AS rank,
    CASE WHEN range < 39 THEN 0.9 END AS noise_posterior, [range / 40.0, 1 - range / 40.0] AS probabilities FROM range(40)`);
  await engine.query(`CREATE TABLE "twins" AS SELECT 0 AS sample, 7 AS neighbor, 0.1 AS distance, 0.99 AS similarity,
    true AS other_label, false AS other_split`);
});

function contextFor(options: object = {}): Context {
  const context = contextOf(samples, { ...options });
  return { ...context, tables: { [samples.name]: samples, [twins.name]: twins } };
}

async function draw(state: ViewState = {}, filter: Filter = null, options: object = {}): Promise<Drawing> {
  const context = contextFor(options);
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

const idsOf = ({ data }: Drawing): unknown[] => data!.rows.map((row) => row["id"]);

test("the most doubtful labels come first, and those without a label not at all", async () => {
  expect(idsOf(await draw({}, null, { rows: 3 }))).toEqual([0, 1, 2]);
  expect(idsOf(await draw({ rows: 100 }))).toHaveLength(39);
});

test("a random order has nothing to do with the score, and is the same every time", async () => {
  const first = idsOf(await draw({ order: "random", rows: 39 }));
  expect(first).not.toEqual(first.slice().sort((a, b) => Number(a) - Number(b)));
  expect(idsOf(await draw({ order: "random", rows: 39 }))).toEqual(first);
});

test("a range of scores keeps those within it", async () => {
  expect(idsOf(await draw({ range: [0.5, 0.6], rows: 39 }))).toEqual([20, 21, 22, 23, 24]);
});

test("the panel tells of the sample that the keys are at, with class scores and its twin", async () => {
  const { body } = await draw({ at: 7 });
  expect(body.text).toContain("SSIM 0.990 · other label");
  expect(body.text).toMatch(/review-label">[^<]*<span title="&lt;i&gt;"/);
  expect(body.text).toContain("0.82"); // 1 less 7 of 40
  expect(body.text).not.toContain("<i>");
});

test("of several selected the panel tells the means", async () => {
  const { body } = await draw({ ids: [0, 20] });
  expect(body.text).toContain("2 samples");
  expect(body.text).toContain("0.25 on average");
});

test("an estimate of what is left is drawn before anything is decided", async () => {
  const { body } = await draw();
  expect(body.text).toMatch(/About <b>4<\/b> wrong labels are left/);
});

test("what is selected filters the other views", () => {
  const context = contextFor();
  const options = view.parse(context);
  const state = readState(options, { range: [0, 0.5], ids: [1, 2] });
  expect(String(condition(options, state))).toBe(
    'CAST("quality" AS DOUBLE) BETWEEN 0 AND 0.5 AND ("id" IN (1, 2))',
  );
  expect(condition(options, readState(options, {}))).toBeNull();
});

test("a link may say anything", () => {
  const options = view.parse(contextFor());
  expect(readState(options, { order: 1, range: [2, 1], rows: -1, ids: ["a", 3], at: "x" })).toEqual({
    ...{ order: "doubtful", range: null, rows: null, ids: [3], at: null },
  });
});

test("a table without scores is refused", () => {
  const bare = tableOf({ id: "int32 id", label: "string label", prediction: "string prediction" });
  expect(() => view.parse(contextOf(bare, {}))).toThrow("no column with the role score");
});
