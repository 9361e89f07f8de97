/** Finding the other tables of an artifact by what their columns are for: a view knows no tool. */
import type { Column, Table } from "./page.ts";
import { ProblemError } from "./problem.ts";
import type { Context } from "./view.ts";

/** The artifact that has a column of a role on the view's relation: the view's own, else the first on the page. */
export function artifactWith(context: Context, isWanted: (column: Column) => boolean): string | null {
  const { table, tables } = context;
  const own = Object.values(tables).find((each) => each.name === table.name);
  const beside = Object.values(tables).filter((each) => each.relation === table.relation && each !== own);
  const holder = [...(own ? [own] : []), ...beside].find((each) => each.columns.some(isWanted));
  return holder ? artifactOf(holder) : null;
}

/** A table of an artifact that has columns of these names; null where the page does not have it. */
export function tableWith(context: Context, artifact: string, names: readonly string[]): Table | null {
  const has = ({ columns }: Table): boolean =>
    names.every((name) => columns.some((column) => column.name === name));
  const found = Object.values(context.tables).filter((each) => artifactOf(each) === artifact && has(each));
  return found[0] ?? null;
}

/** The same, where a view cannot do without. */
export function tableBeside(
  context: Context,
  artifact: string,
  name: string,
  columns: readonly string[],
): Table {
  const found = tableWith(context, artifact, columns);
  if (found) return found;
  const what = `the table ${name} of ${artifact} is not on this page`;
  throw new ProblemError(what, `put it there: beside: ${artifact}`, "table");
}

/** Throws where the view's own table lacks a column; `lack` says what it then does not tell. */
export function checkColumns(table: Table, names: readonly string[], lack: string, hint: string): void {
  const missing = names.find((name) => !table.columns.some((column) => column.name === name));
  if (missing !== undefined)
    throw new ProblemError(
      `table ${table.name} has no column "${missing}", so it does not ${lack}`,
      hint,
      "table",
    );
}

export function artifactOf({ name }: Table): string {
  return name.split("/")[0]!;
}

/** What a column is called in its own table; the page may have had to rename it. */
export function nameOf(column: Column): string {
  return column.written ?? column.elsewhere ?? column.name;
}
