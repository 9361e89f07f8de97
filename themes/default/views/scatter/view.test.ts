import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Context, Drawing, Filter, ViewState } from "../../src/view.ts";
import { densityOf } from "./density.ts";
import { parse } from "./options.ts";
import { askedOf, readFacts, readMarks, type Cells, type Points } from "./queries.ts";
import { readState } from "./state.ts";
import { readShown, view, type Shown } from "./view.ts";

const table = tableOf({
  id: "int32 id",
  projection_x: "float32 projection_x",
  projection_y: "float32 projection_y",
  label: "string label",
  correct: "bool correct",
  score: "float32",
  many: "string",
  day: "date",
  list: "list<float32> embedding",
});

let engine: Engine;

/** 1,000 rows on a lattice of 40 by 25, three of them without a place. */
beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id,
    CASE range WHEN 10 THEN NULL WHEN 11 THEN 'NaN'::FLOAT ELSE (range % 40)::FLOAT END AS projection_x,
    CASE range WHEN 12 THEN 'inf'::FLOAT ELSE (range // 40)::FLOAT END AS projection_y,
    CASE WHEN range < 600 THEN 'cat' WHEN range < 900 THEN 'dog' WHEN range < 990 THEN '<b>' END AS label,
    range % 10 <> 0 AS correct, CASE WHEN range = 5 THEN 'NaN'::FLOAT ELSE range::FLOAT END AS score,
    'value ' || (range % 25) AS many, DATE '2020-01-01' + range::INTEGER AS day, [1.0::FLOAT] AS list FROM range(1000)`);
});

function contextWith(options: object = {}): Context {
  return contextOf(table, { ...options });
}

async function draw(options: object = {}, filter: Filter = null, state: ViewState = {}): Promise<Drawing> {
  const context = contextWith(options);
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

async function show(options: object = {}, filter: Filter = null, state: ViewState = {}): Promise<Shown> {
  const context = contextWith(options);
  const results = await answersOf(view, context, engine, filter, state);
  const parsed = view.parse(context);
  return readShown(parsed, results, readState(parsed, state), context);
}

test("a projection gives coordinates, the label gives the colour, and distances compare", () => {
  const options = parse(contextWith());
  expect([options.x.name, options.y.name, options.color?.name]).toEqual([
    "projection_x",
    "projection_y",
    "label",
  ]);
  expect([options.isEqual, options.axes]).toEqual([true, false]);
  expect(options.choices.map((column) => column.name)).toEqual(["label", "correct", "score", "many", "day"]);
});

test("other coordinates get axes, and one unit need not be as long as another", () => {
  const options = parse(contextWith({ x: "score", y: "day" }));
  expect([options.isEqual, options.axes]).toEqual([false, true]);
});

test("coordinates named as Symphony names them are found in pairs", () => {
  const named = tableOf({ projection_a_x: "float32", projection_b_x: "float32", projection_b_y: "float32" });
  const options = parse(contextOf(named, {}));
  expect([options.x.name, options.y.name]).toEqual(["projection_b_x", "projection_b_y"]);
});

test.each([
  [{ colour: "label" }, 'no option "colour": did you mean "color"?'],
  [{ color: "lable" }, 'column "lable" is not in table test/data: did you mean "label"?'],
  [{ color: "list" }, 'column "list" is no colour'],
  [{ x: "label" }, 'column "label" is string: x and y need numbers or times'],
  [{ aspect: "equals" }, '"aspect" is "equals": did you mean "equal"?'],
  [{ max_points: 50_000 }, '"max_points" is not a number from 1 to 20000'],
  [{ opacity: "half" }, '"opacity" is not a number from 0.05 to 1'],
  [{ axes: "yes" }, '"axes" is neither true nor false'],
  [{ columns: "label" }, '"columns" is not a list of names'],
])("the options %j are refused", (options, message) => {
  expect(() => parse(contextWith(options))).toThrow(message);
});

test("a table without a projection needs x and y", () => {
  expect(() => parse(contextOf(tableOf({ a: "float32" }), {}))).toThrow('the view needs "x"');
});

test("where the original frames points only with a category and from 0 on, ours frames the points themselves", async () => {
  await engine.query(`CREATE OR REPLACE TABLE "far" AS SELECT range::INTEGER AS id, (100 + range)::FLOAT AS projection_x,
    (-50 - range)::FLOAT AS projection_y FROM range(10)`);
  const far = tableOf(
    { id: "int32 id", projection_x: "float32 projection_x", projection_y: "float32 projection_y" },
    { relation: "far", name: "test/far" },
  );
  const context = contextOf(far, {});
  const results = await answersOf(view, context, engine, null, {});
  const options = view.parse(context);
  expect(options.color).toBeNull();
  const { asked, marks } = readShown(options, results, readState(options, {}), context);
  expect(asked.facts.extent).toEqual([100, 109, -59, -50]);
  expect((marks as Points).n).toBe(10);
});

test("few rows are points, each with its place, category and id; those without a place are counted", async () => {
  const { marks, passing, asked } = await show();
  const points = marks as Points;
  expect([points.kind, points.n, points.color]).toEqual(["points", 997, "label"]);
  expect(asked.facts.extent).toEqual([0, 39, 0, 24]);
  const at = points.ids!.indexOf(645);
  expect([points.x[at], points.y[at], points.code[at]]).toEqual([5, 16, 2]);
  expect([passing.rows, passing.placed, passing.inside]).toEqual([1000, 997, 997]);
  const { notices } = await draw();
  expect(notices).toEqual([
    "3 of 1,000 rows have no place: projection_x or projection_y is missing, NaN or infinite.",
  ]);
});

test("categories are in the order of the data, with a missing one last, and none beyond ten has a colour", async () => {
  const { asked, passing } = await show();
  expect(asked.facts.colouring).toMatchObject({ values: ["<b>", "cat", "dog", null], hasOther: false });
  expect([...passing.groups].sort((a, b) => a[0] - b[0])).toEqual([
    [0, 90],
    [1, 600],
    [2, 300],
    [3, 10],
  ]);
  const many = await show({ color: "many" });
  expect(many.asked.facts.colouring).toMatchObject({ hasOther: true, all: 25 });
  expect(many.passing.groups.size).toBe(10);
  expect(many.passing.groups.get(9)).toBe(16 * 40);
});

test("where the original has eight colours and none for a ninth category, ours names every colour that it draws", async () => {
  const shown = await show({ color: "many" });
  const { colouring } = shown.asked.facts;
  if (colouring.kind !== "categories") throw new Error("the categories are measured");
  expect(colouring.all).toBe(25);
  // Those beyond the colours there are share one, which is in the legend with all of their rows.
  const codes = [...(shown.marks as Points).code];
  expect(new Set(codes)).toEqual(new Set([...colouring.values.keys(), colouring.values.length]));
  const { body } = await draw({ color: "many" });
  const named = [...body.text.matchAll(/data-code="(\d+)"/g)].map(([, code]) => Number(code));
  expect(new Set(named)).toEqual(new Set(codes));
  expect(body.text).not.toMatch(/(fill|stroke)="(undefined|NaN|)"/);
  expect([...shown.passing.groups.values()].reduce((sum, n) => sum + n, 0)).toBe(1000);
});

test("many rows are counted by cell and category; the counts add up to the rows", async () => {
  const { marks, asked } = await show({ max_points: 500 });
  const cells = marks as Cells;
  expect([cells.kind, cells.n.reduce((sum, n) => sum + n, 0)]).toEqual(["cells", 997]);
  const { shades, most } = densityOf(cells, asked.facts.colouring, null);
  expect([shades.length, most]).toEqual([997, 1]);
  const only = densityOf(cells, asked.facts.colouring, new Set([2]));
  expect(only.shades.reduce((sum, shade) => sum + shade.n, 0)).toBe(300);
});

test("the dominant category colours a cell, and a measure colours it by its mean", async () => {
  const coarse = { x: "many_x", y: "projection_y", max_points: 1, color: "label" };
  const wide = tableOf({
    many_x: "float64",
    projection_y: "float32",
    label: "string label",
    score: "float32",
  });
  await engine.query(`CREATE OR REPLACE TABLE wide AS SELECT CASE WHEN id < 999 THEN 0 ELSE 1000 END AS many_x,
    0::FLOAT AS projection_y, label, score FROM "data"`);
  const context = contextOf({ ...wide, relation: "wide" }, coarse);
  const results = await answersOf(view, context, engine);
  const { marks, asked } = readShown(view.parse(context), results, {}, context);
  const { shades } = densityOf(marks as Cells, asked.facts.colouring, null);
  expect(shades.map(({ n, code }) => [n, code])).toContainEqual([999, 1]);
  const measured = contextOf({ ...wide, relation: "wide" }, { ...coarse, color: "score" });
  const answers = await answersOf(view, measured, engine);
  const means = readMarks(answers["marks"]!) as Cells;
  const expected = (Array.from({ length: 999 }, (_, id) => id).reduce((a, b) => a + b, 0) - 5) / 998;
  expect(means.code[[...means.n].indexOf(999)]).toBeCloseTo(expected, 9);
});

test("a window that holds few enough rows has its points again", async () => {
  const { marks } = await show({ max_points: 500 }, null, { window: [0, 9.5, 0, 9.5] });
  const points = marks as Points;
  expect(points.kind).toBe("points");
  expect(points.n).toBeGreaterThanOrEqual(100);
  expect(points.n).toBeLessThanOrEqual(120);
});

test("few rows that pass are points though the window holds many, once that is known", async () => {
  const context = contextWith({ max_points: 500 });
  const options = view.parse(context);
  const filter = sql`id < 40`;
  const before = await answersOf(view, context, engine);
  expect(readMarks(before["marks"]!).kind).toBe("cells");
  const ask = async (results: typeof before, name: string): Promise<(typeof before)[string]> =>
    engine.query(String(view.queries(options, results, context, {})[name]!.sql(filter)));
  const after = readMarks(await ask({ ...before, passing: await ask(before, "passing") }, "marks"));
  expect([after.kind, (after as Points).n]).toEqual(["points", 37]);
});

test("cells keep their edges while the window moves, so density does not flicker", async () => {
  const context = contextWith();
  const options = view.parse(context);
  const facts = readFacts(options, {}, table, await answersOf(view, context, engine));
  const [first, second] = [0, 0.4].map(
    (by) => askedOf(options, { window: [3 + by, 9 + by, 2 + by, 6 + by] }, facts).lattice,
  );
  expect(first!.width).toBe(second!.width);
  expect(Math.abs(((second!.left - first!.left) / first!.width) % 1)).toBeCloseTo(0, 9);
});

test("the drawing has one path a colour, names at crowds, and no inline style", async () => {
  const { body, description } = await draw();
  expect(body.text.match(/stroke="var\(--chart-\d+\)"/g)).toHaveLength(4);
  expect(body.text).not.toMatch(/\sstyle=|<b>/);
  expect(body.text).toContain("&lt;b&gt;");
  expect(body.text.match(/<use /g)).toHaveLength(1);
  expect(description).toBe(
    "Scatter plot of projection_x and projection_y, coloured by label; 1,000 of 1,000 samples. Most are cat: 600.",
  );
});

test("density is drawn as strokes, with a legend that says what a cell holds", async () => {
  const { body, description } = await draw({ max_points: 10, color: "none" });
  expect(body.text).toContain("crispEdges");
  expect(body.text).toMatch(/samples a cell/);
  expect(description).toMatch(/^Density of/);
});

test("a measure has a ramp with its ends, a time its days, and the table sums up both coordinates", async () => {
  const { body, data } = await draw({ color: "score" });
  expect(body.text).toMatch(/scatter-ramp[\s\S]*<span>0<\/span>[\s\S]*999/);
  expect(data!.rows[0]).toMatchObject({ of: "projection_x", n: 998, least: 0, greatest: 39 });
  expect((await draw({ color: "day" })).body.text).toMatch(/2020-01-01[\s\S]*2022-09-26/);
});

test("what is wrong has the colour that stands out", async () => {
  const { asked } = await show({ color: "correct" });
  expect(asked.facts.colouring).toMatchObject({ values: [true, false] });
});

test("a table of nothing, and one without a place, say so", async () => {
  await engine.query(`CREATE OR REPLACE TABLE nothing AS SELECT * FROM "data" WHERE FALSE`);
  await engine.query(
    `CREATE OR REPLACE TABLE nowhere AS SELECT * REPLACE (NULL::FLOAT AS projection_x) FROM "data"`,
  );
  for (const [relation, said] of [
    ["nothing", "The table has no rows."],
    ["nowhere", "No row has a place"],
  ]) {
    const context = contextOf({ ...table, relation: relation! }, {});
    const results = await answersOf(view, context, engine);
    expect(view.render(view.parse(context), results, {}, context).body.text).toContain(said);
  }
});

test("axes have few round ticks, apart, with titles and days", async () => {
  const { body } = await draw({ x: "day", y: "score" });
  const ticks = [...body.text.matchAll(/<text x="[\d.]+" y="[\d.]+"\s*>([^<]+)<\/text/g)].map(
    ([, text]) => text,
  );
  expect(ticks).toContain("2021");
  expect(body.text).toMatch(/>\s*Score\s*<\/text/);
});

test("names of a legend that begin alike are told apart by their ends, and are heard whole", async () => {
  await engine.query(`CREATE OR REPLACE TABLE "alike" AS SELECT * REPLACE (
    'Department of Applied Statistics, ' || CASE WHEN id % 2 = 0 THEN 'vision' ELSE 'speech' END AS label) FROM "data"`);
  const context = contextOf({ ...table, relation: "alike" }, {});
  const results = await answersOf(view, context, engine);
  const { text } = view.render(view.parse(context), results, {}, context).body;
  const seen = [...text.matchAll(/<span aria-hidden="true">([^<]*…[^<]*)<\/span>/g)].map(([, name]) => name!);
  expect(seen.filter((name) => name.endsWith("vision"))).toHaveLength(1);
  expect(seen.filter((name) => name.endsWith("speech"))).toHaveLength(1);
  expect(text).toContain('<span class="visually-hidden">Department of Applied Statistics, vision</span>');
});
