/** Asks of samples by their ids, as many questions as the length of their ids takes. */
import type { Query } from "@uwdata/mosaic-sql";
import { objects } from "../data/result.ts";
import { fitting, type Id } from "../selected.ts";
import type { Page } from "./page.ts";

export async function rowsAmong(
  page: Pick<Page, "coordinator">,
  ids: readonly Id[],
  query: (some: readonly Id[]) => Query,
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (let at = 0; at < ids.length;) {
    const some = fitting(ids.slice(at));
    // One that is too long for a question stands for no sample that could be asked of.
    if (some.length) rows.push(...objects(await page.coordinator.answer(query(some))));
    at += Math.max(1, some.length);
  }
  return rows;
}
