/** Reads the graph of an ONNX model: its operations, what leads where, and the shapes that it says or that follow from them. */
import { ProblemError } from "../../problem.ts";
import { MOST_LAYERS } from "../network.ts";
import { fields, textOf, wholeIn } from "./protobuf.ts";
import { productOf } from "./keras.ts";
import type { Found } from "./read.ts";
import { categoryOf, termOf } from "./vocabulary.ts";

type Sizes = readonly (number | null)[];

interface Node {
  name: string;
  type: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, number | number[]>;
}

interface Graph {
  nodes: Node[];
  weights: Map<string, Sizes>;
  shapes: Map<string, Sizes>;
  inputs: string[];
  outputs: string[];
}

/** Names in one message; a model that has more does not mean them. */
const MOST_NAMES = 200_000;
const MOST_RANK = 32;

export function onnxModel(bytes: Uint8Array): Found {
  let graph: Graph | null = null;
  for (const { number, bytes: inner } of fields(bytes))
    if (number === 7 && inner.length) graph = graphIn(inner);
  if (!graph) throw new ProblemError("it holds no graph of ONNX");
  return tablesOf(graph);
}

function graphIn(bytes: Uint8Array): Graph {
  const graph: Graph = { nodes: [], weights: new Map(), shapes: new Map(), inputs: [], outputs: [] };
  let names = 0;
  for (const { number, bytes: inner } of fields(bytes)) {
    if (++names > MOST_NAMES) throw new ProblemError("it names more than a network has");
    if (number === 1) graph.nodes.push(nodeIn(inner));
    if (graph.nodes.length > MOST_LAYERS)
      throw new ProblemError(`it has more than ${MOST_LAYERS} operations`);
    if (number === 5) graph.weights.set(...tensorIn(inner));
    if (VALUES.has(number)) addValue(graph, number, inner);
  }
  return graph;
}

/** Numbers of the fields that describe a value: what goes in, what comes out, and what is in between. */
const VALUES = new Set([11, 12, 13]);

function addValue(graph: Graph, number: number, bytes: Uint8Array): void {
  const [name, sizes] = valueIn(bytes);
  if (sizes) graph.shapes.set(name, sizes);
  if (number === 11) graph.inputs.push(name);
  if (number === 12) graph.outputs.push(name);
}

function nodeIn(bytes: Uint8Array): Node {
  const node: Node = { name: "", type: "", inputs: [], outputs: [], attributes: {} };
  for (const { number, bytes: inner } of fields(bytes)) {
    if (number === 1) node.inputs.push(textOf(inner));
    if (number === 2) node.outputs.push(textOf(inner));
    if (number === 3) node.name = textOf(inner);
    if (number === 4) node.type = textOf(inner);
    if (number === 5) Object.assign(node.attributes, attributeIn(inner));
  }
  return node;
}

/** An attribute of whole numbers; others say nothing of sizes. */
function attributeIn(bytes: Uint8Array): Record<string, number | number[]> {
  let [name, one]: [string, number | null] = ["", null];
  const list: number[] = [];
  for (const field of fields(bytes)) {
    if (field.number === 1) name = textOf(field.bytes);
    if (field.number === 3) one = field.value;
    if (field.number === 8) list.push(...wholeIn(field));
    if (list.length > 1000) return {};
  }
  if (list.length) return { [name]: list };
  return one === null || Number.isNaN(one) ? {} : { [name]: one };
}

/** Name and sizes of weights; the numbers in them are passed over. */
function tensorIn(bytes: Uint8Array): [string, Sizes] {
  let name = "";
  const sizes: number[] = [];
  for (const field of fields(bytes)) {
    if (field.number === 1) sizes.push(...wholeIn(field));
    if (field.number === 8) name = textOf(field.bytes);
    if (sizes.length > MOST_RANK) throw new ProblemError("its weights have more axes than weights have");
  }
  if (sizes.some((size) => !(size >= 0 && size < 2 ** 40)))
    throw new ProblemError("its weights are larger than can be");
  return [name, sizes];
}

function valueIn(bytes: Uint8Array): [string, Sizes | null] {
  let [name, sizes]: [string, Sizes | null] = ["", null];
  for (const { number, bytes: inner } of fields(bytes)) {
    if (number === 1) name = textOf(inner);
    if (number !== 2) continue;
    for (const type of fields(inner))
      if (type.number === 1)
        for (const part of fields(type.bytes)) if (part.number === 2) sizes = dimensionsIn(part.bytes);
  }
  return [name, sizes];
}

function dimensionsIn(bytes: Uint8Array): Sizes {
  const sizes: (number | null)[] = [];
  for (const { number, bytes: inner } of fields(bytes)) {
    if (number !== 1) continue;
    let size: number | null = null;
    for (const each of fields(inner))
      if (each.number === 1 && each.value >= 0 && each.value < 2 ** 31) size = each.value;
    if (sizes.push(size) > MOST_RANK) throw new ProblemError("its arrays have more axes than arrays have");
  }
  return sizes;
}

/* As tables */

function tablesOf(graph: Graph): Found {
  const tables = new Tables(graph);
  for (const name of graph.inputs.filter((each) => !graph.weights.has(each))) tables.input(name);
  for (const node of graph.nodes) tables.node(node);
  for (const name of graph.outputs) tables.output(name);
  return tables.found;
}

class Tables {
  readonly found: Found = { layers: [], connections: [], modules: [], notices: [] };
  /** The layer that makes an array, by its name. */
  private readonly makers = new Map<string, string>();
  private readonly names = new Set<string>();

  constructor(private readonly graph: Graph) {}

  input(name: string): void {
    this.makers.set(name, this.add(name, "input", "Input", null, this.shape(name)));
  }

  node(node: Node): void {
    const given = this.shape(node.inputs[0]);
    const [first = ""] = node.outputs;
    const made = this.shape(first) ?? madeBy(node, given, this.graph);
    if (made && first) this.graph.shapes.set(first, made);
    const more = {
      parameter_count: weightsOf(node, this.graph),
      hyperparameters: JSON.stringify(node.attributes),
    };
    const id = this.add(node.name, "operation", typeOf(node, made), given, made, more);
    for (const [input, name] of node.inputs.entries()) this.connect(name, id, input);
    for (const name of node.outputs) this.makers.set(name, id);
  }

  output(name: string): void {
    const sizes = this.shape(name);
    const id = this.add(this.names.has(name) ? `${name} (output)` : name, "output", "Output", sizes, sizes);
    this.connect(name, id, 0);
  }

  private shape(name: string | undefined): Sizes | null {
    return this.graph.shapes.get(name ?? "") ?? null;
  }

  private connect(array: string, target: string, input: number): void {
    const source = this.makers.get(array);
    if (source !== undefined)
      this.found.connections.push({ source, source_output: 0, target, target_input: input });
  }

  private add(
    wanted: string,
    kind: string,
    type: string,
    given: Sizes | null,
    made: Sizes | null,
    more: object = {},
  ): string {
    let id = wanted || type;
    for (let again = 2; this.names.has(id); again++) id = `${wanted || type}@${again}`;
    this.names.add(id);
    const category = kind === "operation" ? categoryOf(type) : kind;
    const own = {
      id,
      name: id.split("/").at(-1),
      path: id,
      module: moduleOf(id),
      kind,
      type,
      category,
      is_connected: true,
    };
    this.found.layers.push({ ...own, ...sizesOf(given, made), ...more });
    return id;
  }
}

const moduleOf = (id: string): string => id.split("/").filter(Boolean).slice(0, -1).join(".");

/** `Conv` over two places is `Conv2d`. */
function typeOf({ type }: Node, made: Sizes | null): string {
  const term = termOf(type);
  const rank = made && made.length > 2 ? made.length - 2 : 0;
  return rank && /^(Conv|ConvTranspose|MaxPool|AvgPool|BatchNorm)$/.test(term) ? `${term}${rank}d` : term;
}

/** Channels stand first in ONNX, behind the samples. */
function sizesOf(given: Sizes | null, made: Sizes | null): Record<string, unknown> {
  const places = (sizes: Sizes | null): number[] => {
    if (!sizes || sizes.length < 3) return [];
    return (sizes.length === 3 ? sizes.slice(1, 2) : sizes.slice(2)).map((size) => size ?? 0);
  };
  const features = made ? (made.length === 3 ? made[2] : made[made.length > 1 ? 1 : 0]) : null;
  return {
    ...{ features: features ?? null, input_resolution: places(given), output_resolution: places(made) },
    ...{ input_shapes: given ? [given] : [], output_shapes: made ? [made] : [] },
  };
}

function weightsOf({ inputs }: Node, { weights }: Graph): number {
  return inputs.reduce(
    (sum, name) =>
      sum + (weights.get(name)?.reduce<number>((product, size) => product * (size ?? 0), 1) ?? 0),
    0,
  );
}

type Rule = (node: Node, given: Sizes, weight: Sizes) => Sizes | null;

const pooled: Rule = (node, given) => [
  ...given.slice(0, 2),
  ...windowed(node, given.slice(2), listOf(node, "kernel_shape")),
];

/** How sizes follow of the most common operations that change them. */
const RULES: Readonly<Record<string, Rule>> = {
  Conv: (node, given, weight) => [
    given[0] ?? null,
    weight[0] ?? null,
    ...windowed(node, given.slice(2), weight.slice(2)),
  ],
  MaxPool: pooled,
  AveragePool: pooled,
  GlobalAveragePool: (_, given) => [...given.slice(0, 2), ...given.slice(2).map(() => 1)],
  GlobalMaxPool: (_, given) => [...given.slice(0, 2), ...given.slice(2).map(() => 1)],
  Gemm: ({ attributes }, given, weight) => [
    given[0] ?? null,
    (attributes["transB"] ? weight[0] : weight[1]) ?? null,
  ],
  MatMul: (_, given, weight) => (weight.length ? [...given.slice(0, -1), weight.at(-1) ?? null] : null),
  Flatten: (_, given) => [given[0] ?? null, productOf(given.slice(1))],
};

const KEPT = /^(Add|Sub|Mul|Div|Sum|Identity|Cast)$/;

/** What an operation gives, where the file does not say: of the most common ones, and of those that change no size. */
function madeBy(node: Node, given: Sizes | null, graph: Graph): Sizes | null {
  if (!given) return null;
  const rule = Object.hasOwn(RULES, node.type) ? RULES[node.type] : null;
  if (rule) return rule(node, given, graph.weights.get(node.inputs[1] ?? "") ?? []);
  const category = categoryOf(termOf(node.type));
  const isKept = ["activation", "normalization", "regularization"].includes(category) || KEPT.test(node.type);
  return isKept ? given : null;
}

const listOf = ({ attributes }: Node, name: string): number[] => {
  const value = attributes[name];
  return Array.isArray(value) ? value : [];
};

function windowed(node: Node, given: Sizes, kernel: Sizes): Sizes {
  const [strides, pads, dilations] = ["strides", "pads", "dilations"].map((name) => listOf(node, name)) as [
    number[],
    number[],
    number[],
  ];
  return given.map((size, axis) => {
    if (size === null) return null;
    const padded = size + (pads[axis] ?? 0) + (pads[axis + given.length] ?? 0);
    const reach = (dilations[axis] ?? 1) * ((kernel[axis] ?? 1) - 1) + 1;
    return Math.max(0, Math.floor((padded - reach) / Math.max(1, strides[axis] ?? 1)) + 1);
  });
}
