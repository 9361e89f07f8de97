/** One statement asked of DuckDB-WASM, where the engine itself runs: in the page's worker, and in the tests. */

/** The part of the engine that answers. */
export interface Answering {
  startPendingQuery(connection: number, sql: string): Uint8Array | null;
  pollPendingQuery(connection: number): Uint8Array | null;
  fetchQueryResults(connection: number): Uint8Array;
}

/** The longest statement, in bytes: it is copied onto the engine's stack of 64 kB, and one byte too many ends the engine. */
export const LONGEST_STATEMENT = 48_000;

/**
 * Asks one statement and reads its answer to the end: the schema, then the batches, as Arrow IPC messages. Throws the
 * engine's message when it fails, at any point. It streams, because in this version the direct query answers a SELECT
 * that fails at run time with the rows found so far and no error.
 */
export function ask(engine: Answering, connection: number, text: string): Uint8Array[] {
  const sql = exact(text);
  return inOneGo(() =>
    answered(engine, connection, sizeOf(sql) > LONGEST_STATEMENT ? apart(engine, connection, sql) : sql),
  );
}

/**
 * Runs with a clock that stands still. This version of the engine pauses a statement after 100 ms, and loses its way when
 * it goes on in the middle of a sort of lists: a slow machine got an error, or a dead engine, where a fast one answered.
 */
function inOneGo<Found>(work: () => Found): Found {
  const own = Object.getOwnPropertyDescriptor(performance, "now");
  const started = performance.now();
  Object.defineProperty(performance, "now", { value: () => started, configurable: true });
  try {
    return work();
  } finally {
    if (own) Object.defineProperty(performance, "now", own);
    else Reflect.deleteProperty(performance, "now");
  }
}

/**
 * Whether the engine is done for: its code was left in the middle, by a trap or for want of stack, and what it holds is
 * in no known state. A statement that it refuses fails otherwise.
 */
export function isDeadly(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

function answered(engine: Answering, connection: number, sql: string): Uint8Array[] {
  const size = sizeOf(sql);
  if (size > LONGEST_STATEMENT)
    throw new Error(`the query is too long for the database: ${size} bytes of ${LONGEST_STATEMENT}`);
  const messages = [engine.startPendingQuery(connection, sql) ?? header(engine, connection)];
  for (;;) {
    const batch = engine.fetchQueryResults(connection);
    if (batch.length === 0) return messages;
    messages.push(batch);
  }
}

function header(engine: Answering, connection: number): Uint8Array {
  for (;;) {
    const found = engine.pollPendingQuery(connection);
    if (found) return found;
  }
}

/**
 * Numbers with a point as doubles. This version reads them as decimals, and rounds one in ten of those with seventeen
 * digits to the wrong double: a brush's edge, or a value in a filter, would be another number than in the build.
 */
function exact(sql: string): string {
  return sql.replace(TOKEN, (token) => (/^\d+\.\d+$/.test(token) ? `${token}e0` : token));
}

function sizeOf(sql: string): number {
  return new TextEncoder().encode(sql).length;
}

/** Texts from this length on are said to the engine before the statement that is too long with them. */
const LONG_TEXT = 100;

/** The statement with a macro in the place of every long text: the engine puts the text back before it plans. */
function apart(engine: Answering, connection: number, sql: string): string {
  const names = new Map<string, string>();
  return sql.replace(TOKEN, (token) => {
    if (!token.startsWith("'") || token.length < LONG_TEXT) return token;
    const pieces = token.slice(1, -1).replace(/''/g, "'").match(PIECE)!;
    const said = pieces.map((piece) => {
      if (!names.has(piece)) names.set(piece, define(engine, connection, names.size, piece));
      return names.get(piece)!;
    });
    return `(${said.join(" || ")})`;
  });
}

/** So many characters take at most two thirds of a statement, be they of four bytes each. */
const PIECE = /[\s\S]{1,8000}/gu;

function define(engine: Answering, connection: number, index: number, text: string): string {
  const call = `"long text ${index}"()`;
  answered(engine, connection, `CREATE OR REPLACE TEMP MACRO ${call} AS '${text.replace(/'/g, "''")}'`);
  return call;
}

/** Texts, names, and numbers with a point. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\d+\.\d+(?:[eE][-+]?\d+)?/g;
