/**
 * One normaliser for the results of both engines. Native DuckDB at build and DuckDB-WASM in the page both answer
 * in Arrow; whatever they call their types, a view sees numbers, strings, booleans, lists and null.
 */
import { tableFromIPC, type ExtractionOptions, type Table as ArrowTable } from "@uwdata/flechette";

/** A query's answer by column; every column has `rows` values. */
export interface Result {
  rows: number;
  columns: Record<string, readonly unknown[]>;
}

/** Dates as milliseconds since 1970 UTC, 64-bit integers and decimals as numbers. */
export const EXTRACTION: ExtractionOptions = {
  useDate: false,
  useDecimalInt: false,
  useBigInt: false,
  useMap: false,
  useProxy: false,
};

/** One value as both engines give it: typed arrays become lists, big integers numbers. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value === undefined) return null;
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, plain);
  if (Array.isArray(value)) return value.map(plain);
  return value;
}

export function fromArrow(table: ArrowTable): Result {
  const columns: Record<string, readonly unknown[]> = {};
  for (const name of table.names) {
    columns[String(name)] = Array.from(table.getChild(name).toArray() as ArrayLike<unknown>, plain);
  }
  return { rows: table.numRows, columns };
}

export function fromBytes(bytes: Uint8Array): Result {
  return fromArrow(tableFromIPC(bytes, EXTRACTION));
}

/** The column of that name; a missing one is a bug of the view that asks. */
export function column(result: Result, name: string): readonly unknown[] {
  const values = result.columns[name];
  if (!values) throw new Error(`the result has no column "${name}"`);
  return values;
}

/** The first row's number, or NaN where it is null or there is no row. */
export function scalar(result: Result, name: string): number {
  const value = column(result, name)[0];
  return typeof value === "number" ? value : Number.NaN;
}

/** Rows as objects, as Vega takes them. */
export function objects(result: Result): Record<string, unknown>[] {
  const entries = Object.entries(result.columns);
  return Array.from({ length: result.rows }, (_, row) =>
    Object.fromEntries(entries.map(([name, values]) => [name, values[row]])),
  );
}

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
