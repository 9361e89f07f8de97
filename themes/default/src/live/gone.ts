/** What a link selects that the page's data do not have any more: said with its number, and by name where it is little. */
import { column as columnRef } from "@uwdata/mosaic-sql";
import { kindOf } from "../data/columns.ts";
import { column as valuesOf } from "../data/result.ts";
import { isAmong, rowsOf } from "../data/rows.ts";
import { formatCell, formatCount } from "../markup.ts";
import type { Column, Table, ViewRequest } from "../page.ts";
import { MOST_SELECTED } from "../selected.ts";
import { say } from "../words.ts";
import type { Page } from "./page.ts";
import { findView } from "./registry.ts";

const MOST_NAMED = 3;

/** A sentence for each view and column whose selected values are not all there. */
export async function goneIn(page: Page): Promise<string[]> {
  const found = await Promise.all(page.payload.views.map((request) => goneOf(page, request)));
  return [...new Set(found.flat())];
}

async function goneOf(page: Page, request: ViewRequest): Promise<string[]> {
  const state = page.state.views[request.id];
  const view = findView(request.view);
  if (!state || !view?.selected) return [];
  const context = page.context(request);
  const { table } = context;
  const asked = view
    .selected(view.parse(context), state, context)
    .flatMap(({ column: name, values = [] }) => {
      const column = table.columns.find((each) => each.name === name);
      const fitting = column ? values.filter((value) => isOf(column, value)) : [];
      return column && fitting.length ? [{ column, values: fitting.slice(0, MOST_SELECTED) }] : [];
    });
  const said = await Promise.all(
    asked.map(async ({ column, values }) => {
      const gone = await missing(page, table, column, values);
      return gone.length ? [inWords(column, gone, values.length)] : [];
    }),
  );
  return said.flat();
}

/** The database stops at a text among numbers. */
function isOf(column: Column, value: unknown): boolean {
  const kind = kindOf(column);
  if (kind === "text") return typeof value === "string";
  return kind === "boolean" ? typeof value === "boolean" : kind === "number" && Number.isFinite(value);
}

async function missing(
  page: Page,
  table: Table,
  column: Column,
  values: readonly unknown[],
): Promise<unknown[]> {
  const query = rowsOf(table, isAmong(column.name, values))
    .select({ value: columnRef(column.name) })
    .distinct();
  const answer = await page.coordinator.answer(query, { cache: false });
  const there = new Set(valuesOf(answer, "value"));
  return values.filter((value) => !there.has(value));
}

function inWords(column: Column, gone: readonly unknown[], of: number): string {
  const n = formatCount(gone.length);
  const total = formatCount(of);
  const named = gone
    .slice(0, MOST_NAMED)
    .map((value) => formatCell(typeof value === "number" ? String(value) : value, 24));
  const names = named.join(", ") + (gone.length > MOST_NAMED ? ", …" : "");
  if (column.role === "id")
    return of === 1
      ? say("The selected sample is no longer there: {names}.", { names })
      : say("No longer there, {n} of the {total} selected samples: {names}.", { n, total, names });
  return say("No longer there, {n} of the {total} selected values of {column}: {names}.", {
    ...{ n, total, names },
    column: column.name,
  });
}
