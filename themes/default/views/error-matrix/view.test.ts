import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Decision } from "../../src/corrections/journal.ts";
import type { Drawing, Filter, ViewState } from "../../src/view.ts";
import { conditionOf } from "./queries.ts";
import { shownOf, view } from "./view.ts";

const samples = tableOf(
  {
    id: "int32 id",
    label: "string label",
    prediction: "string prediction",
    confidence: "float64 confidence",
    twin: "string",
  },
  { classes: ["a", "b", "<c>"] },
);

let engine: Engine;

/** Ten of a, of whom three are taken for b and one for c; two of b, both taken for a. */
beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id, CASE WHEN range < 10 THEN 'a' ELSE 'b' END AS label,
    CASE WHEN range < 3 THEN 'b' WHEN range = 3 THEN '<c>' ELSE 'a' END AS prediction, 0.5 + range / 40.0 AS confidence,
    CASE WHEN range = 1 THEN 'label' ELSE 'none' END AS twin FROM range(12)`);
});

async function resultsOf(filter: Filter = null): ReturnType<typeof answersOf> {
  return answersOf(view, contextOf(samples, {}), engine, filter);
}

async function draw(state: ViewState = {}, options: Record<string, unknown> = {}): Promise<Drawing> {
  const context = contextOf(samples, options);
  return view.render(view.parse(context), await resultsOf(), state, context);
}

const pairsOf = ({ data }: Drawing): unknown[] =>
  data!.rows.map((row) => [row["label"], row["prediction"], row["rows"]]);

test("rows come by disagreements, and in each the class that most are taken for", async () => {
  expect(pairsOf(await draw())).toEqual([
    ["a", "a", 6],
    ["a", "b", 3],
    ["a", "<c>", 1],
    ["b", "a", 2],
  ]);
});

test("a cell sums the confidences and says how many have a twin", async () => {
  const drawing = await draw();
  const cell = drawing.data!.rows.find((row) => row["prediction"] === "b")!;
  expect(cell["score"]).toBeCloseTo(0.5 + 0.525 + 0.55);
  expect(cell["twins"]).toBe(1);
  expect(drawing.body.text).not.toContain("<c>");
});

test("a cell's band is as dark as its score on a scale of one decade, and those that are right have none", async () => {
  const { text } = (await draw()).body;
  const cells = text.matchAll(/data-cell="([^"]*)"[^]*?<\/button>/g);
  const shades = Array.from(cells, ([cell, pair]) => [pair, /--ramp-(\d+)/.exec(cell)?.[1]]);
  const scores = { "a → b": 0.5 + 0.525 + 0.55, "a → <c>": 0.575, "b → a": 0.75 + 0.775 };
  const step = (score: number): string => String(Math.round(63 * (1 + Math.log10(score / scores["a → b"]))));
  expect(shades).toEqual([
    ["[&quot;a&quot;,&quot;a&quot;]", undefined],
    ["[&quot;a&quot;,&quot;b&quot;]", "63"],
    ["[&quot;a&quot;,&quot;&lt;c&gt;&quot;]", step(scores["a → <c>"])],
    ["[&quot;b&quot;,&quot;a&quot;]", step(scores["b → a"])],
  ]);
});

test("columns are aligned on demand", async () => {
  expect((await draw()).body.text).not.toContain("errors-aligned");
  const aligned = (await draw({ aligned: true })).body.text;
  expect([...aligned.matchAll(/<th scope="col" title="([^"]*)"/g)].map((match) => match[1])).toEqual([
    ...["a", "b", "&lt;c&gt;"],
  ]);
});

test("what is decided leaves the matrix, and nothing is left when all is", async () => {
  const context = contextOf(samples, {});
  const results = await resultsOf();
  const decided = (pairs: readonly (readonly [string, string])[]): Decision[] =>
    pairs.map(([old, prediction], id) => ({ id, old, prediction }) as Decision);
  const some = shownOf(
    view.parse(context),
    results,
    {},
    context,
    decided([
      ["b", "a"],
      ["b", "a"],
    ]),
  );
  expect(some.rows.map(({ label }) => label)).toEqual(["a"]);
  const others = [...Array.from({ length: 3 }, () => ["a", "b"] as const), ["a", "<c>"] as const];
  const all = decided([["b", "a"], ["b", "a"], ...others]);
  expect(shownOf(view.parse(context), results, {}, context, all).rows).toEqual([]);
});

test("selected cells filter the other views", () => {
  const options = view.parse(contextOf(samples, {}));
  expect(String(conditionOf(options, [["a", "it's"]]))).toContain("'it''s'");
  expect(conditionOf(options, [])).toBeNull();
  expect(view.selected!(options, { cells: [["a", "b"]] }, contextOf(samples, {}))).toEqual([
    { column: "label → prediction", values: ["a → b"] },
  ]);
});

test("a table of nothing says so, and a filter of its author's that leaves nothing that", async () => {
  await engine.query(`CREATE TABLE "nothing" AS SELECT * FROM "data" WHERE FALSE`);
  const none = { ...samples, relation: "nothing" };
  for (const [request, rows, said] of [
    [{}, 0, "The table has no samples."],
    [{ member: "is_meant" }, 12, "The filter of this view leaves no samples of the table."],
  ] as const) {
    const context = contextOf({ ...none, rows }, {}, request);
    const drawing = view.render(view.parse(context), await answersOf(view, context, engine), {}, context);
    expect(drawing.body.text).toContain(said);
    expect(drawing.body.text).not.toContain("predicted otherwise");
  }
});
