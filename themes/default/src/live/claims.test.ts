import { Query, sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { openEngine, type Engine as Tested } from "../../tests/engine.ts";
import type { ClaimedNumber, Claims } from "../page.ts";
import { answerIn, holds, isSame, statementOf, valueInWords } from "./claims.ts";

const SHARE: ClaimedNumber = {
  sql: `select avg(correct::int) from "digits/samples" -- of all`,
  tables: ["digits/samples"],
  value: 0.75,
  text: "75.0%",
  unit: "",
  format: ".1%",
  expect: { low: 0.7, high: 0.8, text: null },
};

const CLAIMS: Claims = {
  relations: [],
  tables: {
    "digits/samples": {
      relation: "digits",
      select: `SELECT "key" AS "id", "correct" FROM main."digits" WHERE "in:digits/samples"`,
    },
    own: { relation: "own", select: `SELECT "n" FROM main."own" WHERE true` },
  },
  claims: [{ id: "share", numbers: [SHARE] }],
};

let engine: Tested;

beforeAll(async () => {
  engine = await openEngine();
  const columns = `i AS "key", i % 4 > 0 AS "correct", i < 8 AS "in:digits/samples"`;
  await engine.query(`CREATE TABLE "digits" AS SELECT ${columns} FROM range(100) AS t(i)`);
  await engine.query(`CREATE TABLE "own" AS SELECT i AS "n" FROM range(5) AS t(i)`);
});

const answer = async (number: ClaimedNumber, condition: string | null = null): Promise<unknown> =>
  (await engine.query(statementOf(number, CLAIMS, () => condition))).columns["value"]![0];

test("a claim is asked of the rows of its table alone, and of those that are selected", async () => {
  expect(await answer(SHARE)).toBe(0.75);
  expect(await answer(SHARE, `("key" IN (1, 2))`)).toBe(1);
});

test("a statement may make tables of its own, and its table may have the relation's name", async () => {
  const own = {
    ...SHARE,
    sql: `with a as (select sum(n) as s from own) select s from a`,
    tables: ["own"],
    value: 10,
  };
  expect(await answer(own)).toBe(10);
});

test("what was undefined over all rows is a number or a text where it is not", async () => {
  const none = { ...SHARE, value: null, text: "–", tables: ["own"] };
  const over = async (sql: string, condition: string | null): Promise<unknown> =>
    answerIn(await engine.query(statementOf({ ...none, sql }, CLAIMS, () => condition)));
  const share = `select avg(1 / n) from own having count(*) < 5`;
  expect(await over(`select sum(n) / nullif(5 - count(*), 0) from own`, null)).toBeNull();
  expect(await over(`select sum(n) / nullif(5 - count(*), 0) from own`, "n > 1")).toBe(4.5);
  expect(await over(share, "n > 3")).toBe(0.25);
  expect(await over(`select max(n)::VARCHAR from own where n > 3`, "n > 3")).toBe("4");
  expect(await over(`select max(DATE '2020-01-01' + n::INTEGER) from own`, "n = 1")).toBe("2020-01-02");
  expect(valueInWords(none, 0.25)).toBe("25.0%");
});

test("a condition is what Mosaic writes of a selection", async () => {
  const condition = String(Query.from("x").where(sql`"key" < 5`)._where[0]);
  expect(await answer(SHARE, `(${condition})`)).toBe(0.6);
});

test("an answer is the same where it differs in the last digits of a sum", () => {
  expect(isSame(SHARE, 0.75 + 1e-12)).toBe(true);
  expect(isSame(SHARE, 0.7501)).toBe(false);
  expect(isSame({ ...SHARE, value: null }, Number.NaN)).toBe(true);
  expect(isSame({ ...SHARE, value: "cat" }, "cat")).toBe(true);
});

const TIME: ClaimedNumber = {
  sql: `SELECT c0::TIMESTAMP FROM (\nselect to_timestamp(0.5)\n) AS found(c0)`,
  tables: [],
  value: "1970-01-01 00:00:00.5",
  text: "1970-01-01 00:00:00.5 UTC",
  unit: "UTC",
  format: "",
  expect: null,
};

test("a time with a zone is answered as the build wrote it, and said in UTC where it changed", async () => {
  const value = (await answer(TIME)) as string;
  expect(isSame(TIME, value)).toBe(true);
  expect(valueInWords(TIME, value)).toBe(TIME.text);
  expect(valueInWords(TIME, "1970-01-01 00:00:01")).toBe("1970-01-01 00:00:01 UTC");
});

test("a selection is held to what is expected", () => {
  expect(holds(SHARE, 0.8)).toBe(true);
  expect(holds(SHARE, 0.81)).toBe(false);
  expect(holds(SHARE, null)).toBe(false);
  expect(holds({ ...SHARE, expect: { low: null, high: 3, text: null } }, -5)).toBe(true);
  expect(holds({ ...SHARE, expect: { low: null, high: null, text: "cat" } }, "dog")).toBe(false);
  const list = { ...SHARE, value: "[1, 2]", text: "1, 2", expect: { low: null, high: null, text: "1, 2" } };
  expect(holds(list, "[1, 2]")).toBe(true);
  expect(holds(list, "[1, 3]")).toBe(false);
});

test("a value is said in the number's format, and the build's as the build said it", () => {
  expect(valueInWords(SHARE, 0.75)).toBe("75.0%");
  expect(valueInWords(SHARE, 0.8125)).toBe("81.3%");
  expect(valueInWords({ ...SHARE, format: "" }, 12345)).toBe("12,345");
  expect(valueInWords({ ...SHARE, format: "" }, 1 / 3)).toBe("0.3333");
  expect(valueInWords(SHARE, null)).toBe("–");
});
