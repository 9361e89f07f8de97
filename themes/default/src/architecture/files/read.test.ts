import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { readModel } from "./read.ts";

const utf8 = new TextEncoder();

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
const bytes = (number: number, content: ArrayLike<number>): number[] => [
  ...varint(number * 8 + 2),
  ...varint(content.length),
  ...Array.from(content),
];
const text = (number: number, value: string): number[] => bytes(number, utf8.encode(value));
const whole = (number: number, value: number): number[] => [...varint(number * 8), ...varint(value)];

function valueInfo(name: string, sizes: readonly number[]): number[] {
  const shape = sizes.flatMap((size) => bytes(1, whole(1, size)));
  return [...text(1, name), ...bytes(2, bytes(1, bytes(2, shape)))];
}

function node(
  name: string,
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly number[][] = [],
): number[] {
  const names = [...inputs.flatMap((each) => text(1, each)), ...outputs.flatMap((each) => text(2, each))];
  return bytes(1, [
    ...names,
    ...text(3, name),
    ...text(4, type),
    ...attributes.flatMap((each) => bytes(5, each)),
  ]);
}

const attribute = (name: string, values: readonly number[]): number[] => [
  ...text(1, name),
  ...values.flatMap((value) => whole(8, value)),
];
const weights = (name: string, sizes: readonly number[]): number[] =>
  bytes(5, [...sizes.flatMap((size) => whole(1, size)), ...text(8, name)]);

function onnx(...parts: readonly number[][]): Uint8Array {
  return new Uint8Array(bytes(7, parts.flat()));
}

const SMALL = [
  node(
    "body/conv",
    "Conv",
    ["image", "w"],
    ["a"],
    [attribute("kernel_shape", [3, 3]), attribute("strides", [2, 2]), attribute("pads", [1, 1, 1, 1])],
  ),
  node("body/relu", "Relu", ["a"], ["b"]),
  node("body/sum", "Add", ["b", "a"], ["c"]),
  weights("w", [8, 3, 3, 3]),
  bytes(11, valueInfo("image", [1, 3, 32, 32])),
  bytes(12, text(1, "c")),
];

test("an ONNX graph has its layers, its branches, and shapes that the file does not say", () => {
  const { layers, connections } = readModel("net.onnx", onnx(...SMALL));
  expect(layers.map(({ type }) => type)).toEqual(["Input", "Conv2d", "ReLU", "Add", "Output"]);
  expect(layers[1]).toMatchObject({
    outputResolution: [16, 16],
    inputResolution: [32, 32],
    features: 8,
    parameters: 216,
    module: "body",
  });
  expect(connections.map(({ source, target }) => `${source}>${target}`).sort()).toEqual([
    "0>1",
    "1>2",
    "1>3",
    "2>3",
    "3>4",
  ]);
});

const layerOf = (name: string, type: string, config: object, from: readonly string[] = []): object => ({
  ...{ class_name: type, name, config },
  inbound_nodes: from.length
    ? [
        {
          args: from.map((each) => ({
            class_name: "__keras_tensor__",
            config: { keras_history: [each, 0, 0] },
          })),
          kwargs: {},
        },
      ]
    : [],
});

const KERAS = {
  class_name: "Functional",
  config: {
    layers: [
      layerOf("image", "InputLayer", { batch_shape: [null, 28, 28, 1] }),
      layerOf("conv", "Conv2D", { filters: 8, kernel_size: [3, 3], strides: [1, 1], padding: "valid" }, [
        "image",
      ]),
      layerOf("pool", "MaxPooling2D", { pool_size: [2, 2], strides: [2, 2], padding: "valid" }, ["conv"]),
      layerOf("flat", "Flatten", {}, ["pool"]),
      layerOf("dense", "Dense", { units: 10 }, ["flat"]),
    ],
    output_layers: [["dense", 0, 0]],
  },
};
const json = (value: unknown): Uint8Array => utf8.encode(JSON.stringify(value));

test("a Keras model is the same from its archive and from its JSON", () => {
  const [archive, plain] = [
    readModel("net.keras", zipSync({ "config.json": json(KERAS) })),
    readModel("net.json", json(KERAS)),
  ];
  expect(archive).toEqual(plain);
  expect(plain.layers.map(({ type }) => type)).toEqual([
    "Input",
    "Conv2d",
    "MaxPool2d",
    "Flatten",
    "Linear",
    "Output",
  ]);
  expect(plain.layers.map(({ features }) => features)).toEqual([1, 8, 8, 1352, 10, 10]);
  expect(plain.layers[1]).toMatchObject({ parameters: 80, outputResolution: [26, 26] });
});

function nested(depth: number): unknown {
  return depth === 0 ? [] : [nested(depth - 1)];
}

const circle = onnx(node("a", "Relu", ["y"], ["x"]), node("b", "Relu", ["x"], ["y"]));
const HOSTILE: readonly (readonly [string, string, Uint8Array])[] = [
  ["nothing", "a.onnx", new Uint8Array(0)],
  ["no graph", "a.onnx", new Uint8Array(whole(1, 8))],
  ["a length beyond the end", "a.onnx", new Uint8Array([...varint(7 * 8 + 2), ...varint(2 ** 40)])],
  ["a number without end", "a.onnx", new Uint8Array(40).fill(255)],
  ["a truncated graph", "a.onnx", onnx(...SMALL).slice(0, 60)],
  ["weights larger than can be", "a.onnx", onnx(weights("w", [2 ** 41]))],
  [
    "weights of many axes",
    "a.onnx",
    onnx(
      weights(
        "w",
        Array.from({ length: 64 }, () => 1),
      ),
    ),
  ],
  ["no archive", "a.keras", utf8.encode("PK no")],
  ["an archive without a configuration", "a.keras", zipSync({ other: json(1) })],
  ["an archive that unpacks to far more", "a.keras", zipSync({ "config.json": new Uint8Array(30_000_000) })],
  ["a truncated archive", "a.keras", zipSync({ "config.json": json(KERAS) }).slice(0, 80)],
  ["no JSON", "a.json", utf8.encode("{")],
  ["another JSON", "a.json", json([1, 2])],
  [
    "two layers of one name",
    "a.json",
    json({
      class_name: "Sequential",
      config: { layers: [layerOf("a", "Dense", {}), layerOf("a", "Dense", {})] },
    }),
  ],
  [
    "lists in lists",
    "a.json",
    json({
      class_name: "Functional",
      config: { layers: [{ ...layerOf("a", "Dense", {}), inbound_nodes: nested(80) }] },
    }),
  ],
  ["another kind of file", "a.h5", new Uint8Array(8)],
];

test.each(HOSTILE)("%s is refused with one message", (_, name, content) => {
  const start = performance.now();
  expect(() => readModel(name, content)).toThrow(expect.objectContaining({ name: "ProblemError" }));
  expect(performance.now() - start).toBeLessThan(1000);
});

test("layers that lead to themselves are no network", () => {
  // What an operation takes that nothing before it gives is not connected, as in any file of ONNX.
  expect(readModel("a.onnx", circle).connections).toHaveLength(1);
});
