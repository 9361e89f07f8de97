/**
 * What a network is made of, as a tree: layers, and groups of parts. A group whose copies follow each other, or stand
 * side by side, is one with several copies. Parts are equal where their signatures are: equal numbers mean equal
 * structure with equal attributes, so that comparing two parts of any size is comparing two numbers.
 */
import type { Layer, Network } from "./network.ts";

export interface LayerPart {
  kind: "layer";
  layer: number;
  signature: number;
  size: 1;
}

/** What a group is: a layer with what follows it, a block, a stage of the network, or what a person grouped. */
export type Role =
  "fused" | "repeat" | "block" | "stage" | "open" | "beside" | "section" | "manual" | "network";

export interface GroupPart {
  kind: "group";
  role: Role;
  name: string;
  /** The parts of each copy; of all copies equal part by part. */
  copies: readonly (readonly Part[])[];
  /** Whether copies stand side by side. */
  isParallel: boolean;
  signature: number;
  /** Layers in all copies. */
  size: number;
  /** The reader's or author's group that it is, if it is one. */
  manual?: number;
}

export type Part = LayerPart | GroupPart;

/** What tells of where data comes from and not what a layer does: with another input it would be the same layer. */
const OF_INPUT = new Set([
  "in_channels",
  "in_features",
  "num_features",
  "normalized_shape",
  "input_size",
  "axis",
  "name",
]);
/** Categories whose layers choose how many features they make. */
export const MAKERS = new Set([
  "convolution",
  "dense",
  "recurrent",
  "attention",
  "embedding",
  "input",
  "output",
]);

export class Signatures {
  private readonly numbers = new Map<string, number>();

  of(key: string): number {
    const found = this.numbers.get(key);
    if (found !== undefined) return found;
    this.numbers.set(key, this.numbers.size);
    return this.numbers.size - 1;
  }

  layer(layer: Layer): number {
    const { type, kind, category, features, outputResolution, hyperparameters } = layer;
    const own = Object.entries(hyperparameters).filter(
      ([name]) => !OF_INPUT.has(name) && category !== "normalization",
    );
    const made = MAKERS.has(category) ? features : null;
    return this.of(JSON.stringify([kind, type, made, outputResolution, own.sort(byName)]));
  }

  group(role: string, parts: readonly Part[]): number {
    return this.of(`${role}(${parts.map(({ signature }) => signature).join(",")})`);
  }
}

export const byName = ([a]: [string, unknown], [b]: [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** Every layer of a part, with all copies. */
export function layersIn(part: Part, found: number[] = []): number[] {
  if (part.kind === "layer") found.push(part.layer);
  else for (const copy of part.copies) for (const each of copy) layersIn(each, found);
  return found;
}

export const sizeOf = (parts: readonly Part[]): number => parts.reduce((sum, { size }) => sum + size, 0);

/** Makes parts, knowing the network and which modules of it are blocks. */
export class Maker {
  readonly signatures = new Signatures();
  readonly leaves: readonly LayerPart[];

  constructor(readonly network: Network) {
    this.leaves = network.layers.map((layer, index) => ({
      kind: "layer",
      layer: index,
      signature: this.signatures.layer(layer),
      size: 1,
    }));
  }

  group(role: Role, name: string, parts: readonly Part[]): GroupPart {
    const signature = this.signatures.group(role === "manual" ? "block" : role, parts);
    return { kind: "group", role, name, copies: [parts], isParallel: false, signature, size: sizeOf(parts) };
  }

  /** Equal runs of parts as one group with copies. A run of one group is that group, repeated. */
  repeat(runs: readonly (readonly Part[])[], name: string, isParallel: boolean): GroupPart {
    const groups = runs.map(([only]) => only);
    const [first] = groups;
    const isOne = runs[0]!.length === 1 && first!.kind === "group" && first!.copies.length === 1;
    const copies = isOne ? groups.map((each) => (each as GroupPart).copies[0]!) : runs;
    const role = isOne ? (first as GroupPart).role : runs[0]!.length === 1 ? "repeat" : "block";
    const inner = this.signatures.group(isOne ? role : "run", copies[0]!);
    const signature = this.signatures.of(`${runs.length}${isParallel ? "|" : "x"}${inner}`);
    const size = runs.reduce((sum, run) => sum + sizeOf(run), 0);
    return {
      kind: "group",
      role,
      name: isOne ? (first as GroupPart).name : name,
      copies,
      isParallel,
      signature,
      size,
    };
  }

  layer(part: LayerPart): Layer {
    return this.network.layers[part.layer]!;
  }

  /** The layer that a part is about: of a layer with what follows it, that layer; of a group, null. */
  carrier(part: Part): Layer | null {
    if (part.kind === "layer") return this.layer(part);
    if (part.role !== "fused" && part.role !== "repeat") return null;
    const found = part.copies[0]!.map((each) => this.carrier(each)).filter((each) => each !== null);
    return found.find(({ category }) => !isFollower(category)) ?? found[0] ?? null;
  }
}

const FOLLOWERS = new Set(["normalization", "activation", "regularization"]);

/** Whether layers of a category belong to the one before them: they change no size. */
export const isFollower = (category: string): boolean => FOLLOWERS.has(category);
