import { MosaicClient, Selection, type SelectionClause } from "@uwdata/mosaic-core";
import {
  column,
  count,
  createSchema,
  createTable,
  Query,
  TableRefNode,
  type FilterExpr,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import { beforeEach, expect, test } from "vitest";
import { intervalClause, type PixelScale } from "../vega/clause.ts";
import { PageCoordinator } from "./connector.ts";
import type { Engine } from "./engine.ts";

/** What the engine was asked, in order; it answers when the test says so. */
let asked: string[] = [];
let answers: ((problem?: string) => void)[] = [];

beforeEach(() => {
  asked = [];
  answers = [];
});

async function coordinatorOf(engine: Partial<Engine>): Promise<PageCoordinator> {
  const query = (sql: string): Promise<Uint8Array[]> => {
    asked.push(sql);
    return new Promise((resolve, reject) =>
      answers.push((problem) => (problem === undefined ? resolve([]) : reject(new Error(problem)))),
    );
  };
  const coordinator = new PageCoordinator(Promise.resolve({ query, ...engine }));
  await Promise.resolve();
  return coordinator;
}

const OWN = { isOwn: true, isOrdered: true };

/** What makes a table of pre-aggregates, as Mosaic writes it. */
function aggregates(name: string): string[] {
  const table = createTable(new TableRefNode(["mosaic", name]), Query.from("data").select("a"), {
    temp: false,
  });
  return [String(createSchema("mosaic")), String(table)];
}

test("tables of pre-aggregates are made one behind the other, and nothing waits for them", async () => {
  const coordinator = await coordinatorOf(OWN);
  void coordinator.exec(aggregates("one"));
  void coordinator.exec(aggregates("two"));
  coordinator.query("SELECT 1").catch(() => undefined);
  await expect.poll(() => asked).toHaveLength(4);
  expect(asked[0]).toContain("CREATE SCHEMA");
  expect(asked[1]).toContain('"one"');
  expect(asked[2]).toContain('"two"');
  expect(asked[3]).toBe("SELECT 1");
});

test("who made one hears when it could not be made", async () => {
  const coordinator = await coordinatorOf(OWN);
  const made = coordinator.exec(aggregates("one"));
  answers[0]!();
  answers[1]!("out of memory");
  await expect(made).rejects.toThrow("out of memory");
});

test("an engine that may take statements out of order is asked one after the other", async () => {
  const coordinator = await coordinatorOf({});
  void coordinator.exec(aggregates("one"));
  coordinator.query("SELECT 1").catch(() => undefined);
  await expect.poll(() => asked).toHaveLength(1);
  answers[0]!();
  await expect.poll(() => asked).toHaveLength(2);
  expect(asked[1]).toContain('"one"');
  answers[1]!();
  await expect.poll(() => asked).toHaveLength(3);
  expect(asked[2]).toBe("SELECT 1");
});

test("the oldest pre-aggregates go when there are many, and an engine of several readers keeps all", async () => {
  const coordinator = await coordinatorOf(OWN);
  for (let index = 0; index < 202; index++) void coordinator.exec(aggregates(`cube ${index}`));
  const dropped = asked.filter((sql) => sql.startsWith("DROP"));
  expect(dropped).toEqual([0, 1].map((index) => `DROP TABLE IF EXISTS "mosaic"."cube ${index}"`));
  asked = [];
  const shared = await coordinatorOf({ isOrdered: true });
  for (let index = 0; index < 202; index++) void shared.exec(aggregates(`cube ${index}`));
  expect(asked.filter((sql) => sql.startsWith("DROP"))).toEqual([]);
});

test("a range that says its ends exactly is not answered from what was made for a brush by the pixel", async () => {
  const coordinator = await coordinatorOf(OWN);
  const selection = Selection.crossfilter();
  const source = {};
  const client = new (class extends MosaicClient {
    override query(filter?: FilterExpr): SelectQuery {
      return Query.from("data")
        .select({ n: count() })
        .where(filter ?? []);
    }
  })(selection);
  const clause = (scales: readonly PixelScale[] | null): SelectionClause =>
    intervalClause([column("a")], [{ low: 0.9, high: 0.95, inside: [0.9, 0.95] }], scales, {
      source,
      clients: new Set(),
    });
  const scale = Object.assign((value: number) => value * 100, {
    ...{
      type: "linear",
      domain: () => [0, 1],
      range: () => [0, 100],
      invert: (pixel: number) => pixel / 100,
    },
  }) as unknown as PixelScale;
  const { preaggregator } = coordinator;
  expect(preaggregator.request(client, selection, clause([scale]))).not.toBeNull();
  expect(preaggregator.request(client, selection, clause(null))).toBeNull();
  expect(preaggregator.request(client, selection, clause([scale]))).not.toBeNull();
});
