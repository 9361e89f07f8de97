import { column, literal, sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Context, Drawing, Filter, ViewState } from "../../src/view.ts";
import { measure } from "./measures.ts";
import { modelOf, type Model } from "./model.ts";
import { predicateOf } from "./queries.ts";
import { readState, withMark } from "./state.ts";
import { view } from "./view.ts";
import { cellSentence } from "./words.ts";

const HOSTILE = "<b>'\"x: y";
const LEAVES = ["animal:cat", "animal:dog:poodle", "animal:dog:pug", "tool", "tool:saw"];

const columns = {
  id: "int32 id",
  label: "string label",
  prediction: "string prediction",
  path: "string",
  "path guess": "string",
  tags: "list<string>",
  "guessed tags": "list<string>",
  split: "string split",
};
const table = tableOf(columns);
const counts = tableOf(
  { actual: "string label", predicted: "string prediction", n: "int64" },
  { relation: "counts", name: "test/counts" },
);

let engine: Engine;

/** Labels go round by the id; "gone" is never predicted, "new" is only predicted, and the third row is missing. */
beforeAll(async () => {
  engine = await openEngine();
  const leaf = (at: string): string =>
    `list_extract([${LEAVES.map((each) => `'${each}'`).join(", ")}], ${at})`;
  const name = HOSTILE.replaceAll("'", "''");
  await engine.query(`CREATE TABLE "data" AS SELECT id,
    CASE WHEN id % 4 = 0 THEN 'cat' WHEN id % 4 = 1 THEN '${name}' WHEN id % 4 = 2 THEN 'gone' ELSE 'dog' END AS label,
    CASE WHEN id = 3 THEN NULL WHEN id % 10 = 0 THEN 'new' WHEN id % 4 = 2 THEN 'dog'
      WHEN id % 4 = 1 THEN '${name}' WHEN id % 4 = 0 THEN 'cat' ELSE 'dog' END AS prediction,
    ${leaf("1 + id % 5")} AS path, ${leaf("1 + (id + (CASE WHEN id % 3 = 0 THEN 1 ELSE 0 END)) % 5")} AS "path guess",
    CASE WHEN id % 2 = 0 THEN ['b', 'a'] ELSE [] END AS tags,
    CASE WHEN id % 4 = 0 THEN ['a', 'b', 'a'] ELSE ['c'] END AS "guessed tags",
    CASE WHEN id % 2 = 0 THEN 'train' ELSE 'test' END AS split
    FROM (SELECT range::INTEGER AS id FROM range(200))`);
  await engine.query(
    `CREATE TABLE "counts" AS SELECT label AS actual, prediction AS predicted, count(*) AS n FROM "data" GROUP BY 1, 2`,
  );
});

const TREE = { label: "path", prediction: "path guess" };

async function show(
  options: object = {},
  state: ViewState = {},
  filter: Filter = null,
  shown = table,
): Promise<{ model: Model; drawing: Drawing; context: Context }> {
  const context = contextOf(shown, { ...options }, { width: 12 });
  const results = await answersOf(view, context, engine, filter, state);
  const parsed = view.parse(context);
  const model = modelOf(parsed, results, readState(parsed, state), context);
  return { model, drawing: view.render(parsed, results, state, context), context };
}

function names({ axis }: Model): string[] {
  return axis.entries.map((entry) => entry.name);
}

function cell(model: Model, actual: string, predicted: string): number {
  const [row, at] = [actual, predicted].map((name) => names(model).indexOf(name)) as [number, number];
  return model.passing.cells.get(row * model.passing.size + at) ?? 0;
}

async function counted(condition: string): Promise<number> {
  const found = await engine.query(`SELECT count(*)::INTEGER AS n FROM "data" WHERE ${condition}`);
  return found.columns["n"]![0] as number;
}

test("every class has a row and a column, also one that only labels or only predictions have", async () => {
  const { model, drawing } = await show({ separator: "" });
  expect(names(model)).toEqual([HOSTILE, "cat", "dog", "gone", "new"]);
  expect(cell(model, "cat", "new")).toBe(await counted("label = 'cat' AND prediction = 'new'"));
  expect([drawing.rows, drawing.total]).toEqual([200, 200]);
  expect(drawing.notices).toEqual(["1 of 200 samples have no label or no prediction and are in no cell."]);
  expect(model.passing.total).toBe(199);
});

test("a class is measured against the rest, and what has nothing to divide by is undefined", async () => {
  const { model } = await show({ separator: "" });
  for (const [at, name] of names(model).entries()) {
    const is = (column: string): string => `${column} = '${name.replaceAll("'", "''")}'`;
    const tn = await counted(`prediction IS NOT NULL AND NOT ${is("label")} AND NOT ${is("prediction")}`);
    expect(measure(model.passing, at, "tn", "within").value).toBe(tn);
    const four = (["tp", "fp", "fn", "tn"] as const).map(
      (each) => measure(model.passing, at, each, "exact").value!,
    );
    expect(four.reduce((sum, n) => sum + n)).toBe(199);
  }
  const [gone, made] = ["gone", "new"].map((name) => names(model).indexOf(name)) as [number, number];
  expect(measure(model.passing, gone, "precision", "within")).toEqual({ value: null, interval: null });
  expect(measure(model.passing, made, "recall", "within").value).toBeNull();
  expect(measure(model.passing, made, "precision", "within").value).toBe(0);
});

test("a hierarchy opens and closes; a label that others lie below is one of its own", async () => {
  const open = await show(TREE);
  expect(names(open.model)).toEqual(["cat", "poodle", "pug", "saw", "tool itself"]);
  expect(open.model.axis.bands.map(({ node, from, to }) => [node.name, from, to])).toEqual([
    ["dog", 1, 3],
    ["animal", 0, 3],
    ["tool", 3, 5],
  ]);
  const closed = await show(TREE, { toggled: [["animal:dog"]] });
  expect(names(closed.model)).toEqual(["cat", "dog", "saw", "tool itself"]);
  const both = `path LIKE 'animal:dog:%' AND "path guess" LIKE 'animal:dog:%'`;
  expect(cell(closed.model, "dog", "dog")).toBe(await counted(both));
  const at = names(closed.model).indexOf("dog");
  expect(measure(closed.model.passing, at, "tp", "within").value).toBe(await counted(both));
  expect(measure(closed.model.passing, at, "tp", "exact").value).toBe(
    await counted(`${both} AND path = "path guess"`),
  );
  const outside = `path NOT LIKE 'animal:dog:%' AND "path guess" NOT LIKE 'animal:dog:%'`;
  for (const hits of ["within", "exact"] as const)
    expect(measure(closed.model.passing, at, "tn", hits).value).toBe(await counted(outside));
});

test("looking into a group keeps what comes from elsewhere", async () => {
  const { model, drawing } = await show(TREE, { focus: ["animal:dog"] });
  expect(names(model)).toEqual(["poodle", "pug", "elsewhere"]);
  expect(cell(model, "elsewhere", "poodle")).toBe(
    await counted(`path NOT LIKE 'animal:dog%' AND "path guess" = 'animal:dog:poodle'`),
  );
  expect(model.passing.total).toBe(200);
  expect(drawing.body.text).toContain('data-focus="[&quot;animal&quot;]"');
});

test("where Neo's filter asks the labels twice and takes parts of names, ours asks both sides for whole names", async () => {
  await engine.query(`CREATE OR REPLACE TABLE "alike" AS SELECT * FROM (VALUES (0, 'pet:cat', 'pet:cat'),
    (1, 'pet:catfish', 'pet:cat'), (2, 'wild:cat', 'pet:cat:tabby'), (3, 'pet:cat:tabby', 'wild:cat'),
    (4, 'pet:catfish', 'pet:catfish'), (5, 'pet', 'pet:cat')) AS t(id, label, prediction)`);
  const alike = tableOf(
    { id: "int32 id", label: "string label", prediction: "string prediction" },
    { relation: "alike", name: "test/alike" },
  );
  const { model, context } = await show({}, { focus: ["pet:cat"] }, null, alike);
  expect(names(model)).toEqual(["cat itself", "tabby", "elsewhere"]);
  // What is predicted as a cat from elsewhere is kept, and a catfish is elsewhere.
  expect(cell(model, "cat itself", "cat itself")).toBe(1);
  expect(cell(model, "elsewhere", "cat itself")).toBe(2);
  expect(cell(model, "elsewhere", "tabby")).toBe(1);
  expect(cell(model, "tabby", "elsewhere")).toBe(1);
  expect(cell(model, "elsewhere", "elsewhere")).toBe(1);
  const cats = await engine.query(
    `SELECT id FROM "alike" WHERE ${String(predicateOf(view.parse(context), { columns: [["pet:cat"]] }))} ORDER BY id`,
  );
  expect(cats.columns["id"]).toEqual([0, 1, 2, 5]);
});

test("each selection is the very rows that its cells count", async () => {
  const { model, context } = await show(TREE, { toggled: [["animal:dog"]] });
  const options = view.parse(context);
  const marks = model.axis.entries.map((entry) => entry.mark);
  for (const [row, actual] of marks.entries())
    for (const [at, predicted] of marks.entries()) {
      const predicate = predicateOf(options, { cells: [[actual, predicted]] });
      expect(await counted(String(predicate))).toBe(
        model.passing.cells.get(row * model.passing.size + at) ?? 0,
      );
    }
  expect(await counted(String(predicateOf(options, { rows: [["animal"]] })))).toBe(
    await counted("path LIKE 'animal:%'"),
  );
  expect(await counted(String(predicateOf(options, { columns: [{ not: ["tool"] }] })))).toBe(
    await counted(`"path guess" LIKE 'animal:%'`),
  );
  const hostile = view.parse(contextOf(table, { separator: "" }));
  expect(await counted(String(predicateOf(hostile, { cells: [[[HOSTILE], [HOSTILE]]] })))).toBe(50);
});

test("columns are nested, summed over and put in another order; one that nothing predicts is known", async () => {
  const options = { label: ["split", "label"], prediction: ["split", "prediction"], separator: "" };
  const { model } = await show(options);
  expect(model.axis.bands.map(({ node }) => node.name)).toEqual(["test", "train"]);
  const [test] = model.axis.bands;
  const inside = [...model.passing.cells].filter(([at]) => {
    const [row, at2] = [Math.floor(at / model.passing.size), at % model.passing.size];
    return row < test!.to !== at2 < test!.to;
  });
  expect(inside).toEqual([]);
  const summed = await show(options, { nest: [1] });
  expect(names(summed.model)).toEqual([HOSTILE, "cat", "dog", "gone", "new"]);
  const known = await show({ label: ["label", "split"], separator: "" });
  expect(known.model.passing.total).toBe(199);
});

test("under a condition only its samples are counted, and all are told", async () => {
  const given = { side: "predicted", dimension: 0, value: "animal:dog" };
  const { model, drawing } = await show(TREE, { given });
  expect(model.passing.total).toBe(await counted(`"path guess" LIKE 'animal:dog:%'`));
  expect([drawing.rows, drawing.total]).toEqual([200, 200]);
  expect(drawing.notices[0]).toBe("Only samples whose path guess is animal:dog are counted.");
});

test("sets of labels are classes", async () => {
  const { model } = await show({ label: "tags", prediction: "guessed tags" });
  expect(names(model)).toEqual(["{a, b}", "{c}", "{}"]);
  expect(cell(model, "{a, b}", "{a, b}")).toBe(50);
  const options = view.parse(contextOf(table, { label: "tags", prediction: "guessed tags" }));
  expect(await counted(String(predicateOf(options, { cells: [[["{a, b}"], ["{c}"]]] })))).toBe(50);
});

test("a table of counts says the same as the samples", async () => {
  const [samples, summed] = [await show({ separator: "" }), await show({ separator: "" }, {}, null, counts)];
  expect([...summed.model.passing.cells].sort()).toEqual([...samples.model.passing.cells].sort());
  expect([summed.drawing.rows, summed.drawing.total]).toEqual([200, 200]);
});

test("a filter greys what it leaves out, and the sentence says both", async () => {
  const { model, drawing } = await show({ separator: "" }, {}, sql`${column("split")} = ${literal("train")}`);
  expect([drawing.rows, drawing.total]).toEqual([100, 200]);
  expect(drawing.body.text).toContain('fill="var(--chart-grey)"');
  const [cat, other] = [names(model).indexOf("cat"), names(model).indexOf(HOSTILE)];
  expect(cellSentence(model, other, other, "samples")).toBe(
    `0 samples labelled ${HOSTILE} were predicted ${HOSTILE}, of 50 without filters: – of that label, – of that prediction.`,
  );
  expect(cellSentence(model, cat, cat, "samples")).toContain(
    "40 samples labelled cat were predicted cat: 80% of",
  );
});

test.each([
  ["row", "80%"],
  ["column", "100%"],
  ["total", "20%"],
  ["count", "40"],
])("cells show what is asked for: %s", async (normalize, text) => {
  const { drawing } = await show({ separator: "", normalize });
  expect(drawing.body.text).toMatch(new RegExp(`<text[^>]*>\\s*${text}</text`));
});

test("a drawing has no inline style, escapes names, and has one element a cell", async () => {
  const { drawing, model } = await show({ separator: "" });
  expect(drawing.body.text).not.toMatch(/\sstyle=|<b>/);
  const wide = drawing.body.text.split('class="chart-narrow"')[0]!;
  expect(wide.match(/data-actual=/g)).toHaveLength(model.passing.cells.size);
  expect(drawing.description).toContain("Most often mistaken:");
});

test("many cells are a few paths", async () => {
  await engine.query(`CREATE OR REPLACE TABLE many AS SELECT range::INTEGER AS id, 'class ' || (range % 300) AS label,
    'class ' || ((range * 7 + range // 300) % 300) AS prediction FROM range(9000)`);
  const shown = tableOf(
    { id: "int32 id", label: "string label", prediction: "string prediction" },
    { relation: "many" },
  );
  for (const order of ["given", "name", "frequency", "recall", "cluster"]) {
    const { drawing, model } = await show({ order }, {}, null, shown);
    expect(new Set(names(model)).size).toBe(300);
    expect(drawing.body.text).toContain('data-together="3"');
    expect(drawing.body.text.match(/<path/g)!.length).toBeLessThan(2500);
    expect(drawing.body.text).not.toContain("data-actual");
  }
});

test("clusters put together what is taken for each other", async () => {
  await engine.query(`CREATE OR REPLACE TABLE blocks AS SELECT range::INTEGER AS id, 'c' || (range % 12) AS label,
    'c' || (CASE WHEN range % 5 = 0 THEN (range % 12 + 4 * (range // 12 % 3)) % 12 ELSE range % 12 END) AS prediction
    FROM range(2400)`);
  const shown = tableOf(
    { id: "int32 id", label: "string label", prediction: "string prediction" },
    { relation: "blocks" },
  );
  const { model } = await show({ order: "cluster" }, {}, null, shown);
  const groups = names(model).map((name) => Number(name.slice(1)) % 4);
  expect(groups.filter((group, at) => group !== groups[at - 1])).toHaveLength(4);
});

test("an empty table, and one where nothing can be compared, say so", async () => {
  await engine.query(`CREATE OR REPLACE TABLE nothing AS SELECT * FROM "data" WHERE FALSE`);
  await engine.query(
    `CREATE OR REPLACE TABLE unlike AS SELECT * REPLACE (NULL::VARCHAR AS prediction) FROM "data"`,
  );
  for (const [relation, said] of [
    ["nothing", "The table has no rows."],
    ["unlike", "No row has both a label and a prediction"],
  ]) {
    const { drawing } = await show({}, {}, null, { ...table, relation: relation! });
    expect(drawing.body.text).toContain(said);
  }
});

test.each([
  [{ label: "lable" }, 'column "lable" is not in table test/data: did you mean "label"?'],
  [{ prediction: ["prediction", "split"] }, '"prediction" names 2 columns and "label" 1'],
  [{ normalize: "rows" }, '"normalize" is "rows": did you mean "row"?'],
  [{ measures: ["recal"] }, '"measures" is "recal": did you mean "recall"?'],
  [{ count: "split" }, 'column "split" holds string, no numbers'],
  [{ levels: 0 }, '"levels" is not a number from 1 to 20'],
  [{ colour: 1 }, 'no option "colour"'],
])("the options %j are refused", (options, message) => {
  expect(() => view.parse(contextOf(table, options))).toThrow(message);
});

test("a drawing of a window has nothing of the cells outside of the plot", async () => {
  const { drawing } = await show({ separator: "" }, { window: [0.5, 3.2, 1.4, 4.1] });
  const found = [...drawing.body.text.split("confusion-drawing")[1]!.matchAll(/<rect\s[^>]*>/g)];
  const boxOf = (text: string): number[] =>
    ["x", "y", "width", "height"].map((name) =>
      Number(new RegExp(`\\s${name}="([-\\d.]+)"`).exec(text)?.[1]),
    );
  const [left, top, side] = boxOf(found[0]![0]) as [number, number, number];
  const cells = found.filter(([text]) => text.includes("data-actual")).map(([text]) => boxOf(text));
  expect(cells).toHaveLength(3);
  for (const [x, y, width, height] of cells as [number, number, number, number][]) {
    expect(Math.min(x - left, y - top)).toBeGreaterThanOrEqual(-0.1);
    expect(Math.max(x + width - left, y + height - top)).toBeLessThanOrEqual(side + 0.2);
  }
});

test("of a state what fits is kept, and the rest left out", () => {
  const options = view.parse(contextOf(table, TREE));
  const kept = {
    normalize: "row",
    errors: true,
    measures: [],
    focus: ["animal"],
    cells: [[["animal"], { not: ["animal"] }]],
    rows: [["tool"]],
    window: [0, 4, 1, 5],
  };
  expect(readState(options, kept)).toEqual(kept);
  expect(
    readState(options, {
      normalize: "count",
      order: "by hand",
      nest: [3],
      given: { side: "both", dimension: 0, value: "x" },
      cells: [[["a", "b"], ["c"]], "x"],
      window: [0, 0, 0, 0],
      measures: ["n", "nonsense"],
    }),
  ).toEqual({});
  expect(view.accept!(options, kept, contextOf(table, TREE))).toEqual(kept);
});

test("a click selects alone, again lets go, and with a key adds", () => {
  const one = withMark({}, { row: ["a"] }, false);
  expect(one).toEqual({ rows: [["a"]] });
  expect(withMark(one, { row: ["a"] }, false)).toEqual({});
  const two = withMark(one, { cell: [["a"], ["b"]] }, true);
  expect(two).toEqual({ rows: [["a"]], cells: [[["a"], ["b"]]] });
  expect(withMark(two, { row: ["a"] }, true)).toEqual({ cells: [[["a"], ["b"]]] });
  expect(withMark(two, { column: ["c"] }, false)).toEqual({ columns: [["c"]] });
});
