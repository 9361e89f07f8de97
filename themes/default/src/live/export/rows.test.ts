import { column, gt, Query, sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { openEngine, type Engine } from "../../../tests/engine.ts";
import { tableOf } from "../../../tests/tables.ts";
import type { Result } from "../../data/result.ts";
import type { Listing } from "../../view.ts";
import { listingOf, MOST_ROWS, readRows } from "./rows.ts";
import { CSV_ROWS, JSON_ROWS } from "./text.ts";

const table = tableOf({
  id: "int32 id",
  'odd "name"': "string",
  score: "float32",
  day: "date",
  bytes: "binary",
});
const listing = listingOf(table);
const ROWS = 120_003;

let engine: Engine;
let asked: string[] = [];
const coordinator = {
  answer: (query: unknown): Promise<Result> => {
    asked.push(String(query));
    return engine.query(String(query));
  },
};

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE data AS SELECT i::INTEGER AS id, 'n' || i AS "odd ""name""", (i / 7)::FLOAT AS score,
    DATE '2020-01-01' + (i % 3)::INTEGER AS day, 'x'::BLOB AS bytes, i % 2 = 0 AS member FROM range(${ROWS}) t(i)`);
});

test("all rows come in order, a chunk at a time, and each once", async () => {
  asked = [];
  const told: number[] = [];
  const { parts, rows } = await readRows(coordinator, listing, null, CSV_ROWS, (so) => told.push(so));
  expect(rows).toBe(ROWS);
  expect(asked).toHaveLength(3);
  expect(told).toEqual([50_000, 100_000]);
  const lines = parts.join("").split("\r\n");
  expect(lines[0]).toBe('id,"odd ""name""",score,day');
  expect(lines).toHaveLength(ROWS + 2);
  expect(lines.slice(1, -1).every((line, index) => line.startsWith(`${index},n${index},`))).toBe(true);
  expect(lines[2]).toBe(`1,n1,${Math.fround(1 / 7)},2020-01-02`);
});

test("only what passes, and only the table's own rows", async () => {
  const filter = gt(column("id"), 119_000);
  const { rows } = await readRows(
    coordinator,
    listingOf({ ...table, member: "member" }),
    filter,
    CSV_ROWS,
    () => undefined,
  );
  expect(rows).toBe(501);
});

test("a file without rows has its header", async () => {
  const { parts, rows } = await readRows(
    coordinator,
    listing,
    gt(column("id"), ROWS),
    CSV_ROWS,
    () => undefined,
  );
  expect(rows).toBe(0);
  expect(parts.join("")).toBe('id,"odd ""name""",score,day\r\n');
});

test("JSON is one list, however many windows it was read in", async () => {
  const { parts } = await readRows(
    coordinator,
    listing,
    gt(column("id"), 60_000),
    JSON_ROWS,
    () => undefined,
  );
  const rows = JSON.parse(parts.join("")) as Record<string, unknown>[];
  expect(rows).toHaveLength(ROWS - 60_001);
  expect(rows[0]).toEqual({
    id: 60_001,
    'odd "name"': "n60001",
    score: Math.fround(60_001 / 7),
    day: "2020-01-02",
  });
  const none = await readRows(coordinator, listing, gt(column("id"), ROWS), JSON_ROWS, () => undefined);
  expect(none.parts.join("")).toBe("[]\n");
});

test("rows come in the order of a listing, though they are asked for in another", async () => {
  const order = (_: unknown, { offset, limit }: { offset: number; limit: number }): Query =>
    Query.from("data")
      .select({ ":row": sql`rowid` })
      .orderby(sql`id DESC`)
      .limit(limit)
      .offset(offset);
  const rows = (filter: null, window: { offset: number; limit: number }): Query =>
    Query.from("data")
      .select({ ":row": sql`rowid`, id: column("id") })
      .where(sql`rowid IN (${order(filter, window)})`);
  const { parts } = await readRows(
    coordinator,
    { columns: table.columns.slice(0, 1), rows, order } as Listing,
    null,
    CSV_ROWS,
    () => undefined,
  );
  const ids = parts.join("").trim().split("\r\n").slice(1).map(Number);
  expect(ids).toEqual(Array.from({ length: ROWS }, (_each, index) => ROWS - 1 - index));
});

test("no more rows are asked for than a spreadsheet opens", async () => {
  const limits: number[] = [];
  const endless = {
    answer: (query: unknown): Promise<Result> => {
      const [, limit] = /LIMIT (\d+)/.exec(String(query))!;
      limits.push(Number(limit));
      return Promise.resolve({ rows: Number(limit), columns: {} });
    },
  };
  const { rows } = await readRows(endless, listingOf(tableOf({})), null, CSV_ROWS, () => undefined);
  expect(rows).toBe(MOST_ROWS);
  expect(limits.reduce((a, b) => a + b)).toBe(MOST_ROWS);
});

test("the statement quotes names and leaves out bytes", () => {
  const sql = String(listing.rows(null, { offset: 10, limit: 5 }));
  expect(sql).toContain('"odd ""name"""');
  expect(sql).not.toContain('"bytes"');
  expect(sql).toMatch(/LIMIT 5 OFFSET 10$/);
});
