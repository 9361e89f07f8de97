/** Opening DuckDB-WASM on Parquet files, with nothing of sitegen: what the peers and the bare start use. */
import { AsyncDuckDB, VoidLogger, type AsyncDuckDBConnection } from "@duckdb/duckdb-wasm";

export interface Setup {
  /** URLs relative to the page; for each table, those of its files. */
  worker: string;
  wasm: string;
  tables: string[][];
}

/** Fetches everything at once, loads each table's files, and gives the connection and the rows of all tables. */
export async function open(setup: Setup): Promise<[AsyncDuckDBConnection, number]> {
  const downloads = setup.tables.map((urls) => urls.map(download));
  const engine = new AsyncDuckDB(new VoidLogger(), new Worker(absolute(setup.worker)));
  await engine.instantiate(absolute(setup.wasm));
  await engine.open({ query: { castBigIntToDouble: true } });
  const connection = await engine.connect();
  let rows = 0;
  for (const [index, files] of downloads.entries())
    rows += await load(engine, connection, `table${index}`, files);
  return [connection, rows];
}

async function load(
  engine: AsyncDuckDB,
  connection: AsyncDuckDBConnection,
  table: string,
  files: Promise<Uint8Array>[],
): Promise<number> {
  const names: string[] = [];
  for (const bytes of files) {
    const name = `${table}-${names.length}.parquet`;
    await engine.registerFileBuffer(name, await bytes);
    names.push(`'${name}'`);
  }
  const listed = names.join(", ");
  await connection.query(`CREATE TABLE ${table} AS SELECT * FROM read_parquet([${listed}])`);
  const counted = await connection.query(`SELECT count(*)::DOUBLE AS rows FROM ${table}`);
  return Number(counted.getChildAt(0)!.get(0));
}

/** The worker would resolve a relative URL against itself. */
function absolute(url: string): string {
  return new URL(url, document.baseURI).href;
}

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  return new Uint8Array(await response.arrayBuffer());
}

export async function readSetup(): Promise<Setup> {
  const response = await fetch("setup.json");
  return (await response.json()) as Setup;
}
