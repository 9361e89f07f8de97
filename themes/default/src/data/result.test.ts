import { beforeAll, expect, test } from "vitest";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { column, objects, plain, scalar, joined } from "./result.ts";

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

test.each([
  ["1::TINYINT", 1],
  ["9007199254740991::BIGINT", 9007199254740991],
  ["(-9007199254740991)::BIGINT", -9007199254740991],
  ["sum(1::INTEGER)", 1],
  ["sum(9007199254740991::BIGINT)", 9007199254740991],
  ["1.5::DECIMAL(4, 1)", 1.5],
  ["0.1::FLOAT", Math.fround(0.1)],
  ["0.1::DOUBLE", 0.1],
  ["'NaN'::DOUBLE", Number.NaN],
  ["'-Infinity'::FLOAT", Number.NEGATIVE_INFINITY],
  ["0.22244122598450122", 0.22244122598450122],
  ["(-1.9912451125437403)::DOUBLE", -1.9912451125437403],
  ["1.5e300", 1.5e300],
  ["'0.5 ''1.5'", "0.5 '1.5"],
  ["NULL::DOUBLE", null],
  ["NULL", null],
  ["TRUE", true],
  ["'O''Brien'", "O'Brien"],
  ["''", ""],
  ["'日本 😀'", "日本 😀"],
  ["DATE '1970-01-02'", 86_400_000],
  ["DATE '1900-01-01'", -2208988800000],
  ["TIMESTAMP '2020-02-29 12:34:56.789'", 1582979696789],
  ["[0.5::FLOAT, NULL, 2]", [0.5, null, 2]],
])("the value %s arrives as a plain one", async (written, value) => {
  expect(column(await engine.query(`SELECT ${written} AS value`), "value")).toEqual([value]);
});

test("a column of floats with nulls keeps the nulls", async () => {
  const found = await engine.query(
    "SELECT * FROM (VALUES (1.5::DOUBLE), (NULL), ('NaN'::DOUBLE)) AS t(value)",
  );
  expect(column(found, "value")).toEqual([1.5, null, Number.NaN]);
});

test("an answer without rows has its columns, empty", async () => {
  const found = await engine.query("SELECT 1 AS one WHERE FALSE");
  expect(found).toEqual({ rows: 0, columns: { one: [] } });
  expect(scalar(found, "one")).toBeNaN();
});

test("an answer of several batches arrives whole and in order", async () => {
  const found = await engine.query("SELECT range AS value FROM range(10000)");
  expect(found.rows).toBe(10_000);
  expect(column(found, "value")[9_999]).toBe(9_999);
});

test("rows as objects have every column", async () => {
  const found = await engine.query("SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS t(number, text)");
  expect(objects(found)).toEqual([
    { number: 1, text: "a" },
    { number: 2, text: null },
  ]);
});

test("a column that the answer lacks is said by name", () => {
  expect(() => column({ rows: 0, columns: {} }, "label")).toThrow('the result has no column "label"');
});

test("big integers, missing values and lists within lists become plain", () => {
  expect(plain([5n, undefined, new Float32Array([1, 2]), [3n]])).toEqual([5, null, [1, 2], [3]]);
});

test("messages are joined without a gap", () => {
  expect(joined([new Uint8Array([1, 2]), new Uint8Array(), new Uint8Array([3])])).toEqual(
    new Uint8Array([1, 2, 3]),
  );
});
