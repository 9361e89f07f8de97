/** Reads the configuration of a Keras model: its layers, how they call each other, and the shapes that they were built for. */
import { ProblemError } from "../../problem.ts";
import { MOST_LAYERS } from "../network.ts";
import type { Found } from "./read.ts";
import { categoryOf, termOf } from "./vocabulary.ts";

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const inner = (value: unknown, name: string): Json => {
  const found = isRecord(value) ? value[name] : null;
  return isRecord(found) ? found : {};
};

/** Models in models, and lists in lists, that are followed. */
const DEEPEST = 40;

export function kerasModel(model: unknown): Found {
  const found: Found = { layers: [], connections: [], modules: [], notices: [] };
  if (!isRecord(model) || !Array.isArray(inner(model, "config")["layers"]))
    throw new ProblemError("it is no model of Keras with layers of its own");
  new Reading(found).model(model, "", 0, []);
  return found;
}

class Reading {
  private readonly made = new Map<string, Json>();

  constructor(private readonly found: Found) {}

  /** Adds the layers of a model; returns the ids that its outputs come from. */
  model(model: Json, prefix: string, depth: number, entry: readonly string[]): string[] {
    if (depth > DEEPEST) throw new ProblemError("it has models in models without end");
    const config = inner(model, "config");
    const layers = (config["layers"] as unknown[]).filter(isRecord);
    const ends = new Map<string, string[]>();
    const isChain = model["class_name"] === "Sequential";
    const last = this.layers(layers, prefix, depth, entry, ends, isChain);
    const outputs = isChain
      ? []
      : namesIn(config["output_layers"], 0).flatMap((name) => ends.get(name) ?? []);
    const result = outputs.length ? outputs : last;
    if (depth === 0) for (const id of new Set(result)) this.output(id);
    return result;
  }

  /** Adds layers one after the other; returns the ids that the last one's arrays come from. */
  private layers(
    layers: readonly Json[],
    prefix: string,
    depth: number,
    entry: readonly string[],
    ends: Map<string, string[]>,
    isChain: boolean,
  ): string[] {
    let last: string[] = [...entry];
    for (const layer of layers) {
      const name = String(layer["name"] ?? inner(layer, "config")["name"] ?? `layer_${ends.size}`);
      const callers = isChain ? last : callersOf(layer).flatMap((each) => ends.get(each) ?? []);
      const isEntry = layer["class_name"] === "InputLayer" && entry.length > 0;
      last = isEntry ? [...entry] : this.layer(layer, prefix + name, depth, callers.length ? callers : entry);
      ends.set(name, last);
    }
    return last;
  }

  private layer(layer: Json, id: string, depth: number, callers: readonly string[]): string[] {
    if (this.found.layers.length >= MOST_LAYERS)
      throw new ProblemError(`it has more than ${MOST_LAYERS} layers`);
    if (Array.isArray(inner(layer, "config")["layers"])) {
      this.found.modules.push({ path: id.replaceAll("/", "."), type: String(layer["class_name"] ?? "") });
      return this.model(layer, `${id}/`, depth + 1, callers);
    }
    const type = termOf(String(layer["class_name"] ?? "Layer").slice(0, 200));
    const config = inner(layer, "config");
    const given = shapeIn(inner(layer, "build_config")["input_shape"]) ?? this.shapeOf(callers[0]);
    const made = madeBy(
      type,
      config,
      given,
      callers.map((each) => this.shapeOf(each)),
    );
    const kind = type === "Input" ? "input" : "layer";
    const row = {
      id,
      name: id.split("/").at(-1)!,
      path: id,
      module: id.split("/").slice(0, -1).join("."),
      kind,
      type,
      category: categoryOf(type),
    };
    this.add(
      {
        ...row,
        ...sizesOf(given, made),
        hyperparameters: JSON.stringify(hyperparametersOf(config)),
        parameter_count: weightsOf(type, config, given),
      },
      made,
    );
    for (const [input, source] of callers.entries())
      this.found.connections.push({ source, source_output: 0, target: id, target_input: input });
    return [id];
  }

  private output(source: string): void {
    const shape = this.shapeOf(source);
    const id = `${source} (output)`;
    this.add(
      {
        id,
        name: "output",
        path: id,
        module: "",
        kind: "output",
        type: "Output",
        category: "output",
        ...sizesOf(shape, shape),
      },
      shape,
    );
    this.found.connections.push({ source, source_output: 0, target: id, target_input: 0 });
  }

  private add(row: Record<string, unknown>, made: Shape): void {
    if (this.made.has(String(row["id"])))
      throw new ProblemError(`two of its layers are called "${String(row["id"]).slice(0, 60)}"`);
    this.made.set(String(row["id"]), { shape: made });
    this.found.layers.push({ is_connected: true, ...row });
  }

  private shapeOf(id: string | undefined): Shape {
    return (this.made.get(id ?? "")?.["shape"] as Shape | undefined) ?? null;
  }
}

type Shape = readonly (number | null)[] | null;

/** Names of the layers that a layer is called with: Keras 3 has `keras_history`, Keras 2 nested lists. */
function callersOf(layer: Json): string[] {
  return namesIn(layer["inbound_nodes"], 0);
}

function namesIn(value: unknown, depth: number): string[] {
  if (depth > DEEPEST) throw new ProblemError("it has lists in lists without end");
  if (isRecord(value)) {
    const history = value["keras_history"];
    if (Array.isArray(history) && typeof history[0] === "string") return [history[0]];
    return Object.values(value).flatMap((each) => namesIn(each, depth + 1));
  }
  if (!Array.isArray(value)) return [];
  const [name, node, tensor] = value as unknown[];
  if (typeof name === "string" && typeof node === "number" && typeof tensor === "number") return [name];
  return value.flatMap((each) => namesIn(each, depth + 1));
}

function shapeIn(value: unknown): Shape {
  if (!Array.isArray(value) || value.length > 16) return null;
  return value.every((size) => size === null || (Number.isInteger(size) && Number(size) >= 0))
    ? (value as (number | null)[])
    : null;
}

const numberIn = (config: Json, name: string): number | null =>
  typeof config[name] === "number" ? config[name] : null;

const listIn = (config: Json, name: string): number[] => {
  const value = config[name];
  if (Array.isArray(value)) return value.map(Number);
  return typeof value === "number" ? [value, value, value] : [];
};

/** How the sizes of a type of layer follow; the first that fits counts. */
type Rule = (
  config: Json,
  given: readonly (number | null)[],
  all: readonly Shape[],
  made: number | null,
) => Shape;

const scaled = (
  given: readonly (number | null)[],
  by: readonly number[],
  otherwise: number,
): (number | null)[] =>
  given.slice(1, -1).map((size, axis) => (size === null ? null : size * (by[axis] ?? otherwise)));

const batchOf = (given: readonly (number | null)[]): number | null => given[0] ?? null;
const lastOf = (given: readonly (number | null)[]): number | null => given.at(-1) ?? null;

const RULES: readonly (readonly [RegExp, Rule])[] = [
  [
    /^(Separable)?Conv\dd$/,
    (config, given, _, made) => [
      batchOf(given),
      ...windowed(config, given.slice(1, -1), "kernel_size"),
      made,
    ],
  ],
  [
    /^ConvTranspose\dd$/,
    (config, given, _, made) => [batchOf(given), ...scaled(given, listIn(config, "strides"), 1), made],
  ],
  [/^Global\w+Pool\dd$/, (_, given) => [batchOf(given), lastOf(given)]],
  [
    /Pool\dd$/,
    (config, given) => [batchOf(given), ...windowed(config, given.slice(1, -1), "pool_size"), lastOf(given)],
  ],
  [
    /^Upsample$/,
    (config, given) => [batchOf(given), ...scaled(given, listIn(config, "size"), 2), lastOf(given)],
  ],
  [/^Flatten$/, (_, given) => [batchOf(given), productOf(given.slice(1))]],
  [/^Linear$/, (_, given, __, made) => [...given.slice(0, -1), made]],
  [
    /^(LSTM|GRU|RNN)$/,
    (config, given, _, made) =>
      config["return_sequences"] === true ? [...given.slice(0, -1), made] : [batchOf(given), made],
  ],
  [/^Embedding$/, (config, given) => [...given, numberIn(config, "output_dim")]],
  [/^Concatenate$/, (_, given, all) => [...given.slice(0, -1), sumOf(all)]],
];

const KEPT = new Set(["activation", "normalization", "regularization", "merge", "attention"]);

/** What a layer gives for what it takes; null where only running it would tell. */
function madeBy(type: string, config: Json, given: Shape, all: readonly Shape[]): Shape {
  if (type === "Input") return shapeIn(config["batch_shape"] ?? config["batch_input_shape"]);
  if (!given) return null;
  const made = numberIn(config, "filters") ?? numberIn(config, "units");
  const rule = RULES.find(([pattern]) => pattern.test(type))?.[1];
  return rule ? rule(config, given, all, made) : KEPT.has(categoryOf(type)) ? given : null;
}

export function productOf(sizes: readonly (number | null)[]): number | null {
  return sizes.includes(null) ? null : sizes.reduce<number>((product, size) => product * (size ?? 1), 1);
}

function sumOf(all: readonly Shape[]): number | null {
  const sizes = all.map((shape) => shape?.at(-1) ?? null);
  return sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

function windowed(config: Json, given: readonly (number | null)[], kernel: string): (number | null)[] {
  const sizes = listIn(config, kernel);
  const strides = listIn(config, "strides");
  return given.map((size, axis) => {
    if (size === null) return null;
    const stride = Math.max(1, strides[axis] ?? (kernel === "pool_size" ? (sizes[axis] ?? 1) : 1));
    const reach = config["padding"] === "valid" ? (sizes[axis] ?? 1) - 1 : 0;
    return Math.max(0, Math.ceil((size - reach) / stride));
  });
}

/** Channels stand last in Keras. */
function sizesOf(given: Shape, made: Shape): Record<string, unknown> {
  const places = (shape: Shape): number[] =>
    shape && shape.length > 2 ? shape.slice(1, -1).map((size) => size ?? 0) : [];
  return {
    ...{ features: made?.at(-1) ?? null, input_resolution: places(given), output_resolution: places(made) },
    ...{ input_shapes: given ? [given] : [], output_shapes: made ? [made] : [] },
  };
}

const SHOWN = [
  "kernel_size",
  "strides",
  "padding",
  "filters",
  "units",
  "pool_size",
  "rate",
  "activation",
  "dilation_rate",
  "groups",
  "axis",
];

const hyperparametersOf = (config: Json): Json =>
  Object.fromEntries(
    SHOWN.filter(
      (name) => ["number", "string"].includes(typeof config[name]) || Array.isArray(config[name]),
    ).map((name) => [name, config[name]]),
  );

/** Weights of dense layers and convolutions; of others they are not known from the configuration alone. */
function weightsOf(type: string, config: Json, given: Shape): number {
  const [taken, made] = [given?.at(-1) ?? null, numberIn(config, "filters") ?? numberIn(config, "units")];
  if (taken === null || made === null || !/^(Linear|Conv\dd)$/.test(type)) return 0;
  const kernel = type === "Linear" ? [] : listIn(config, "kernel_size").slice(0, Number(type.at(-2)));
  const groups = numberIn(config, "groups") ?? 1;
  return (
    (kernel.reduce((product, size) => product * size, 1) * taken * made) / groups +
    (config["use_bias"] === false ? 0 : made)
  );
}
