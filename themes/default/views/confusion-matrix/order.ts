/** The order of classes: by what is written, how frequent or how well told apart they are, or who is taken for whom. */
import { natural } from "../../src/vega/chart.ts";
import type { Order } from "./options.ts";
import { leavesOf, type Node, type Tree } from "./tree.ts";

/** Samples between classes, summed over what makes up the whole. */
export interface Totals {
  actual: Int32Array;
  predicted: Int32Array;
  n: Float64Array;
  labelled: Float64Array;
  predictions: Float64Array;
  right: Float64Array;
}

/** More siblings are not clustered: it takes memory and time that grow with their square. */
export const MOST_CLUSTERED = 2000;

/** Sorts the children of every node. */
export function arrange(tree: Tree, order: Order, classes: readonly string[], totals: Totals): void {
  const ranks = new Map(classes.map((name, index) => [name, index]));
  const visit = (node: Node): void => {
    if (node.children.length > 1) node.children = sorted(node.children, order, ranks, totals);
    for (const child of node.children) visit(child);
  };
  visit(tree.root);
}

function sorted(
  siblings: readonly Node[],
  order: Order,
  ranks: ReadonlyMap<string, number>,
  totals: Totals,
): Node[] {
  const byName = [...siblings].sort((a, b) => natural(a.name, b.name));
  if (order === "name") return byName;
  if (order === "cluster" && siblings.length <= MOST_CLUSTERED) return clustered(byName, totals);
  const value = order === "given" ? rankIn(ranks) : valueIn(order, totals);
  return byName
    .map((node) => ({ node, value: value(node) }))
    .sort((a, b) => a.value - b.value)
    .map(({ node }) => node);
}

function rankIn(ranks: ReadonlyMap<string, number>): (node: Node) => number {
  return ({ key }) => ranks.get(key.at(-1) ?? "") ?? ranks.size;
}

/** Few right first, for what fails is what is looked for; else many first. */
function valueIn(order: Order, { labelled, predictions, right }: Totals): (node: Node) => number {
  const sum = (values: Float64Array, leaves: number[]): number =>
    leaves.reduce((total, leaf) => total + values[leaf]!, 0);
  return (node) => {
    const leaves = leavesOf(node);
    if (order !== "recall") return -sum(labelled, leaves) - sum(predictions, leaves) / 1e6;
    const all = sum(labelled, leaves);
    return all ? sum(right, leaves) / all : 2;
  };
}

/**
 * Siblings so that those that are taken for each other stand together: average linkage over the shares in which they
 * are confused, and the two halves of each cluster turned so that their nearest ends meet.
 */
export function clustered(siblings: readonly Node[], totals: Totals): Node[] {
  const size = siblings.length;
  const near = confusion(siblings, totals);
  const chains: number[][] = Array.from({ length: size }, (_, index) => [index]);
  const similarity = Float32Array.from(near);
  const alive = new Set(chains.keys());
  const path: number[] = [];
  while (alive.size > 1) {
    if (path.length === 0) path.push(alive.values().next().value!);
    const top = path.at(-1)!;
    const next = nearestTo(top, alive, similarity, size, path.at(-2));
    if (next !== path.at(-2)) {
      path.push(next);
      continue;
    }
    path.length -= 2;
    merge(top, next, chains, similarity, size, alive);
    chains[Math.min(top, next)] = joined(
      chains[Math.min(top, next)]!,
      chains[Math.max(top, next)]!,
      near,
      size,
    );
  }
  const [last] = alive;
  return chains[last!]!.map((index) => siblings[index]!);
}

/** How often two are taken for each other: the mean of both shares. */
function confusion(siblings: readonly Node[], { actual, predicted, n, labelled }: Totals): Float32Array {
  const size = siblings.length;
  const owner = new Int32Array(labelled.length).fill(-1);
  siblings.forEach((node, index) => {
    for (const leaf of leavesOf(node)) owner[leaf] = index;
  });
  const all = new Float64Array(size);
  labelled.forEach((count, leaf) => {
    if (owner[leaf]! >= 0) all[owner[leaf]!]! += count;
  });
  const shares = new Float32Array(size * size);
  n.forEach((count, index) => {
    const [row, column] = [owner[actual[index]!]!, owner[predicted[index]!]!];
    if (row < 0 || column < 0 || row === column || !all[row]) return;
    const share = count / all[row] / 2;
    shares[row * size + column]! += share;
    shares[column * size + row]! += share;
  });
  return shares;
}

/** Of equals the one that the path came from, or else the first, so that the same counts give the same order. */
function nearestTo(
  from: number,
  alive: ReadonlySet<number>,
  similarity: Float32Array,
  size: number,
  before: number | undefined,
): number {
  let [best, most] = [before ?? -1, before === undefined ? -1 : similarity[from * size + before]!];
  for (const other of alive) {
    if (other !== from && similarity[from * size + other]! > most)
      [best, most] = [other, similarity[from * size + other]!];
  }
  return best;
}

/** The average over pairs becomes the similarity of the two as one. */
function merge(
  one: number,
  other: number,
  chains: readonly number[][],
  similarity: Float32Array,
  size: number,
  alive: Set<number>,
): void {
  const [kept, gone] = [Math.min(one, other), Math.max(one, other)];
  const [few, many] = [chains[kept]!.length, chains[gone]!.length];
  alive.delete(gone);
  for (const third of alive) {
    const mean =
      (similarity[kept * size + third]! * few + similarity[gone * size + third]! * many) / (few + many);
    similarity[kept * size + third] = mean;
    similarity[third * size + kept] = mean;
  }
}

function joined(first: number[], second: number[], near: Float32Array, size: number): number[] {
  const between = (a: number[], b: number[]): number => near[a.at(-1)! * size + b[0]!]!;
  const [back, forth] = [[...first].reverse(), [...second].reverse()];
  const ways = [
    [first, second],
    [first, forth],
    [back, second],
    [back, forth],
  ] as const;
  const [best] = ways
    .map(([a, b]) => ({ a, b, meets: between([...a], [...b]) }))
    .sort((x, y) => y.meets - x.meets);
  return [...best!.a, ...best!.b];
}
