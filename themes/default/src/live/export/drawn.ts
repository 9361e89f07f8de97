/** The columns of what a view draws, as a file writes them. */
import { kindOf, labelOf } from "../../data/columns.ts";
import type { Table } from "../../page.ts";
import type { DataTable } from "../../view.ts";
import { titleWithUnit } from "./rows.ts";
import type { FileColumn } from "./text.ts";

/** A column of times that a chart made. */
const TIME = { type: "timestamp", role: null, unit: null, description: "", nullable: true };

/** Titles with units; a column that shows one of the table's as it is has that one's type. */
export function drawnColumns(columns: DataTable["columns"], table: Table): FileColumn[] {
  return columns.map(({ name, title, isTime }) => {
    const own = table.columns.find((each) => each.name === title || labelOf(each) === title) ?? null;
    const column = isTime && !(own && kindOf(own) === "time") ? { ...TIME, name } : own;
    return { name, title: own?.name === title ? titleWithUnit(own) : title, column };
  });
}
