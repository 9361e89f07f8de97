import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { columnOf, tableOf } from "../../tests/tables.ts";
import type { Drawing, Filter, Results, ViewState } from "../../src/view.ts";
import { formatValue, namesFit, partsOf, unitBeside, widthOf } from "./cells.ts";
import { cutQuery, orderedRows } from "./query.ts";
import { effective, view } from "./view.ts";

const sheet = { url: "m.webp", kind: "sprite", width: 64, height: 8, tile_width: 8, tile_height: 8 };
const table = tableOf(
  {
    id: "int32 id",
    name: "string",
    kind: "dictionary label",
    sure: "float32 confidence",
    score: "float64",
    right: "bool correct",
    day: "date",
    at: "timestamp",
    parts: "list<float32>",
    raw: "binary",
    sheet: "int16 sheet",
    x: "int16 x",
    y: "int16 y",
  },
  { media: [sheet] },
);

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id,
    CASE range WHEN 0 THEN '100% <b>' WHEN 1 THEN '1000' WHEN 2 THEN 'a_b' WHEN 3 THEN 'axb' WHEN 4 THEN NULL WHEN 5 THEN ''
      WHEN 6 THEN 'ÄRGER' WHEN 7 THEN repeat('long ', 900) ELSE 'row ' || range END AS name,
    CASE WHEN range % 3 = 0 THEN 'cat' ELSE 'dog' END AS kind,
    (CASE range WHEN 0 THEN 1 WHEN 1 THEN 0.99999 WHEN 2 THEN 0.00001 ELSE 0.5 END)::FLOAT AS sure,
    (CASE range WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' WHEN 2 THEN NULL ELSE (range % 5)::VARCHAR END)::DOUBLE AS score,
    range % 2 = 0 AS right, DATE '2020-02-28' + range::INTEGER AS day,
    TIMESTAMP '2020-02-29 23:59:59.5' + to_seconds(range) AS at,
    CASE WHEN range = 1 THEN NULL ELSE [0.25::FLOAT, NULL, 2, 3] END AS parts, 'ab'::BLOB AS raw,
    CASE WHEN range = 3 THEN NULL ELSE 0 END::SMALLINT AS sheet, (range % 8 * 8)::SMALLINT AS x, 0::SMALLINT AS y FROM range(60)`);
});

async function draw(options: object, filter: Filter = null, state: ViewState = {}): Promise<Drawing> {
  const context = contextOf(table, { ...options });
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

/** Ids of the rows written, in their order. */
function idsOf(drawing: Drawing): number[] {
  return Array.from(drawing.body.text.matchAll(/<th scope="row"[^>]*>\s*(\d+)/g), ([, id]) => Number(id));
}

/** Texts of one row's cells. */
function cellsOf(drawing: Drawing, row: number): string[] {
  const [, line] = drawing.body.text.split(`data-row="${row}"`);
  const cells = line!.split("</tr>")[0]!.matchAll(/<t[dh]( [^>]*)?>([\s\S]*?)<\/t[dh]>/g);
  return Array.from(cells, ([, , text]) => text!.replace(/<[^>]+>/g, "").trim());
}

test("the first rows are an accessible table that says how many there are, without style or markup from data", async () => {
  const drawing = await draw({ rows: 10 });
  const { text } = drawing.body;
  expect([drawing.rows, drawing.total, idsOf(drawing).length]).toEqual([60, 60, 10]);
  expect(text).toContain('aria-rowcount="61"');
  expect(text).toContain("The first 10 of 60 rows.");
  expect(text.match(/scope="col"/g)).toHaveLength(11);
  expect(text).toContain("100% &lt;b&gt;");
  expect(text).not.toMatch(/\sstyle=|<b>/);
});

test("the foot of a table of one row speaks of one", async () => {
  expect((await draw({}, [sql`"id" = 7`] as unknown as Filter)).body.text).toContain("The only row.");
  expect((await draw({}, [sql`"id" < 2`] as unknown as Filter)).body.text).toContain("All 2 rows.");
});

test("values are written by kind and role", async () => {
  const named = { columns: ["sure", "score", "right", "day", "at", "parts", "raw", "name"], images: false };
  const drawing = await draw(named);
  expect(cellsOf(drawing, 0)).toEqual([
    "100.0%",
    "NaN",
    "yes",
    "2020-02-28",
    "2020-02-29 23:59:59.500",
    "0.25, –, 2, … (4)",
    "2 bytes",
    "100% &lt;b&gt;",
  ]);
  expect(cellsOf(drawing, 1).slice(0, 6)).toEqual([
    "&gt; 99.9%",
    "−∞",
    "✗ no",
    "2020-02-29",
    "2020-03-01 00:00:00.500",
    "–",
  ]);
  expect(cellsOf(drawing, 2).slice(0, 2)).toEqual(["&lt; 0.1%", "–"]);
  expect(cellsOf(drawing, 3)[1]).toBe("3");
  expect([cellsOf(drawing, 4)[7], cellsOf(drawing, 5)[7]]).toEqual(["–", "(empty)"]);
  expect(cellsOf(drawing, 7)[7]).toHaveLength(2001);
});

test("columns may be called as what every object has", async () => {
  const names = ["__proto__", "constructor", "toString"];
  const own = await openEngine();
  await own.query(
    `CREATE TABLE "data" AS SELECT ${names.map((name, at) => `${at + 7} AS "${name}"`).join(", ")}`,
  );
  const context = contextOf(tableOf(Object.fromEntries(names.map((name) => [name, "int32"]))), {});
  const drawing = view.render(view.parse(context), await answersOf(view, context, own), {}, context);
  expect(cellsOf(drawing, 0)).toEqual(["7", "8", "9"]);
});

test("the image of a row is cut from its sheet, and one without a tile is missing", async () => {
  const { body } = await draw({ rows: 4 });
  expect(body.text.match(/class="table-image"/g)).toHaveLength(3);
  expect(body.text).toContain('viewBox="8 0 8 8"');
  expect((await draw({ rows: 4, images: false })).body.text).not.toContain("table-image");
});

test.each([
  [["score"], [1, 5, 10, 15]],
  [["-score"], [4, 9, 14, 19]],
  [
    ["kind", "-id"],
    [57, 54, 51, 48],
  ],
  [
    ["-kind", "-sure"],
    [1, 4, 5, 7],
  ],
  [["right"], [1, 3, 5, 7]],
])("sorted by %j, equal rows keep the order of their ids", async (sort, ids) => {
  expect(idsOf(await draw({ rows: 4 }, null, { sort }))).toEqual(ids);
});

test.each([["score"], ["-score"]])("sorted by %s, missing values and NaN come last", async (key) => {
  const ids = idsOf(await draw({}, null, { sort: [key] }));
  expect(new Set(idsOf(await draw({ rows: 60 }, null, { sort: [key] })).slice(-2))).toEqual(new Set([0, 2]));
  expect(ids).toHaveLength(50);
});

test("the author's order holds until the reader gives one", async () => {
  const order = { order: "sure", descending: true, rows: 2 };
  expect(idsOf(await draw(order))).toEqual([0, 1]);
  expect((await draw(order)).body.text).toMatch(/data-column="sure"\s+aria-sort="descending"/);
  expect(idsOf(await draw(order, null, { sort: ["sure"] }))).toEqual([2, 3]);
});

test.each([
  ["100%", "", [0]],
  ["a_b", "", [2]],
  ["A_B", "name", [2]],
  ["ärger", "", [6]],
  ["o'; DROP TABLE data; --", "", []],
  ["\\", "", []],
  ["cat", "name", []],
])("a search for %j in %j finds the rows that hold just that", async (search, within, ids) => {
  const drawing = await draw({ columns: ["id", "name", "kind"] }, null, { search, within });
  expect([drawing.rows, idsOf(drawing)]).toEqual([ids.length, ids]);
});

test("a search looks at ids and at every text, and stands beside the page's filters", async () => {
  expect((await draw({}, null, { search: "59" })).rows).toBe(1);
  expect((await draw({}, sql`id < 9`, { search: "CAT" })).rows).toBe(3);
});

test("where nothing is found a sentence says so and offers to undo it", async () => {
  expect((await draw({}, null, { search: "<i>" })).body.text).toMatch(
    /No row has “&lt;i&gt;”\.[\s\S]*clear-search/,
  );
  const empty = (await draw({}, sql`FALSE`)).body.text;
  expect(empty).toMatch(/No row passes the filters\.[\s\S]*"reset"/);
  expect(empty).not.toContain("All 0 rows");
});

test("columns are shown, left out and put in order by the state", async () => {
  const { text } = (await draw({}, null, { columns: ["raw", "id"] })).body;
  expect(Array.from(text.matchAll(/<th\s+scope="col"[^>]*data-column="(\w+)"/g), ([, name]) => name)).toEqual(
    ["raw", "id"],
  );
});

test("a far window, cut from a kept order, holds the same rows", async () => {
  const options = view.parse(contextOf(table, {}));
  const state = effective(options, { sort: ["-score", "name"], search: "o" });
  await engine.query(`CREATE OR REPLACE TEMP TABLE "kept" AS ${orderedRows(options.source, null, state)}`);
  const cut = await engine.query(
    String(cutQuery(options.source, options.columns, state, "kept", { offset: 20, limit: 7 })),
  );
  const all = idsOf(await draw({ rows: 60 }, null, { sort: ["-score", "name"], search: "o" }));
  expect(cut.columns[":id"]).toEqual(all.slice(20, 27));
});

test("the head tells of each column what its values are", async () => {
  const { text } = (await draw({ columns: ["kind", "score", "right", "name", "at"] })).body;
  const titles = Array.from(text.matchAll(/class="table-summary" title="([^"]*)"/g), ([, title]) => title);
  expect(titles).toEqual([
    "2 values",
    "0 to 4, 1 missing",
    "50.0% yes",
    "59 values, 1 missing",
    "2020-02-29 to 2020-03-01",
  ]);
  expect(text.match(/class="table-histogram"/g)).toHaveLength(2);
  expect((await draw({ summaries: false })).body.text).not.toContain("table-summary");
});

test.each([
  [{ colums: ["id"] }, 'the view "table" has no option "colums"', 'did you mean "columns"?', "colums"],
  [{ columns: "id" }, '"columns" is not a list of names', "write columns: [one, two]", "columns"],
  [{ columns: ["id", "id"] }, '"columns" names "id" twice', "keep one", "columns"],
  [{ columns: ["scor"] }, 'column "scor" is not in table', 'did you mean "score"?', "columns"],
  [{ order: "parts" }, 'column "parts" holds list<float32> and has no order', "name another", "order"],
  [{ rows: 0 }, '"rows" is not a number from 1 to 1000', "write rows: 50", "rows"],
  [{ rows: 2.5 }, '"rows" is not a whole number', "write rows: 50", "rows"],
  [{ descending: "yes" }, '"descending" is neither true nor false', "write descending: true", "descending"],
])("the options %j are refused", (options, what, hint, path) => {
  try {
    view.parse(contextOf(table, options));
    expect.unreachable();
  } catch (error) {
    const { problem } = error as { problem: { what: string; hint: string; path: string } };
    expect(problem.what).toContain(what);
    expect([problem.hint, problem.path]).toEqual([hint, path]);
  }
});

test("a height is taken in the step nearest to it", async () => {
  const context = contextOf(table, {}, { height: 300 });
  const results = await answersOf(view, context, engine);
  expect(view.render(view.parse(context), results, {}, context).body.text).toContain('data-height="320"');
});

test("a table without ids is shown in its own order, and nothing can be selected", async () => {
  const plain = tableOf({ name: "string", kind: "string" });
  const context = contextOf(plain, { rows: 3 });
  const results = await answersOf(view, context, engine);
  expect(view.render(view.parse(context), results, {}, context).body.text).toContain("100% &lt;b&gt;");
  expect(view.accept!(view.parse(context), { ids: [1] }, context)).toEqual({});
});

test("a column has room for its dates, whose digits and hyphens are all as wide", () => {
  const day = columnOf("day", "date");
  const room = widthOf(day, ["1971-11-11"]);
  expect(room).toBe(widthOf(day, ["2020-02-28"]));
  // Chromium draws each of the ten signs 8.43 px wide, and the cell has a padding.
  expect(room).toBeGreaterThanOrEqual(10 * 8.43 + 16);
});

test.each([
  [0.8633, 300, "0.8633"],
  [-0.731, 300, "−0.731"],
  [12.34567, 300, "12.3"],
  [300, 300, "300.0"],
  [0, 300, "0.0"],
  [0.0123, 9, "0.012"],
  [7.3, 5000, "7.3"],
])("%d beside %d keeps two digits at least: %s", (value, high, written) => {
  const column = columnOf("gain", "float64");
  expect(formatValue(value, column, { low: 0, high, isWhole: false }, 0)).toBe(written);
});

test("a unit stands beside the name that does not say it, and moments are told in UTC", () => {
  const { columns } = tableOf({ samples: "int32", price: "float32", at: "timestamp", day: "date" });
  const [samples, price, at, day] = columns.map((column) => ({ ...column, unit: "samples" }));
  expect([samples, price, at, day].map((column) => unitBeside(column!))).toEqual([
    null,
    "samples",
    "UTC",
    "samples",
  ]);
});

test("floats that are all whole have no decimals, in cells and heads, under any filter", async () => {
  await engine.query(`CREATE TABLE "sold" AS SELECT * FROM (VALUES (0, 2::DOUBLE, 2::DOUBLE), (1, 300, 12.5),
    (2, 'NaN'::DOUBLE, 300), (3, NULL, NULL)) AS t(id, whole, part)`);
  const sold = tableOf({ id: "int32 id", whole: "float64", part: "float64" }, { relation: "sold" });
  const context = contextOf(sold, {});
  const answered = await answersOf(view, context, engine, sql`part <> 12.5`);
  const drawing = view.render(view.parse(context), answered, {}, context);
  expect([0, 1].map((row) => cellsOf(drawing, row).slice(1))).toEqual([
    ["2", "2.0"],
    ["NaN", "300.0"],
  ]);
  const whole = await answersOf(view, context, engine);
  expect(view.render(view.parse(context), whole, {}, context).body.text).toContain("2 to 300, 1 missing");
});

test("a midnight is written as its day", () => {
  const at = columnOf("at", "timestamp");
  expect(formatValue(Date.UTC(1970, 0, 1), at, null, 0)).toBe("1970-01-01");
  expect(formatValue(Date.UTC(1970, 0, 1, 0, 0, 1), at, null, 0)).toBe("1970-01-01 00:00:01");
});

test("names on paper go on at their underscores, whole where the sheet has room for their parts", () => {
  expect(partsOf("only_second")).toEqual(["only_", "second"]);
  expect(partsOf("__p mid")).toEqual(["_", "_", "p ", "mid"]);
  const columns = (count: number, name: string) =>
    Array.from({ length: count }, () => columnOf(name, "float64"));
  expect(namesFit(columns(12, "only_second"))).toBe(true);
  expect(namesFit(columns(16, "only_second"))).toBe(false);
  expect(namesFit(columns(9, "a_name_whose_parts_are_short"))).toBe(true);
  expect(namesFit(columns(9, "anamewhosepartisonelongword"))).toBe(false);
});

test("a sheet has room for names by the size of its letters and by what its columns hold", () => {
  const columns = (count: number, type: string, name = "c") =>
    Array.from({ length: count }, () => columnOf(name, type));
  const fits = (type: string): number =>
    Array.from({ length: 30 }, (_, count) => count)
      .filter((count) => namesFit(columns(count, type)))
      .at(-1)!;
  // From ten columns on the letters are smaller, so that more of them fit than nine do.
  expect(namesFit(columns(9, "float64", "consumption"))).toBe(false);
  expect(namesFit(columns(10, "float64", "consumption"))).toBe(true);
  expect([fits("timestamp"), fits("date"), fits("string"), fits("bool")]).toEqual([5, 8, 16, 16]);
  expect(namesFit(columns(7, "string"))).toBe(true);
  expect(namesFit(columns(8, "string"))).toBe(false);
  expect(namesFit(columns(7, "string"), 56)).toBe(false);
  // A text behind a number stands clear of it.
  const [numbers, names] = [columns(6, "float64"), columns(6, "string", "classifier")];
  expect(namesFit([...names, ...numbers])).toBe(true);
  expect(namesFit(numbers.flatMap((number, place) => [number, names[place]!]))).toBe(false);
  const texts = ["kind", "group", "better"];
  const compared = "kind group n only_first only_second first second difference low high p_mid q better";
  const models = compared
    .split(" ")
    .map((name) => columnOf(name, texts.includes(name) ? "string" : "float64"));
  expect(namesFit(models)).toBe(true);
  expect(namesFit(models.slice(0, 12))).toBe(true);
});

test("of a wide table the heads of the columns shown are asked about, and of another all", () => {
  const asked = (count: number): string => {
    const kinds = Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, "float64"]));
    const context = contextOf(tableOf(kinds), {});
    return String(view.queries(view.parse(context), {}, context, {})["summary"]!.sql(null));
  };
  expect(asked(200)).toContain('"present 199"');
  expect(asked(201)).toContain('"present 23"');
  expect(asked(201)).not.toContain('"present 24"');
});

test("a column that a reader adds to a wide table is asked about, its bars once its range is told", async () => {
  const kinds = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`c${index}`, "float64"]));
  const context = contextOf(tableOf(kinds), {});
  const options = view.parse(context);
  const shown = Array.from({ length: 25 }, (_, index) => `c${index === 24 ? 150 : index}`);
  const told = async (last: number): Promise<Results> => {
    const numbers = [...new Set([...Array.from({ length: 24 }, (_, index) => index), last])];
    const cells = numbers.map(
      (index) => `3 AS "present ${index}", 0 AS "low ${index}", 1 AS "high ${index}"`,
    );
    return { summary: await engine.query(`SELECT 3 AS rows, ${cells.join(", ")}`) };
  };
  const first = view.queries(options, await told(23), context, {});
  const added = view.queries(options, await told(23), context, { columns: shown });
  expect(added["summary"]!.of).not.toBe(first["summary"]!.of);
  expect(String(added["summary"]!.sql(null))).toContain('"present 150"');
  expect(added["bars"]).toBeUndefined();
  const then = view.queries(options, await told(150), context, { columns: shown });
  expect(then["bars"]!.of).not.toBe(first["bars"]!.of);
  expect(String(then["bars"]!.sql(null))).toContain("c150");
});

test("to move or leave out columns of a wide table asks nothing anew of their heads", async () => {
  const kinds = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`c${index}`, "float64"]));
  const context = contextOf(tableOf(kinds), {});
  const options = view.parse(context);
  const numbers = Array.from({ length: 24 }, (_, index) => index);
  const cells = numbers.map((index) => `3 AS "present ${index}", 0 AS "low ${index}", 1 AS "high ${index}"`);
  const summary = await engine.query(`SELECT 3 AS rows, ${cells.join(", ")}`);
  const names = numbers.map((index) => `c${index}`);
  const asked = (columns: string[], results: Results): (string | undefined)[] => {
    const found = view.queries(options, results, context, { columns });
    return ["summary", "bars"].map((name) => found[name]?.of);
  };
  const first = asked(names, { summary });
  expect(asked(names.toReversed(), { summary })).toEqual(first);
  expect(asked(names.slice(3), { summary })).toEqual(first);
  expect(asked(names.toReversed(), {})[0]).toBe(first[0]);
  expect(asked([...names.slice(3), "c150"], { summary })).not.toEqual(first);
});
