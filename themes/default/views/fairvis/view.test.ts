import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { columnOf, tableOf } from "../../tests/tables.ts";
import type { Column } from "../../src/page.ts";
import type { Context, Drawing, Filter, ViewState } from "../../src/view.ts";
import { groupedBy, isValue, valueInWords } from "./columns.ts";
import { whisker } from "./drawing.ts";
import { swarmDots, ticksOf } from "./layout.ts";
import type { Group } from "./query.ts";
import { view } from "./view.ts";

const table = tableOf(
  {
    id: "int32 id",
    label: "dictionary label",
    prediction: "dictionary prediction",
    place: "string",
    'a "b"': "float32",
    flag: "bool",
  },
  { rows: 200, classes: ["no", "yes"] },
);
const suggested = tableOf(
  {
    rank: "int32",
    group: "string",
    expression: "string",
    n: "int32",
    metric: "dictionary",
    value: "float64",
    difference: "float64",
    low: "float64",
    high: "float64",
    q: "float64",
    is_worse: "bool",
  },
  { name: "fair/suggested", relation: "suggested" },
);

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  // North is right in 80 of 100 rows, "<b>" in 45 of 50, and a missing place in 50 of 50.
  await engine.query(`CREATE TABLE "data" AS SELECT i::INTEGER AS id, CASE WHEN i % 2 = 0 THEN 'yes' ELSE 'no' END AS label,
    CASE WHEN wrong THEN CASE WHEN i % 2 = 0 THEN 'no' ELSE 'yes' END ELSE CASE WHEN i % 2 = 0 THEN 'yes' ELSE 'no' END END AS prediction,
    place, CASE WHEN i = 7 THEN NULL WHEN i = 9 THEN 'NaN'::FLOAT ELSE i::FLOAT END AS "a ""b""", i % 3 = 0 AS flag
    FROM (SELECT range AS i, CASE WHEN range < 100 THEN 'north' WHEN range < 150 THEN '<b>' END AS place,
      (range < 100 AND range % 5 = 0) OR (range >= 100 AND range < 150 AND range % 10 = 0) AS wrong FROM range(200))`);
  await engine.query(`CREATE TABLE "suggested" AS SELECT 1::INTEGER AS rank, 'place = <i>' AS "group", 'datum.place == "north"' AS expression,
    100::INTEGER AS n, 'accuracy' AS metric, 0.8 AS value, -0.15 AS difference, -0.2 AS low, -0.1 AS high, 0.0001 AS q, TRUE AS is_worse`);
});

function contextFor(options: object = {}): Context {
  const context = contextOf(table, { columns: ["place"], ...options }, { width: 12 });
  return { ...context, tables: { [table.name]: table, [suggested.name]: suggested } };
}

async function draw(options: object = {}, filter: Filter = null, state: ViewState = {}): Promise<Drawing> {
  const context = contextFor(options);
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

test("another column of labels has classes of its own, which are not those of the table", async () => {
  const options = { label: "flag", prediction: "flag" };
  const { body } = await draw(options);
  expect(body.text).toContain('<option value="true"');
  expect(body.text).not.toContain('<option value="yes"');
  const context = contextFor(options);
  expect(view.accept!(view.parse(context), { of: "true" }, context)).toEqual({ of: "true" });
});

test("each group is a dot with its numbers, missing values among them, at three widths and without inline style", async () => {
  const { body, rows, total, data, description } = await draw();
  expect([rows, total]).toEqual([200, 200]);
  expect(data!.rows.map(({ words, n, value }) => [words, n, value])).toEqual([
    ["place = north", 100, 0.8],
    ["place = <b>", 50, 0.9],
    ["place is missing", 50, 1],
  ]);
  expect(body.text.match(/<svg\s+class="chart/g)).toHaveLength(3);
  expect(body.text.match(/class="fairvis-dot" cx="[\d.]+" cy="[\d.]+" r="[\d.]+" +data-key/g)).toHaveLength(
    9,
  );
  expect(body.text).not.toMatch(/\sstyle=/);
  expect(body.text).toContain("all 87.5%");
  expect(description).toContain("Lowest north 80.0% (71.1–86.7%, n 100), highest missing 100.0%");
});

test("where the original shows the macro mean of F1 under the name of micro and the other way round, ours names each", async () => {
  // All of three "yes" are found, and one of two "no": by hand, F1 of "yes" is 6/7, and that of "no" 2/3.
  await engine.query(`CREATE OR REPLACE TABLE "uneven" AS SELECT range::INTEGER AS id, 'here' AS place,
    CASE WHEN range < 3 THEN 'yes' ELSE 'no' END AS label, CASE WHEN range < 4 THEN 'yes' ELSE 'no' END AS prediction FROM range(5)`);
  const uneven = tableOf(
    { id: "int32 id", label: "dictionary label", prediction: "dictionary prediction", place: "string" },
    { rows: 5, classes: ["no", "yes"], relation: "uneven", name: "test/uneven" },
  );
  const shown = async (of: string): Promise<Drawing> => {
    const context = contextOf(uneven, { columns: ["place"], metric: "f1", of }, { width: 12 });
    return view.render(view.parse(context), await answersOf(view, context, engine, null, {}), {}, context);
  };
  const [macro, micro] = [await shown("macro"), await shown("micro")];
  const valueOf = (drawing: Drawing): number => Number(drawing.data!.rows[0]!["value"]);
  expect(valueOf(macro)).toBeCloseTo((6 / 7 + 2 / 3) / 2, 3);
  expect(valueOf(micro)).toBeCloseTo(4 / 5, 3);
  for (const [name, { body }] of [
    ["macro", macro],
    ["micro", micro],
  ] as const)
    expect(body.text).toContain(`F1, ${name} mean`);
});

test("names from the data are never markup", async () => {
  const { body, description } = await draw({}, null, { pins: [["<b>"], ["north"]] });
  expect(body.text).toContain("place = &lt;b&gt; (A) beside place = north (B)");
  expect(body.text).not.toMatch(/= <b>|"<b>"|<b>\s*<b>/);
  expect(description).not.toContain("&lt;");
});

test("while filtered the whole stays in grey, and groups below the minimum are hollow", async () => {
  const { body, rows, total } = await draw({}, sql`id < 110`);
  expect([rows, total]).toEqual([110, 200]);
  expect(body.text.match(/class="fairvis-grey" cx="[\d.]+" cy="[\d.]+"/g)!.length).toBeGreaterThanOrEqual(6);
  expect(body.text).toContain('class="fairvis-dot fairvis-small" cx');
  expect(body.text).toMatch(/fewer than 20:\s+1 of 2 groups/);
});

test("two pinned groups are compared with differences and their class balance", async () => {
  const { body } = await draw({ of: "yes" }, null, { pins: [["north"], [null]], metric: "recall" });
  expect(body.text).toMatch(/Recall<\/th>\s*<td class="number">\s*80\.0%/);
  expect(body.text).toContain("Class balance");
  expect(body.text).toMatch(/−20\.0 \(−[\d.]+ to −[\d.]+\)/);
});

test("suggested groups come from an artifact, else from the dots", async () => {
  const { body } = await draw({ suggested: "fair/suggested" });
  expect(body.text).toContain("place = &lt;i&gt;");
  expect(body.text).toContain("▼ worse");
  expect(body.text).toContain('data-expression="datum.place == &quot;north&quot;"');
  const own = (await draw()).body.text;
  expect(own).toMatch(/data-keys="\[&quot;north&quot;\]"/);
  expect(own).toMatch(
    /80\.0%<\/span><\/th>\s*<td><span class="fairvis-words" title="place = &lt;b&gt;">place = &lt;b&gt;<\/span> <span class="fairvis-value">90\.0%<\/span>/,
  );
  expect(own).toMatch(/−15\.0 <span class="fairvis-unbroken">\(/);
});

test("numbers are put into ranges, null and NaN are missing, and every range is the rows that it says", async () => {
  const name = 'a "b"';
  const { data } = await draw({ columns: [name], edges: { [name]: [50, 120.5] } });
  expect(Object.fromEntries(data!.rows.map(({ words, n }) => [words, n]))).toEqual({
    [`${name} < 50`]: 48,
    [`${name} 50 to < 120.5`]: 71,
    [`${name} ≥ 120.5`]: 79,
    [`${name} is missing`]: 2,
  });
  const grouped = groupedBy(
    table.columns.find((column) => column.name === name)!,
    [50, 120.5],
    null,
  );
  for (const [value, n] of [
    [0, 48],
    [1, 71],
    [2, 79],
    [null, 2],
  ] as const) {
    const { columns } = await engine.query(
      `SELECT count(*) AS n FROM "data" WHERE ${String(isValue(grouped, value))}`,
    );
    expect(columns["n"]).toEqual([n]);
  }
  const round = await draw({ columns: [name] });
  expect(round.data!.rows.map(({ words }) => words)).toContain(`${name} 50 to < 100`);
});

test("whole numbers of a short range are values", () => {
  const column: Column = columnOf("rooms", "int32");
  expect(groupedBy(column, null, { low: 1, high: 6 }).edges).toBeNull();
  expect(groupedBy(column, null, { low: 0, high: 100 }).edges).toEqual([20, 40, 60, 80]);
  expect(valueInWords(groupedBy(column, null, { low: 1, high: 1 }), 1)).toBe("1");
});

test("a state from a link keeps what fits and leaves out the rest", () => {
  const context = contextFor();
  const options = view.parse(context);
  const accept = (state: ViewState): ViewState => view.accept!(options, state, context);
  const good = {
    by: ["place", "flag"],
    metric: "fnr",
    of: "yes",
    layout: "strip",
    minimum: 5,
    groups: [["north", true]],
  };
  expect(accept(good)).toEqual(good);
  expect(
    accept({ by: ["nowhere"], metric: "loss", of: "maybe", layout: "pie", minimum: -1, pins: [[3]] }),
  ).toEqual({});
  expect(accept({ expression: "datum.place == 'north'" })).toEqual({ expression: "datum.place == 'north'" });
  expect(accept({ expression: "1; DROP TABLE data" })).toEqual({});
  expect(accept({ opened: ["similar"] })).toEqual({ opened: ["similar"] });
  expect(accept({ opened: "similar" })).toEqual({});
  expect(view.selected!(options, { groups: [["north"], [null]] }, context)).toEqual([
    { column: "place", values: ["north", null] },
  ]);
});

test.each([
  [{ colums: ["place"] }, 'did you mean "columns"'],
  [{ columns: ["plase"] }, 'did you mean "place"'],
  [{ edges: { place: [1] } }, "leave it out"],
  [{ edges: { 'a "b"': [3, 1] } }, "no rising numbers"],
  [{ metric: "acuracy" }, 'did you mean "accuracy"'],
  [{ suggested: "fair/sugested" }, 'did you mean "fair/suggested"'],
  [{ suggested: "test/data" }, 'column "expression" is not in table'],
  [{ minimum: 0 }, "minimum"],
])("the options %j are refused", (options, hint) => {
  expect(() => view.parse(contextFor(options))).toThrow(hint);
});

test("an empty table and filters that nothing passes say so", async () => {
  expect((await draw({}, sql`FALSE`)).body.text).toContain("No row passes the filters.");
});

test("no two dots of a swarm cover each other, and all stay inside", () => {
  const frame = { width: 600, height: 260, left: 20, right: 580, top: 30, bottom: 216 };
  const groups = Array.from({ length: 80 }, (_, at) => {
    const value = 0.5 + ((at * 37) % 80) / 400;
    const measured = { value, low: value, high: value, n: 10 + at, hits: 1 };
    return { key: String(at), values: [at], words: "", cells: [], n: 10 + at * 3, measured } satisfies Group;
  });
  const dots = swarmDots(groups, frame, (value) => 20 + (value - 0.5) * 2400, 250);
  expect(dots).toHaveLength(80);
  for (const [at, a] of dots.entries()) {
    expect(a.y - a.r).toBeGreaterThanOrEqual(frame.top - 1e-6);
    expect(a.y + a.r).toBeLessThanOrEqual(frame.bottom + 1e-6);
    for (const b of dots.slice(at + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(a.r + b.r);
  }
});

test.each([
  [[0, 1], 4, [0, 0.5, 1]],
  [[0.855, 1], 8, [0.86, 0.88, 0.9, 0.92, 0.94, 0.96, 0.98, 1]],
  [[0.2, 0.21], 4, [0.2, 0.205, 0.21]],
])("ticks over %j are round", (domain, most, expected) => {
  expect(ticksOf(domain as [number, number], most)).toEqual(expected);
});

test.each([
  ["the lowest and the highest have their intervals", { columns: ["place"] }, 2],
  ["the lowest alone where one would lie on the other", { columns: ["flag"] }, 1],
])("%s, behind the dots", async (_, options, expected) => {
  const { body } = await draw(options);
  for (const chart of body.text.split('<svg\n    class="chart').slice(1)) {
    expect(chart.match(/class="fairvis-whisker"/g)).toHaveLength(expected);
    expect(chart.lastIndexOf("fairvis-whisker")).toBeLessThan(chart.indexOf("fairvis-dot"));
  }
  expect(body.text.match(/class="fairvis-whisker"/g)).toHaveLength(3 * expected);
});

test("an interval that goes on beyond the plot has no end there", () => {
  const frame = { width: 200, height: 50, left: 20, right: 180, top: 0, bottom: 40 };
  const drawn = (low: number, high: number): string => {
    const group = { measured: { value: 0.5, low, high } } as unknown as Group;
    return whisker({ group, x: 100, y: 10, r: 5 }, (value) => value * 200, frame).text;
  };
  expect(drawn(0.4, 0.6)).toContain('d="M80,10H120M80,6v8M120,6v8"');
  expect(drawn(0, 0.6)).toContain('d="M12,10H120M120,6v8"');
  expect(drawn(0, 1)).toContain('d="M12,10H188"');
});
