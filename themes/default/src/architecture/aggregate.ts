/**
 * From a network to its parts: what every path passes makes a series, branches between make blocks, what follows
 * itself is folded. Modules help where the structure alone says little; a network without any is read as well.
 */
import { fused, isHourglass, Modules, regionName, staged } from "./blocks.ts";
import { neighboursOf, type Layer, type Neighbours, type Network } from "./network.ts";
import { layersIn, Maker, sizeOf, type GroupPart, type Part } from "./parts.ts";
import { entryOf, Places, stepsOf, type Outside, type Step } from "./regions.ts";
import { folded, foldedBranches } from "./repeats.ts";
import { say } from "../words.ts";

/** Parts that one group has at most; more are put into sections. */
const MOST_PARTS = 200;
/** Regions in regions that are followed. */
const DEEPEST = 200;

/** What a network takes, what it is, and what it gives. */
const KINDS: readonly ((kind: Layer["kind"]) => boolean)[] = [
  (kind) => kind === "input",
  (kind) => kind === "layer" || kind === "operation",
  (kind) => kind === "output",
];
/** Targets of a node that is cut off for their sake. */
const FEWEST_TARGETS = 3;
/** How much smaller the largest part must be for a cut to be worth it. */
const SIMPLER = 0.8;

/** A group that a person made, of layers that have one entry and one exit. */
export interface ManualGroup {
  name: string;
  layers: readonly number[];
}

export interface Aggregation {
  network: Network;
  maker: Maker;
  root: GroupPart;
  graph: Neighbours;
  /** Layers that nothing leads to or from, in no group. */
  loose: readonly number[];
}

/** Nodes, each a part, and what leads where. */
interface Graph extends Neighbours {
  parts: readonly Part[];
}

export function aggregate(network: Network, groups: readonly ManualGroup[] = []): Aggregation {
  const maker = new Maker(network);
  return new Aggregator(maker).whole(groups);
}

class Aggregator {
  private readonly modules: Modules;

  constructor(private readonly maker: Maker) {
    this.modules = new Modules(maker);
  }

  whole(groups: readonly ManualGroup[]): Aggregation {
    const { network, leaves } = this.maker;
    const graph = { ...neighboursOf(leaves.length, network.connections), parts: leaves };
    const isLoose = (index: number): boolean => !graph.next[index]!.length && !graph.previous[index]!.length;
    const all = leaves.map((_, index) => index);
    const loose = leaves.length > 1 ? all.filter(isLoose) : [];
    const out = new Set(loose);
    const [inputs, inner, outputs] = KINDS.map((isOf) =>
      all.filter((index) => !out.has(index) && isOf(network.layers[index]!.kind)),
    );
    const parts = inner!.length ? this.grouped(graph, inner!, groups) : [];
    const ends = [inputs, outputs].map((nodes) => nodes!.map((index) => leaves[index]!));
    const middle = this.sections(staged(this.maker, parts));
    const root = this.maker.group("network", say("Network"), [...ends[0]!, ...middle, ...ends[1]!]);
    return { network, maker: this.maker, root, graph, loose };
  }

  /** The nodes as parts, with what a person grouped as one part each, groups in groups. */
  private grouped(graph: Graph, nodes: readonly number[], groups: readonly ManualGroup[]): readonly Part[] {
    const inside = new Set(nodes);
    const own = groups
      .map((group, index) => ({ ...group, index, layers: group.layers.filter((layer) => inside.has(layer)) }))
      .filter(({ layers }) => layers.length > 1 && layers.length < nodes.length);
    const outer = own.filter(
      ({ layers }, at) =>
        !own.some((other, index) => index !== at && holds(other.layers, layers, index < at)),
    );
    const made = outer.map((group) => {
      const within = groups.filter((each) => each !== groups[group.index]);
      const sorted = [...group.layers].sort((a, b) => a - b);
      const part = this.maker.group(
        "manual",
        group.name,
        this.grouped(
          graph,
          sorted,
          within.filter(({ layers }) => holds(group.layers, layers, false)),
        ),
      );
      return { nodes: sorted, part: { ...part, manual: group.index } };
    });
    const contracted = contract(graph, nodes, made);
    return this.series(contracted, contracted.nodes, new Places(contracted.parts.length), "ignored", 0);
  }

  private series(
    graph: Graph,
    nodes: readonly number[],
    places: Places,
    outside: Outside,
    depth: number,
  ): readonly Part[] {
    if (nodes.length === 1) return [graph.parts[nodes[0]!]!];
    const steps = stepsOf(graph, nodes, places, outside);
    const isKnotted = depth < DEEPEST && steps.some(({ kind }) => kind === "knot");
    const simpler = isKnotted
      ? (this.ofBlocks(graph, nodes, places, depth) ?? this.withoutSource(graph, nodes, depth))
      : null;
    if (simpler) return simpler;
    const parts = steps.flatMap((step) => this.stepParts(graph, step, nodes.length, places, depth));
    return this.arranged(parts);
  }

  /** The same with modules that are blocks as one node each; null where there are none. */
  private ofBlocks(
    graph: Graph,
    nodes: readonly number[],
    places: Places,
    depth: number,
  ): readonly Part[] | null {
    const blocks = this.blocksIn(graph, nodes);
    if (!blocks.length) return null;
    const made = blocks.map(({ path, nodes: inner }) => ({
      nodes: inner,
      part: this.block(graph, inner, path, places, depth),
    }));
    const contracted = contract(graph, nodes, made);
    return this.series(
      contracted,
      contracted.nodes,
      new Places(contracted.parts.length),
      "ignored",
      depth + 1,
    );
  }

  private stepParts(graph: Graph, step: Step, among: number, places: Places, depth: number): readonly Part[] {
    if (step.kind === "node") return [graph.parts[step.node]!];
    if (depth >= DEEPEST) return this.flat(graph, nodesOf(step));
    if (step.kind === "knot") return this.knot(graph, step.nodes, among, places, depth);
    return this.region(graph, step, places, depth);
  }

  private flat(graph: Graph, nodes: readonly number[]): Part[] {
    return [...nodes].sort((a, b) => a - b).map((node) => graph.parts[node]!);
  }

  private region(
    graph: Graph,
    step: Step & { kind: "region" },
    places: Places,
    depth: number,
  ): readonly Part[] {
    const branches = step.branches.map((nodes) => this.series(graph, nodes, places, "counts", depth + 1));
    const merge = step.merge === null ? [] : [graph.parts[step.merge]!];
    const parts = [...foldedBranches(this.maker, branches, (run) => this.runName(run)), ...merge];
    const own = merge[0]?.kind === "layer" ? this.maker.layer(merge[0]).type : null;
    // Branches that never meet are no block: those of the whole network stand beside each other.
    if (step.merge === null && depth === 0) return [this.opened(parts)];
    if (isHourglass(this.maker, branches.flat())) return [this.opened(parts)];
    if (isDense(graph, step)) return parts;
    return [this.maker.group("block", this.named(parts) ?? regionName(own, step.skips), parts)];
  }

  private opened(parts: readonly Part[]): GroupPart {
    return this.maker.group("open", say("Branches"), parts);
  }

  /** Nodes that no cut makes simpler: without what is around them, or by what repeats in the order of the code. */
  private knot(
    graph: Graph,
    nodes: readonly number[],
    among: number,
    places: Places,
    depth: number,
  ): readonly Part[] {
    return this.without(graph, nodes, among, places, depth) ?? this.woven(graph, nodes, places, depth);
  }

  /** What one node hands to many places, such as a mask, hides the series that they are in: it is cut off, and beside. */
  private withoutSource(graph: Graph, nodes: readonly number[], depth: number): readonly Part[] | null {
    const inside = new Set(nodes);
    const fan = (node: number): number => graph.next[node]!.filter((target) => inside.has(target)).length;
    const source = nodes.reduce((best, node) => (fan(node) > fan(best) ? node : best), nodes[0]!);
    if (fan(source) < FEWEST_TARGETS) return null;
    const edges = nodes.flatMap((node) =>
      node === source
        ? []
        : graph.next[node]!.filter((target) => inside.has(target)).map((target) => ({
            source: node,
            target,
          })),
    );
    const cut = { ...neighboursOf(graph.parts.length, edges), parts: graph.parts };
    const places = new Places(graph.parts.length);
    const beside = ancestorsOf(cut, source);
    const [side, main] = [
      nodes.filter((node) => beside.has(node)),
      nodes.filter((node) => !beside.has(node)),
    ];
    if (main.length < 2) return null;
    const steps = stepsOf(cut, main, places, "ignored");
    const targets = new Set(graph.next[source]!);
    const reached = steps.filter((step) => nodesOf(step).some((node) => targets.has(node)));
    if (reached.length < fan(source) || steps.some(({ kind }) => kind === "knot")) return null;
    const made = this.series(cut, side, places, "ignored", depth + 1);
    return [
      this.maker.group("beside", say("Side input"), made),
      ...this.series(cut, main, places, "ignored", depth + 1),
    ];
  }

  /** Cut again without what leads in and out, if that makes it simpler. */
  private without(
    graph: Graph,
    nodes: readonly number[],
    among: number,
    places: Places,
    depth: number,
  ): readonly Part[] | null {
    if (nodes.length >= among) return null;
    const steps = stepsOf(graph, nodes, places, "ignored");
    const largest = Math.max(...steps.map(largestOf));
    if (largest > nodes.length * SIMPLER) return null;
    return this.arranged(
      steps.flatMap((step) => this.stepParts(graph, step, nodes.length, places, depth + 1)),
    );
  }

  private block(
    graph: Graph,
    nodes: readonly number[],
    path: string,
    places: Places,
    depth: number,
  ): GroupPart {
    const parts = this.series(graph, nodes, places, entryOf(graph, nodes), depth + 1);
    const [only] = parts;
    const name = this.modules.nameOf(nodes.flatMap((node) => layersIn(graph.parts[node]!))) ?? path;
    if (parts.length === 1 && only!.kind === "group" && only!.copies.length === 1) return { ...only!, name };
    return this.maker.group("block", name, parts);
  }

  /** Modules that are blocks and whole within these nodes, one after the other. */
  private blocksIn(graph: Graph, nodes: readonly number[]): { path: string; nodes: number[] }[] {
    const found: { path: string; nodes: number[] }[] = [];
    for (let at = 0; at < nodes.length; at++) {
      const block = this.blockAt(graph, nodes, at);
      if (!block) continue;
      found.push(block);
      at += block.nodes.length - 1;
    }
    return found;
  }

  private blockAt(
    graph: Graph,
    nodes: readonly number[],
    at: number,
  ): { path: string; nodes: number[] } | null {
    const [first] = layersIn(graph.parts[nodes[at]!]!);
    for (const path of this.modules.blocksAround(first!)) {
      let [end, count] = [at, 0];
      for (; end < nodes.length && count < this.modules.sizeOf(path); end++) {
        const layers = layersIn(graph.parts[nodes[end]!]!);
        if (!layers.every((layer) => this.modules.isWithin(layer, path))) break;
        count += layers.length;
      }
      if (count === this.modules.sizeOf(path) && end - at > 1 && end - at < nodes.length)
        return { path, nodes: nodes.slice(at, end) };
    }
    return null;
  }

  /** What repeats in the order of the code, where each copy leads to the next; the rest as it stands. */
  private woven(graph: Graph, nodes: readonly number[], places: Places, depth: number): readonly Part[] {
    const parts = nodes.map((node) => graph.parts[node]!);
    const place = new Map(parts.map((part, index) => [part, nodes[index]!]));
    const inner = (run: readonly Part[]): readonly Part[] => {
      if (!run.every((part) => place.has(part))) return run;
      const own = run.map((part) => place.get(part)!);
      return own.length > 1 && own.length < nodes.length
        ? this.series(graph, own, places, entryOf(graph, own), depth + 1)
        : run;
    };
    const found = folded(
      this.maker,
      parts,
      (run) => this.runName(run),
      (copies) => isChain(graph, copies, place),
    );
    return found.map((part) =>
      part.kind === "group" && !place.has(part) ? this.rebuilt(part, inner) : part,
    );
  }

  /** A folded run with structure in its copies, if that is equal in all of them. */
  private rebuilt(group: GroupPart, inner: (run: readonly Part[]) => readonly Part[]): GroupPart {
    const copies = group.copies.map(inner);
    const key = (copy: readonly Part[]): number => this.maker.signatures.group("run", copy);
    return copies.every((copy) => key(copy) === key(copies[0]!)) ? { ...group, copies } : group;
  }

  /** A chain, with layers and their activations together, modules as blocks, and repeats folded. */
  private arranged(parts: readonly Part[]): readonly Part[] {
    const joined = this.byModules(
      fused(
        this.maker,
        parts.flatMap((part) => this.unfolded(part)),
      ),
    );
    return this.sections(folded(this.maker, joined, (run) => this.runName(run)));
  }

  /** Copies that follow each other as parts of their own, to be folded with what follows them. */
  private unfolded(part: Part): readonly Part[] {
    if (part.kind === "layer" || part.copies.length < 2 || part.isParallel) return [part];
    if (part.role === "repeat") return part.copies.flat();
    return part.copies.map((copy) => this.maker.group(part.role, part.name, copy));
  }

  private byModules(parts: readonly Part[]): readonly Part[] {
    const graph = { next: [], previous: [], parts };
    const nodes = parts.map((_, index) => index);
    const blocks = this.blocksIn(graph, nodes);
    if (!blocks.length) return parts.map((part) => this.renamed(part));
    const made: Part[] = [];
    let at = 0;
    for (const { path, nodes: run } of blocks) {
      made.push(...parts.slice(at, run[0]).map((part) => this.renamed(part)));
      made.push(
        this.ofModule(
          path,
          run.map((node) => parts[node]!),
        ),
      );
      at = run.at(-1)! + 1;
    }
    return [...made, ...parts.slice(at).map((part) => this.renamed(part))];
  }

  private ofModule(path: string, run: readonly Part[]): GroupPart {
    const inner = folded(this.maker, run, (each) => this.runName(each));
    return this.maker.group("block", this.named(run) ?? path, inner);
  }

  /** A block that is a module's is called as that is. */
  private renamed(part: Part): Part {
    if (part.kind !== "group" || part.role !== "block" || part.manual !== undefined) return part;
    const name = this.named([part]);
    return name ? { ...part, name } : part;
  }

  private named(parts: readonly Part[]): string | null {
    return this.modules.nameOf(parts.flatMap((part) => layersIn(part)));
  }

  private runName(run: readonly Part[]): string {
    if (run.length === 1) return this.maker.carrier(run[0]!)?.type ?? (run[0] as GroupPart).name;
    return this.named(run) ?? say("Block");
  }

  /** Very many parts in sections of equal lengths. */
  private sections(parts: readonly Part[]): readonly Part[] {
    if (parts.length <= MOST_PARTS) return parts;
    const length = Math.ceil(Math.sqrt(parts.length));
    const made: Part[] = [];
    for (let at = 0, before = 0; at < parts.length; at += length) {
      const run = parts.slice(at, at + length);
      const size = sizeOf(run);
      made.push(
        this.maker.group(
          "section",
          say("Layers {first} to {last}", { first: before + 1, last: before + size }),
          run,
        ),
      );
      before += size;
    }
    return made;
  }
}

const holds = (outer: readonly number[], inner: readonly number[], isEqualToo: boolean): boolean => {
  if (outer.length < inner.length || (outer.length === inner.length && !isEqualToo)) return false;
  const set = new Set(outer);
  return inner.every((layer) => set.has(layer));
};

const nodesOf = (step: Step): readonly number[] => {
  if (step.kind === "node") return [step.node];
  return step.kind === "knot"
    ? step.nodes
    : [...step.branches.flat(), ...(step.merge === null ? [] : [step.merge])];
};

const largestOf = (step: Step): number => {
  if (step.kind === "node") return 1;
  return step.kind === "knot" ? step.nodes.length : Math.max(...step.branches.map(({ length }) => length));
};

/** A node and what leads to it. */
function ancestorsOf({ previous }: Neighbours, node: number): Set<number> {
  const found = new Set([node]);
  for (const each of found) for (const source of previous[each]!) found.add(source);
  return found;
}

/** Each copy hands something to the next one. */
function isChain(
  graph: Neighbours,
  copies: readonly (readonly Part[])[],
  place: ReadonlyMap<Part, number>,
): boolean {
  return copies.slice(1).every((copy, index) => {
    const own = new Set(copy.map((part) => place.get(part)!));
    return copies[index]!.some((part) => graph.next[place.get(part)!]!.some((target) => own.has(target)));
  });
}

/** The same nodes with some of them as one; a node stands where the first of its nodes stood. */
function contract(
  graph: Graph,
  nodes: readonly number[],
  made: readonly { nodes: readonly number[]; part: Part }[],
): Graph & { nodes: number[] } {
  const owner = new Map<number, number>();
  for (const [index, group] of made.entries()) for (const node of group.nodes) owner.set(node, index);
  const fresh = new Map<number, number>();
  const parts: Part[] = [];
  const ofGroup = new Map<number, number>();
  for (const node of nodes) {
    const group = owner.get(node);
    const known = group === undefined ? undefined : ofGroup.get(group);
    const at = known ?? parts.push(group === undefined ? graph.parts[node]! : made[group]!.part) - 1;
    if (group !== undefined) ofGroup.set(group, at);
    fresh.set(node, at);
  }
  const edges = nodes.flatMap((node) =>
    graph.next[node]!.filter((target) => fresh.has(target) && fresh.get(target) !== fresh.get(node)).map(
      (target) => ({ source: fresh.get(node)!, target: fresh.get(target)! }),
    ),
  );
  const order = topological(neighboursOf(parts.length, edges));
  return { ...neighboursOf(parts.length, edges), parts, nodes: order };
}

/** Nodes in an order in which edges lead forward, as near to the given one as that allows. */
export function topological({ next, previous }: Neighbours): number[] {
  const waiting = previous.map((sources) => sources.length);
  const ready = waiting.flatMap((count, index) => (count === 0 ? [index] : [])).reverse();
  const order: number[] = [];
  while (ready.length) {
    const node = ready.pop()!;
    order.push(node);
    for (const target of [...next[node]!].sort((a, b) => b - a))
      if (--waiting[target]! === 0) ready.push(target);
  }
  return order;
}

/** A place that takes what each of a chain made is no end of a block: the chain is dense. */
function isDense(graph: Graph, { branches, merge }: Step & { kind: "region" }): boolean {
  return merge !== null && branches.length === 1 && graph.previous[merge]!.length >= FEWEST_TARGETS;
}
