/** Groups by transitive closure: samples that a chain of pairs within the line joins are one group. */
import type { Tile } from "../../src/cards.ts";
import type { Id } from "../../src/selected.ts";

/** A sample that is in a group, or within reach of the line. */
export interface Member extends Tile {
  id: Id;
  /** Number of its group by each kind, in the order of the kinds; -1 where it is alone. */
  kinds: readonly number[];
  split: string | null;
}

/** How far pairs are apart, the nearest first. */
export interface Distances {
  distance: readonly number[];
  relative: readonly number[];
}

/** Pairs of neighbours. */
export interface Pairs extends Distances {
  sample: readonly Id[];
  neighbor: readonly Id[];
}

/** Where the line is: pairs up to a distance that are up to so far for where they lie; null for however far. */
export interface Line {
  distance: number;
  relative: number | null;
}

export interface Group {
  /** Its members in the order of ids. */
  members: readonly Member[];
}

/** Whether a pair makes a group: as the pipeline says it, identical samples always do. */
export function isWithin({ distance, relative }: Distances, pair: number, line: Line): boolean {
  if (distance[pair] === 0) return true;
  return distance[pair]! <= line.distance && (line.relative === null || relative[pair]! <= line.relative);
}

/** The groups of the pairs within a line, the largest first; of equal ones that of the earliest member. */
export function groupsWithin(members: readonly Member[], pairs: Pairs, line: Line): Group[] {
  const places = new Map(members.map(({ id }, place) => [id, place]));
  const parents = Int32Array.from(members.keys());
  const rootOf = (place: number): number => {
    let root = place;
    while (parents[root] !== root) root = parents[root] = parents[parents[root]!]!;
    return root;
  };
  for (let pair = 0; pair < pairs.distance.length; pair++) {
    if (pairs.distance[pair]! > line.distance && pairs.distance[pair]! > 0) break;
    const [first, second] = [places.get(pairs.sample[pair]!), places.get(pairs.neighbor[pair]!)];
    if (first === undefined || second === undefined || !isWithin(pairs, pair, line)) continue;
    const [one, other] = [rootOf(first), rootOf(second)];
    // The earlier member is the root, so that groups keep their order.
    parents[Math.max(one, other)] = Math.min(one, other);
  }
  return gathered(members, (_, place) => rootOf(place));
}

/** The groups that a column numbers. */
export function groupsNumbered(members: readonly Member[], kind: number): Group[] {
  return gathered(
    members.filter(({ kinds }) => kinds[kind]! >= 0),
    ({ kinds }) => kinds[kind]!,
  );
}

function gathered(members: readonly Member[], keyOf: (member: Member, place: number) => number): Group[] {
  const groups = new Map<number, Member[]>();
  members.forEach((member, place) => {
    const key = keyOf(member, place);
    const found = groups.get(key);
    if (found) found.push(member);
    else groups.set(key, [member]);
  });
  return [...groups.values()]
    .filter((found) => found.length > 1)
    .sort((a, b) => b.length - a.length)
    .map((found) => ({ members: found }));
}

/** How many samples have even the last neighbour that is listed of them within a line. */
export function filledWithin(last: Distances & { samples: readonly number[] }, line: Line): number {
  return last.samples.reduce((sum, samples, pair) => sum + (isWithin(last, pair, line) ? samples : 0), 0);
}

/** What the pairs within a group say: the distances that join it. */
export function distancesOf(
  groups: readonly Group[],
  pairs: Pairs,
  line: Line,
): Map<Group, [number, number]> {
  const groupOf = new Map(groups.flatMap((group) => group.members.map(({ id }) => [id, group] as const)));
  const found = new Map<Group, [number, number]>();
  for (let pair = 0; pair < pairs.distance.length; pair++) {
    const group = groupOf.get(pairs.sample[pair]!);
    if (!group || group !== groupOf.get(pairs.neighbor[pair]!) || !isWithin(pairs, pair, line)) continue;
    const distance = pairs.distance[pair]!;
    const [low, high] = found.get(group) ?? [distance, distance];
    found.set(group, [Math.min(low, distance), Math.max(high, distance)]);
  }
  return found;
}

/** Values among members with how often, the most frequent first; missing ones are not counted. */
export function counted(
  members: readonly Member[],
  valueOf: (member: Member) => unknown,
): [string, number][] {
  const counts = new Map<string, number>();
  for (const member of members) {
    const value = valueOf(member);
    if (value !== null && value !== undefined)
      counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}
