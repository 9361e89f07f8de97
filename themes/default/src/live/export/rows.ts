/** All rows of a view's table that pass, asked of the engine a chunk at a time, as the parts of a file. */
import { column as columnRef, Query } from "@uwdata/mosaic-sql";
import { kindOf } from "../../data/columns.ts";
import type { PageCoordinator } from "../../data/connector.ts";
import { rowsOf } from "../../data/rows.ts";
import { objects } from "../../data/result.ts";
import type { Column, Table } from "../../page.ts";
import type { Filter, Listing, Window } from "../../view.ts";
import type { FileColumn, FileRow, RowFormat } from "./text.ts";

/** A spreadsheet opens so many below a header; whoever wants more takes the Parquet. */
export const MOST_ROWS = 1_048_575;

const CHUNK = 50_000;

/** The name of a column with its unit. */
export function titleWithUnit({ name, unit }: Column): string {
  return unit ? `${name} (${unit})` : name;
}

/** The columns that text can hold: all but bytes. */
export function columnsOf(columns: readonly Column[]): FileColumn[] {
  return columns
    .filter((column) => kindOf(column) !== "binary")
    .map((column) => ({ title: titleWithUnit(column), name: column.name, column }));
}

/** All rows of a table. The engine keeps the order of its table, so windows neither overlap nor leave a hole. */
export function listingOf(table: Table): Listing {
  const named = columnsOf(table.columns).map(({ name }) => [name, columnRef(name)]);
  return {
    columns: table.columns,
    rows: (filter, { offset, limit }) =>
      rowsOf(table, filter).select(Object.fromEntries(named)).limit(limit).offset(offset),
  };
}

export interface Rows {
  parts: string[];
  rows: number;
}

/** The parts of a file of some format; `tell` hears how many rows there are so far. */
export async function readRows(
  coordinator: Pick<PageCoordinator, "answer">,
  listing: Listing,
  filter: Filter,
  format: RowFormat,
  tell: (rows: number) => void,
): Promise<Rows> {
  const columns = columnsOf(listing.columns);
  const parts = [format.head(columns)];
  let rows = 0;
  while (rows < MOST_ROWS) {
    const limit = Math.min(CHUNK, MOST_ROWS - rows);
    const found = await readWindow(coordinator, listing, filter, { offset: rows, limit });
    if (found.length) parts.push(format.lines(columns, found, rows === 0));
    rows += found.length;
    if (found.length < limit) break;
    tell(rows);
  }
  parts.push(format.foot(rows));
  return { parts: [format.mark(parts), ...parts], rows };
}

async function readWindow(
  coordinator: Pick<PageCoordinator, "answer">,
  { rows, order }: Listing,
  filter: Filter,
  window: Window,
): Promise<FileRow[]> {
  const ask = async (query: Query): Promise<FileRow[]> => {
    return objects(await coordinator.answer(query, { cache: false }));
  };
  const found = await ask(rows(filter, window));
  if (!order) return found;
  const byNumber = new Map(found.map((row) => [row[":row"], row]));
  return (await ask(order(filter, window))).map((each) => byNumber.get(each[":row"])!);
}
