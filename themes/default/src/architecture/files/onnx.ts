/** Reads the graph of an ONNX model: its operations, what leads where, and the shapes that it says or that follow from them. */
import { formatCount, shorten } from "../../markup.ts";
import { ProblemError, told } from "../../problem.ts";
import { say } from "../../words.ts";
import { MOST_LAYERS } from "../network.ts";
import {
  flopsOf,
  madeBy,
  MOST_VALUES,
  productOf,
  valuesOf,
  type Attribute,
  type Operation,
  type Sizes,
  type Values,
} from "./onnx-sizes.ts";
import { fields, numbersIn, textOf, wholeIn, type Field } from "./protobuf.ts";
import type { Found } from "./read.ts";
import { categoryOf, termOf } from "./vocabulary.ts";

interface Node {
  name: string;
  type: string;
  inputs: string[];
  outputs: string[];
  attributes: Map<string, Attribute>;
  /** Of a constant its tensor. */
  constant: Tensor | null;
  /** Operations that it chooses among or repeats. */
  inner: number;
  /** Whether ONNX itself defines it: nobody else's can be counted. */
  isKnown: boolean;
}

interface Tensor {
  name: string;
  sizes: Sizes;
  /** Of a small array of whole numbers or scales. */
  values: Values | null;
}

interface Graph {
  nodes: Node[];
  weights: Map<string, Sizes>;
  shapes: Map<string, Sizes>;
  values: Map<string, Values>;
  inputs: string[];
  outputs: string[];
}

/** Names in one message; a model that has more does not mean them. */
const MOST_NAMES = 200_000;
const MOST_RANK = 32;

export const onnxModel = (bytes: Uint8Array): Found => tablesOf(modelIn(bytes));

/** The sizes of all arrays that have a name, as far as they are known. */
export function sizesIn(bytes: Uint8Array): ReadonlyMap<string, Sizes> {
  const graph = modelIn(bytes);
  tablesOf(graph);
  return graph.shapes;
}

function modelIn(bytes: Uint8Array): Graph {
  let graph: Graph | null = null;
  for (const { number, bytes: inner } of fields(bytes))
    if (number === 7 && inner.length) graph = graphIn(inner);
  if (!graph) throw new ProblemError(told("it holds no graph of ONNX"));
  return graph;
}

function graphIn(bytes: Uint8Array): Graph {
  const graph: Graph = {
    nodes: [],
    weights: new Map(),
    shapes: new Map(),
    values: new Map(),
    inputs: [],
    outputs: [],
  };
  let names = 0;
  for (const { number, bytes: inner } of fields(bytes)) {
    if (++names > MOST_NAMES) throw new ProblemError(told("it names more than a network has"));
    if (number === 1) graph.nodes.push(nodeIn(inner));
    if (graph.nodes.length > MOST_LAYERS)
      throw new ProblemError(told("it has more than {n} operations", { n: formatCount(MOST_LAYERS) }));
    if (number === 5) addWeights(graph, tensorIn(inner));
    if (VALUES.has(number)) addValue(graph, number, inner);
  }
  return graph;
}

function addWeights(graph: Graph, { name, sizes, values }: Tensor): void {
  graph.weights.set(name, sizes);
  if (values) graph.values.set(name, values);
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
  const node: Node = {
    name: "",
    type: "",
    inputs: [],
    outputs: [],
    attributes: new Map(),
    constant: null,
    inner: 0,
    isKnown: true,
  };
  for (const { number, bytes: inner } of fields(bytes)) {
    if (number === 1) node.inputs.push(textOf(inner));
    if (number === 2) node.outputs.push(textOf(inner));
    if (number === 3) node.name = textOf(inner);
    if (number === 4) node.type = textOf(inner);
    if (number === 5) addAttribute(node, inner);
    if (number === 7) node.isKnown = DOMAINS.has(textOf(inner));
  }
  return node;
}

const DOMAINS = new Set(["", "ai.onnx", "ai.onnx.ml"]);

type Read = Readonly<Record<number, (field: Field) => unknown>>;

/** Whole numbers, words and constants; others say nothing of sizes. */
function addAttribute(node: Node, bytes: Uint8Array): void {
  let [name, found]: [string, Attribute] = ["", Number.NaN];
  const list: number[] = [];
  const read: Read = {
    1: (field) => (name = textOf(field.bytes)),
    3: ({ value }) => (found = value),
    4: (field) => (found = textOf(field.bytes).slice(0, LONGEST_WORD)),
    5: (field) => (node.constant = tensorIn(field.bytes)),
    6: (field) => (node.inner += operationsIn(field.bytes)),
    11: (field) => (node.inner += operationsIn(field.bytes)),
    8: (field) => list.push(...wholeIn(field)),
  };
  for (const field of fields(bytes)) {
    read[field.number]?.(field);
    if (list.length > 1000) return;
  }
  if (list.length) found = list;
  if (!Number.isNaN(found)) node.attributes.set(name, found);
}

/** How many operations a graph inside of an operation has; those in them again are theirs. */
function operationsIn(bytes: Uint8Array): number {
  let count = 0;
  for (const { number } of fields(bytes)) count += Number(number === 1);
  return count;
}

const LONGEST_WORD = 60;
/** Kinds of numbers of small arrays that are read, by their number in the format. */
const KINDS: ReadonlyMap<number, "int32" | "int64" | "float"> = new Map([
  [1, "float"],
  [6, "int32"],
  [7, "int64"],
]);

/** Name and sizes of weights; of the numbers in them only those of small arrays are read. */
function tensorIn(bytes: Uint8Array): Tensor {
  let [name, kind, raw]: [string, number, number | null] = ["", 0, null];
  const [sizes, numbers]: [number[], number[]] = [[], []];
  const add = (field: Field, bytesEach: number, found: () => number[]): void => {
    if (field.bytes.length <= MOST_VALUES * bytesEach) numbers.push(...found());
  };
  const read: Read = {
    1: (field) => sizes.push(...wholeIn(field)),
    2: ({ value }) => (kind = value),
    4: (field) => add(field, 4, () => numbersIn(field.bytes, "float")),
    7: (field) => add(field, 10, () => wholeIn(field)),
    8: (field) => (name = textOf(field.bytes)),
    9: (field) => {
      raw = field.bytes.length;
      add(field, 8, () => numbersIn(field.bytes, KINDS.get(kind)));
    },
  };
  for (const field of fields(bytes)) {
    read[field.number]?.(field);
    if (sizes.length > MOST_RANK)
      throw new ProblemError(told("its weights have more axes than weights have"));
    if (numbers.length > 2 * MOST_VALUES) numbers.length = 0;
  }
  checkWeights(name, sizes, raw === null ? null : (raw * 8) / (BITS.get(kind) ?? Number.EPSILON));
  const isWhole = numbers.length > 0 && numbers.length === productOf(sizes);
  return { name, sizes, values: isWhole ? numbers : null };
}

/** Bits of a number by its kind; of kinds that are not known nobody can say how many numbers there are. */
const BITS: ReadonlyMap<number, number> = new Map([
  ...[1, 6, 12].map((kind) => [kind, 32] as const),
  ...[2, 3, 9, 17, 18, 19, 20].map((kind) => [kind, 8] as const),
  ...[4, 5, 10, 16].map((kind) => [kind, 16] as const),
  ...[7, 11, 13, 14].map((kind) => [kind, 64] as const),
  ...[21, 22, 23].map((kind) => [kind, 4] as const),
  [15, 128],
]);

/** Weights are as many as the file holds numbers for; null where it holds them elsewhere. */
function checkWeights(name: string, sizes: readonly number[], held: number | null): void {
  const count = sizes.reduce((product, size) => product * size, 1);
  if (sizes.every((size) => size >= 0) && (held === null || count <= held)) return;
  throw new ProblemError(
    told('weight "{name}" is said to have {sizes} numbers, which it has not', {
      ...{ name: shorten(name, 80), sizes: shorten(sizes.join(" x "), 80) },
    }),
    told("it is damaged: export the model again"),
  );
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
    // One that is too large to be exact is refused as one that is too large.
    for (const each of fields(inner))
      if (each.number === 1) size = Number.isNaN(each.value) ? 2 ** 63 : each.value;
    if (sizes.push(size) > MOST_RANK)
      throw new ProblemError(told("its arrays have more axes than arrays have"));
  }
  return sizes;
}

/* As tables */

function tablesOf(graph: Graph): Found {
  const tables = new Tables(graph);
  for (const name of graph.inputs.filter((each) => !graph.weights.has(each))) tables.input(name);
  for (const node of graph.nodes) tables.node(node);
  tables.connectAll();
  for (const name of graph.outputs) tables.output(name);
  return tables.found;
}

class Tables {
  readonly found: Found = { layers: [], connections: [], modules: [], notices: [] };
  /** The layer that makes an array, by its name. */
  private readonly makers = new Map<string, string>();
  private readonly names = new Set<string>();
  /** What takes which array as which input. */
  private readonly waiting: [name: string, target: string, input: number][] = [];

  constructor(private readonly graph: Graph) {}

  input(name: string): void {
    const sizes = this.shape(name);
    const more = { activation_bytes: bytesOf([sizes]) };
    this.makers.set(name, this.add(name, "input", "Input", null, sizes, more));
  }

  node(node: Node): void {
    const operation = this.operation(node);
    const made = this.made(node, operation);
    const [given = null] = operation.given;
    const more = {
      // Weights of what stands inside of it are not looked for.
      parameter_count: node.inner > 0 ? null : weightsOf(node, this.graph),
      flops: node.isKnown ? flopsOf(operation, made) : null,
      activation_bytes: bytesOf(node.outputs.map((name) => this.shape(name))),
      hyperparameters: JSON.stringify(Object.fromEntries(node.attributes)),
    };
    const id = this.add(node.name, "operation", typeOf(node, made), given, made, more);
    if (node.inner > 0) this.found.notices.push({ place: id, what: insideIn(node) });
    for (const [input, name] of node.inputs.entries()) this.waiting.push([name, id, input]);
    for (const name of node.outputs) this.makers.set(name, id);
  }

  private operation({ type, attributes, inputs, outputs }: Node): Operation {
    const { weights, values } = this.graph;
    const given = inputs.map((name) => this.shape(name) ?? weights.get(name) ?? null);
    return {
      ...{ type, given, outputs: outputs.length, attributes: Object.fromEntries(attributes) },
      values: inputs.map((name) => values.get(name) ?? null),
    };
  }

  /** Sizes of the first output; those that the file says count more than those that follow. */
  private made({ outputs, constant }: Node, operation: Operation): Sizes | null {
    const { shapes, values } = this.graph;
    const found = constant ? [constant.sizes] : madeBy(operation);
    for (const [output, name] of outputs.entries())
      if (name && found[output]) shapes.set(name, filled(this.shape(name), found[output]));
    const numbers = constant ? constant.values : valuesOf(operation);
    if (numbers && outputs[0]) values.set(outputs[0], numbers);
    return this.shape(outputs[0]);
  }

  /** Only when all are known: an operation may stand before what it takes, and a circle is found so. */
  connectAll(): void {
    for (const [name, target, input] of this.waiting) this.connect(name, target, input);
  }

  output(name: string): void {
    const sizes = this.shape(name);
    const id = this.add(this.names.has(name) ? `${name} (output)` : name, "output", "Output", sizes, sizes, {
      activation_bytes: 0,
    });
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

const insideIn = ({ type, inner }: Node): string =>
  say("{type} chooses among or repeats {inner} operations, which are not shown", {
    type: shorten(type, 60),
    inner: formatCount(inner),
  });

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

/** Sizes that a file says, with what follows in the places that it leaves open. */
function filled(said: Sizes | null, own: Sizes): Sizes {
  if (!said) return own;
  return said.length === own.length ? said.map((size, axis) => size ?? own[axis]!) : said;
}

/** Of the outputs for one sample, as numbers of four bytes. */
function bytesOf(outputs: readonly (Sizes | null)[]): number | null {
  const counts = outputs.map((sizes) => (sizes ? productOf(sizes.slice(1)) : null));
  return counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + count! * 4, 0);
}

function weightsOf({ inputs }: Node, { weights }: Graph): number {
  return inputs.reduce(
    (sum, name) =>
      sum + (weights.get(name)?.reduce<number>((product, size) => product * (size ?? 0), 1) ?? 0),
    0,
  );
}
