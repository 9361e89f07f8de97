/**
 * What a person decided of labels, step by step, so that every step can be taken back and done again. A step may decide
 * of many samples; it says what stood there before, so going either way is the same.
 */
import type { Id } from "../selected.ts";

export const ACTIONS = ["confirm", "relabel", "delete", "unsure"] as const;
export type Action = (typeof ACTIONS)[number];

/** What was decided of one sample. `label` is the one that it shall have; null to delete it. */
export interface Decision {
  id: Id;
  action: Action;
  old: string | null;
  label: string | null;
  who: string;
  /** ISO 8601, UTC. */
  when: string;
  why: string;
  /** Place of the sample among all, 1 for the most doubtful label; null where it is not known. */
  rank: number | null;
  /** What the model said; null where it is not known. */
  prediction: string | null;
}

export interface Step {
  changes: readonly { id: Id; before: Decision | null; after: Decision | null }[];
}

export interface Journal {
  steps: readonly Step[];
  /** Steps that are done; those behind are undone. */
  place: number;
}

export const NOTHING: Journal = { steps: [], place: 0 };

export type Decisions = ReadonlyMap<Id, Decision>;

export function decisionsOf({ steps, place }: Journal): Map<Id, Decision> {
  const found = new Map<Id, Decision>();
  for (const step of steps.slice(0, place)) apply(found, step, "after");
  return found;
}

/** Changes a map of decisions by a step, forwards or backwards. */
export function apply(decisions: Map<Id, Decision>, { changes }: Step, side: "before" | "after"): void {
  for (const change of changes) {
    const decision = change[side];
    if (decision) decisions.set(change.id, decision);
    else decisions.delete(change.id);
  }
}

/** The step that takes on decisions, null for one that is withdrawn. */
export function stepOf(known: Decisions, taken: readonly (readonly [Id, Decision | null])[]): Step {
  return { changes: taken.map(([id, after]) => ({ id, before: known.get(id) ?? null, after })) };
}

/** A journal with a step more; those that were undone are gone. */
export function extended({ steps, place }: Journal, step: Step): Journal {
  return { steps: [...steps.slice(0, place), step], place: place + 1 };
}

/** What a reader does to a journal: a step more, or one taken back or done again. */
export interface Move {
  /** No other move has it, so that none is made twice. */
  name: string;
  kind: "step" | "undo" | "redo";
  step: Step;
}

export function moved(journal: Journal, { kind, step }: Move): Journal {
  if (kind === "step") return extended(journal, step);
  return { ...journal, place: journal.place + (kind === "undo" ? -1 : 1) };
}

/**
 * A move on a journal that another page has meanwhile gone on with; null where nothing is left of it. What the other
 * page decided stays: a step that is no longer the last is taken back by a step more, as far as it still stands.
 */
export function rebased(journal: Journal, { name, kind, step }: Move): Move | null {
  const decisions = decisionsOf(journal);
  if (kind === "step")
    return {
      name,
      kind,
      step: stepOf(
        decisions,
        step.changes.map(({ id, after }) => [id, after] as const),
      ),
    };
  const there = journal.steps[kind === "undo" ? journal.place - 1 : journal.place];
  if (there && isSame(takenIn(there), takenIn(step))) return { name, kind, step: there };
  const [from, to] = kind === "undo" ? (["after", "before"] as const) : (["before", "after"] as const);
  const standing = step.changes.filter((change) => isSame(decisions.get(change.id) ?? null, change[from]));
  const taken = standing.map((change) => [change.id, change[to]] as const);
  return taken.length ? { name, kind: "step", step: stepOf(decisions, taken) } : null;
}

const takenIn = ({ changes }: Step): unknown => changes.map(({ id, after }) => [id, after]);

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Whether the dataset changes by a decision. */
export function isChange({ action, old, label }: Decision): boolean {
  return action === "delete" || (action === "relabel" && label !== old);
}

export interface Progress {
  looked: number;
  changed: number;
  confirmed: number;
  deleted: number;
  unsure: number;
}

export function progressOf(decisions: Iterable<Decision>): Progress {
  const counted = { looked: 0, changed: 0, confirmed: 0, deleted: 0, unsure: 0 };
  for (const decision of decisions) {
    counted.looked++;
    if (decision.action === "delete") counted.deleted++;
    else if (decision.action === "unsure") counted.unsure++;
    else if (isChange(decision)) counted.changed++;
    else counted.confirmed++;
  }
  return counted;
}
