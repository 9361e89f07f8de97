/** Patches of a review: written to disk, read from it, and merged with what is here. */
import type { Corrections } from "../../src/corrections/corrections.ts";
import { checkTable, fitted, refusedInWords } from "../../src/corrections/fit.ts";
import { asJson, asParquet, merge, readPatch, type Origin } from "../../src/corrections/patch.ts";
import { save } from "../../src/live/export/save.ts";
import { formatCount } from "../../src/markup.ts";
import type { Table } from "../../src/page.ts";
import { messageOf } from "../../src/problem.ts";
import { say } from "../../src/words.ts";
import type { Known } from "./known.ts";

export function exportPatch(kind: "json" | "parquet", { decisions }: Corrections, origin: Origin): string {
  if (decisions.size === 0) return say("Nothing is decided yet, so there is nothing to export.");
  const name = `${origin.table.split("/")[0]}-patch.${kind}`;
  if (kind === "json") save([asJson(decisions, origin)], "application/json", name);
  else save([asParquet(decisions, origin)], "application/vnd.apache.parquet", name);
  return say("{decisions} decisions are in {name}.", { decisions: formatCount(decisions.size), name });
}

/**
 * Takes on what a patch adds and the table bears, in one step; where it says otherwise than what is here, the reader
 * chooses. Returns what is said of it.
 */
export async function importPatch(
  file: File,
  corrections: Corrections,
  known: Known,
  table: Pick<Table, "name" | "classes">,
): Promise<string> {
  try {
    const patch = await readPatch(await file.arrayBuffer());
    checkTable(patch, { table: table.name });
    const samples = await known.byText(patch.decisions.map(({ id }) => id));
    const found = fitted(patch, samples, table.classes);
    const { fresh, same, conflicts } = merge(corrections.decisions, found.decisions);
    corrections.decide(fresh.map((decision) => [decision.id, decision] as const));
    corrections.contest(conflicts.map(({ theirs }) => theirs));
    const taken = say("{fresh} taken on, {same} the same, {conflicts} decided differently.", {
      fresh: formatCount(fresh.length),
      same: formatCount(same),
      conflicts: formatCount(conflicts.length),
    });
    return [taken, refusedInWords(found)].filter(Boolean).join(" ");
  } catch (error) {
    return say("The patch was not taken on: {message}.", { message: messageOf(error) });
  }
}
