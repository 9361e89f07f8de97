import { beforeAll, expect, test } from "vitest";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { translateFilter } from "../../src/data/expression.ts";
import { column } from "../../src/data/result.ts";
import { completionAt, quoted, valueItems, type Completion } from "./complete.ts";
import { valuesQuery } from "./view.ts";

const table = tableOf({
  id: "int32 id",
  label: "string label",
  "true label": "string",
  confidence: "float32",
  correct: "bool",
  epoch: "int32",
  scores: "list<float32>",
});

/** Completion where the bar stands. */
const at = (text: string): Completion => completionAt(text.replace("|", ""), text.indexOf("|"), table);

/** The text after the item of that label was taken. */
function taken(text: string, label: string): string {
  const { from, to, items } = at(text);
  const plain = text.replace("|", "");
  return plain.slice(0, from) + items.find((item) => item.label === label)!.text + plain.slice(to);
}

const labels = (text: string): string[] => at(text).items.map((item) => item.label);

test("an empty field offers the columns, but for lists", () => {
  expect(labels("|")).toEqual(["id", "label", "true label", "confidence", "correct", "epoch"]);
  expect(taken("|", "label")).toBe("datum.label");
});

test.each([
  ["con|", "confidence", "datum.confidence"],
  ["datum.con|", "confidence", "datum.confidence"],
  ["datum.|", "label", "datum.label"],
  ["d.la|", "label", "d.label"],
  ["datum.la|", "true label", "datum['true label']"],
  ["datum['tr|", "true label", "datum['true label']"],
  ["datum['tr|']", "true label", "datum['true label']"],
  ["datum.conf|idence < 1", "confidence", "datum.confidence < 1"],
  ["!datum.correct && ab|", "abs()", "!datum.correct && abs("],
  ["datum.confidence |", "<", "datum.confidence < "],
  ["datum.label == 'a' |", "&&", "datum.label == 'a' && "],
  ["datum.correct == t|", "true", "datum.correct == true"],
])("in %s the item %s gives %s", (text, label, expected) => {
  expect(taken(text, label)).toBe(expected);
});

test("what begins with the letters comes before what holds them", () => {
  expect(labels("la|").slice(0, 2)).toEqual(["label", "true label"]);
});

test.each([
  ["datum.label == |", "label", ""],
  ["datum.label==ca|", "label", "ca"],
  ["datum.label != 'ca|", "label", "ca"],
  ['datum.label == "it\'s|"', "label", "it's"],
  ["datum['true label'] == 'x|", "true label", "x"],
  ["datum.epoch > 1|", "epoch", "1"],
  ["indexof(['a', 'b|'], datum.label) >= 0", "label", "b"],
])("in %s the values of %s that hold %j are wanted", (text, name, prefix) => {
  expect(at(text).values).toMatchObject({ column: { name }, prefix });
});

test.each(["datum.confidence < |", "12|", "'abc|", "datum.label == 'a'|", "datum.nothing == |"])(
  "in %s no values are wanted",
  (text) => expect(at(text).values).toBeNull(),
);

test("a value takes the place of all that is written of it", () => {
  const { from, to } = at("datum.label == 'ca|' && datum.correct");
  const [item] = valueItems([{ value: "it's", n: 3 }]);
  const plain = "datum.label == 'ca' && datum.correct";
  expect(plain.slice(0, from) + item!.text + plain.slice(to)).toBe(
    "datum.label == 'it\\'s' && datum.correct",
  );
});

const HOSTILE = [
  "it's",
  'say "x"',
  "back\\slash",
  "line\nbreak",
  "'; DROP TABLE data; --",
  "<b>",
  "",
  "é😀",
  "\u2028",
];

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  const rows = HOSTILE.map((text, index) => `(${index}, '${text.replace(/'/g, "''")}')`);
  await engine.query(`CREATE TABLE "data" AS SELECT * FROM (VALUES ${rows.join(", ")}) AS t(id, label)`);
  await engine.query(`INSERT INTO "data" SELECT 100 + range, 'common' FROM range(5)`);
});

test.each(HOSTILE)("the value %j is quoted so that the filter finds its row and no other", async (text) => {
  const condition = String(translateFilter(`datum.label == ${quoted(text)}`, table));
  const found = await engine.query(`SELECT id::INTEGER AS id FROM "data" WHERE ${condition}`);
  expect(column(found, "id")).toEqual([HOSTILE.indexOf(text)]);
});

test("values are asked by frequency, and by what is written of them in any case", async () => {
  const label = table.columns.find((each) => each.name === "label")!;
  const ask = async (prefix: string): Promise<readonly unknown[]> =>
    column(await engine.query(String(valuesQuery("data", label, prefix))), "value");
  expect((await ask(""))[0]).toBe("common");
  expect(await ask("COMM")).toEqual(["common"]);
  expect(await ask("'; DROP")).toEqual(["'; DROP TABLE data; --"]);
  expect(await ask("%")).toEqual([]);
});

test("null is offered only for a column that holds any", () => {
  const full = tableOf({ score: "float32", correct: "bool" });
  const of = (text: string, table = full): string[] =>
    completionAt(text, text.length, table).items.map((item) => item.text);
  expect(of("datum.correct == ")).toEqual(["true", "false", "null"]);
  const columns = full.columns.map((column) => ({ ...column, nullable: false }));
  expect(of("datum.correct == ", { ...full, columns })).toEqual(["true", "false"]);
  expect(of("datum.score == ", { ...full, columns })).toEqual([]);
});
