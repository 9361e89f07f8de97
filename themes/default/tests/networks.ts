/** The zoo's networks as the tool reads them, and networks made up in a line. `python -m tests.pipelines.exported` writes the files. */
import { readFileSync } from "node:fs";
import { rowsOf } from "../src/architecture/command.ts";
import { elk } from "../src/architecture/engine.ts";
import { figureOf, WANTED, type Figure, type Wanted } from "../src/architecture/figure.ts";
import { useEngine } from "../src/architecture/layout.ts";
import { readNetwork, type Network } from "../src/architecture/network.ts";

export const ZOO = [
  "unet",
  "vgg16",
  "resnet50",
  "densenet121",
  "inception_v3",
  "mobilenet_v3",
  "vit_b_16",
  "bert_base",
  "translator",
  "volumes",
] as const;

export function zoo(name: (typeof ZOO)[number]): Network {
  const text = readFileSync(new URL(`networks/${name}.json`, import.meta.url), "utf8");
  return readNetwork(rowsOf(JSON.parse(text) as Parameters<typeof rowsOf>[0]));
}

/** The same as a framework would hand it over that knows no modules. */
export function withoutModules(network: Network): Network {
  return { ...network, modules: [], layers: network.layers.map((layer) => ({ ...layer, module: "" })) };
}

type Row = Record<string, unknown>;

/** A layer in one line: `Conv2d 64 28`, its type, features and resolution; what else it is, besides. */
export function layer(id: string, written: string, more: Row = {}): Row {
  const [type, features, side] = written.split(" ");
  const resolution = side ? side.split("x").map(Number) : [];
  const categories: Record<string, string> = {
    ...{ Conv2d: "convolution", ReLU: "activation", MaxPool2d: "pooling", Linear: "dense", Add: "merge" },
    ...{
      Concatenate: "merge",
      BatchNorm2d: "normalization",
      LSTM: "recurrent",
      Input: "input",
      Output: "output",
    },
  };
  return {
    ...{ id, name: id.split(".").at(-1), path: id, module: id.split(".").slice(0, -1).join("."), type },
    kind: type === "Input" ? "input" : type === "Output" ? "output" : "layer",
    ...{ category: categories[type!] ?? "other", parameter_count: 10, flops: 100, activation_bytes: 1000 },
    ...{
      features: features ? Number(features) : null,
      input_resolution: resolution,
      output_resolution: resolution,
    },
    ...{ output_shapes: "[]", input_shapes: "[]", hyperparameters: "{}", is_connected: true, ...more },
  };
}

/** Layers by `layer`, connected as `a>b c>d` says. */
export function networkOf(
  layers: readonly Row[],
  edges: string,
  modules: readonly Row[] = [],
  notices: readonly Row[] = [],
): Network {
  const connections = edges
    .split(/\s+/)
    .filter(Boolean)
    .map((edge) => edge.split(">"))
    .map(([source, target]) => ({ source, target, source_output: 0, target_input: 0 }));
  const placed = layers.map((row, position) => ({ position, ...row }));
  return readNetwork({ layers: placed, connections, modules, notices });
}

/** Layers that follow each other. */
export function chainOf(layers: readonly Row[]): Network {
  const ids = layers.map(({ id }) => String(id));
  return networkOf(
    layers,
    ids
      .slice(1)
      .map((id, index) => `${ids[index]!}>${id}`)
      .join(" "),
  );
}

export function drawn(network: Network, wanted: Partial<Wanted> = {}): Figure {
  useEngine(elk);
  return figureOf(network, { ...WANTED, ...wanted });
}
