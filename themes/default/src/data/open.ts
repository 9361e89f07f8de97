/** Opens the page's engine with the page's tables in it; small, so that it is part of what every page loads. */
import type { PagePayload } from "../page.ts";
import { Database } from "./duckdb.ts";
import { createRelation, download, fetchBytes } from "./relations.ts";

export type { Database };

/** The engine with the page's tables in it. Rejects when the engine or a table cannot be loaded. */
export async function open(payload: PagePayload): Promise<Database> {
  const files = download(payload.relations, fetchBytes);
  const absolute = (url: string): string => new URL(url, document.baseURI).href;
  const { worker, wasm } = payload.assets;
  const database = await Database.open({ worker: absolute(worker), wasm: absolute(wasm) });
  await Promise.all(payload.relations.map((relation) => createRelation(database, relation, files)));
  return database;
}
