/** What a view of duplicates shows, worked out of its answers and of what the reader changed. */
import { column as valuesOf, objects, scalar } from "../../src/data/result.ts";
import type { Id } from "../../src/selected.ts";
import type { Results } from "../../src/view.ts";
import { auditOf, type Audit, type Split } from "./audit.ts";
import {
  distancesOf,
  filledWithin,
  groupsNumbered,
  groupsWithin,
  isWithin,
  type Group,
  type Line,
  type Member,
  type Pairs,
} from "./groups.ts";
import { NEAR, type Kind, type Options } from "./options.ts";
import { endOf, isCut, listsOf, MOST_PAIRS, reachOf, rulesOf, type Rule } from "./queries.ts";
import type { DuplicatesState } from "./state.ts";

/** The line between near duplicates and neighbours, as it is drawn now. */
export interface Drawn {
  line: Line;
  /** The rule that it follows, or followed before it was moved by hand. */
  rule: Rule | null;
  /** Whether it is where the groups of the table were made. */
  isOwn: boolean;
  /** Pairs within the distance that are no nearer than usual where they lie. */
  held: number;
  /** Samples to which all neighbours that are listed of them are near: they may have more. */
  filled: Filled;
  /** Right end of the axis, and the end of what the line can reach. */
  reach: number;
  end: number;
}

export interface Filled {
  samples: number;
  neighbors: number;
  /** Whether there may be more such samples than were asked for. */
  isLeast: boolean;
}

export interface Scene {
  options: Options;
  state: DuplicatesState;
  total: number;
  rows: number;
  kinds: readonly { kind: Kind; groups: number }[];
  kind: Kind;
  groups: readonly Group[];
  members: ReadonlyMap<Id, Member>;
  /** Ids of those that pass the page's filters; null where all do. */
  passing: ReadonlySet<unknown> | null;
  rules: readonly Rule[];
  drawn: Drawn | null;
  pairs: Pairs | null;
  /** The least and the greatest distance of the pairs that join a near group. */
  distances: ReadonlyMap<Group, readonly [number, number]>;
  spreadOf: (group: Group) => number | null;
  audit: Audit | null;
  results: Results;
}

/** Answers stay as they are while a reader moves the line; what follows from them alone is worked out once. */
const READ = new WeakMap<object, { members: Member[]; byId: Map<Id, Member>; pairs: Pairs | null }>();

function read(
  options: Options,
  results: Results,
): { members: Member[]; byId: Map<Id, Member>; pairs: Pairs | null } {
  const answer = results["members"]!;
  const known = READ.get(answer);
  if (known) return known;
  const members = objects(answer).map((row) => ({
    ...row,
    kinds: options.kinds.map((_, index) => Number(row[`kind_${index}`])),
    split: (row["split"] as string | null | undefined) ?? null,
  })) as unknown as Member[];
  const found = { members, byId: new Map(members.map((each) => [each.id, each])), pairs: pairsOf(results) };
  READ.set(answer, found);
  return found;
}

function pairsOf({ pairs }: Results): Pairs | null {
  if (!pairs) return null;
  const kept = (name: string): unknown[] => valuesOf(pairs, name).slice(0, MOST_PAIRS);
  const [sample, neighbor] = ["sample", "neighbor"].map((name) => kept(name) as Id[]);
  const [distance, relative] = ["distance", "relative"].map((name) => kept(name) as number[]);
  return { sample: sample!, neighbor: neighbor!, distance: distance!, relative: relative! };
}

export function sceneOf(options: Options, results: Results, state: DuplicatesState): Scene {
  const { members, byId, pairs } = read(options, results);
  const [total, rows] = ["total", "count"].map((name) => scalar(results[name]!, "rows")) as [number, number];
  const rules = rulesOf(results);
  const drawn = pairs ? drawnLine(options, results, state, pairs) : null;
  const groupsOf = (index: number): Group[] =>
    options.kinds[index]!.name === NEAR && drawn && pairs && !drawn.isOwn
      ? groupsWithin(members, pairs, drawn.line)
      : groupsNumbered(members, index);
  const byKind = options.kinds.map((kind, index) => ({ kind, groups: groupsOf(index) }));
  const shown = chosenKind(byKind, state);
  const passing = rows < total ? new Set(valuesOf(results["passing"]!, "id")) : null;
  return {
    options,
    state,
    total,
    rows,
    kinds: byKind.map(({ kind, groups }) => ({ kind, groups: groups.length })),
    kind: shown.kind,
    groups: shown.groups,
    members: byId,
    passing,
    rules,
    drawn,
    pairs,
    distances:
      shown.kind.name === NEAR && pairs && drawn ? distancesOf(shown.groups, pairs, drawn.line) : new Map(),
    spreadOf: spreadsOf(options, results, shown.kind),
    audit: auditOfKinds(results, byKind),
    results,
  };
}

interface OfKind {
  kind: Kind;
  groups: Group[];
}

/** As the reader says; else near duplicates, or the first kind that has any. */
function chosenKind(byKind: readonly OfKind[], { kind }: DuplicatesState): OfKind {
  const near = byKind.find((each) => each.kind.name === NEAR);
  const any = [...(near ? [near] : []), ...byKind].find(({ groups }) => groups.length > 0);
  return byKind.find((each) => each.kind.name === kind) ?? any ?? near ?? byKind[0]!;
}

/** Of exact kinds the last says most: equal bytes are equal pixels, too. */
function auditOfKinds({ splits }: Results, byKind: readonly OfKind[]): Audit | null {
  if (!splits || splits.rows === 0) return null;
  const near = byKind.find(({ kind }) => kind.name === NEAR)?.groups ?? [];
  const exact = byKind.filter(({ kind }) => kind.name !== NEAR).at(-1)?.groups ?? [];
  return auditOf(objects(splits) as unknown as Split[], exact, near);
}

function drawnLine(options: Options, results: Results, state: DuplicatesState, pairs: Pairs): Drawn | null {
  const [reach, end] = [reachOf(options, results), endOf(options, results)];
  if (reach === null || end === null) return null;
  const { rule, isUsed } = ruleOf(rulesOf(results), state);
  const { distance: ofRule, relative } = rule ?? { distance: null, relative: null };
  const ruled = ofRule ?? 0;
  const distance = Math.min(state.line ?? ruled, Math.max(end, ruled));
  const line = { distance, relative: state.isLoose ? null : relative };
  const isOwn = isUsed && state.line === null && !state.isLoose;
  return { line, rule, isOwn, held: heldBy(pairs, line), filled: filledOf(results, line), reach, end };
}

function filledOf(results: Results, line: Line): Filled {
  const { neighbors } = listsOf(results);
  const { last } = results;
  if (!last) return { samples: 0, neighbors, isLeast: false };
  const [distance, relative, samples] = ["distance", "relative", "samples"].map(
    (name) => valuesOf(last, name).slice(0, MOST_PAIRS) as number[],
  );
  const filled = filledWithin({ distance: distance!, relative: relative!, samples: samples! }, line);
  return {
    samples: filled,
    neighbors,
    isLeast: isCut(last) && line.distance >= distance!.at(-1)!,
  };
}

function ruleOf(
  rules: readonly Rule[],
  { rule: wanted }: DuplicatesState,
): { rule: Rule | null; isUsed: boolean } {
  const used = rules.find((each) => each.is_used) ?? null;
  const rule = rules.find((each) => each.rule === wanted) ?? used;
  return { rule, isUsed: rule === used };
}

function heldBy(pairs: Pairs, line: Line): number {
  let held = 0;
  for (let pair = 0; pair < pairs.distance.length && pairs.distance[pair]! <= line.distance; pair++)
    if (!isWithin(pairs, pair, line)) held++;
  return held;
}

/** Spreads are known of the groups that the table was made with: those of the same members. */
function spreadsOf({ kinds }: Options, { spreads }: Results, kind: Kind): Scene["spreadOf"] {
  const known = new Map<number, { size: number; spread: number | null }>();
  if (spreads)
    for (const row of objects(spreads))
      if (row["kind"] === kind.name)
        known.set(Number(row["group"]), {
          size: Number(row["size"]),
          spread: row["spread"] as number | null,
        });
  const index = kinds.indexOf(kind);
  return ({ members }) => {
    const number = members[0]!.kinds[index]!;
    const found = known.get(number);
    const isSame = found?.size === members.length && members.every(({ kinds: of }) => of[index] === number);
    return isSame ? found.spread : null;
  };
}

/** Whether members of a group do not agree on a value; missing values agree with all. */
export function hasSeveral({ members }: Group, valueOf: (member: Member) => unknown): boolean {
  const values = members.map(valueOf).filter((value) => value !== null && value !== undefined);
  return new Set(values.map(String)).size > 1;
}

/** The nearest pair of all, whatever the line is; null where it is not known. */
export function nearestPair({
  pairs,
  members,
}: Scene): { members: [Member, Member]; distance: number } | null {
  const ends = pairs?.distance.length ? [pairs.sample[0]!, pairs.neighbor[0]!] : [];
  const [first, second] = ends.map((id) => members.get(id));
  return first && second ? { members: [first, second], distance: pairs!.distance[0]! } : null;
}
