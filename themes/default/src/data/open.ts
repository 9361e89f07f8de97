/** Opens the page's engine with the page's tables in it; small, so that it is part of what every page loads. */
import type { PagePayload, Relation } from "../page.ts";
import { Database } from "./duckdb.ts";
import type { Engine } from "./engine.ts";
import { Lasting } from "./lasting.ts";
import { Native, nativeAddress } from "./native.ts";
import { createRelation, download, fetchBytes } from "./relations.ts";

export type { Engine };

/** The engine with the page's tables in it. Rejects when the engine or a table cannot be loaded. */
export async function open(payload: PagePayload): Promise<Engine> {
  const address = nativeAddress();
  return address ? new Native(address) : openHere(payload);
}

/** A page without tables starts none until it is asked: texts and charts of their own rows ask nothing. */
async function openHere(payload: PagePayload): Promise<Engine> {
  const further: Relation[] = [];
  const load = async (database: Engine, relation: Relation): Promise<void> => {
    await fill(database as Database, [relation]);
    further.push(relation);
  };
  const engine = new Lasting(() => openDatabase(payload, further), load);
  if (payload.relations.length) await engine.start();
  return engine;
}

async function openDatabase(payload: PagePayload, further: readonly Relation[]): Promise<Engine> {
  const relations = [...payload.relations, ...further];
  const files = download(relations, fetchBytes);
  const database = await Database.open(payload.assets);
  await fill(database, relations, files);
  return database;
}

async function fill(
  database: Database,
  relations: readonly Relation[],
  files = download(relations, fetchBytes),
): Promise<void> {
  await Promise.all(relations.map((relation) => createRelation(database, relation, files)));
}
