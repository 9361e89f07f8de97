/** Reads a network from the bytes of a model's file, in the browser: its graph, never its weights. Hostile files end in one message. */
import { formatCount } from "../../markup.ts";
import { ProblemError, told } from "../../problem.ts";
import { MOST_LAYERS, readNetwork, type Network } from "../network.ts";
import { checkCounts, checkWholeNumbers, tooManyLayers, unusualIn } from "./bounds.ts";
import { kerasModel } from "./keras.ts";
import { onnxModel } from "./onnx.ts";
import { configOf } from "./zip.ts";

type Row = Record<string, unknown>;

/** What a file's reader found, in the tables of the tool. */
export interface Found {
  layers: Row[];
  connections: Row[];
  modules: Row[];
  notices: Row[];
}

/** Of a network with as many layers as are read, ten for each. */
const MOST_CONNECTIONS = 200_000;

export function readModel(name: string, bytes: Uint8Array): Network {
  const found = foundIn(name.toLowerCase(), bytes);
  if (found.layers.length === 0) throw new ProblemError(told("it holds no layers"));
  if (found.connections.length > MOST_CONNECTIONS)
    throw new ProblemError(told("it has more than {n} connections", { n: formatCount(MOST_CONNECTIONS) }));
  if (found.layers.length > MOST_LAYERS) throw tooManyLayers();
  const sorted = inOrder(found);
  checkCounts(sorted);
  return readNetwork({ ...sorted, notices: [...found.notices, ...unusualIn(sorted)] });
}

function foundIn(name: string, bytes: Uint8Array): Found {
  if (name.endsWith(".onnx")) return onnxModel(bytes);
  if (name.endsWith(".keras")) return kerasModel(parsed(configOf(bytes)));
  if (name.endsWith(".json")) return kerasModel(parsed(bytes));
  throw new ProblemError(
    told("it is neither .onnx, .keras nor .json"),
    told("files of PyTorch are drawn by sitegen figure"),
  );
}

/** Text of a configuration that is read. */
const LONGEST = 64_000_000;

function parsed(bytes: Uint8Array): unknown {
  if (bytes.length > LONGEST) throw new ProblemError(told("its configuration is too long"));
  const [text, value] = read(bytes);
  checkWholeNumbers(text);
  return value;
}

function read(bytes: Uint8Array): [text: string, value: unknown] {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return [text, JSON.parse(text) as unknown];
  } catch {
    throw new ProblemError(told("its configuration is no JSON"));
  }
}

/** Layers in an order in which each follows its inputs; a circle is refused. */
function inOrder(found: Found): Found {
  const waiting = new Map(found.layers.map(({ id }) => [id, 0]));
  const targets = new Map<unknown, unknown[]>();
  for (const { source, target } of found.connections) {
    if (!waiting.has(source) || !waiting.has(target)) continue;
    waiting.set(target, waiting.get(target)! + 1);
    const known = targets.get(source);
    if (known) known.push(target);
    else targets.set(source, [target]);
  }
  const order = found.layers.map(({ id }) => id).filter((id) => waiting.get(id) === 0);
  for (const id of order)
    for (const target of targets.get(id) ?? []) {
      waiting.set(target, waiting.get(target)! - 1);
      if (waiting.get(target) === 0) order.push(target);
    }
  if (order.length < waiting.size) throw new ProblemError(told("its layers form a circle"));
  const place = new Map(order.map((id, index) => [id, index]));
  return { ...found, layers: found.layers.map((layer) => ({ ...layer, position: place.get(layer["id"])! })) };
}
