/** What an author writes of an error matrix, and the columns that it is made of. */
import { cardColumns, type CardColumns } from "../../src/cards.ts";
import { findColumn, withRole } from "../../src/data/columns.ts";
import { checkNames, readText, readWhole } from "../../src/options.ts";
import type { Column } from "../../src/page.ts";
import { ProblemError } from "../../src/problem.ts";
import { nameOf } from "../../src/tables.ts";
import type { Context } from "../../src/view.ts";

export interface Options {
  card: CardColumns;
  label: Column;
  prediction: Column;
  confidence: Column;
  /** What a near twin of each sample has that it should not; null where nobody looked. */
  twin: Column | null;
  /** Rows and cells of a row that are drawn. */
  rows: number;
  cells: number;
}

export const MEANINGS = {
  confidence: "the column of the predictions' probabilities; the one of that role by default",
  twin: "the column that says what near twins disagree in; the one called twin by default",
  rows: "labels that are shown, those with most disagreements first; 30 by default",
  cells: "predicted classes that are shown of each label, the most frequent first; 12 by default",
};

export function parse({ table, request }: Context): Options {
  const written = request.options;
  checkNames("error-matrix", written, Object.keys(MEANINGS));
  const role = (name: string): Column => {
    const told = name in MEANINGS ? readText(written, name) : null;
    const found = told === null ? withRole(table, name) : findColumn(table, told, name);
    if (found) return found;
    throw new ProblemError(
      `table ${table.name} has no column with the role ${name}`,
      "show the samples of a tool label_errors",
      "table",
    );
  };
  const twin = readText(written, "twin");
  return {
    card: cardColumns(table, []),
    label: role("label"),
    prediction: role("prediction"),
    confidence: role("confidence"),
    twin:
      twin === null
        ? (table.columns.find((column) => nameOf(column) === "twin") ?? null)
        : findColumn(table, twin, "twin"),
    rows: readWhole(written, "rows", 30, [1, 1000]),
    cells: readWhole(written, "cells", 12, [1, 1000]),
  };
}
