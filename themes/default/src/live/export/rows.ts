/** All rows of a view's table that pass, asked of the engine a chunk at a time, as the parts of a CSV file. */
import type { Coordinator } from "@uwdata/mosaic-core";
import type { Table as ArrowTable } from "@uwdata/flechette";
import { column as columnRef, Query } from "@uwdata/mosaic-sql";
import { kindOf } from "../../data/columns.ts";
import { rowsOf } from "../../data/rows.ts";
import { fromArrow, objects } from "../../data/result.ts";
import type { Column, Table } from "../../page.ts";
import type { Filter } from "../../view.ts";
import { csvHeader, csvLines, markOf, type FileColumn } from "./text.ts";

/** A spreadsheet opens so many below a header; whoever wants more takes the Parquet. */
export const MOST_ROWS = 1_048_575;

const CHUNK = 50_000;

/** The name of a column with its unit. */
export function titleWithUnit({ name, unit }: Column): string {
  return unit ? `${name} (${unit})` : name;
}

/** The columns that text can hold: all but bytes. */
export function columnsOf(table: Table): FileColumn[] {
  return table.columns
    .filter((column) => kindOf(column) !== "binary")
    .map((column) => ({ title: titleWithUnit(column), name: column.name, column }));
}

/** The statement of one chunk. The engine keeps the order of its table, so chunks neither overlap nor leave a hole. */
export function chunkQuery(table: Table, filter: Filter, offset: number, limit: number): Query {
  const columns = columnsOf(table).map(({ name }) => [name, columnRef(name)]);
  return rowsOf(table, filter).select(Object.fromEntries(columns)).limit(limit).offset(offset);
}

export interface Rows {
  parts: string[];
  rows: number;
}

/** The file's parts; `tell` hears how many rows there are so far. */
export async function readRows(
  coordinator: Coordinator,
  table: Table,
  filter: Filter,
  tell: (rows: number) => void,
): Promise<Rows> {
  const columns = columnsOf(table);
  const parts = [csvHeader(columns)];
  let rows = 0;
  while (rows < MOST_ROWS) {
    const limit = Math.min(CHUNK, MOST_ROWS - rows);
    const answer = await coordinator.query(chunkQuery(table, filter, rows, limit), { cache: false });
    const found = fromArrow(answer as unknown as ArrowTable);
    parts.push(csvLines(columns, objects(found)));
    rows += found.rows;
    if (found.rows < limit) break;
    tell(rows);
  }
  return { parts: [markOf(parts), ...parts], rows };
}
