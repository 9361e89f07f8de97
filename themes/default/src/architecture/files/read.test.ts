import { readFileSync } from "node:fs";
import { zipSync } from "fflate";
import { afterEach, expect, test } from "vitest";
import german from "../../../languages/de.json";
import { drawn } from "../../../tests/networks.ts";
import { dataTable, factsInWords, summary } from "../../../views/architecture/words.ts";
import { AUTOMATIC } from "../detail.ts";
import { PAPER, svgOf } from "../svg.ts";
import { sizesIn } from "./onnx.ts";
import { readModel } from "./read.ts";
import { processorTime } from "../../../tests/clock.ts";
import type { ProblemError } from "../../problem.ts";
import { speak } from "../../words.ts";

afterEach(() => speak(null));

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

test("weights that a file does not tell are unknown: sums say at least, and a notice says where", () => {
  const own = [
    layerOf("given", "InputLayer", { batch_shape: [null, 4] }),
    layerOf("known", "Dense", { units: 3 }),
    layerOf("mine", "MyOwnLayer", {}),
    layerOf("last", "Dense", { units: 2 }),
  ];
  const network = readModel("net.json", json({ class_name: "Sequential", config: { layers: own } }));
  expect(network.layers.map(({ parameters }) => parameters)).toEqual([0, 15, null, null, 0]);
  expect(network.layers.map(({ flops }) => flops)).toEqual([0, 24, null, null, 0]);
  expect(network.notices).toEqual([
    expect.stringMatching(
      /^mine: of this layer and others, 2 in all, the file does not say how many parameters/,
    ),
    "mine: of 3 layers sizes are not fixed, so that FLOPs or bytes are not known",
  ]);
  const every = drawn(network, { detail: { ...AUTOMATIC, level: 9 } });
  expect(summary(network, every)).toContain("at least 15 parameters, at least 24 FLOPs");
  expect(every.notices).toContain(network.notices[0]);
  const said = every.shown.glyphs.map(
    (_, index) => factsInWords(every, index, {}).find(({ name }) => name === "Parameters")?.value,
  );
  expect(said).toEqual([undefined, "15", "unknown", "unknown", undefined]);
  const one = drawn(network, { detail: { ...AUTOMATIC, level: 0 } });
  expect(factsInWords(one, 0, {})).toContainEqual({ name: "Parameters", value: "at least 15" });
  expect(dataTable(one).rows[0]).toMatchObject({ parameters: "at least 15", flops: "at least 24" });
  expect(dataTable(every).rows[2]).toMatchObject({ parameters: null });
});

test("operations inside of others, and those that ONNX does not define, are of unknown weights and costs", () => {
  const body = bytes(5, [...text(1, "then_branch"), ...bytes(6, node("inner", "Relu", ["b"], ["z"]))]);
  const branching = bytes(1, [
    ...text(1, "x"),
    ...text(2, "y"),
    ...text(3, "choice"),
    ...text(4, "If"),
    ...body,
  ]);
  const foreign = bytes(1, [
    ...text(1, "y"),
    ...text(2, "z"),
    ...text(3, "odd"),
    ...text(4, "Odd"),
    ...text(7, "own"),
  ]);
  const network = readModel("a.onnx", onnx(branching, foreign, bytes(11, valueInfo("x", [1, 3]))));
  expect(network.layers.map(({ id, parameters, flops }) => [id, parameters, flops])).toEqual([
    ["x", 0, 0],
    ["choice", null, null],
    ["odd", 0, null],
  ]);
  expect(network.notices).toEqual([
    "choice: If chooses among or repeats 1 operations, which are not shown",
    "choice: of 2 layers sizes are not fixed, so that FLOPs or bytes are not known",
  ]);
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
  ["operations in a circle", "a.onnx", circle],
];

test.each(HOSTILE)("%s is refused with one message", (_, name, content) => {
  const time = processorTime(() => {
    expect(() => readModel(name, content)).toThrow(expect.objectContaining({ name: "ProblemError" }));
  });
  expect(time).toBeLessThan(1000);
});

test.each(HOSTILE)("%s is refused in the language of the page, too", (_, name, content) => {
  speak({ language: "de", texts: german });
  const thrown = [
    () => readModel(name, content),
    () => readModel("a.keras", content),
    () => readModel("a.json", content),
  ].flatMap((read) => {
    try {
      read();
      return [];
    } catch (error) {
      return [error as ProblemError];
    }
  });
  expect(thrown.length).toBeGreaterThan(0);
  for (const { message, said } of thrown) expect(said).not.toBe(message);
});

/** A model of Keras that is given arrays of these sizes, and has so many units. */
const sized = (sizes: readonly unknown[], units: number): object => ({
  class_name: "Sequential",
  config: {
    layers: [layerOf("given", "InputLayer", { batch_shape: sizes }), layerOf("dense", "Dense", { units })],
  },
});
/** Whole numbers as the format writes them that no number of a script holds. */
const enormous = [...Array.from({ length: 8 }, () => 0x80), 0x40];
const wide = [...text(1, "x"), ...bytes(2, bytes(1, bytes(2, bytes(1, [8, ...enormous]))))];
const relu = node("relu", "Relu", ["x"], ["y"]);
const relu40 = onnx(relu, bytes(11, valueInfo("x", [1, 2 ** 40])));

/** The words are those of the tool, which reads such files in Python. */
test.each([
  ["a.onnx", relu40, 'layer "x" has an axis of 1,099,511,627,776, more than can be counted'],
  ["a.onnx", onnx(relu, bytes(11, wide)), 'layer "x" has an axis of about 10^18, more than can be counted'],
  ["a.onnx", onnx(relu, bytes(11, valueInfo("x", [1, 2 ** 31]))), "has an axis of 2,147,483,648, more than"],
  [
    "a.onnx",
    onnx(
      bytes(5, [
        ...whole(1, 2 ** 40),
        ...whole(1, 2 ** 20),
        ...whole(2, 1),
        ...text(8, "w"),
        ...bytes(9, [0]),
      ]),
    ),
    'weight "w" is said to have 1099511627776 x 1048576 numbers, which it has not',
  ],
  [
    "a.json",
    json(sized([null, 4], 2 ** 40)),
    "holds the number 1,099,511,627,776, more than any size or count",
  ],
  [
    "a.json",
    json(sized([null, -(2 ** 33)], 4)),
    "holds the number -8,589,934,592, more than any size or count",
  ],
  ["a.keras", zipSync({ "config.json": json(sized([null, 2 ** 62], 4)) }), "more than any size or count"],
  [
    "a.json",
    json(sized([null, 2 ** 30, 2 ** 30], 4)),
    "has a count of about 10^18, more than can be counted",
  ],
])("%s with sizes beyond what can be counted is refused as by the tool", (name, content, message) => {
  expect(() => readModel(name, content)).toThrow(message);
});

test("a model of own code is refused with what shows more of it", () => {
  const own = { module: null, class_name: "Own", config: { trainable: true }, registered_name: "Own" };
  expect(() => readModel("own.keras", zipSync({ "config.json": json(own) }))).toThrow(
    'its class "Own" is own code, and the file does not say which layers that has: sitegen figure shows those',
  );
});

test("numbers that are no sizes, and texts of digits, may be as large as they are", () => {
  const odd = `{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config":
    {"name": "a \\\\\\" 99999999999", "units": 3, "far": -1e30, "low": 0.12345678901234, "most": 2147483647.0}}]}}`;
  expect(readModel("a.json", utf8.encode(odd)).layers).toHaveLength(2);
});

test("open and empty sizes and long names are told as by the tool", () => {
  const open = bytes(11, [
    ...text(1, "x"),
    ...bytes(
      2,
      bytes(1, bytes(2, [...bytes(1, text(2, "n")), ...bytes(1, text(2, "k")), ...bytes(1, whole(1, 0))])),
    ),
  ]);
  const long = "n".repeat(10_000);
  const { notices } = readModel("a.onnx", onnx(node(long, "Relu", ["x"], ["y"]), open));
  expect(notices.slice(0, 2)).toEqual([
    "x: gives an array without elements: one of its sizes is 0",
    expect.stringMatching(/^n{10,}…n+: gives an array without elements/),
  ]);
  expect(notices.at(-2)).toMatch(/^n{10,}…n+: has a name of 10,000 letters$/);
  expect(notices.at(-1)).toBe("x: of 2 layers sizes are not fixed, so that FLOPs or bytes are not known");
  expect(Math.max(...notices.map(({ length }) => length))).toBeLessThan(200);
  const batched = json(sized([null, 4], 3));
  expect(readModel("a.json", batched).notices).toEqual([]);
});

test("operations that stand before what they take are connected", () => {
  const turned = onnx(
    node("late", "Relu", ["x"], ["y"]),
    node("early", "Relu", ["image"], ["x"]),
    bytes(11, valueInfo("image", [1, 3])),
    bytes(12, text(1, "y")),
  );
  const { layers, connections } = readModel("a.onnx", turned);
  expect(layers.map(({ id }) => id)).toEqual(["image", "early", "late", "y"]);
  expect(connections).toHaveLength(3);
});

/** As hostile as they may be, a figure is made of them, or a message. */
const ODD: readonly (readonly [string, Uint8Array, number])[] = [
  ["a name of 10,000 letters", onnx(node("n".repeat(10_000), "Relu", ["x"], ["y"])), 1],
  ["a type of 10,000 letters", onnx(node("a", "T".repeat(10_000), ["x"], ["y"])), 1],
  [
    "sizes of 0",
    onnx(
      node("a", "Conv", ["x", "w"], ["y"]),
      weights("w", [0, 3, 0, 0]),
      bytes(11, valueInfo("x", [0, 3, 0, 8])),
    ),
    2,
  ],
  [
    "strides and axes beyond all bounds",
    onnx(
      node(
        "a",
        "MaxPool",
        ["x"],
        ["y"],
        [attribute("strides", [0, 2 ** 40]), attribute("kernel_shape", [2 ** 40, 0])],
      ),
      node("b", "Transpose", ["y"], ["z"], [attribute("perm", [9, 9, 9])]),
      node("c", "Split", ["z"], ["s"], [attribute("split", [2 ** 45])]),
      bytes(11, valueInfo("x", [1, 3, 8, 8])),
    ),
    4,
  ],
  ["inputs that nothing gives", onnx(node("a", "Add", ["nowhere", ""], ["y"])), 1],
  [
    "names of what every object has",
    onnx(node("__proto__", "constructor", ["toString"], ["__proto__"], [attribute("__proto__", [1])])),
    1,
  ],
];

test.each(ODD)("%s is drawn", (_, content, count) => {
  const network = readModel("a.onnx", content);
  expect(network.layers).toHaveLength(count);
  const { scene } = drawn(network);
  expect(svgOf(scene, { id: "a", title: "a", ink: PAPER })).not.toMatch(/NaN|Infinity|undefined/);
});

test("one operation that takes very many arrays is read, or refused, in no time", () => {
  const all = (count: number): Uint8Array =>
    onnx(node("a", "Sum", new Array<string>(count).fill("x"), ["y"]), bytes(11, valueInfo("x", [1, 3])));
  const time = processorTime(() => {
    expect(readModel("a.onnx", all(20_000)).layers).toHaveLength(2);
    expect(() => readModel("a.onnx", all(210_000))).toThrow("connections");
  });
  expect(time).toBeLessThan(3000);
});

test("a sequence of sizes that doubles does not grow without end", () => {
  const nodes = Array.from({ length: 60 }, (_, index) =>
    node(`n${index}`, "Concat", [`v${index}`, `v${index}`], [`v${index + 1}`], [attribute("axis", [0])]),
  );
  const file = onnx(node("s", "Shape", ["x"], ["v0"]), ...nodes, bytes(11, valueInfo("x", [1, 2, 3])));
  expect(processorTime(() => readModel("a.onnx", file))).toBeLessThan(1000);
});

interface Sized {
  name: string;
  file: string;
  /** What each operation gives, as ONNX's own inference says. */
  sizes: Record<string, (number | null)[]>;
}
const SIZED = JSON.parse(
  readFileSync(new URL("../../../tests/networks/onnx-sizes.json", import.meta.url), "utf8"),
) as Sized[];

test.each(SIZED.map((each, index) => [`${index} ${each.name}`, each] as const))(
  "sizes that %s leaves open are those that ONNX infers",
  (_, { file, sizes }) => {
    const bytes = new Uint8Array(Buffer.from(file, "base64"));
    const found = Object.fromEntries(sizesIn(bytes));
    for (const [name, expected] of Object.entries(sizes))
      expect([name, found[name]]).toEqual([name, expected]);
  },
);

interface Built {
  name: string;
  config: unknown;
  /** What Keras says of the layer: what it gives, how many weights it has; and what the tool counts. */
  sizes: (number | null)[];
  weights: number;
  flops: number | null;
}
const BUILT = JSON.parse(
  readFileSync(new URL("../../../tests/networks/keras-sizes.json", import.meta.url), "utf8"),
) as Built[];

test.each(BUILT.map((each, index) => [`${index} ${each.name}`, each] as const))(
  "what %s gives, weighs and costs follows from its configuration as Keras has it",
  (_, { config, sizes, weights: count, flops }) => {
    const found = readModel("net.json", json(config)).layers.find(({ kind }) => kind === "layer")!;
    expect(found.outputShapes).toEqual([sizes]);
    expect([found.parameters, found.flops]).toEqual([count, flops]);
    const expected = sizes.slice(1).reduce<number>((product, size) => product * size!, 4);
    expect(found.bytes).toBe(expected);
  },
);
