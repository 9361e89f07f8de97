/**
 * A network as figures are made of it: its layers in an order in which each follows its inputs, what leads where, and
 * the modules around them. It is read from a tool's tables, from JSON, or from a model's file, which may say anything.
 */
import { formatCount, shorten } from "../markup.ts";
import { say } from "../words.ts";

export interface Layer {
  id: string;
  name: string;
  /** Dotted path of its module, and of the module around it. */
  path: string;
  module: string;
  kind: "layer" | "operation" | "input" | "output";
  type: string;
  category: string;
  /** Null where nobody can say which weights it has. */
  parameters: number | null;
  trainable: number | null;
  isTrainable: boolean;
  flops: number | null;
  bytes: number | null;
  inputShapes: readonly Shape[];
  outputShapes: readonly Shape[];
  dtype: string;
  features: number | null;
  /** Sizes of the places, 0 for any: height and width, steps of a sequence. */
  inputResolution: readonly number[];
  outputResolution: readonly number[];
  hyperparameters: Readonly<Record<string, unknown>>;
  shared: string | null;
  isConnected: boolean;
}

/** Sizes of an array; null where any fits. */
export type Shape = readonly (number | null)[];

/** From one layer's output to another layer, by their places in the list. */
export interface Connection {
  source: number;
  target: number;
  output: number;
  input: number;
}

export interface Module {
  path: string;
  type: string;
}

export interface Network {
  layers: readonly Layer[];
  connections: readonly Connection[];
  modules: readonly Module[];
  notices: readonly string[];
  /** Whether a part is missing, as a notice says: what is behind it is connected to nothing for that reason. */
  isPartial?: boolean;
}

type Row = Readonly<Record<string, unknown>>;

/** The tables of a tool, as rows. */
export interface Tables {
  layers: readonly Row[];
  connections: readonly Row[];
  modules?: readonly Row[];
  notices?: readonly Row[];
}

/** Letters of a name in a notice. */
const SHOWN = 80;
const KINDS = ["layer", "operation", "input", "output"] as const;

/** Layers that are read at most; a figure of more says nothing. */
export const MOST_LAYERS = 20_000;
/** Connections, and modules, that are read at most. */
export const MOST_PARTS = 100_000;
/** What the tool says of each layer that nothing leads to: figures of whole networks say it once for all of them. */
const UNCONNECTED = "is not connected to any other layer";
/** The longest name that is kept; longer ones are cut where they are shown. */
const LONGEST = 10_000;

export function readNetwork(tables: Tables): Network {
  const rows = tables.layers.slice(0, MOST_LAYERS);
  const layers = [...rows]
    .sort((a, b) => Number(a["position"] ?? 0) - Number(b["position"] ?? 0))
    .map(layerOf);
  const places = new Map(layers.map(({ id }, index) => [id, index]));
  const connections = tables.connections.slice(0, MOST_PARTS).flatMap((row) => connectionOf(row, places));
  const modules = (tables.modules ?? [])
    .slice(0, MOST_PARTS)
    .map((row) => ({ path: text(row["path"]), type: text(row["type"]) }));
  const isPartial = (tables.notices ?? []).some(({ kind }) => kind === "missing");
  const notices = (tables.notices ?? [])
    .filter(({ what }) => isPartial || what !== UNCONNECTED)
    .map(noticeOf);
  return { layers, connections, modules, notices: [...notices, ...cutsOf(tables)], isPartial };
}

/** What is said of tables that are longer than is read. */
function cutsOf({ layers, connections, modules = [] }: Tables): string[] {
  const most = formatCount(MOST_PARTS);
  return [
    ...(layers.length > MOST_LAYERS
      ? [say("The first {most} layers are shown.", { most: formatCount(MOST_LAYERS) })]
      : []),
    ...(connections.length > MOST_PARTS ? [say("The first {most} connections are shown.", { most })] : []),
    ...(modules.length > MOST_PARTS ? [say("The first {most} modules are named.", { most })] : []),
  ];
}

function layerOf(row: Row): Layer {
  const kind = KINDS.find((each) => each === row["kind"]) ?? "layer";
  return {
    ...{ id: text(row["id"]), name: text(row["name"]), path: text(row["path"]), module: text(row["module"]) },
    ...{ kind, type: text(row["type"]) || "Layer", category: text(row["category"]) || "other" },
    parameters: countIn(row, "parameter_count", kind),
    trainable: countIn(row, "trainable_count", kind),
    isTrainable: row["is_trainable"] !== false,
    flops: countIn(row, "flops", kind),
    bytes: amount(row["activation_bytes"]),
    inputShapes: shapesOf(row["input_shapes"]),
    outputShapes: shapesOf(row["output_shapes"]),
    dtype: text(row["dtype"]),
    features: amount(row["features"]),
    inputResolution: sizesOf(row["input_resolution"]),
    outputResolution: sizesOf(row["output_resolution"]),
    hyperparameters: recordOf(row["hyperparameters"]),
    shared: typeof row["shared"] === "string" ? row["shared"] : null,
    isConnected: row["is_connected"] !== false,
  };
}

/** What a layer holds or costs; the ends of a network hold and cost nothing. */
const countIn = (row: Row, name: string, kind: Layer["kind"]): number | null =>
  row[name] === undefined && (kind === "input" || kind === "output") ? 0 : amount(row[name]);

/** Only what leads forward: a network is followed from its inputs to its outputs. */
function connectionOf(row: Row, places: ReadonlyMap<string, number>): Connection[] {
  const [source, target] = [places.get(text(row["source"])), places.get(text(row["target"]))];
  if (source === undefined || target === undefined || source >= target) return [];
  return [
    { source, target, output: amount(row["source_output"]) ?? 0, input: amount(row["target_input"]) ?? 0 },
  ];
}

function noticeOf(row: Row): string {
  const [place, what] = [text(row["place"]), text(row["what"])];
  return place ? `${shorten(place, SHOWN)}: ${what}` : what;
}

const text = (value: unknown): string => (typeof value === "string" ? value.slice(0, LONGEST) : "");

/** A number of something, which is none of NaN, infinite or below 0. */
function amount(value: unknown): number | null {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : null;
}

const sizesOf = (value: unknown): number[] =>
  Array.isArray(value) ? value.map((size) => amount(size) ?? 0) : [];

function shapesOf(value: unknown): Shape[] {
  const found = parsed(value);
  if (!Array.isArray(found)) return [];
  return found.filter(Array.isArray).map((shape: unknown[]) => shape.map((size) => amount(size)));
}

function recordOf(value: unknown): Record<string, unknown> {
  const found = parsed(value);
  const isRecord = typeof found === "object" && found !== null && !Array.isArray(found);
  return isRecord ? (found as Record<string, unknown>) : {};
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return null;
  }
}

/** Neighbours by place, each named once. */
export interface Neighbours {
  next: readonly (readonly number[])[];
  previous: readonly (readonly number[])[];
}

export function neighboursOf(count: number, edges: Iterable<{ source: number; target: number }>): Neighbours {
  const next: number[][] = Array.from({ length: count }, () => []);
  const previous: number[][] = Array.from({ length: count }, () => []);
  const known = new Set<number>();
  for (const { source, target } of edges) {
    const key = source * count + target;
    if (known.has(key)) continue;
    known.add(key);
    next[source]!.push(target);
    previous[target]!.push(source);
  }
  return { next, previous };
}

/** Without the layers of some types: what led to one leads to what it led to. Inputs and outputs stay. */
export function withoutTypes(network: Network, types: ReadonlySet<string>): Network {
  const { layers } = network;
  const isGone = layers.map(({ kind, type }) => types.has(type) && kind !== "input" && kind !== "output");
  if (!isGone.includes(true)) return network;
  const incoming: Connection[][] = layers.map(() => []);
  for (const each of network.connections) incoming[each.target]!.push(each);
  const roots: Pick<Connection, "source" | "output">[][] = [];
  for (const [index, gone] of isGone.entries())
    roots.push(gone ? unique(incoming[index]!.flatMap((each) => passed(each, isGone, roots))) : []);
  const places = new Map<number, number>();
  for (const [index, gone] of isGone.entries()) if (!gone) places.set(index, places.size);
  const connections = network.connections
    .filter(({ target }) => !isGone[target])
    .flatMap((each) => passed(each, isGone, roots).map((root) => ({ ...each, ...root })))
    .map((each) => ({ ...each, source: places.get(each.source)!, target: places.get(each.target)! }));
  return { ...network, layers: layers.filter((_, index) => !isGone[index]), connections };
}

function passed(
  { source, output }: Connection,
  isGone: readonly boolean[],
  roots: readonly Pick<Connection, "source" | "output">[][],
): Pick<Connection, "source" | "output">[] {
  return isGone[source] ? roots[source]! : [{ source, output }];
}

function unique(
  ends: readonly Pick<Connection, "source" | "output">[],
): Pick<Connection, "source" | "output">[] {
  return [...new Map(ends.map((end) => [`${end.source}/${end.output}`, end])).values()];
}

/** With a layer of its own behind each that leads to several: where the data is split. */
export function withSplits(network: Network): Network {
  const { next } = neighboursOf(network.layers.length, network.connections);
  const layers: Layer[] = [];
  const places: number[] = [];
  const splits = new Map<number, number>();
  for (const [index, layer] of network.layers.entries()) {
    places.push(layers.push(layer) - 1);
    if (next[index]!.length > 1) splits.set(index, layers.push(splitOf(layer)) - 1);
  }
  const connections = network.connections.map((each) => ({
    ...each,
    source: splits.get(each.source) ?? places[each.source]!,
    target: places[each.target]!,
  }));
  const added = [...splits].map(([index, split]) => ({
    source: places[index]!,
    target: split,
    output: 0,
    input: 0,
  }));
  return { ...network, layers, connections: [...connections, ...added] };
}

function splitOf(layer: Layer): Layer {
  return {
    ...layer,
    ...{ id: `${layer.id}/split`, name: "split", kind: "operation", type: "Split", category: "merge" },
    ...{ parameters: 0, trainable: 0, flops: 0, bytes: 0, hyperparameters: {}, shared: null },
    ...{ inputShapes: layer.outputShapes, inputResolution: layer.outputResolution },
  };
}
