/** Opens the page's engine with the page's tables in it; small, so that it is part of what every page loads. */
import type { PagePayload, Relation } from "../page.ts";
import { Database } from "./duckdb.ts";
import { EngineDeath, type Engine } from "./engine.ts";
import { Lasting } from "./lasting.ts";
import { Native, nativeAddress } from "./native.ts";
import { createRelation, download, fetchBytes } from "./relations.ts";

export type { Engine };

/** The engine with the page's tables in it. Rejects when the engine, or every table, cannot be loaded. */
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
  const missing = new Map<string, string>();
  const openDatabase = async (): Promise<Engine> => {
    const relations = [...payload.relations, ...further].filter(({ name }) => !missing.has(name));
    const files = download(relations, fetchBytes);
    const database = await Database.open(payload.assets);
    await (engine.isOpened
      ? fill(database, relations, files)
      : fillSome(database, relations, files, missing));
    return database;
  };
  const engine = new Lasting(openDatabase, load, undefined, missing);
  if (payload.relations.length) await engine.start();
  return engine;
}

async function fill(
  database: Database,
  relations: readonly Relation[],
  files = download(relations, fetchBytes),
): Promise<void> {
  await Promise.all(relations.map((relation) => createRelation(database, relation, files)));
}

/** Fills what can be filled, and notes the reasons of the rest: a page goes on without a table. Rejects when nothing is there. */
async function fillSome(
  database: Database,
  relations: readonly Relation[],
  files: ReturnType<typeof download>,
  missing: Map<string, string>,
): Promise<void> {
  const reasons: Error[] = [];
  for (const [index, outcome] of (
    await Promise.allSettled(relations.map((relation) => createRelation(database, relation, files)))
  ).entries()) {
    if (outcome.status === "fulfilled") continue;
    const reason = outcome.reason as Error;
    if (reason instanceof EngineDeath) throw reason;
    reasons.push(reason);
    missing.set(relations[index]!.name, reason.message);
  }
  if (reasons.length && reasons.length === relations.length) throw reasons[0]!;
}
