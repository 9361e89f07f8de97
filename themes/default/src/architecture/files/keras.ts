/** Reads the configuration of a Keras model: its layers, how they call each other, and the shapes that they were built for. */
import { formatCount, shorten } from "../../markup.ts";
import { ProblemError, told } from "../../problem.ts";
import { sayCount } from "../../words.ts";
import { MOST_LAYERS } from "../network.ts";
import { tooManyLayers } from "./bounds.ts";
import type { Found } from "./read.ts";
import {
  bytesOf,
  flopsOf,
  inner,
  isRecord,
  madeBy,
  shapeIn,
  weightsOf,
  type Json,
  type Shape,
} from "./keras-sizes.ts";
import { categoryOf, termOf } from "./vocabulary.ts";

/** Models in models, and lists in lists, that are followed. */
const DEEPEST = 40;

export function kerasModel(model: unknown): Found {
  const found: Found = { layers: [], connections: [], modules: [], notices: [] };
  if (!isRecord(model) || !Array.isArray(inner(model, "config")["layers"]))
    throw isOwnCode(model)
      ? ownCode(model)
      : new ProblemError(told("it is no model of Keras with layers of its own"));
  const reading = new Reading(found);
  reading.model(model, "", 0, []);
  const [first] = reading.unweighed;
  if (first !== undefined) found.notices.push({ place: first, what: unweighedIn(reading.unweighed.length) });
  return found;
}

/** A model of own code lists no layers: only its weights name them, which are not read here. */
const isOwnCode = (model: unknown): model is Json =>
  isRecord(model) && typeof model["class_name"] === "string" && isRecord(model["config"]);

const ownCode = (model: Json): ProblemError =>
  new ProblemError(
    told('its class "{name}" is own code, and the file does not say which layers that has', {
      name: shorten(String(model["class_name"]), 60),
    }),
    told("sitegen figure shows those that hold weights"),
  );

const unweighedIn = (n: number): string =>
  sayCount(
    n,
    "the file does not say how many parameters this layer holds: sums count the others alone",
    "of this layer and others, {n} in all, the file does not say how many parameters they hold: sums count the others alone",
    { n: formatCount(n) },
  );

class Reading {
  private readonly made = new Map<string, Json>();
  /** Layers of which the file does not tell how many weights they have. */
  readonly unweighed: string[] = [];

  constructor(private readonly found: Found) {}

  /** Adds the layers of a model; returns the ids that its outputs come from. */
  model(model: Json, prefix: string, depth: number, entry: readonly string[]): string[] {
    if (depth > DEEPEST) throw new ProblemError(told("it has models in models without end"));
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
    if (this.found.layers.length >= MOST_LAYERS) throw tooManyLayers();
    if (Array.isArray(inner(layer, "config")["layers"])) {
      this.found.modules.push({ path: id.replaceAll("/", "."), type: String(layer["class_name"] ?? "") });
      return this.model(layer, `${id}/`, depth + 1, callers);
    }
    const type = termOf(String(layer["class_name"] ?? "Layer").slice(0, 200));
    const config = inner(layer, "config");
    const given = shapeIn(inner(layer, "build_config")["input_shape"]) ?? this.shapeOf(callers[0]);
    const all = callers.map((each) => this.shapeOf(each));
    const asked = { type, config, given, all };
    const made = madeBy(asked);
    const weights = weightsOf(asked);
    if (weights === null) this.unweighed.push(id);
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
        ...sizesOf(given, made, config["data_format"] === "channels_first"),
        hyperparameters: JSON.stringify(hyperparametersOf(config)),
        parameter_count: weights,
        flops: flopsOf(asked, made),
        activation_bytes: bytesOf(made),
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
        ...sizesOf(shape, shape, false),
        activation_bytes: 0,
      },
      shape,
    );
    this.found.connections.push({ source, source_output: 0, target: id, target_input: 0 });
  }

  private add(row: Record<string, unknown>, made: Shape): void {
    if (this.made.has(String(row["id"])))
      throw new ProblemError(
        told('two of its layers are called "{id}"', { id: shorten(String(row["id"]), 60) }),
      );
    this.made.set(String(row["id"]), { shape: made });
    this.found.layers.push({ is_connected: true, ...row });
  }

  private shapeOf(id: string | undefined): Shape {
    return (this.made.get(id ?? "")?.["shape"] as Shape | undefined) ?? null;
  }
}

/** Names of the layers that a layer is called with: Keras 3 has `keras_history`, Keras 2 nested lists. */
function callersOf(layer: Json): string[] {
  return namesIn(layer["inbound_nodes"], 0);
}

function namesIn(value: unknown, depth: number): string[] {
  if (depth > DEEPEST) throw new ProblemError(told("it has lists in lists without end"));
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

/** Channels stand last in Keras, unless a layer says otherwise. */
function sizesOf(given: Shape, made: Shape, isFirst: boolean): Record<string, unknown> {
  const places = (shape: Shape): number[] =>
    shape && shape.length > 2 ? (isFirst ? shape.slice(2) : shape.slice(1, -1)).map((size) => size ?? 0) : [];
  const features = made && (isFirst && made.length > 2 ? made[1] : made.at(-1));
  return {
    ...{ features: features ?? null, input_resolution: places(given), output_resolution: places(made) },
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
