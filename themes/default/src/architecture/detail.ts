/**
 * What is shown of the parts: each glyph a layer or a closed group, each frame an opened group with several copies, of
 * which one is drawn. A level says how deep groups are open; a reader opens and closes single ones.
 */
import type { Aggregation } from "./aggregate.ts";
import type { Layer } from "./network.ts";
import { layersIn, type GroupPart, type Part } from "./parts.ts";
import { shorten } from "../markup.ts";
import { sayCount, say } from "../words.ts";

/** Glyphs that are laid out at a time. */
export const MOST_GLYPHS = 500;
/** Steps that edges pass over together at most: of more, a layout takes many seconds. */
const MOST_REACH = 12_000;
/** Fewer glyphs than these say too little of a network, more than those too much. */
const FEWEST = 4;
const ENOUGH = 24;

export interface Glyph {
  /** Names a part in links: the id of its first layer, and for a group how many layers it has. */
  id: string;
  part: Part;
  /** Every layer that it stands for, with all copies, in order. */
  layers: readonly number[];
  name: string;
  count: number;
  isParallel: boolean;
  /** Place of the frame around it; -1 for none. */
  frame: number;
  /** Whether nothing leads to it or from it. */
  isLoose: boolean;
}

export interface Frame {
  id: string;
  name: string;
  count: number;
  isParallel: boolean;
  /** Place of the frame around it; -1 for none. */
  parent: number;
}

export interface Edge {
  source: number;
  target: number;
  /** The first input of the target that it leads to. */
  input: number;
}

export interface Shown {
  glyphs: readonly Glyph[];
  frames: readonly Frame[];
  edges: readonly Edge[];
  /** The glyph of each layer; -1 for those in none. */
  glyphOf: Int32Array;
  /** The level that is shown, and the one in which every layer is. */
  level: number;
  deepest: number;
  notices: readonly string[];
}

export interface Detail {
  /** Null for the level that suits the network. */
  level: number | null;
  opened: ReadonlySet<string>;
  closed: ReadonlySet<string>;
}

export const AUTOMATIC: Detail = { level: null, opened: new Set(), closed: new Set() };

export const idOf = (layers: readonly Layer[], part: Part, members: readonly number[]): string =>
  part.kind === "layer"
    ? layers[part.layer]!.id
    : groupIdOf(layers, members, part.size, part.role) + (part.role === "manual" ? BY_HAND : "");

/** Tells a group made by hand from one that was found and holds the same layers. */
const BY_HAND = "*";

export const manualIdOf = (layers: readonly Layer[], members: readonly number[]): string =>
  groupIdOf(layers, members) + BY_HAND;

/** The id of a group by its first layer and how many it has; ``empty`` names one of none. */
export const groupIdOf = (
  layers: readonly Layer[],
  members: readonly number[],
  size = members.length,
  empty = "",
): string => `${layers[members[0] ?? -1]?.id ?? empty}~${size}`;

/** How many levels there are beyond the one glyph for all. */
export function deepestOf(part: Part): number {
  if (part.kind === "layer") return 0;
  const inner = Math.max(0, ...part.copies[0]!.map(deepestOf));
  return part.role === "open" ? inner : inner + 1;
}

export function shownOf(aggregation: Aggregation, detail: Detail): Shown {
  const deepest = deepestOf(aggregation.root) + 1;
  const wanted = Math.min(detail.level ?? Math.min(automaticLevel(aggregation), deepest - 1), deepest);
  const notices: string[] = [];
  for (let level = wanted; ; level--) {
    const shown = new Showing(aggregation, { ...detail, level }, deepest).shown();
    const tooMuch = tooMuchOf(shown);
    if (tooMuch === null || level <= 1)
      return { ...shown, notices: [...notices.slice(0, 1), ...aloneIn(aggregation)] };
    notices.push(tooMuch);
  }
}

/** Why a figure shows less detail than was wanted; null where it can be laid out. */
function tooMuchOf(shown: Shown): string | null {
  if (shown.glyphs.length > MOST_GLYPHS)
    return say(
      "At most {most} glyphs are drawn at a time, so the figure shows less detail; open one group after the other.",
      { most: MOST_GLYPHS },
    );
  if (reachOf(shown) <= MOST_REACH) return null;
  return say(
    "So many connections lead past others that the figure shows less detail; open one group after the other.",
  );
}

/** How many steps all edges pass over together: each takes room in the layout, wherever it leads by. */
function reachOf({ glyphs, edges }: Shown): number {
  const depths = new Int32Array(glyphs.length);
  let reach = 0;
  // Glyphs come in the order of their layers, so each is behind all that leads to it.
  for (const { source, target } of [...edges].sort((one, other) => one.target - other.target))
    depths[target] = Math.max(depths[target]!, depths[source]! + 1);
  for (const { source, target } of edges) reach += Math.max(0, depths[target]! - depths[source]! - 1);
  return reach;
}

function aloneIn({ loose, network }: Aggregation): string[] {
  const [first] = loose;
  // Of what a partial network lacks its own notices tell, and why.
  if (first === undefined || network.isPartial) return [];
  return [
    sayCount(
      loose.length,
      "The layer {id} is not connected to any other.",
      "{n} layers are not connected to any other.",
      { n: loose.length, id: shorten(network.layers[first]!.id, 80) },
    ),
  ];
}

/** The first level that says enough; of a network of few parts, their parts where those are not too many. */
export function automaticLevel(aggregation: Aggregation): number {
  const { maker } = aggregation;
  const inner = (level: number): Part[] => {
    const { glyphs } = new Showing(aggregation, { ...AUTOMATIC, level }, Infinity).shown();
    const parts = glyphs.map(({ part }) => part);
    return parts.filter((part) => part.kind === "group" || !isEnd(maker.layer(part)));
  };
  // To part a layer from its activation would say nothing more of the network.
  const hasBlocks = (parts: readonly Part[]): boolean => parts.some((part) => !maker.carrier(part));
  let level = 1;
  for (let parts = inner(1); level < 4 && parts.length < FEWEST && hasBlocks(parts); level++) {
    parts = inner(level + 1);
    if (parts.length > ENOUGH) break;
  }
  return level;
}

const isEnd = ({ kind }: Layer): boolean => kind === "input" || kind === "output";

class Showing {
  private readonly glyphs: Glyph[] = [];
  private readonly frames: Frame[] = [];
  private readonly glyphOf: Int32Array;
  /** By frame: which copy a layer is in. */
  private readonly copyOf: Map<number, number>[] = [];
  private readonly frameOf: Int32Array;
  private readonly loose: ReadonlySet<number>;

  constructor(
    private readonly aggregation: Aggregation,
    private readonly detail: Detail & { level: number },
    private readonly deepest: number,
  ) {
    const { length } = aggregation.network.layers;
    this.glyphOf = new Int32Array(length).fill(-1);
    this.frameOf = new Int32Array(length).fill(-1);
    this.loose = new Set(aggregation.loose);
  }

  shown(): Shown {
    const { root, loose, maker } = this.aggregation;
    if (root.size > 0) this.walk([root], 0, -1);
    for (const index of loose) this.walk([maker.leaves[index]!], 0, -1);
    const { glyphs, frames, glyphOf, deepest } = this;
    return { glyphs, frames, glyphOf, edges: this.edges(), level: this.detail.level, deepest, notices: [] };
  }

  /** The same part in each copy that one drawing stands for. */
  private walk(versions: readonly Part[], depth: number, frame: number): void {
    const [part] = versions as [Part];
    const members = versions.flatMap((each) => layersIn(each));
    const id = idOf(this.aggregation.network.layers, part, layersIn(part));
    if (part.kind === "layer" || !this.isOpen(part, id, depth)) return this.add(part, id, members, frame);
    const inner = part.role === "open" ? depth : depth + 1;
    const groups = versions as readonly GroupPart[];
    if (part.copies.length > 1 && this.detail.level < this.deepest)
      return this.framed(groups, id, inner, frame);
    for (const [copy, parts] of part.copies.entries())
      for (const index of parts.keys())
        this.walk(
          groups.map((each) => each.copies[copy]![index]!),
          inner,
          frame,
        );
  }

  private isOpen(part: GroupPart, id: string, depth: number): boolean {
    const { level, opened, closed } = this.detail;
    if (opened.has(id)) return true;
    if (closed.has(id) || this.copiesOf(part).some((each) => closed.has(each))) return false;
    if (level >= this.deepest || part.role === "open") return true;
    return part.role !== "manual" && depth < level;
  }

  /** Each place in which a group made by hand stands is closed by itself, and so are places that are folded into one. */
  private copiesOf(part: GroupPart): string[] {
    if (part.role !== "manual") return [];
    const { layers } = this.aggregation.network;
    return part.copies.map((copy) =>
      manualIdOf(
        layers,
        copy.flatMap((each) => layersIn(each)),
      ),
    );
  }

  private framed(groups: readonly GroupPart[], id: string, depth: number, parent: number): void {
    const [first] = groups as [GroupPart];
    const { name, isParallel } = first;
    const frame = this.frames.push({ id, name, count: first.copies.length, isParallel, parent }) - 1;
    const copies = groups.flatMap((group) => group.copies);
    const copyOf = new Map<number, number>();
    for (const [copy, parts] of copies.entries())
      for (const part of parts) for (const layer of layersIn(part)) copyOf.set(layer, copy);
    this.copyOf.push(copyOf);
    for (const index of first.copies[0]!.keys())
      this.walk(
        copies.map((parts) => parts[index]!),
        depth,
        frame,
      );
  }

  private add(part: Part, id: string, members: readonly number[], frame: number): void {
    const { maker } = this.aggregation;
    const place = this.glyphs.length;
    const layers = [...members].sort((a, b) => a - b);
    for (const layer of layers) {
      this.glyphOf[layer] = place;
      this.frameOf[layer] = frame;
    }
    const group = part.kind === "group" ? part : null;
    const name = group ? group.name : maker.layer(part as never).type;
    this.glyphs.push({
      id,
      part,
      layers,
      name,
      count: group?.copies.length ?? 1,
      isParallel: group?.isParallel ?? false,
      frame,
      isLoose: this.loose.has(layers[0]!),
    });
  }

  /** What leads from glyph to glyph, each once; not what leads from one copy to the next, for one stands for both. */
  private edges(): Edge[] {
    const found = new Map<number, Edge>();
    for (const { source, target, input } of this.aggregation.network.connections) {
      const [from, to] = [this.glyphOf[source]!, this.glyphOf[target]!];
      if (from < 0 || to < 0 || from === to || this.isBetweenCopies(source, target)) continue;
      const key = from * this.glyphs.length + to;
      if (!found.has(key)) found.set(key, { source: from, target: to, input });
    }
    return [...found.values()];
  }

  private isBetweenCopies(source: number, target: number): boolean {
    for (let frame = this.frameOf[source]!; frame >= 0; frame = this.frames[frame]!.parent) {
      const copies = this.copyOf[frame]!;
      const [from, to] = [copies.get(source), copies.get(target)];
      if (from !== undefined && to !== undefined && from !== to) return true;
    }
    return false;
  }
}
