/** Patches of a review: written to disk, read from it, and merged with what is here. */
import type { Corrections } from "../../src/corrections/corrections.ts";
import type { Decision } from "../../src/corrections/journal.ts";
import {
  asJson,
  asParquet,
  merge,
  readPatch,
  type Conflict,
  type Origin,
} from "../../src/corrections/patch.ts";
import { save } from "../../src/live/export/save.ts";
import { formatCount } from "../../src/markup.ts";
import type { Id } from "../../src/selected.ts";
import type { Item } from "./queries.ts";
import { say } from "../../src/words.ts";

export function exportPatch(kind: "json" | "parquet", { decisions }: Corrections, origin: Origin): string {
  if (decisions.size === 0) return say("Nothing is decided yet, so there is nothing to export.");
  const name = `${origin.table.split("/")[0]}-patch.${kind}`;
  if (kind === "json") save([asJson(decisions, origin)], "application/json", name);
  else save([asParquet(decisions, origin)], "application/vnd.apache.parquet", name);
  return say("{decisions} decisions are in {name}.", { decisions: formatCount(decisions.size), name });
}

export interface Imported {
  said: string;
  conflicts: readonly Conflict[];
}

/** Takes on what a patch adds, in one step; where it says otherwise than what is here, the reader chooses. */
export async function importPatch(
  file: File,
  corrections: Corrections,
  known: ReadonlyMap<Id, Item>,
): Promise<Imported> {
  try {
    const { fresh, same, conflicts } = merge(
      corrections.decisions,
      await readPatch(await file.arrayBuffer()),
    );
    corrections.decide(fresh.map((decision) => [decision.id, placed(decision, known)] as const));
    const said = say("{fresh} taken on, {same} the same, {conflicts} decided differently.", {
      fresh: formatCount(fresh.length),
      same: formatCount(same),
      conflicts: formatCount(conflicts.length),
    });
    return { said, conflicts };
  } catch (error) {
    return {
      said: say("The patch was not taken on: {message}.", { message: (error as Error).message }),
      conflicts: [],
    };
  }
}

/** A patch does not say where a sample ranks; the list does of those that it shows. */
function placed(decision: Decision, known: ReadonlyMap<Id, Item>): Decision {
  const item = known.get(decision.id);
  return item ? { ...decision, rank: item.rank ?? null, prediction: item.prediction } : decision;
}
