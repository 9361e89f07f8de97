import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Drawing, Filter, ViewState } from "../../src/view.ts";
import { isMisread } from "./cards.ts";
import { pageOf, selectedIds } from "./state.ts";
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

const idsOf = (drawing: Drawing): unknown[] => drawing.data!.rows.map((row) => row["id"]);

test("a page of samples shows each as a tile cut from its sheet, without inline style", async () => {
  const { body, rows, total } = await draw({ rows: 10 });
  expect([rows, total, body.text.match(/class="sample[" ]/g)!.length]).toEqual([100, 100, 10]);
  expect(body.text).toContain('viewBox="8 0 8 8"');
  expect(body.text).toContain('<image href="media/images-0.webp" width="64" height="64"');
  expect(body.text).not.toMatch(/\sstyle=|<script>/);
});

test("a wrong prediction is marked, and a sample without an image is named", async () => {
  const { body } = await draw({ rows: 4 });
  expect(body.text.match(/sample-wrong/g)).toHaveLength(1);
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
  expect(idsOf(await draw({ rows: 3, order: "score" }, null, { page: 33 }))).toEqual([5]);
});

test("the pager says where one is, and stops at the ends", async () => {
  const first = (await draw({ rows: 40 })).body.text;
  expect(first).toContain("1–40 of 100");
  expect(first).toMatch(/data-turn="previous"[^>]*disabled/);
  const last = (await draw({ rows: 40 }, null, { page: 2 })).body.text;
  expect(last).toContain("81–100 of 100");
  expect(last).toMatch(/data-turn="next"[^>]*disabled/);
});

test("where nothing passes a sentence says so", async () => {
  const { body, rows } = await draw({}, sql`FALSE`);
  expect([rows, body.text.includes("No sample passes the filters.")]).toEqual([0, true]);
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

test("a group shows more when asked, and is folded as the state says", async () => {
  const state = { more: [["dog", 2]], closed: ["cat"] };
  const { body, data } = await draw({ groups: "prediction", rows: 5 }, null, state);
  expect(data!.rows.filter((row) => row["heading"] === "dog")).toHaveLength(15);
  expect(body.text).toMatch(/data-heading="&quot;cat&quot;"\s*>/);
  expect(body.text).toMatch(/data-heading="&quot;dog&quot;"\s+open/);
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
  return view.render(view.parse(context), results, {}, context).body.text;
}

test("a text is cut on its card, its rest folded, and never markup", async () => {
  const text = await drawWritten({ cards: "text" });
  expect(text).toContain("many &lt;b&gt;words&lt;/b&gt;");
  expect(text).not.toContain("<b>words");
  expect(text.match(/<details class="sample-more"/g)).toHaveLength(1);
  expect(text.length).toBeLessThan(6000);
});

test("a sound has its type, its size and a button, and its bytes are not asked", async () => {
  const text = await drawWritten({});
  expect(text.match(/data-play=/g)).toHaveLength(3);
  expect(text).toContain("audio/wav · 1 kB");
  expect(text).toContain("no sound");
  const context = contextOf({ ...written, relation: "written" }, {});
  const queries = view.queries(view.parse(context), {}, context, {});
  expect(String(queries["tiles"]!.sql(null))).not.toMatch(/"sound"[,\s]+(AS|FROM)/i);
});

test("plain values are named with their units", async () => {
  const priced = written.columns.map((each) => (each.name === "price" ? { ...each, unit: "EUR" } : each));
  const context = contextOf({ ...written, relation: "written", columns: priced }, { cards: "table" });
  const results = await answersOf(view, context, engine);
  expect(view.render(view.parse(context), results, {}, context).body.text).toMatch(/price<\/span>\s*2 EUR/);
});

test("a table without an id is refused", () => {
  expect(() => view.parse(contextOf(tableOf({ label: "string" }), {}))).toThrow("no column with the role id");
});

test.each([
  [{ page: 3 }, 3],
  [{ page: -1 }, 0],
  [{ page: 1.5 }, 0],
  [{ page: 1e21 }, 0],
  [{ page: "x" }, 0],
  [{}, 0],
])("of the state %j the page is %d", (state, page) => {
  expect(pageOf(state)).toBe(page);
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
