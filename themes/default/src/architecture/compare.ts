/**
 * What differs between two networks. Layers are aligned in the order of the code: equal ones first, as many as can be;
 * then, between them, layers of one type as changed. What is left was added or removed.
 */
import type { Layer, Network } from "./network.ts";
import { byName, MAKERS, Signatures } from "./parts.ts";
import { shorten } from "../markup.ts";
import { say } from "../words.ts";

export type Change = "same" | "changed" | "removed" | "added";

export interface Pair {
  first: number | null;
  second: number | null;
  change: Change;
  /** What of a changed layer is other: `out_features 1000 → 10`. */
  differences: readonly string[];
}

export interface Comparison {
  /** In an order that is that of both networks. */
  pairs: readonly Pair[];
  counts: Readonly<Record<Change, number>>;
}

/** Layers whose names are compared in one stretch; beyond, types alone decide. */
const MOST_COMPARED = 400;

export function compare(first: Network, second: Network): Comparison {
  const keys = keysOf(first, second);
  const matched = longestCommon(keys[0]!, keys[1]!);
  const pairs: Pair[] = [];
  let [a, b] = [0, 0];
  for (const [i, j] of [...matched, [first.layers.length, second.layers.length] as const]) {
    pairs.push(...between(first, second, [a, i], [b, j]));
    if (i < first.layers.length) pairs.push({ first: i, second: j, change: "same", differences: [] });
    [a, b] = [i + 1, j + 1];
  }
  const counts = { same: 0, changed: 0, removed: 0, added: 0 };
  for (const { change } of pairs) counts[change]++;
  return { pairs, counts };
}

/** What names a layer or its axes and changes nothing that it computes. */
const OF_NAMES = new Set(["axis", "name"]);

/**
 * Equal numbers for equal layers of both. Sizes of places do not count, for they follow from what stands before; how many
 * features a layer takes does, for its weights are others.
 */
function keysOf(first: Network, second: Network): number[][] {
  const signatures = new Signatures();
  return [first, second].map(({ layers }) => layers.map((layer) => signatures.of(exactKey(layer))));
}

function exactKey({ type, kind, category, features, parameters, hyperparameters }: Layer): string {
  const own = Object.entries(hyperparameters).filter(([name]) => !OF_NAMES.has(name));
  const made = MAKERS.has(category) ? features : null;
  return JSON.stringify([kind, type, made, parameters, own.sort(byName)]);
}

/** Layers between two that are equal: paired where type and name are, then where the type is; the rest is one-sided. */
function between(
  first: Network,
  second: Network,
  [fromA, toA]: readonly [number, number],
  [fromB, toB]: readonly [number, number],
): Pair[] {
  const types = new Map<string, number>();
  const key = (layer: Layer, isNamed: boolean): number => {
    const text = isNamed ? `${layer.type} ${layer.id}` : layer.type;
    if (!types.has(text)) types.set(text, types.size);
    return types.get(text)!;
  };
  const isNamed = toA - fromA <= MOST_COMPARED && toB - fromB <= MOST_COMPARED;
  const keys = ([network, from, to]: [Network, number, number], named: boolean): number[] =>
    network.layers.slice(from, to).map((layer) => key(layer, named));
  const common = (named: boolean): (readonly [number, number])[] =>
    longestCommon(keys([first, fromA, toA], named), keys([second, fromB, toB], named));
  const [byName, byType] = [isNamed ? common(true) : [], common(false)];
  const matched = byName.length >= byType.length ? byName : byType;
  const pairs: Pair[] = [];
  let [a, b] = [fromA, fromB];
  for (const [i, j] of [...matched.map(([x, y]) => [x + fromA, y + fromB] as const), [toA, toB] as const]) {
    for (; a < i; a++) pairs.push({ first: a, second: null, change: "removed", differences: [] });
    for (; b < j; b++) pairs.push({ first: null, second: b, change: "added", differences: [] });
    if (i < toA)
      pairs.push({
        first: i,
        second: j,
        change: "changed",
        differences: differencesOf(first.layers[i]!, second.layers[j]!),
      });
    [a, b] = [i + 1, j + 1];
  }
  return pairs;
}

function differencesOf(first: Layer, second: Layer): string[] {
  const [before, after] = [first.hyperparameters, second.hyperparameters];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const said = (value: unknown): string =>
    value === undefined ? say("none") : shorten(JSON.stringify(value), 60);
  const isOther = (name: string): boolean => JSON.stringify(before[name]) !== JSON.stringify(after[name]);
  const found = names
    .filter(isOther)
    .map((name) => `${shorten(name, 40)} ${said(before[name])} → ${said(after[name])}`);
  if (found.length) return found;
  const values = (name: "features" | "parameters"): string =>
    `${say(name)} ${first[name] ?? "?"} → ${second[name] ?? "?"}`;
  return (["features", "parameters"] as const).filter((name) => first[name] !== second[name]).map(values);
}

/** Pairs of places of a longest common subsequence (Myers 1986), both rising. */
export function longestCommon(
  first: readonly number[],
  second: readonly number[],
): (readonly [number, number])[] {
  const head = commonHead(first, second);
  const [a, b] = [first.slice(head), second.slice(head)];
  const tail = commonHead([...a].reverse(), [...b].reverse());
  const [middleA, middleB] = [a.slice(0, a.length - tail), b.slice(0, b.length - tail)];
  const pairs: (readonly [number, number])[] = Array.from(
    { length: head },
    (_, index) => [index, index] as const,
  );
  for (const [i, j] of shortestEdit(middleA, middleB)) pairs.push([i + head, j + head]);
  for (let index = tail; index > 0; index--) pairs.push([first.length - index, second.length - index]);
  return pairs;
}

function commonHead(first: readonly number[], second: readonly number[]): number {
  let length = 0;
  while (length < first.length && length < second.length && first[length] === second[length]) length++;
  return length;
}

/** How far along the first list each diagonal has been followed; -1 for none. */
type Frontier = ReadonlyMap<number, number>;

const reached = (frontier: Frontier, line: number): number => frontier.get(line) ?? -1;

/** Whether the farthest way to a diagonal comes from the one above it: a step in the second list. */
const isDown = (frontier: Frontier, line: number, edits: number): boolean =>
  line === -edits || (line !== edits && reached(frontier, line - 1) < reached(frontier, line + 1));

function shortestEdit(a: readonly number[], b: readonly number[]): [number, number][] {
  const frontier = new Map<number, number>([[1, 0]]);
  const history: Frontier[] = [];
  // So many edits share too little to be told apart layer by layer.
  for (let edits = 0; edits <= Math.min(MOST_EDITS, a.length + b.length); edits++) {
    history.push(new Map(frontier));
    for (let line = -edits; line <= edits; line += 2) {
      const x = followed(
        a,
        b,
        line,
        isDown(frontier, line, edits) ? reached(frontier, line + 1) : reached(frontier, line - 1) + 1,
      );
      frontier.set(line, x);
      if (x >= a.length && x - line >= b.length) return walkBack(a, b, history);
    }
  }
  return [];
}

const MOST_EDITS = 1500;

function followed(a: readonly number[], b: readonly number[], line: number, from: number): number {
  let x = from;
  while (x < a.length && x - line < b.length && a[x] === b[x - line]) x++;
  return x;
}

function walkBack(
  a: readonly number[],
  b: readonly number[],
  history: readonly Frontier[],
): [number, number][] {
  const pairs: [number, number][] = [];
  let [x, y] = [a.length, b.length];
  for (let edits = history.length - 1; edits >= 0; edits--) {
    const frontier = history[edits]!;
    const before = isDown(frontier, x - y, edits) ? x - y + 1 : x - y - 1;
    const startX = edits === 0 ? 0 : reached(frontier, before);
    const startY = edits === 0 ? 0 : startX - before;
    for (; x > startX && y > startY && a[x - 1] === b[y - 1]; x--, y--) pairs.push([x - 1, y - 1]);
    [x, y] = [startX, startY];
  }
  return pairs.reverse();
}
