import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Drawing, Filter, ViewState } from "../../src/view.ts";
import { objects } from "../../src/data/result.ts";
import { isMisread } from "../../src/cards.ts";
import { orderedRows, rowTiles, windowRows, type Asked, type Span } from "./queries.ts";
import { selectedIds } from "./state.ts";
import { view } from "./view.ts";

const sheet = {
  url: "media/images-0.webp",
  kind: "sprite",
  width: 64,
  height: 64,
  tile_width: 8,
  tile_height: 8,
};
const table = tableOf(
  {
    id: "int32 id",
    label: "string label",
    prediction: "string prediction",
    sheet: "int16 sheet",
    x: "int16 x",
    y: "int16 y",
    score: "float32",
  },
  { media: [sheet] },
);

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id,
    CASE WHEN range = 7 THEN '<script>' ELSE 'cat' END AS label, CASE WHEN range % 4 = 1 THEN 'dog' ELSE 'cat' END AS prediction,
    CASE WHEN range = 3 THEN NULL ELSE 0 END::SMALLINT AS sheet, (range % 8 * 8)::SMALLINT AS x, 0::SMALLINT AS y,
    CASE WHEN range = 5 THEN NULL ELSE (range % 3)::FLOAT END AS score FROM range(100)`);
});

async function draw(options: object, filter: Filter = null, state: ViewState = {}): Promise<Drawing> {
  const context = contextOf(table, { ...options });
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

/** The markup without the unseen cards that keep room for the fullest. */
const seen = (text: string): string => text.replace(/<li[^>]*card-probe.*?<\/li>/gs, "");

const idsOf = (drawing: Drawing): unknown[] => drawing.data!.rows.map((row) => row["id"]);

test("a page of samples shows each as a tile cut from its sheet, without inline style", async () => {
  const { body, rows, total } = await draw({ rows: 10 });
  expect([rows, total, seen(body.text).match(/class="sample[" ]/g)!.length]).toEqual([100, 100, 10]);
  expect(body.text).toContain('viewBox="8 0 8 8"');
  expect(body.text).toContain('<image href="media/images-0.webp" width="64" height="64"');
  expect(body.text).not.toMatch(/\sstyle=|<script>/);
});

test("a wrong prediction is marked, and a sample without an image is named", async () => {
  const { body } = await draw({ rows: 4 });
  expect(seen(body.text).match(/sample-wrong/g)).toHaveLength(1);
  expect(body.text).toContain("sample-text");
});

test("a sample of which label or prediction is not known is not marked as wrong", () => {
  expect(isMisread({ id: 1, label: "cat", prediction: "dog" })).toBe(true);
  expect(isMisread({ id: 1, label: "cat", prediction: "cat" })).toBe(false);
  expect(isMisread({ id: 1, label: "cat", prediction: null })).toBe(false);
  expect(isMisread({ id: 1, label: null, prediction: "cat" })).toBe(false);
  expect(isMisread({ id: 1, prediction: "cat" })).toBe(false);
});

test("samples are ordered by a column, equal ones by id, and null comes last either way", async () => {
  expect(idsOf(await draw({ rows: 3, order: "score" }))).toEqual([0, 3, 6]);
  expect(idsOf(await draw({ rows: 3, order: "score", descending: true }))).toEqual([2, 8, 11]);
});

test("a line says which of all samples the page holds", async () => {
  expect((await draw({ rows: 40 })).body.text).toContain("1–40 of 100");
});

test("where nothing passes a sentence says so", async () => {
  const { body, rows } = await draw({}, sql`FALSE`);
  expect([rows, body.text.includes("No sample passes the filters.")]).toEqual([0, true]);
  expect(body.text).toMatch(/<button [^>]*data-action="select-all" hidden>/);
  expect((await draw({})).body.text).not.toContain('select-all" hidden');
});

test.each([
  [{ column: ["label"] }, 'the view "samples" has no option "column"'],
  [{ columns: ["labl"] }, 'column "labl" is not in table'],
  [{ order: "scor" }, 'column "scor" is not in table'],
])("the options %j are refused", (options, message) => {
  expect(() => view.parse(contextOf(table, options))).toThrow(message);
});

test.each([
  [{ cards: "text" }, "no column with the role text"],
  [{ cards: "film" }, '"cards" is "film"'],
  [{ size: "huge" }, '"size" is "huge"'],
  [{ groups: "labl" }, 'did you mean "label"?'],
  [{ columns: "confidence" }, '"columns" is not a list of names'],
  [{ rows: "abc" }, '"rows" is not a number from 1 to 400'],
  [{ order: "label", descending: "yes" }, '"descending" is neither true nor false'],
])("the options %j are refused, with what there is", (options, message) => {
  expect(() => view.parse(contextOf(table, options))).toThrow(message);
});

test("several columns order one after the other, each its own way", async () => {
  const order = ["-score", "label", "id desc"];
  expect(idsOf(await draw({ rows: 4, order }))).toEqual([98, 95, 92, 89]);
  expect(view.parse(contextOf(table, { order })).order.map((each) => each.descending)).toEqual([
    true,
    false,
    true,
  ]);
});

test("groups are counted, the largest first, and show their first cards", async () => {
  const { body, data } = await draw({ groups: "prediction", rows: 5, order: "score" });
  expect([...body.text.matchAll(/<h4>(\w+)<\/h4>\s*<span>· (\d+)/g)].map(([, name, n]) => [name, n])).toEqual(
    [
      ["cat", "75"],
      ["dog", "25"],
    ],
  );
  expect(data!.rows.map((row) => [row["heading"], row["id"]])).toEqual(
    [0, 3, 6, 12, 15].map((id) => ["cat", id]).concat([9, 21, 33, 45, 57].map((id) => ["dog", id])),
  );
});

test("a group says how many more it has, and is folded as the state says", async () => {
  const { body } = await draw({ groups: "prediction", rows: 5 }, null, { closed: ["cat"] });
  expect(body.text).toMatch(/data-heading="&quot;cat&quot;"\s*>/);
  expect(body.text).toMatch(/data-heading="&quot;dog&quot;"\s+open/);
  expect([...body.text.matchAll(/samples-left">(\d+) more/g)].map(([, left]) => left)).toEqual(["70", "20"]);
});

/** The ids of a window of the order, as the live page asks for it: which rows, then their cards. */
async function windowOf(options: object, span: Span, isKept: boolean, search = ""): Promise<unknown[]> {
  const context = contextOf(table, { ...options });
  const asked: Asked = { options: view.parse(context), table, filter: null, search };
  if (isKept) await engine.query(`CREATE OR REPLACE TEMP TABLE "kept" AS ${String(orderedRows(asked))}`);
  const found = await engine.query(String(windowRows(asked, span, isKept ? "kept" : null)));
  const rows = found.columns[":row"] as number[];
  const tiles = objects(await engine.query(String(rowTiles(asked, rows))));
  return rows.map((row) => tiles.find((tile) => tile[":row"] === row)!["id"]);
}

test.each([false, true])("a window of the order is cut, kept by the engine: %s", async (isKept) => {
  const all = Array.from({ length: 100 }, (_, id) => ({ id, score: id === 5 ? 9 : id % 3 }));
  const order = (first: (row: { id: number; score: number }) => number): number[] =>
    [...all].sort((a, b) => first(a) - first(b) || a.id - b.id).map(({ id }) => id);
  const span = { offset: 90, limit: 20 };
  expect(await windowOf({}, span, isKept)).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
  expect(await windowOf({ order: "score" }, span, isKept)).toEqual(order(({ score }) => score).slice(90));
  // 25 dogs, whose ids have the remainder 1, after 75 cats.
  const grouped = order(({ id }) => (id % 4 === 1 ? 1 : 0));
  expect(await windowOf({ groups: "prediction" }, { offset: 70, limit: 10 }, isKept)).toEqual(
    grouped.slice(70, 80),
  );
});

test("the headings say how many cards each group has, the largest first", async () => {
  const context = contextOf(table, { groups: "prediction" });
  const results = await answersOf(view, context, engine);
  expect(objects(results["headings"]!)).toEqual([
    { heading: "cat", heading_rows: 75 },
    { heading: "dog", heading_rows: 25 },
  ]);
});

const written = tableOf({
  id: "int32 id",
  words: "string text",
  sound: "binary audio",
  media_type: "string media_type",
  price: "float32",
});

async function drawWritten(options: object): Promise<string> {
  await engine.query(`CREATE TABLE IF NOT EXISTS "written" AS SELECT range::INTEGER AS id,
    CASE range WHEN 0 THEN repeat('many <b>words</b> ', 500) WHEN 1 THEN NULL ELSE 'few' END AS words,
    CASE range WHEN 1 THEN NULL ELSE '\\x00\\x01'::BLOB END AS sound, 'audio/wav' AS media_type,
    range::FLOAT AS price FROM range(3)`);
  const context = contextOf({ ...written, relation: "written" }, { ...options });
  const results = await answersOf(view, context, engine);
  return seen(view.render(view.parse(context), results, {}, context).body.text);
}

test("a text is cut on its card, its rest folded, and never markup", async () => {
  const text = await drawWritten({ cards: "text" });
  expect(text).toContain("many &lt;b&gt;words&lt;/b&gt;");
  expect(text).not.toContain("<b>words");
  expect(text.match(/<details class="sample-more"/g)).toHaveLength(1);
  expect(text.length).toBeLessThan(6000);
});

test("cards of texts have room for line breaks and wide signs, and show so many lines of a text", async () => {
  await engine.query(`CREATE TABLE IF NOT EXISTS "lines" AS SELECT * FROM (VALUES (0, 'a' || chr(10) || 'b' || chr(10) || 'c'),
    (1, '字' || '字字'), (2, 'short'), (3, repeat('line' || chr(10), 30))) AS t(id, words)`);
  const lines = tableOf({ id: "int32 id", words: "string text" }, { relation: "lines" });
  const drawn = async (filter: Filter): Promise<string> => {
    const context = contextOf(lines, { cards: "text" });
    const results = await answersOf(view, context, engine, filter);
    return view.render(view.parse(context), results, {}, context).body.text;
  };
  const text = await drawn(null);
  const [probe] = /<li[^>]*card-probe.*?<\/li>/s.exec(text)!;
  expect(/sample-excerpt"\s*>(.*?)</s.exec(probe)![1]).toMatch(/^(w\n){7}\u5bbd{3}wide /);
  const excerpts = [...seen(text).matchAll(/sample-excerpt"\s*>(.*?)<\/span/gs)].map(([, shown]) => shown);
  expect(excerpts).toEqual(["a\nb\nc", "字字字", "short", `${Array(8).fill("line").join("\n")}…`]);
  expect(seen(text).match(/sample-more/g)).toHaveLength(1);
});

test("a search finds texts, marks what it finds and shows it wherever it stands", async () => {
  await drawWritten({ cards: "text" });
  await engine.query(`CREATE TABLE IF NOT EXISTS "long" AS SELECT range::INTEGER AS id,
    CASE range WHEN 0 THEN 'A <i>Needle</i> at once' WHEN 1 THEN repeat('hay ', 100) || 'needle' || repeat(' hay', 100)
    WHEN 2 THEN repeat('hay ', 2000) || 'needle' ELSE 'hay' END AS words,
    NULL::BLOB AS sound, '' AS media_type, 0::FLOAT AS price FROM range(4)`);
  const context = contextOf({ ...written, relation: "long" }, { cards: "text" });
  const state = { search: "nEEdle" };
  const results = await answersOf(view, context, engine, null, state);
  const { body, rows, total, data } = view.render(view.parse(context), results, state, context);
  expect([rows, total, data!.rows.map((row) => row["id"])]).toEqual([3, 4, [0, 1, 2]]);
  const excerpts = [...seen(body.text).matchAll(/sample-excerpt"\s*>(.*?)<\/span/gs)].map(
    ([, text]) => text!,
  );
  expect(excerpts[0]).toBe("A &lt;i&gt;<mark>Needle</mark>&lt;/i&gt; at once");
  expect(excerpts.slice(1).every((text) => /^….*hay <mark>needle<\/mark>/s.test(text))).toBe(true);
  const none = await answersOf(view, context, engine, null, { search: "<%_" });
  const said = view.render(view.parse(context), none, { search: "<%_" }, context).body.text;
  expect(said).toContain("No sample has “&lt;%_”.");
});

test("a sound has its type, its size and a button, and its bytes are not asked", async () => {
  const text = await drawWritten({});
  expect(text.match(/data-play=/g)).toHaveLength(3);
  expect(text).toContain("audio/wav · 2 bytes");
  expect(text).toContain("no sound");
  const context = contextOf({ ...written, relation: "written" }, {});
  const queries = view.queries(view.parse(context), {}, context, {});
  expect(String(queries["tiles"]!.sql(null))).not.toMatch(/"sound"[,\s]+(AS|FROM)/i);
});

test("plain values are named with their units", async () => {
  const priced = written.columns.map((each) => (each.name === "price" ? { ...each, unit: "EUR" } : each));
  const context = contextOf({ ...written, relation: "written", columns: priced }, { cards: "table" });
  const results = await answersOf(view, context, engine);
  expect(view.render(view.parse(context), results, {}, context).body.text).toMatch(
    /title="price: 2 EUR"\s*><span class="sample-caption-name">Price<\/span\s*>\s*<span class="sample-caption-value">2 EUR/,
  );
});

test("numbers of one column have the same decimals on all cards, whatever filter is on, and the column's title", async () => {
  await engine.query(`CREATE TABLE IF NOT EXISTS "scored" AS SELECT * FROM (VALUES (0, -62.9::DOUBLE, 2019),
    (1, -63.77, 900), (2, 5.5, 12), (3, 'NaN'::DOUBLE, 7), (4, NULL, 1)) AS t(id, log_score, year)`);
  const scored = tableOf({ id: "int32 id", log_score: "float64", year: "int32" }, { relation: "scored" });
  const context = contextOf(scored, { cards: "table", columns: ["log_score", "year"] });
  // The first card is the fullest, which is there to be measured.
  const valuesUnder = async (filter: Filter): Promise<string[]> => {
    const results = await answersOf(view, context, engine, filter);
    const { text } = view.render(view.parse(context), results, {}, context).body;
    return [
      ...text.matchAll(
        /sample-caption-name">(.*?)<\/span\s*>\s*<span class="sample-caption-value">(.*?)<\/span/gs,
      ),
    ]
      .map(([, name, value]) => `${name} ${value}`)
      .slice(2);
  };
  const all = ["Log score −62.90", "Year 2019", "Log score −63.77", "Year 900", "Log score 5.50", "Year 12"];
  expect((await valuesUnder(null)).slice(0, 6)).toEqual(all);
  expect((await valuesUnder(null)).slice(6)).toEqual(["Log score NaN", "Year 7", "Log score –", "Year 1"]);
  expect(await valuesUnder(sql`id = 2`)).toEqual(all.slice(4));
});

test("floats that are all whole have no decimals on any card, and one that is not gives them to all", async () => {
  await engine.query(`CREATE TABLE IF NOT EXISTS "sold" AS SELECT * FROM (VALUES (0, 2::DOUBLE, 2::FLOAT),
    (1, 300, 300), (2, NULL, 12.5), (3, 'NaN'::DOUBLE, NULL), (4, 'Infinity'::DOUBLE, 7)) AS t(id, whole, part)`);
  const sold = tableOf({ id: "int32 id", whole: "float64", part: "float32" }, { relation: "sold" });
  const context = contextOf(sold, { cards: "table", columns: ["whole", "part"] });
  const results = await answersOf(view, context, engine, sql`id <> 2`);
  const { text } = view.render(view.parse(context), results, {}, context).body;
  const found = Array.from(
    text.matchAll(/title="(whole|part): (.*?)"/g),
    ([, name, value]) => `${name} ${value}`,
  );
  const cards = [
    ["2", "2.0"],
    ["300", "300.0"],
    ["NaN", "–"],
    ["∞", "7.0"],
  ];
  expect(found.slice(2)).toEqual(cards.flatMap(([whole, part]) => [`whole ${whole}`, `part ${part}`]));
});

test("a table without an id is refused", () => {
  expect(() => view.parse(contextOf(tableOf({ label: "string" }), {}))).toThrow("no column with the role id");
});

test("only ids of the column's kind are taken from a link", () => {
  const options = view.parse(contextOf(table, {}));
  expect(selectedIds(options, { ids: [1, "a", null, Number.NaN, 2] })).toEqual([1, 2]);
  expect(selectedIds(options, { ids: "1" })).toEqual([]);
  const texts = view.parse(contextOf(tableOf({ id: "string id" }), {}));
  expect(selectedIds(texts, { ids: [1, "a"] })).toEqual(["a"]);
});

test("chosen samples are pressed, and said by their ids", async () => {
  const { body } = await draw({ rows: 3 }, null, { ids: [1] });
  expect(body.text).toMatch(/data-id="1"[^>]*aria-pressed="true"/s);
  const context = contextOf(table, {});
  expect(view.selected!(view.parse(context), { ids: [1] }, context)).toEqual([{ column: "id", values: [1] }]);
});

test("rows have room for the fullest card, whose image is not fetched", async () => {
  const { body } = await draw({ rows: 2, groups: "prediction" });
  const probes = [...body.text.matchAll(/<li[^>]*card-probe.*?<\/li>/gs)].map(([probe]) => probe);
  expect(probes).toHaveLength(2);
  for (const probe of probes) {
    expect(probe).toMatch(/aria-hidden="true"\s+inert/);
    expect(probe).toContain("sample-wrong");
    expect(probe).not.toContain("<image");
  }
});
