/** What duplicates do to an evaluation: samples of one split that are repeated in another, and accuracy without them. */
import { wilson } from "../../src/shares.ts";
import type { Group, Member } from "./groups.ts";
import { say } from "../../src/words.ts";

export const WAYS = ["exact", "near", "any"] as const;
/** By an exact duplicate; by a near one and no exact one; by either. */
export type Way = (typeof WAYS)[number];

/** One split, by the numbers of all its samples. */
export interface Split {
  split: string;
  rows: number;
  /** Samples with a label and a prediction, and those where these are the same. */
  judged: number;
  correct: number;
}

export interface Cell {
  split: string;
  other: string;
  rows: number;
  /** Samples of `split` that have a duplicate in `other`. */
  repeated: readonly Member[];
}

export interface Accuracy {
  split: string;
  /** Which samples of it. */
  samples: string;
  rows: number;
  correct: number;
  low: number | null;
  high: number | null;
}

/** Splits that each sample is repeated in. */
type Repeats = ReadonlyMap<Member, ReadonlySet<string>>;

export interface Audit {
  splits: readonly Split[];
  matrix: Readonly<Record<Way, readonly Cell[]>>;
  accuracies: readonly Accuracy[];
}

/** The audit of the exact groups and the near ones of samples in splits. */
export function auditOf(splits: readonly Split[], exact: readonly Group[], near: readonly Group[]): Audit {
  const [same, alike] = [repeatsOf(exact), repeatsOf(near)];
  const members = [...new Set([...same.keys(), ...alike.keys()])];
  const isRepeated: Readonly<Record<Way, (member: Member, other: string) => boolean>> = {
    exact: (member, other) => same.get(member)?.has(other) ?? false,
    near: (member, other) => !isRepeated.exact(member, other) && (alike.get(member)?.has(other) ?? false),
    any: (member, other) => isRepeated.exact(member, other) || (alike.get(member)?.has(other) ?? false),
  };
  const cells = (way: Way): Cell[] =>
    splits.flatMap(({ split, rows }) =>
      splits.map(({ split: other }) => ({
        split,
        other,
        rows,
        repeated: members.filter((member) => member.split === split && isRepeated[way](member, other)),
      })),
    );
  const matrix = { exact: cells("exact"), near: cells("near"), any: cells("any") };
  return { splits, matrix, accuracies: accuraciesOf(splits, matrix) };
}

function repeatsOf(groups: readonly Group[]): Repeats {
  const found = new Map<Member, Set<string>>();
  for (const { members } of groups) {
    const counts = new Map<string, number>();
    for (const { split } of members) if (split !== null) counts.set(split, (counts.get(split) ?? 0) + 1);
    for (const member of members) {
      if (member.split === null) continue;
      const others = [...counts].filter(([split, count]) => count > (split === member.split ? 1 : 0));
      if (others.length) found.set(member, new Set(others.map(([split]) => split)));
    }
  }
  return found;
}

const TRAINING = ["train", "training"];

/** Whether a model learns from a split, by its name. */
export function isLearned(split: string): boolean {
  return TRAINING.includes(split.toLowerCase());
}

/** Of each split that no model learns from. Where no split is called so, a duplicate in any other split counts. */
function accuraciesOf(splits: readonly Split[], matrix: Audit["matrix"]): Accuracy[] {
  const isKnown = splits.some(({ split }) => isLearned(split));
  const leaks = (of: string, way: Way): Set<Member> =>
    new Set(
      matrix[way]
        .filter(({ split, other }) => split === of && (isKnown ? isLearned(other) : other !== of))
        .flatMap(({ repeated }) => repeated),
    );
  return splits
    .filter(({ split, judged }) => !isLearned(split) && judged > 0)
    .flatMap((split) => {
      const [exact, any] = [leaks(split.split, "exact"), leaks(split.split, "any")];
      const repeated = judgedOf(any);
      return [
        accuracy(split, say("all"), split),
        accuracy(split, say("without exact"), without(split, judgedOf(exact))),
        accuracy(split, say("without exact and near"), without(split, repeated)),
        accuracy(split, say("repeated only"), repeated),
      ];
    });
}

type Judged = Pick<Split, "judged" | "correct">;

function judgedOf(members: ReadonlySet<Member>): Judged {
  const isKnown = (value: unknown): boolean => value !== null && value !== undefined;
  const judged = [...members].filter(({ label, prediction }) => isKnown(label) && isKnown(prediction));
  const correct = judged.filter(({ label, prediction }) => String(label) === String(prediction));
  return { judged: judged.length, correct: correct.length };
}

function without(all: Judged, part: Judged): Judged {
  return { judged: all.judged - part.judged, correct: all.correct - part.correct };
}

function accuracy({ split }: Split, samples: string, { judged, correct }: Judged): Accuracy {
  const [low, high] = wilson(correct, judged).interval ?? [null, null];
  return { split, samples, rows: judged, correct, low, high };
}
