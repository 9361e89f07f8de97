/** Loading the page's tables: fetch every Parquet file once, build each relation as one SQL table, drop the files. */
import type { Relation } from "../page.ts";
import type { Database } from "./duckdb.ts";
import { EngineDeath } from "./engine.ts";
import { load } from "./held.ts";

/** Loads one file of the site. */
export type FetchBytes = (url: string) => Promise<Uint8Array>;

export async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await load(url);
  if (!response.ok) throw new Error(`${url} could not be loaded (${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
}

interface LoadedFile {
  name: string;
  bytes: Uint8Array;
}

/** Files so far: each has a name of its own in the engine. */
let downloads = 0;

/** Starts all downloads at once; they run while the engine starts. */
export function download(
  relations: readonly Relation[],
  fetched: FetchBytes,
): Map<string, Promise<LoadedFile>> {
  const urls = relations.flatMap((relation) => relation.tables.flatMap((table) => table.urls));
  const files = [...new Set(urls)].map((url) => {
    const name = `file-${downloads++}.parquet`;
    const loaded = fetched(url).then((bytes) => ({ name, bytes }));
    // Whoever needs the file hears of a failure; until then it is no uncaught one.
    loaded.catch(() => undefined);
    return [url, loaded] as const;
  });
  return new Map(files);
}

export async function createRelation(
  database: Database,
  relation: Relation,
  files: Map<string, Promise<LoadedFile>>,
): Promise<void> {
  const added: string[] = [];
  const sources = new Map<string, string>();
  for (const table of relation.tables) {
    const loaded = await Promise.all(table.urls.map((url) => files.get(url)!));
    await Promise.all(loaded.map((file) => database.addFile(file.name, file.bytes)));
    added.push(...loaded.map((file) => file.name));
    sources.set(table.name, `read_parquet([${loaded.map((file) => `'${file.name}'`).join(", ")}])`);
  }
  try {
    await database.query(`CREATE TABLE ${quoted(relation.name)} AS ${filled(relation.sql, sources)}`);
  } catch (error) {
    throw error instanceof EngineDeath
      ? error
      : new Error(await withAddresses((error as Error).message, files));
  }
  await Promise.all(added.map((name) => database.dropFile(name)));
}

/** What the engine says of a file, by the address that the site has it at. */
async function withAddresses(message: string, files: Map<string, Promise<LoadedFile>>): Promise<string> {
  let said = message;
  for (const [url, loaded] of files) {
    const file = await loaded.catch(() => null);
    if (file) said = said.replaceAll(file.name, url);
  }
  return said;
}

/** Quoted texts and names, which stay as they are, and places of tables. */
const PLACE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\{([^{}]+)\}/g;

/** Puts each table's source where the relation's SELECT names it: `{artifact/table}`. */
export function filled(sql: string, sources: ReadonlyMap<string, string>): string {
  return sql.replace(PLACE, (written, name?: string) => (name && sources.get(name)) || written);
}

export function quoted(name: string): string {
  return `"${name.replace(/"/g, '""')}"`;
}
