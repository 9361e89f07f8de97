/** DuckDB-WASM as the page has it, in Node and without a worker: the same engine, asked in the same way. */
import { createRequire } from "node:module";
import type * as Blocking from "@duckdb/duckdb-wasm/blocking";
import { ask } from "../src/data/ask.ts";
import { fromBytes, joined, type Result } from "../src/data/result.ts";

const require = createRequire(import.meta.url);

/** The package types only its browser build under this name; Node's has one runtime more. */
const { createDuckDB, NODE_RUNTIME, VoidLogger } =
  require("@duckdb/duckdb-wasm/blocking") as typeof Blocking & {
    NODE_RUNTIME: Blocking.DuckDBRuntime;
  };

export interface Engine {
  query: (sql: string) => Promise<Result>;
  /** The answer as Arrow, as the connector hands it to Mosaic. */
  arrow: (sql: string) => Promise<Uint8Array>;
  addFile: (name: string, bytes: Uint8Array) => void;
}

/** An engine of its own: one that has run out of its stack is not used again. */
export async function openEngine(): Promise<Engine> {
  const module = (name: string): string => require.resolve(`@duckdb/duckdb-wasm/dist/duckdb-${name}.wasm`);
  const bundles = {
    mvp: { mainModule: module("mvp"), mainWorker: "" },
    eh: { mainModule: module("eh"), mainWorker: "" },
  };
  const database = await createDuckDB(bundles, new VoidLogger(), NODE_RUNTIME);
  await database.instantiate(() => undefined);
  database.open({ query: { castBigIntToDouble: true } });
  const connection = database.connect().useUnsafe((_bindings, id) => id);
  const arrow = async (sql: string): Promise<Uint8Array> => joined(ask(database, connection, sql));
  return {
    query: async (sql) => fromBytes(await arrow(sql)),
    arrow,
    addFile: (name, bytes) => database.registerFileBuffer(name, bytes),
  };
}
