/**
 * Whether another's decisions fit the samples of the page, by the rules that `sitegen labels apply` has: what does not
 * fit is not taken on, and said.
 */
import { formatCount } from "../markup.ts";
import type { Id } from "../selected.ts";
import { say, sayCount } from "../words.ts";
import type { Decision } from "./journal.ts";
import { PatchError, type Origin, type Patch } from "./patch.ts";

/** What the table says of a sample that a patch decides of. */
export interface Sample {
  id: Id;
  label: string | null;
  prediction: string | null;
  rank: number | null;
}

const FAULTS = ["twice", "unknown", "old", "class"] as const;
type Fault = (typeof FAULTS)[number];

export interface Fitting {
  /** Those that fit, with the table's own id, rank and prediction. */
  decisions: readonly Decision[];
  /** Ids of those that do not, by what is wrong with them. */
  refused: ReadonlyMap<Fault, readonly Id[]>;
}

/** A patch of another table decides of none of the samples, whatever their ids. Throws `PatchError`. */
export function checkTable({ table }: Patch, own: Origin): void {
  if (table === own.table) return;
  throw new PatchError(
    table === ""
      ? say("it does not say of which table it is, and this page reviews {own}", { own: own.table })
      : say("it is of the table {table}, and this page reviews {own}", { table, own: own.table }),
  );
}

/** Decisions that fit the samples, which are found by their ids as text, and those that do not. */
export function fitted(
  { decisions }: Patch,
  samples: ReadonlyMap<string, Sample>,
  classes: readonly string[],
): Fitting {
  const times = new Map<string, number>();
  for (const { id } of decisions) times.set(String(id), (times.get(String(id)) ?? 0) + 1);
  const fit: Decision[] = [];
  const refused = new Map<Fault, Id[]>();
  for (const decision of decisions) {
    const sample = samples.get(String(decision.id));
    // Which of two decisions of one sample holds, nobody can say.
    const fault = times.get(String(decision.id))! > 1 ? "twice" : faultOf(decision, sample, classes);
    if (fault)
      refused
        .set(fault, refused.get(fault) ?? [])
        .get(fault)!
        .push(decision.id);
    else fit.push({ ...decision, id: sample!.id, rank: sample!.rank, prediction: sample!.prediction });
  }
  return { decisions: fit, refused };
}

function faultOf(
  { action, old, label }: Decision,
  sample: Sample | undefined,
  classes: readonly string[],
): Fault | null {
  if (!sample) return "unknown";
  if (old !== sample.label) return "old";
  return action === "relabel" && (label === null || !classes.includes(label)) ? "class" : null;
}

/** How many were not taken on, and why; "" where all were. */
export function refusedInWords({ refused }: Fitting): string {
  const count = [...refused.values()].reduce((sum, { length }) => sum + length, 0);
  if (count === 0) return "";
  const present = FAULTS.filter((fault) => refused.has(fault));
  const reasons = present.map((fault) => faultInWords(fault, named(refused.get(fault)!))).join("; ");
  const values = { n: formatCount(count), reasons };
  return sayCount(count, "{n} was not taken on: {reasons}.", "{n} were not taken on: {reasons}.", values);
}

function faultInWords(fault: Fault, ids: string): string {
  if (fault === "twice") return say("the patch decides more than once of {ids}", { ids });
  if (fault === "unknown") return say("the table does not have {ids}", { ids });
  if (fault === "old") return say("the patch found another label at {ids}", { ids });
  return say("the new label is no class at {ids}", { ids });
}

/** Ids that are named; of more only the number is said. */
const NAMED = 3;

function named(ids: readonly Id[]): string {
  const distinct = [...new Set(ids.map(String))];
  const first = distinct.slice(0, NAMED).map((id) => say("“{id}”", { id }));
  const more = distinct.length - first.length;
  const said = first.join(", ");
  return more ? say("{ids} and {n} more", { ids: said, n: formatCount(more) }) : said;
}
