import { beforeAll, expect, test } from "vitest";
import { openEngine, type Engine } from "../tests/engine.ts";
import { columnOf, tableOf } from "../tests/tables.ts";
import { column } from "./data/result.ts";
import { groupedRelation, groupsQuery, hasGroups, isGroupable, readGroups, type Groups } from "./groups.ts";

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id, (range % 20)::INTEGER AS cluster,
    CASE range % 4 WHEN 0 THEN 'it''s' WHEN 1 THEN '<b>' WHEN 2 THEN NULL ELSE 'cat' END AS label,
    range % 3 = 0 AS correct FROM range(103)`);
});

const COLUMNS = {
  cluster: columnOf("cluster", "int32"),
  label: columnOf("label", "string", "label"),
  correct: columnOf("correct", "bool"),
};

async function groups(name: keyof typeof COLUMNS, classes: string[] = []): Promise<Groups> {
  const answer = await engine.query(String(groupsQuery("data", COLUMNS[name])));
  return readGroups(COLUMNS[name], answer, classes);
}

/** The ids of every group's rows, as the group's condition finds them. */
async function members({ groups: found }: Groups): Promise<unknown[][]> {
  const ids = [];
  for (const { condition } of found)
    ids.push([...column(await engine.query(`SELECT id FROM "data" WHERE ${String(condition)}`), "id")]);
  return ids;
}

test.each(["cluster", "label", "correct"] as const)(
  "every row is in one group of %s, missing values too",
  async (name) => {
    const all = (await members(await groups(name))).flat().sort((a, b) => Number(a) - Number(b));
    expect(all).toEqual(Array.from({ length: 103 }, (_, id) => id));
  },
);

test("the twelve most frequent values have a group each, the others share one", async () => {
  const { groups: found, others } = await groups("cluster");
  expect(found.map((group) => group.label)).toEqual([
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "10",
    "11",
    "other",
  ]);
  expect(others).toBe(8);
});

test("groups stand in the order of the classes, or of the alphabet, null last", async () => {
  expect((await groups("label", ["cat", "<b>", "it's"])).groups.map((group) => group.key)).toEqual([
    '"cat"',
    '"<b>"',
    '"it\'s"',
    "null",
  ]);
  expect((await groups("label")).groups.map((group) => group.key)).toEqual([
    '"<b>"',
    '"cat"',
    '"it\'s"',
    "null",
  ]);
});

test.each([
  ["int32 id", false],
  ["string", true],
  ["dictionary label", true],
  ["bool", true],
  ["int16", true],
  ["float32", false],
  ["timestamp", false],
  ["string text", false],
  ["binary audio", false],
  ["list<float32>", false],
])("whether a column of %s makes groups is %s", (written, expected) => {
  expect(isGroupable(tableOf({ a: written }).columns[0]!)).toBe(expected);
});

test("one value is no group, and numbers of many values are no groups", () => {
  const [text, number] = [columnOf("a", "string"), columnOf("b", "int32")];
  expect([1, 2, 200, 201].map((distinct) => hasGroups(text, distinct))).toEqual([false, true, true, false]);
  expect([24, 25].map((distinct) => hasGroups(number, distinct))).toEqual([true, false]);
});

test("a column's groups belong to the first relation that has it", () => {
  const tables = {
    "a/rows": tableOf({ id: "int32 id", split: "string" }, { relation: "a" }),
    "b/rows": tableOf({ split: "string", loss: "float32", epoch: "int32" }, { relation: "b" }),
  };
  expect(["split", "epoch", "loss", "id", "none"].map((name) => groupedRelation(tables, name))).toEqual([
    "a",
    "b",
    null,
    null,
    null,
  ]);
});
