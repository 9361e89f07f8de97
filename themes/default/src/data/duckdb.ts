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

/** Statements that may be under way at once. */
const CONNECTIONS = 4;

export class Database {
  private readonly engine: AsyncDuckDB;
  /** Connections that are free; each holds a single pending result, so several let questions overlap. */
  private readonly idle: AsyncDuckDBConnection[];
  private readonly waiting: ((connection: AsyncDuckDBConnection) => void)[] = [];

  private constructor(engine: AsyncDuckDB, connections: AsyncDuckDBConnection[]) {
    this.engine = engine;
    this.idle = connections;
  }

  /** Rejects when the worker or the engine cannot be loaded, which DuckDB itself never says. */
  static async open(assets: EngineAssets): Promise<Database> {
    const worker = new Worker(assets.worker);
    const broken = new Promise<never>((_, reject) => {
      worker.addEventListener("error", (event) => {
        reject(new Error(`the database could not be started: ${event.message || assets.worker}`));
      });
    });
    try {
      return await Promise.race([Database.start(worker, assets.wasm), broken]);
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  private static async start(worker: Worker, wasm: string): Promise<Database> {
    const engine = new AsyncDuckDB(new VoidLogger(), worker);
    await engine.instantiate(wasm);
    // The worker takes its messages in turn, so that none needs to wait here for the one before.
    const opened = engine.open({ query: { castBigIntToDouble: true } });
    const connections = Array.from({ length: CONNECTIONS }, () => engine.connect());
    const [ready] = await Promise.all([Promise.all(connections), opened]);
    return new Database(engine, ready);
  }

  /** Makes a Parquet file readable under a name. */
  async addFile(name: string, bytes: Uint8Array): Promise<void> {
    await this.engine.registerFileBuffer(name, bytes);
  }

  async dropFile(name: string): Promise<void> {
    await this.engine.dropFile(name);
  }

  private async free(): Promise<AsyncDuckDBConnection> {
    return this.idle.pop() ?? new Promise((resolve) => this.waiting.push(resolve));
  }

  /**
   * Runs one statement and gives its answer as Arrow IPC messages: the schema, then the batches. It streams, because
   * in this version the direct `query` answers a SELECT that fails at run time with no rows and no error.
   */
  async query(sql: string): Promise<Uint8Array[]> {
    const connection = await this.free();
    try {
      return await connection.useUnsafe((bindings, id) => ask(bindings, id, sql));
    } finally {
      const next = this.waiting.shift();
      if (next) next(connection);
      else this.idle.push(connection);
    }
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
  // Most answers are one batch, and the empty one that ends them. Asked for at once, they take one wait for the
  // worker instead of three; while the statement still runs, the engine gives nothing for them.
  const [started, ...early] = await Promise.all([
    engine.startPendingQuery(connection, sql),
    engine.fetchQueryResults(connection),
    engine.fetchQueryResults(connection),
  ]);
  const messages = [started ?? (await header(engine, connection))];
  const fetched = started ? early : [];
  for (;;) {
    const batch = fetched.shift() ?? (await engine.fetchQueryResults(connection));
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

async function header(engine: Answering, connection: number): Promise<Uint8Array> {
  for (;;) {
    const found = await engine.pollPendingQuery(connection);
    if (found) return found;
  }
}
