/** Opens the page's engine with the page's tables in it; small, so that it is part of what every page loads. */
import type { PagePayload } from "../page.ts";
import { Database } from "./duckdb.ts";
import type { Engine } from "./engine.ts";
import { Native, nativeAddress } from "./native.ts";
import { createRelation, download, fetchBytes } from "./relations.ts";

export type { Engine };

/** The engine with the page's tables in it. Rejects when the engine or a table cannot be loaded. */
export async function open(payload: PagePayload): Promise<Engine> {
  const address = nativeAddress();
  return address ? new Native(address) : openHere(payload);
}

async function openHere(payload: PagePayload): Promise<Engine> {
  return payload.relations.length ? openDatabase(payload) : idle(payload);
}

/** The engine of a page without tables: texts and charts of their own rows ask nothing, and fetch none. */
function idle(payload: PagePayload): Engine {
  let opened: Promise<Engine> | null = null;
  return { query: async (sql) => (await (opened ??= openDatabase(payload))).query(sql) };
}

async function openDatabase(payload: PagePayload): Promise<Engine> {
  const files = download(payload.relations, fetchBytes);
  const absolute = (url: string): string => new URL(url, document.baseURI).href;
  const { worker, wasm } = payload.assets;
  const database = await Database.open({ worker: absolute(worker), wasm: absolute(wasm) });
  await Promise.all(payload.relations.map((relation) => createRelation(database, relation, files)));
  return database;
}
