import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Context, Drawing, Filter, ViewState } from "../../src/view.ts";
import { view } from "./view.ts";

const columns = {
  epoch: "int32 epoch",
  split: "dictionary split",
  loss: "float64 loss",
  accuracy: "float64 accuracy",
  learning_rate: "float64 learning_rate",
};
const table = tableOf(columns);
const other = tableOf({ ...columns, f1: "float64" }, { name: "wide/training", relation: "wide" });
const long = tableOf({ epoch: "int32 epoch", loss: "float32 loss" }, { relation: "long" });

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  const rows = `SELECT epoch::INTEGER AS epoch, split, abs(epoch - best) / 10.0 + 0.5 AS loss,
    least(1, epoch / 10.0) AS accuracy, 0.1 / (epoch * epoch) AS learning_rate, 0.5 AS f1
    FROM (SELECT range + 1 AS epoch FROM range(8)), (VALUES ('train', 9), ('test', 5)) AS t(split, best)`;
  await engine.query(`CREATE TABLE "data" AS ${rows}`);
  await engine.query(`CREATE TABLE "wide" AS ${rows.replace("'test', 5", "'test', 3")}`);
  await engine.query(
    `CREATE TABLE "long" AS SELECT range::INTEGER * 10 AS epoch, (1 - range / 5000.0)::FLOAT AS loss FROM range(1001)`,
  );
});

function contextFor(shown = table, options: object = {}): Context {
  const context = contextOf(shown, { ...options }, { width: 12 });
  return { ...context, tables: { [shown.name]: shown, [other.name]: other } };
}

async function draw(context: Context, filter: Filter = null, state: ViewState = {}): Promise<Drawing> {
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

test("each metric has a small chart of a line per split, at three widths and without inline style", async () => {
  const { body, rows, total, data } = await draw(contextFor());
  expect([rows, total, data!.rows.length]).toEqual([16, 16, 16]);
  expect(Array.from(body.text.matchAll(/data-metric="(\w+)"/g), ([, name]) => name).slice(0, 3)).toEqual([
    "loss",
    "accuracy",
    "learning_rate",
  ]);
  expect(body.text.match(/<svg class="chart"/g)).toHaveLength(9);
  expect(body.text).not.toMatch(/\sstyle=/);
  expect(body.text).toMatch(/>train<\/text>/);
});

test("the best epoch is the one with the lowest loss of the part held back, whatever the other part says", async () => {
  const { body, description } = await draw(contextFor());
  expect(body.text).toContain("Best epoch: 5, with the lowest test loss (0.5).");
  expect(description).toContain("Best epoch: 5");
  expect((await draw(contextFor(table, { split: "train" }))).body.text).toContain(
    "Best epoch: 8, with the lowest train loss (0.6).",
  );
  expect((await draw(contextFor(table, { best: "accuracy" }))).body.text).toContain(
    "Best epoch: 8, with the highest test accuracy (80.0%).",
  );
  expect((await draw(contextFor(table, { split: "none" }))).notices[0]).toContain('split "none"');
});

test("several tables are runs of one chart, each with its best epoch", async () => {
  const drawing = await draw(contextFor(table, { runs: { narrow: "test/data", wide: "wide/training" } }));
  expect(drawing.total).toBe(32);
  expect(drawing.body.text).toContain("narrow 5 (0.5), wide 3 (0.5)");
  expect(drawing.data!.columns.map((each) => each.name).slice(0, 3)).toEqual(["run", "split", "epoch"]);
  const listed = await draw(contextFor(table, { runs: ["test/data", "wide/training"] }), sql`epoch < 3`);
  expect([listed.rows, listed.total]).toEqual([8, 32]);
});

test("what a filter leaves is drawn over the whole in grey", async () => {
  const { body, rows } = await draw(contextFor(), sql`split = 'test'`);
  expect(rows).toBe(8);
  expect(body.text).toContain("var(--chart-grey)");
  expect((await draw(contextFor())).body.text).not.toContain("var(--chart-grey)");
});

test("smoothing keeps the measured values behind, faintly", async () => {
  const faint = /stroke-width="1"[^>]*opacity="0\.25"|opacity="0\.25"[^>]*stroke-width="1"/;
  expect((await draw(contextFor(table, { smoothing: 0.5 }))).body.text).toMatch(faint);
  expect((await draw(contextFor(), null, { smoothing: 0.5 })).body.text).toMatch(faint);
  expect((await draw(contextFor())).body.text).not.toMatch(faint);
});

test("of many epochs some are drawn, the last among them, and a sentence says so", async () => {
  const { notices, data, rows } = await draw(contextFor(long));
  expect(rows).toBe(1001);
  expect(notices).toEqual(["Of 1,001 epochs one in 3 is drawn."]);
  expect(data!.rows.length).toBe(335);
  expect(data!.rows.at(-1)).toMatchObject({ epoch: 10_000 });
});

test.each([
  [{ metric: ["loss"] }, 'the view "training" has no option "metric"', 'did you mean "metrics"?', "metric"],
  [{ metrics: ["los"] }, 'column "los" is not in table', 'did you mean "loss"?', "metrics"],
  [
    { metrics: ["split"] },
    'column "split" holds dictionary, no numbers',
    "there are: accuracy, learning_rate, loss",
    "metrics",
  ],
  [{ log: ["lost"] }, '"lost" is not drawn', 'did you mean "loss"?', "log"],
  [{ best: "lost" }, '"lost" is not drawn', 'did you mean "loss"?', "best"],
  [{ smoothing: 1 }, '"smoothing" is not a number from 0 to 0.99', "write smoothing: 0", "smoothing"],
  [
    { runs: ["wide/trainin"] },
    'no artifact has a table "wide/trainin"',
    'did you mean "wide/training"?',
    "runs",
  ],
  [{ runs: 3 }, '"runs" names no tables', "write runs: [artifact/training, other/training]", "runs"],
])("the options %j are refused", (options, what, hint, path) => {
  try {
    view.parse(contextFor(table, options));
    expect.unreachable();
  } catch (error) {
    const { problem } = error as { problem: { what: string; hint: string; path: string } };
    expect(problem.what).toContain(what);
    expect([problem.hint, problem.path]).toEqual([hint, path]);
  }
});

test("a table without epochs is refused", () => {
  expect(() => view.parse(contextFor(tableOf({ loss: "float32" })))).toThrow("no column with the role epoch");
});

test.each([
  [
    { epochs: [2, 5], smoothing: 0.4, log: ["loss"] },
    { epochs: [2, 5], smoothing: 0.4, log: ["loss"] },
  ],
  [{ epochs: [5, 2] }, {}],
  [{ epochs: ["2", 5] }, {}],
  [{ smoothing: 2, log: ["learning_rate"] }, {}],
  [{ log: ["nowhere"] }, { log: [] }],
  [{ page: 3 }, {}],
])("of the state %j %j fits", (written, kept) => {
  const context = contextFor();
  expect(view.accept!(view.parse(context), written, context)).toEqual(kept);
});
