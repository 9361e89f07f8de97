/**
 * The only module that knows DuckDB-WASM (1.28.0, `eh`): opening it, giving it files, asking it. A newer engine is a
 * change of this file alone.
 */
import { AsyncDuckDB, VoidLogger, type AsyncDuckDBConnection } from "@duckdb/duckdb-wasm";

export interface EngineAssets {
  /** Absolute URLs; a worker resolves relative ones against itself. */
  worker: string;
  wasm: string;
}

export class Database {
  private readonly engine: AsyncDuckDB;
  private readonly connection: AsyncDuckDBConnection;
  /** One statement at a time: a connection holds a single pending result. */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(engine: AsyncDuckDB, connection: AsyncDuckDBConnection) {
    this.engine = engine;
    this.connection = connection;
  }

  static async open(assets: EngineAssets): Promise<Database> {
    const engine = new AsyncDuckDB(new VoidLogger(), new Worker(assets.worker));
    await engine.instantiate(assets.wasm);
    await engine.open({ query: { castBigIntToDouble: true } });
    return new Database(engine, await engine.connect());
  }

  /** Makes a Parquet file readable under a name. */
  async addFile(name: string, bytes: Uint8Array): Promise<void> {
    await this.engine.registerFileBuffer(name, bytes);
  }

  async dropFile(name: string): Promise<void> {
    await this.engine.dropFile(name);
  }

  /**
   * Runs one statement and gives its answer as Arrow IPC messages: the schema, then the batches. It streams, because
   * in this version the direct `query` answers a SELECT that fails at run time with no rows and no error.
   */
  query(sql: string): Promise<Uint8Array[]> {
    const answer = this.last.then(() => this.stream(sql));
    this.last = answer.catch(() => undefined);
    return answer;
  }

  private stream(sql: string): Promise<Uint8Array[]> {
    return this.connection.useUnsafe((bindings, id) => ask(bindings, id, sql));
  }
}

/** The part of the engine that answers; in a worker its functions promise, without one they return. */
export interface Answering {
  startPendingQuery(connection: number, sql: string): Pending<Uint8Array | null>;
  pollPendingQuery(connection: number): Pending<Uint8Array | null>;
  fetchQueryResults(connection: number): Pending<Uint8Array>;
}

type Pending<T> = T | Promise<T>;

/** The longest statement, in bytes: it is copied onto the engine's stack of 64 kB, and one byte too many ends the engine. */
export const LONGEST_STATEMENT = 48_000;

/** Asks one statement and reads its answer to the end; rejects with the engine's message when it fails, at any point. */
export async function ask(engine: Answering, connection: number, text: string): Promise<Uint8Array[]> {
  const sql = exact(text);
  const size = new TextEncoder().encode(sql).length;
  if (size > LONGEST_STATEMENT)
    throw new Error(`the query is too long for the database: ${size} bytes of ${LONGEST_STATEMENT}`);
  let header = await engine.startPendingQuery(connection, sql);
  while (header === null) header = await engine.pollPendingQuery(connection);
  const messages = [header];
  for (;;) {
    const batch = await engine.fetchQueryResults(connection);
    if (batch.length === 0) return messages;
    messages.push(batch);
  }
}

/**
 * Numbers with a point as doubles. This version reads them as decimals, and rounds one in ten of those with seventeen
 * digits to the wrong double: a brush's edge, or a value in a filter, would be another number than in the build.
 */
function exact(sql: string): string {
  return sql.replace(TOKEN, (token) => (/^\d+\.\d+$/.test(token) ? `${token}e0` : token));
}

/** Texts, names, and numbers with a point. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\d+\.\d+(?:[eE][-+]?\d+)?/g;

/** One buffer of all messages, as an Arrow reader takes a stream. */
export function joined(messages: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(messages.reduce((total, message) => total + message.length, 0));
  let at = 0;
  for (const message of messages) {
    bytes.set(message, at);
    at += message.length;
  }
  return bytes;
}
