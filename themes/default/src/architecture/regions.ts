/**
 * Cutting a directed graph without cycles into a series of steps. A step that every path passes stands alone; between
 * two such steps lie branches, which are cut in the same way. Linear in edges for each level of nesting.
 */
import type { Neighbours } from "./network.ts";

export type Step =
  | { kind: "node"; node: number }
  /** Branches side by side, with the node in which they meet, if they do; `skips` where an edge goes past them. */
  | { kind: "region"; branches: number[][]; merge: number | null; skips: boolean }
  /** Nodes that no cut makes simpler. */
  | { kind: "knot"; nodes: number[] };

/** Where a node is in the list that is being cut; -1 for those outside. */
export class Places {
  private readonly at: Int32Array;
  private readonly stamp: Int32Array;
  private now = 0;

  constructor(count: number) {
    this.at = new Int32Array(count);
    this.stamp = new Int32Array(count);
  }

  mark(nodes: readonly number[]): void {
    this.now++;
    for (const [index, node] of nodes.entries()) {
      this.at[node] = index;
      this.stamp[node] = this.now;
    }
  }

  of(node: number): number {
    return this.stamp[node] === this.now ? this.at[node]! : -1;
  }
}

/** How edges with nodes outside are taken: as from before and to behind, not at all, or only those from one node. */
export type Outside = "counts" | "ignored" | number;

/** The steps of nodes that are given in an order in which edges lead forward. */
export function stepsOf(
  graph: Neighbours,
  nodes: readonly number[],
  places: Places,
  outside: Outside,
): Step[] {
  places.mark(nodes);
  const cuts = cutsOf(graph, nodes, places, outside);
  const steps: Step[] = [];
  let before = -1;
  for (const cut of [...cuts, nodes.length]) {
    const step = cut - before > 1 ? between(graph, nodes, places, [before, cut], outside) : null;
    if (step) steps.push(step);
    if (step?.kind !== "region" && cut < nodes.length) steps.push({ kind: "node", node: nodes[cut]! });
    before = cut;
  }
  return steps;
}

/** Places of the nodes that every path passes: those that no edge jumps over. */
function cutsOf(graph: Neighbours, nodes: readonly number[], places: Places, outside: Outside): number[] {
  const change = new Int32Array(nodes.length + 2);
  const jump = (from: number, to: number): void => {
    change[from + 1]!++;
    change[to]!--;
  };
  for (const [index, node] of nodes.entries()) {
    const targets = graph.next[node]!.map((each) => places.of(each));
    const sources = graph.previous[node]!.map((each) => places.of(each));
    for (const target of targets) if (target >= 0) jump(index, target);
    if (isOpen(targets, outside)) jump(index, nodes.length);
    const isEntered = typeof outside === "number" && graph.previous[node]!.includes(outside);
    if (isEntered || isOpen(sources, outside)) jump(-1, index);
  }
  const cuts: number[] = [];
  for (let index = 0, over = change[0]!; index < nodes.length; index++, over += change[index]!)
    if (over === 0) cuts.push(index);
  return cuts;
}

const isOpen = (neighbours: readonly number[], outside: Outside): boolean =>
  neighbours.every((place) => place < 0) || (outside === "counts" && neighbours.some((place) => place < 0));

function between(
  graph: Neighbours,
  nodes: readonly number[],
  places: Places,
  [from, to]: readonly [number, number],
  outside: Outside,
): Step {
  const branches = componentsOf(graph, nodes, places, from, to);
  const fork = from >= 0 ? nodes[from]! : typeof outside === "number" ? outside : null;
  const skips = fork !== null && to < nodes.length && graph.next[fork]!.includes(nodes[to]!);
  const merge = to < nodes.length ? nodes[to]! : null;
  if (branches.length > 1 || skips) return { kind: "region", branches, merge, skips };
  return { kind: "knot", nodes: branches[0]! };
}

/** The node outside that leads to the first of these which anything leads to. */
export function entryOf({ previous }: Neighbours, nodes: readonly number[]): Outside {
  const inside = new Set(nodes);
  for (const node of nodes) {
    const found = previous[node]!.find((source) => !inside.has(source));
    if (found !== undefined) return found;
  }
  return "ignored";
}

/** What hangs together of the nodes between two places. */
function componentsOf(
  graph: Neighbours,
  nodes: readonly number[],
  places: Places,
  from: number,
  to: number,
): number[][] {
  const parent = Int32Array.from({ length: to - from }, (_, index) => index);
  const root = (index: number): number => {
    let at = index;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  for (let at = from + 1; at < to; at++)
    for (const target of graph.next[nodes[at]!]!) {
      const place = places.of(target);
      if (place > from && place < to) parent[root(place - from)] = root(at - from);
    }
  const found = new Map<number, number[]>();
  for (let at = from + 1; at < to; at++) {
    const key = root(at - from);
    const list = found.get(key);
    if (list) list.push(nodes[at]!);
    else found.set(key, [nodes[at]!]);
  }
  return [...found.values()];
}
