import { createSchema, createTable, Query, TableRefNode } from "@uwdata/mosaic-sql";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { openEngine, type Engine as Tested } from "../../tests/engine.ts";
import { isDeadly } from "./ask.ts";
import { PageCoordinator } from "./connector.ts";
import { Database } from "./duckdb.ts";
import { Lasting } from "./lasting.ts";
import { fromArrow, fromBytes, joined } from "./result.ts";
import type { Reply, Task } from "./worker.ts";

const TRAP = "null function or function signature mismatch";

/** Statements that stop the next engine that is asked them; one use each. */
let deadly: string[] = [];
let workers: Worker[] = [];

let database: Tested;

beforeAll(async () => {
  database = await openEngine();
});

/** A new engine has nothing in it. */
async function empty(): Promise<void> {
  await database.query("DROP SCHEMA IF EXISTS mosaic CASCADE");
  const { columns } = await database.query(`SELECT table_name AS name FROM duckdb_tables()`);
  for (const name of columns["name"]!) await database.query(`DROP TABLE "${String(name)}"`);
}

/** The real engine behind a worker's messages: it stops where the test says, and then answers nothing rightly. */
class Worker {
  isOver = false;
  readonly asked: string[] = [];
  private isDead = false;
  private readonly listeners = new Map<string, (event: object) => void>();
  private last: Promise<void> = Promise.resolve();

  constructor() {
    workers.push(this);
  }

  addEventListener = (kind: string, listener: (event: object) => void): void =>
    void this.listeners.set(kind, listener);
  terminate = (): void => void (this.isOver = true);
  /** The worker's own failure, beside any task. */
  crash = (): void => this.listeners.get("error")!({ message: "out of memory" });

  postMessage({ number, task }: { number: number; task: Task }): void {
    this.last = this.last.then(async () => {
      const reply = await this.perform(number, task);
      if (!this.isOver) this.listeners.get("message")!({ data: reply });
    });
  }

  private async perform(number: number, task: Task): Promise<Reply> {
    if (task.kind === "open") await empty();
    if (task.kind !== "ask") return { number, found: [] };
    this.asked.push(task.sql);
    const deadliest = deadly.findIndex((each) => task.sql.includes(each));
    if (deadliest >= 0) deadly.splice(deadliest, 1);
    this.isDead ||= deadliest >= 0;
    if (this.isDead) return { number, error: TRAP, isDead: true };
    try {
      return { number, found: [await database.arrow(task.sql)] };
    } catch (error) {
      return { number, error: (error as Error).message, isDead: isDeadly(error) };
    }
  }
}

/** No code at all, which compiles. */
const MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

beforeEach(() => {
  deadly = [];
  workers = [];
  vi.stubGlobal("Worker", Worker);
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(MODULE)));
});

afterEach(() => vi.unstubAllGlobals());

let clock = 0;
/** What the page was told. */
let told: string[] = [];

async function lasting(): Promise<Lasting> {
  told = [];
  const open = async (): Promise<Database> => {
    const database = await Database.open({ worker: "worker.js", wasm: "engine.wasm" });
    await database.query("CREATE TABLE rows AS SELECT i, i % 3 AS kind FROM range(30) AS t(i)");
    return database;
  };
  const engine = new Lasting(open, undefined, () => clock);
  engine.watch({ renewed: () => void told.push("renewed"), lost: (reason) => void told.push(reason) });
  await engine.start();
  return engine;
}

const SUM = `SELECT sum(i)::INTEGER AS sum FROM rows`;

async function sumOf(engine: Lasting, sql = SUM): Promise<unknown> {
  return fromBytes(joined(await engine.query(sql))).columns["sum"]![0];
}

test("what was asked when the engine stopped is answered by another one, with the same tables", async () => {
  const engine = await lasting();
  deadly = ["kind = 1"];
  const sums = [SUM, `${SUM} WHERE kind = 1`, `${SUM} WHERE kind = 2`].map((sql) => sumOf(engine, sql));
  expect(await Promise.all(sums)).toEqual([435, 145, 155]);
  expect(workers.map(({ isOver }) => isOver)).toEqual([true, false]);
  expect(told).toEqual(["renewed"]);
});

test("a question that is wrong stops nothing", async () => {
  const engine = await lasting();
  await expect(sumOf(engine, "SELECT sum(none) AS sum FROM rows")).rejects.toThrow(/none/);
  await expect(sumOf(engine, "SELECT sqrt(-i) AS sum FROM rows")).rejects.toThrow();
  expect(await sumOf(engine)).toBe(435);
  expect(workers.length).toBe(1);
});

test("a table that was made on the way is made again by who reads it, with all that it was made of", async () => {
  const engine = await lasting();
  await engine.query(`CREATE TEMP TABLE "passing 1" AS SELECT * FROM rows WHERE kind = 1`);
  await engine.query(`CREATE OR REPLACE TEMP TABLE "order of it" AS SELECT * FROM "passing 1" WHERE i > 20`);
  await engine.query(`CREATE TEMP TABLE "passing 2" AS SELECT * FROM rows`);
  deadly = ["at last"];
  expect(await sumOf(engine, `SELECT 1 AS sum, 'at last'`)).toBe(1);
  await engine.query(`DROP TABLE "passing 2"`);
  const sum = `SELECT sum(i)::INTEGER AS sum FROM "order of it"`;
  expect(await Promise.all([sumOf(engine, sum), sumOf(engine, sum)])).toEqual([75, 75]);
  const made = workers[1]!.asked.filter((sql) => sql.includes("TEMP TABLE"));
  expect(made.map((sql) => /"([^"]+)"/.exec(sql)![1])).toEqual(["passing 1", "order of it"]);
});

test("pre-aggregates of the engine that stopped are made again, and kept answers are not kept", async () => {
  const engine = await lasting();
  const coordinator = new PageCoordinator(Promise.resolve(engine));
  engine.watch({ renewed: () => coordinator.forget(), lost: () => undefined });
  const table = new TableRefNode(["mosaic", "pre_1"]);
  const kept = Query.from("rows").select({ kind: "kind" }).distinct();
  // As Mosaic's pre-aggregation does it.
  await coordinator.exec([createSchema("mosaic"), createTable(table, kept, { temp: false })]);
  const read = Query.from(table).select({ kind: "kind" }).orderby("kind");
  const kinds = async (): Promise<unknown> =>
    fromArrow((await coordinator.query(read)) as never).columns["kind"];
  deadly = ["pre_1"];
  expect(await kinds()).toEqual([0, 1, 2]);
  deadly = ["'another'"];
  await engine.query("SELECT 'another'");
  expect(await kinds()).toEqual([0, 1, 2]);
  expect(workers[2]!.asked.filter((sql) => sql.includes("pre_1")).length).toBe(2);
});

test("a question that stops two engines is put to no third one", async () => {
  const engine = await lasting();
  deadly = ["kind = 1", "kind = 1", "kind = 1"];
  const sums = [`${SUM} WHERE kind = 1`, SUM].map((sql) => sumOf(engine, sql));
  await expect(sums[0]).rejects.toThrow(TRAP);
  expect(await sums[1]).toBe(435);
  expect(workers.length).toBe(3);
});

test("an engine that stops again and again is given up, and says so once", async () => {
  const engine = await lasting();
  for (let turn = 0; turn < 2; turn++) {
    workers.at(-1)!.crash();
    expect(await sumOf(engine)).toBe(435);
  }
  clock += 61_000;
  workers.at(-1)!.crash();
  expect(await sumOf(engine)).toBe(435);
  for (let turn = 0; turn < 2; turn++) {
    workers.at(-1)!.crash();
    const asked = [sumOf(engine), sumOf(engine)];
    if (turn === 0) expect(await Promise.all(asked)).toEqual([435, 435]);
    else
      for (const each of asked) await expect(each).rejects.toThrow("3 times within a minute: out of memory");
  }
  await expect(sumOf(engine)).rejects.toThrow("out of memory");
  expect(told.filter((each) => each !== "renewed").length).toBe(1);
});

test("an engine that cannot be started again is given up with the reason", async () => {
  const engine = await lasting();
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("", { status: 404 })));
  workers[0]!.crash();
  await expect(sumOf(engine)).rejects.toThrow("engine.wasm could not be loaded (404)");
  await expect(sumOf(engine)).rejects.toThrow("404");
  expect(told.length).toBe(1);
});

test("a trap is told from a refusal by what the engine itself throws", () => {
  const trap = Uint8Array.of(
    0,
    97,
    115,
    109,
    1,
    0,
    0,
    0,
    1,
    4,
    1,
    96,
    0,
    0,
    3,
    2,
    1,
    0,
    7,
    5,
    1,
    1,
    116,
    0,
    0,
    10,
    5,
    1,
    3,
    0,
    0,
    11,
  );
  const { t } = new WebAssembly.Instance(new WebAssembly.Module(trap)).exports as { t: () => void };
  let thrown: unknown = null;
  try {
    t();
  } catch (error) {
    thrown = error;
  }
  expect([isDeadly(thrown), isDeadly(new Error("Binder Error")), isDeadly("text")]).toEqual([
    true,
    false,
    false,
  ]);
});
