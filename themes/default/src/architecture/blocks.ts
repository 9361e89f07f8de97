/** What a run of parts is in the eyes of the field: a layer with its activation, a residual block, a stage, a head. */
import type { Module } from "./network.ts";
import { isFollower, layersIn, type GroupPart, type Maker, type Part } from "./parts.ts";
import { say } from "../words.ts";

/** Modules that only hold others: they say nothing of what is in them. */
const HOLDERS = new Set(["", "Sequential", "ModuleList", "ModuleDict", "Functional", "Model"]);

/** The modules of a network, and which of them are blocks: of a class that the network has several times. */
export class Modules {
  private readonly types: ReadonlyMap<string, string>;
  private readonly blocks: ReadonlySet<string>;
  private readonly sizes = new Map<string, number>();
  private readonly around: readonly (readonly string[])[];

  constructor(maker: Maker) {
    const { modules, layers } = maker.network;
    this.types = new Map(modules.map(({ path, type }) => [path, type]));
    this.blocks = blocksOf(modules);
    this.around = layers.map(({ module }) => pathsOf(module));
    for (const paths of this.around)
      for (const path of paths) this.sizes.set(path, (this.sizes.get(path) ?? 0) + 1);
  }

  /** Modules that are blocks around a layer, the outermost first. */
  blocksAround(layer: number): string[] {
    return this.around[layer]!.filter((path) => this.blocks.has(path));
  }

  isWithin(layer: number, path: string): boolean {
    return this.around[layer]!.includes(path);
  }

  sizeOf(path: string): number {
    return this.sizes.get(path) ?? 0;
  }

  /** The class of the module that has exactly these layers; null where none has. */
  nameOf(layers: readonly number[]): string | null {
    const paths = this.around[layers[0]!]!;
    const exact = paths.find(
      (path) => this.sizeOf(path) === layers.length && !HOLDERS.has(this.types.get(path) ?? ""),
    );
    if (exact === undefined || !layers.every((layer) => this.isWithin(layer, exact))) return null;
    return this.types.get(exact)!;
  }
}

function blocksOf(modules: readonly Module[]): Set<string> {
  const counts = new Map<string, number>();
  for (const { type } of modules) counts.set(type, (counts.get(type) ?? 0) + 1);
  const found = modules.filter(({ path, type }) => path && !HOLDERS.has(type) && counts.get(type)! > 1);
  return new Set(found.map(({ path }) => path));
}

/** The paths of the modules around a layer, the outermost first; not the network itself. */
function pathsOf(module: string): string[] {
  if (!module) return [];
  const parts = module.split(".").slice(0, 64);
  return parts.map((_, depth) => parts.slice(0, depth + 1).join("."));
}

/** Puts normalizations, activations and dropouts to the layer that they follow; of a chain only. */
export function fused(maker: Maker, parts: readonly Part[]): Part[] {
  const made: Part[] = [];
  let run: Part[] = [];
  const close = (): void => {
    if (run.length === 1) made.push(run[0]!);
    else if (run.length) made.push(fusedRun(maker, run));
    run = [];
  };
  for (const part of parts) {
    const [last] = run;
    if (!last || !isFollowing(maker, part, run[0]!)) close();
    run.push(part);
  }
  close();
  return made;
}

function fusedRun(maker: Maker, run: readonly Part[]): GroupPart {
  const [first, ...rest] = run;
  if (first?.kind === "group") return withTail(maker, first, rest);
  return maker.group("fused", maker.layer(first as never).type, run);
}

/** A block with what follows its end: the activation behind an addition. */
function withTail(maker: Maker, block: GroupPart, tail: readonly Part[]): GroupPart {
  return maker.group(block.role, block.name, [...block.copies[0]!, ...tail]);
}

/** An activation belongs to the block that it ends; a normalization behind one may begin the next. */
function isFollowing(maker: Maker, part: Part, lead: Part): boolean {
  if (part.kind !== "layer" || !canLead(maker, lead)) return false;
  const { category } = maker.layer(part);
  return lead.kind === "group" ? category === "activation" : isFollower(category);
}

/** A layer that computes, or the place in which branches meet. */
function canLead(maker: Maker, part: Part): boolean {
  if (part.kind === "group") return part.role === "block" && part.copies.length === 1;
  const { kind, category } = maker.layer(part);
  return (
    kind !== "input" &&
    kind !== "output" &&
    !isFollower(category) &&
    category !== "shape" &&
    category !== "pooling"
  );
}

/** What branches that meet are called, by what they meet in. */
export function regionName(type: string | null, skips: boolean): string {
  if (type === "Add") return skips ? say("Residual block") : say("Sum of branches");
  if (type === "Concatenate") return skips ? say("Dense layer") : say("Branches");
  if (type === "Multiply") return say("Gate");
  return type?.includes("Attention") ? say("Attention") : say("Branches");
}

const RESIZING = new Set(["convolution", "pooling", "other"]);
/** Layers that only make arrays larger, whatever family they are of. */
const ENLARGING = /^(Upsampl|PixelShuffle)/;

/** Whether the data becomes smaller and grows again inside: such a part is the network's own shape, and no block. */
export function isHourglass(maker: Maker, parts: readonly Part[]): boolean {
  return parts
    .flatMap((part) => layersIn(part))
    .some((index) => {
      const { inputResolution: given, outputResolution: made, category, type } = maker.network.layers[index]!;
      const grows =
        given.length === made.length && made.length > 0 && made.some((size, axis) => size > given[axis]!);
      return grows && given.every((size) => size > 1) && (RESIZING.has(category) || ENLARGING.test(type));
    });
}

/** The stages of a chain of blocks and layers: what comes before the blocks, runs that end in a pool, and the head. */
export function staged(maker: Maker, parts: readonly Part[]): readonly Part[] {
  if (parts.length < 4 || parts.some((part) => part.kind === "group" && part.role === "open")) return parts;
  const isBlock = (part: Part): boolean => part.kind === "group" && BLOCKS.has(part.role);
  const head = headOf(maker, parts, isBlock);
  const body = parts.slice(0, parts.length - head.length);
  const runs = runsOf(maker, body, isBlock);
  if (runs.length + (head.length > 1 ? 1 : 0) < 2) return parts;
  const named = runs.map((run, index) =>
    groupOf(maker, run, runName(maker, run, runs, index, isBlock), isBlock),
  );
  return [...named, ...(head.length > 1 ? [maker.group("stage", "Head", head)] : head)];
}

const BLOCKS: ReadonlySet<string> = new Set(["block", "manual", "section", "beside"]);

/** What comes after the last convolution or block: it decides. */
function headOf(maker: Maker, parts: readonly Part[], isBlock: (part: Part) => boolean): readonly Part[] {
  const isBody = (part: Part): boolean => {
    const carrier = maker.carrier(part);
    return (
      isBlock(part) ||
      !carrier ||
      ["convolution", "recurrent", "embedding"].includes(carrier.category) ||
      isPool(maker, part)
    );
  };
  const last = parts.findLastIndex(isBody);
  return last < 0 ? [] : parts.slice(last + 1);
}

/** A pool over some places: one over all of them belongs to the head. */
function isPool(maker: Maker, part: Part): boolean {
  const carrier = maker.carrier(part);
  if (carrier?.category !== "pooling") return false;
  const [given, made] = [carrier.inputResolution, carrier.outputResolution];
  return made.some((size, axis) => size > 1 && size < (given[axis] ?? 0));
}

/** Blocks one by one, and the layers between them; of layers alone, runs that end in a pool. */
function runsOf(maker: Maker, parts: readonly Part[], isBlock: (part: Part) => boolean): Part[][] {
  const runs: Part[][] = [];
  let run: Part[] = [];
  const close = (): void => {
    if (run.length) runs.push(run);
    run = [];
  };
  const hasBlocks = parts.some(isBlock);
  const left = leftEarly(maker, parts);
  for (const part of parts) {
    if (isBlock(part)) close();
    run.push(part);
    if (isBlock(part) || left.has(part) || (!hasBlocks && isPool(maker, part))) close();
  }
  close();
  return runs;
}

/** Parts that lead past the one behind them, as skips do: what is one glyph is left at its end alone. */
function leftEarly({ network }: Maker, parts: readonly Part[]): ReadonlySet<Part> {
  const places = new Map(parts.flatMap((part, at) => layersIn(part).map((layer) => [layer, at] as const)));
  const left = network.connections.flatMap(({ source, target }) => {
    const from = places.get(source);
    return from === undefined || (places.get(target) ?? from + 2) <= from + 1 ? [] : [parts[from]!];
  });
  return new Set(left);
}

function groupOf(maker: Maker, run: Part[], name: string, isBlock: (part: Part) => boolean): Part {
  return run.length === 1 && (isBlock(run[0]!) || run[0]!.size < 2 || run[0]!.kind === "group")
    ? run[0]!
    : maker.group("stage", name, run);
}

function runName(
  maker: Maker,
  run: readonly Part[],
  runs: readonly (readonly Part[])[],
  index: number,
  isBlock: (part: Part) => boolean,
): string {
  const hasBlocks = runs.some(([first]) => isBlock(first!));
  if (!hasBlocks) return say("Stage {n}", { n: index + 1 });
  if (index === 0) return maker.carrier(run[0]!)?.category === "embedding" ? say("Embedding") : say("Stem");
  return run.some((part) => isPool(maker, part)) ? say("Transition") : say("Layers");
}
