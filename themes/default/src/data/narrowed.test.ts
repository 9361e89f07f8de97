import { and, column, count, gt, literal, Query, sql, type FilterExpr } from "@uwdata/mosaic-sql";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { openEngine, type Engine as Tested } from "../../tests/engine.ts";
import type { Engine } from "./engine.ts";
import { Narrowed } from "./narrowed.ts";
import { fromBytes, joined, type Result } from "./result.ts";

const ROWS = 30_000;
const RELATION = { name: "a b", rows: ROWS };

let database: Tested;
let engine: Engine;
/** What the engine was asked. */
let asked: string[] = [];

beforeAll(async () => {
  database = await openEngine();
  const columns = `i AS "id", 'kind ' || i % 10 AS "kind", (i * 7919 % 1000) / 1000 AS "score", i AS "unused"`;
  await database.query(`CREATE TABLE "a b" AS SELECT ${columns} FROM range(${ROWS}) AS t(i)`);
});

beforeEach(() => {
  asked = [];
  const query = async (text: string): Promise<Uint8Array[]> => {
    asked.push(text);
    return [await database.arrow(text)];
  };
  engine = { isOwn: true, query };
});

const isKind = (kind: string): FilterExpr => [sql`(${column("kind")} = ${literal(kind)})`];
const isAbove = (score: number): FilterExpr => [gt(column("score"), literal(score))];

/** Queries as views ask them. */
function queries(filter: FilterExpr): Query[] {
  const rows = (): ReturnType<typeof Query.from> => Query.from("a b").where(filter);
  const n = (): ReturnType<typeof sql> => sql`CAST(${count()} AS INTEGER)`;
  return [
    rows().select({ n: n() }),
    rows()
      .select({ kind: column("kind"), n: n() })
      .groupby("kind")
      .orderby("kind"),
    rows()
      .select({ id: column("id") })
      .where(sql`${column("score")} < 0.9`)
      .limit(7),
    Query.from({ best: rows().select("*").orderby("score", "id").limit(50) }).select({ sum: sql`sum("id")` }),
    Query.from("a b")
      .select({ n: n(), passing: sql`(${rows().select({ n: n() })})` })
      .where(sql`${column("score")} < 0.1`),
    Query.from("a b")
      .select("id")
      .where(
        sql`rowid IN (${rows()
          .select({ row: sql`rowid` })
          .limit(5)})`,
      )
      .orderby("id"),
    Query.from("a b")
      .where(and(filter as never, sql`TRUE`))
      .select({ n: n() }),
  ];
}

async function answers(narrowed: Narrowed, filter: FilterExpr, relation = RELATION): Promise<Result[]> {
  const all = queries(filter);
  all.forEach((query) => narrowed.offer(query, filter, relation));
  const found = await Promise.all(all.map((query) => narrowed.ask(engine, String(query))));
  return found.map((messages) => fromBytes(joined(messages)));
}

const whole = (filter: FilterExpr): Promise<Result[]> =>
  Promise.all(queries(filter).map((query) => database.query(String(query))));

const made = (): string[] => asked.filter((text) => text.startsWith("CREATE"));

test("views of one filter are answered from one copy of the rows that pass, as from all rows", async () => {
  const narrowed = new Narrowed();
  for (const filter of [isKind("kind 3"), [...(isKind("kind 4") as []), ...(isAbove(0.5) as [])]]) {
    asked = [];
    expect(await answers(narrowed, filter)).toEqual(await whole(filter));
    expect(made()).toHaveLength(1);
    expect(asked.filter((text) => text.includes('FROM "passing '))).toHaveLength(5);
  }
});

test("the copy holds the columns that are asked for, all where a query takes all", async () => {
  await answers(new Narrowed(), isKind("kind 3"));
  expect(made()[0]).toContain('SELECT "id", "kind", "score", "unused" FROM');
  const narrowed = new Narrowed();
  const filter = isKind("kind 3");
  const all = queries(filter).filter((query) => !/SELECT \*/.test(String(query)));
  all.forEach((query) => narrowed.offer(query, filter, RELATION));
  asked = [];
  await narrowed.ask(engine, String(all[0]));
  expect(made()[0]).toContain('SELECT "id", "kind", "score" FROM');
});

test("where many rows pass no copy is read, and none is kept", async () => {
  expect(await answers(new Narrowed(), isAbove(0.2))).toEqual(await whole(isAbove(0.2)));
  expect(asked.filter((text) => text.includes('FROM "passing '))).toEqual([]);
  expect(asked.filter((text) => text.startsWith("DROP"))).toHaveLength(1);
});

test("only of very many rows those that pass are counted before they are copied", async () => {
  const narrowed = new Narrowed();
  const isCount = (text: string): boolean =>
    text.startsWith('SELECT (count(*))::INTEGER AS "rows" FROM "a b"');
  await answers(narrowed, isKind("kind 3"));
  expect(asked.filter(isCount)).toEqual([]);
  const filter = isKind("kind 4");
  expect(await answers(narrowed, filter, { name: "a b", rows: 1_000_000 })).toEqual(await whole(filter));
  expect(asked.filter(isCount)).toHaveLength(1);
  expect(made()).toHaveLength(2);
});

test("where few rows are asked of, or few queries ask, nothing is copied", async () => {
  const narrowed = new Narrowed();
  await answers(narrowed, isKind("kind 5"), { name: "a b", rows: 1000 });
  const [alone] = queries(isKind("kind 6"));
  narrowed.offer(alone!, isKind("kind 6"), RELATION);
  await narrowed.ask(engine, String(alone));
  expect(made()).toEqual([]);
});

test("an engine that others ask, too, is asked as it was written", async () => {
  engine = { query: engine.query };
  await answers(new Narrowed(), isKind("kind 3"));
  expect(asked.sort()).toEqual(queries(isKind("kind 3")).map(String).sort());
});

test("copies of filters that are over are dropped", async () => {
  const narrowed = new Narrowed();
  for (const kind of ["kind 0", "kind 1", "kind 2", "kind 3"]) await answers(narrowed, isKind(kind));
  await expect.poll(() => asked.filter((text) => text.startsWith("DROP"))).toHaveLength(2);
});

test("a filter that follows at once takes nothing from the one before", async () => {
  const narrowed = new Narrowed();
  const filters = Array.from({ length: 5 }, (_, at) => isKind(`kind ${at}`));
  const found = await Promise.all(filters.map((filter) => answers(narrowed, filter)));
  expect(found).toEqual(await Promise.all(filters.map(whole)));
});

test("a query that fails says why by the names that its view knows", async () => {
  const filter = isKind("kind 3");
  const broken = Query.from("a b")
    .where(filter)
    .select({ x: sql`error('no ' || "kind")` });
  const narrowed = new Narrowed();
  narrowed.offer(broken, filter, RELATION);
  queries(filter).forEach((query) => narrowed.offer(query, filter, RELATION));
  await expect(narrowed.ask(engine, String(broken))).rejects.toThrow("no kind 3");
  expect(asked.at(-1)).toBe(String(broken));
});
