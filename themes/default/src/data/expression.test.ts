import { beforeAll, expect, test } from "vitest";
import { column, type Result } from "./result.ts";
import { LONGEST_CONDITION, LONGEST_FILTER, translateFilter } from "./expression.ts";
import { DEEPEST } from "./syntax.ts";
import type { Table } from "../page.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { parse, View } from "vega";

const table: Table = tableOf({ a: "float64", b: "int32", c: "bool", text: "string", when: "timestamp" });
const sql = (expression: string): string => String(translateFilter(expression, table));

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  const rows = VALUES.map(({ a, b, c, text, when }, id) => {
    const number = a === null ? "NULL" : `'${Object.is(a, -0) ? "-0.0" : a}'::DOUBLE`;
    const written = text === null ? "NULL" : `'${text.replace(/'/g, "''")}'`;
    return `(${id}, ${number}, (${b})::INTEGER, ${c}::BOOLEAN, ${written}, epoch_ms(${when}::BIGINT))`;
  });
  await engine.query(
    `CREATE TABLE "data" AS SELECT * FROM (VALUES ${rows.join(", ")}) AS t(id, a, b, c, text, "when")`,
  );
});

interface Row {
  a: number | null;
  b: number | null;
  c: boolean | null;
  text: string | null;
  when: number | null;
}

const VALUES: Row[] = [
  { a: 0, b: 0, c: true, text: "", when: 0 },
  { a: -0, b: 1, c: false, text: "cat", when: 1.6e12 },
  { a: Number.NaN, b: -1, c: null, text: "5", when: -1 },
  { a: Number.POSITIVE_INFINITY, b: 5, c: true, text: "O'Brien", when: null },
  { a: Number.NEGATIVE_INFINITY, b: null, c: false, text: null, when: 86_400_000 },
  { a: 2.5, b: 7, c: null, text: "😀", when: 5 },
  { a: null, b: 2147483647, c: true, text: "Zebra", when: 1 },
  { a: -7.25, b: -2147483648, c: false, text: "a b", when: 2 },
];

test("a column is always named in quotes, and text is always a quoted literal", () => {
  const odd = tableOf({ 'a"; DROP TABLE x; --': "string" });
  expect(String(translateFilter("datum['a\"; DROP TABLE x; --'] == \"it's\"", odd))).toBe(
    `(("a""; DROP TABLE x; --") IS NOT DISTINCT FROM ('it''s'))`,
  );
});

test("a column of lists or of bytes cannot be filtered on", () => {
  const odd = tableOf({ vector: "list<float32>", image: "binary" });
  expect(() => translateFilter("datum.vector", odd)).toThrow('column "vector" holds list<float32>');
  expect(() => translateFilter("datum.image", odd)).toThrow('column "image" holds binary');
});

test("a filter longer than the limit is refused before it is parsed", () => {
  expect(() => sql("(".repeat(LONGEST_FILTER + 1))).toThrow("the filter is too long");
});

test.each([
  ["negations", (n: number) => `${"!".repeat(n)}datum.c`],
  ["brackets", (n: number) => `${"(".repeat(n)}datum.c${")".repeat(n)}`],
  ["sums", (n: number) => `datum.a${" + datum.a".repeat(n)} > 0`],
  ["divisions", (n: number) => `datum.a${" / datum.a".repeat(n)} > 0`],
  ["remainders", (n: number) => `datum.a${" % datum.a".repeat(n)} > 0`],
  ["equalities", (n: number) => `datum.a${" == datum.a".repeat(n)}`],
  ["roots", (n: number) => `${"sqrt(".repeat(n)}datum.a${")".repeat(n)} > 0`],
  ["logarithms", (n: number) => `${"log(".repeat(n)}datum.a${")".repeat(n)} > 0`],
  ["roundings", (n: number) => `${"round(".repeat(n)}datum.a${")".repeat(n)} > 0`],
  ["positions", (n: number) => `indexof(${"lower(".repeat(n)}datum.text${")".repeat(n)}, 'a') >= 0`],
  ["conditions", (n: number) => `${"(datum.c ? 1 : ".repeat(n)}datum.a${")".repeat(n)} > 0`],
  ["lists", (n: number) => `indexof([${"datum.b, ".repeat(n)}1], datum.a) > 0`],
  ["alternatives", (n: number) => `datum.b == 1${" || datum.b == 1".repeat(n)}`],
  [
    "nested alternatives",
    (n: number) => `${"datum.c || (datum.b == 1 && (".repeat(n)}datum.c${"))".repeat(n)}`,
  ],
  ["ranges", (n: number) => `${"inrange(".repeat(n)}datum.a${", [0, 1])".repeat(n)}`],
])("however deep a filter nests %s, it is refused or the engine answers it", async (_name, nest) => {
  for (let n = 1; n < 1200; n = Math.ceil(n * 1.4)) {
    const condition = attempt(nest(n));
    if (condition === null) continue;
    expect(condition.length).toBeLessThanOrEqual(LONGEST_CONDITION);
    const found = await engine.query(`SELECT count(*) AS rows FROM "data" WHERE ${condition}`);
    expect(found.rows).toBe(1);
  }
});

function attempt(expression: string): string | null {
  try {
    return sql(expression);
  } catch (error) {
    expect((error as Error).message).toMatch(/too long|too deeply|too involved|does not parse/);
    return null;
  }
}

test("forty alternatives are one level deep", () => {
  expect(sql(Array.from({ length: 40 }, (_, id) => `datum.b == ${id}`).join(" || "))).toContain("39::DOUBLE");
  expect(DEEPEST).toBeLessThan(40);
});

/** A small random generator with a seed (mulberry32), so that a failure can be seen again. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

type Kind = "number" | "boolean" | "text";

/** A random expression of one type; only what the translator reads. */
function random(kind: Kind, depth: number, pick: (below: number) => number): string {
  const one = <T>(choices: readonly T[]): T => choices[pick(choices.length)]!;
  const inner = (of: Kind): string => random(of, depth - 1, pick);
  const leaves = {
    number: ["datum.a", "datum.b", "datum.when", "0", "1", "2.5", "-3", "1e300", "NaN"],
    boolean: ["datum.c", "true", "false", "datum.c == null", "datum.text == null", "isNaN(datum.a)"],
    text: ["datum.text", "'cat'", "''", "'5'", '"O\'Brien"'],
  };
  if (depth === 0) return one(leaves[kind]);
  if (kind === "text")
    return one([() => inner("text"), () => `(${inner("boolean")} ? ${inner("text")} : 'x')`])();
  if (kind === "number") {
    return one([
      () => `(${inner("number")} ${one(["+", "-", "*", "/", "%"])} ${inner("number")})`,
      () => `${one(["abs", "ceil", "floor", "round", "exp", "sqrt", "log", "-", "+"])}(${inner("number")})`,
      () => `(${inner("boolean")} ? ${inner("number")} : ${inner("number")})`,
      () => `indexof([${inner("number")}, ${inner("number")}], ${inner("number")})`,
      () => inner("number"),
    ])();
  }
  return one([
    () => `(${inner("number")} ${one(["<", "<=", ">", ">=", "==", "!=", "===", "!=="])} ${inner("number")})`,
    () => `(${inner("text")} ${one(["<", "<=", ">", ">=", "==", "!="])} ${inner("text")})`,
    () => `(${inner("boolean")} ${one(["==", "!=", "===", "!==", "<"])} ${inner("boolean")})`,
    () => `(${inner("boolean")} ${one(["==", "!=", "===", "<", ">="])} ${inner("number")})`,
    () => `(${inner("boolean")} ${one(["&&", "||"])} ${inner(one(["boolean", "number", "text"]))})`,
    () => `!${inner(one(["boolean", "number", "text"]))}`,
    () => `inrange(${inner("number")}, [${inner("number")}, ${inner("number")}])`,
    () => `isValid(${inner(one(["boolean", "number", "text"]))})`,
  ])();
}

test.each([
  ["datum.text='3'", "write == instead of ="],
  ["datum.a <> 3", "write != instead of <>"],
  ["datum.a > 1 and datum.b > 2", "write && instead of and"],
  ["datum.a > 1 OR datum.b > 2", "write || instead of OR"],
  ["not datum.c", "write ! instead of not"],
  ["datum.text == 'rock and roll = fun' and datum.c", "write && instead of and"],
  ["datum.text == 'rock and roll' datum.c", "such as datum.confidence < 0.5"],
  ["datum.not >= 3 &&", "such as datum.confidence < 0.5"],
])("%s is not read, and what to write is said", (expression, hint) => {
  expect(() => sql(expression)).toThrow(`the filter does not parse: `);
  expect(() => sql(expression)).toThrow(hint);
});

test.each([
  ["datum.when > '1970-03-01'", "write time(datetime('1970-03-01'))"],
  ["'2020-02-03T04:05Z' <= datum.when", "write time(datetime('2020-02-03T04:05Z'))"],
  ["datum.when == 'spring'", "write time(datetime('2020-01-31'))"],
])("%s says how a time is written", (expression, hint) => {
  expect(() => sql(expression)).toThrow("a time is compared with a text");
  expect(() => sql(expression)).toThrow(hint);
  expect(() => sql(hint.replace("write", "datum.when >="))).not.toThrow();
});

test("brackets beyond number are too deep, whatever the parser's stack holds", () => {
  expect(() => sql("(".repeat(3900))).toThrow("the filter is nested too deeply");
});

test.each([
  ["datum.a.toFixed(2) == '1.00'", 'the function "toFixed" cannot be used in a filter'],
  ["datum.text['trim']() == 'a'", 'the function "trim" cannot be used in a filter'],
  ["datum.text.length() > 2", 'a value has no method "length": write length(…) around it'],
])("in %s the function is named", (expression, said) => {
  expect(() => sql(expression)).toThrow(said);
});

test("a random filter passes the same rows in DuckDB as in JavaScript", async () => {
  const pick = seeded(20_240_229);
  const drawn = Array.from({ length: 600 }, () => random("boolean", 1 + pick(4), pick));
  const expressions = [...new Set(drawn)].filter((expression) => translated(expression) !== null);
  expect(expressions.length).toBeGreaterThan(300);
  const wrong: string[] = [];
  for (const expression of expressions) {
    const found: Result = await engine.query(
      `SELECT id FROM "data" WHERE ${translated(expression)} ORDER BY id`,
    );
    const ids = column(found, "id").join();
    const said = passing(expression).join();
    if (ids !== said) wrong.push(`${expression}\n  JavaScript: ${said}\n  DuckDB: ${ids}`);
  }
  expect(wrong.join("\n")).toBe("");
});

function translated(expression: string): string | null {
  try {
    return sql(expression);
  } catch {
    return null;
  }
}

function passing(expression: string): number[] {
  const values = VALUES.map((row, id) => ({ ...row, id }));
  const transform = [{ type: "filter" as const, expr: expression }];
  const view = new View(parse({ data: [{ name: "rows", values, transform }] })).run();
  return (view.data("rows") as { id: number }[]).map((row) => row.id);
}

test.each(["__proto__", "constructor", "toString", "then"])(
  "the quoted text '%s' is a text",
  async (name) => {
    const found = await engine.query(
      `SELECT ${sql(`'${name}' == "${name}" && datum.text != '${name}'`)} AS ok FROM "data"`,
    );
    expect(column(found, "ok")).toEqual(VALUES.map(() => true));
  },
);
