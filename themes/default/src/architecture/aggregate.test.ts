import { expect, test } from "vitest";
import { ZOO, drawn, layer, zoo, chainOf, networkOf, withoutModules } from "../../tests/networks.ts";
import { aggregate, type ManualGroup } from "./aggregate.ts";
import { AUTOMATIC, shownOf } from "./detail.ts";
import { manualGroups } from "./figure.ts";
import { layersIn, type GroupPart, type Part } from "./parts.ts";
import { processorTime } from "../../tests/clock.ts";

function top(network: ReturnType<typeof zoo>, groups: readonly ManualGroup[] = []): string[] {
  const { root, maker } = aggregate(network, groups);
  return root.copies[0]!.map((part) => {
    const layer = part.kind === "layer" ? maker.layer(part) : null;
    const count = part.kind === "group" && part.copies.length > 1 ? ` ×${part.copies.length}` : "";
    return `${layer?.type ?? (part as GroupPart).name}${count}`;
  });
}

test("VGG-16 is five stages that end in a pool, and a head", () => {
  const stages = [1, 2, 3, 4, 5].map((stage) => `Stage ${stage}`);
  for (const network of [zoo("vgg16"), withoutModules(zoo("vgg16"))]) {
    expect(top(network)).toEqual(["Input", ...stages, "Head", "Output"]);
    const { root, maker } = aggregate(network);
    const convolutions = root.copies[0]!.slice(1, 6).map((stage) => {
      const [first, last] = (stage as GroupPart).copies[0]! as [GroupPart, Part];
      expect(maker.carrier(last)?.type).toBe("MaxPool2d");
      return first.copies.length;
    });
    expect(convolutions).toEqual([2, 2, 3, 3, 3]);
  }
});

test("ResNet-50 is at most 20 glyphs, with its residual blocks folded", () => {
  const named = top(zoo("resnet50"));
  expect(named.length).toBeLessThanOrEqual(20);
  expect(named.filter((name) => name.startsWith("Bottleneck"))).toEqual([
    ...["Bottleneck", "Bottleneck ×2", "Bottleneck", "Bottleneck ×3"],
    ...["Bottleneck", "Bottleneck ×5", "Bottleneck", "Bottleneck ×2"],
  ]);
  const unnamed = top(withoutModules(zoo("resnet50")));
  expect(unnamed.filter((name) => name.startsWith("Residual block"))).toEqual(
    [2, 3, 5, 2].map((count) => `Residual block ×${count}`),
  );
});

test.each(["vit_b_16", "bert_base"] as const)("%s is one block twelve times", (name) => {
  expect(top(zoo(name)).filter((each) => each.endsWith("×12"))).toHaveLength(1);
});

test("a vision transformer's blocks are found without its modules", () => {
  expect(top(withoutModules(zoo("vit_b_16")))).toContain("Block ×12");
  expect(top(withoutModules(zoo("bert_base"))).some((name) => name.endsWith("×12"))).toBe(true);
});

test("the layers of a dense block are folded, though each takes more than the one before", () => {
  const counts = top(zoo("densenet121")).filter((name) => name.startsWith("DenseLayer"));
  expect(counts).toEqual([6, 12, 24, 16].map((count) => `DenseLayer ×${count}`));
});

test.each(ZOO)("%s has each layer once, and copies are equal part by part", (name) => {
  const network = zoo(name);
  const { root, loose } = aggregate(network);
  const found = [...layersIn(root), ...loose].sort((a, b) => a - b);
  expect(found).toEqual(network.layers.map((_, index) => index));
  const check = (part: Part): void => {
    if (part.kind === "layer") return;
    for (const copy of part.copies) {
      expect(copy.map(({ signature }) => signature)).toEqual(
        part.copies[0]!.map(({ signature }) => signature),
      );
      copy.forEach(check);
    }
  };
  check(root);
});

test("layers that differ in their kernel are not folded", () => {
  const kernel = (size: number) => ({ hyperparameters: JSON.stringify({ kernel_size: [size, size] }) });
  const sizes = [3, 3, 3, 5, 5, 3];
  const network = chainOf(sizes.map((size, index) => layer(`c${index}`, "Conv2d 8 16", kernel(size))));
  expect(top(network)).toEqual(["Conv2d ×3", "Conv2d ×2", "Conv2d"]);
});

test("branches that are equal are folded side by side", () => {
  const branches = ["a", "b", "c"];
  const layers = [
    layer("in", "Conv2d 8 16"),
    ...branches.map((name) => layer(name, "Conv2d 4 16")),
    layer("cat", "Concatenate 12 16"),
    layer("out", "Linear 3"),
  ];
  const edges = branches.map((name) => `in>${name} ${name}>cat`).join(" ");
  const { root } = aggregate(networkOf(layers, `${edges} cat>out`));
  const block = root.copies[0]!.find((part) => part.kind === "group" && part.size === 4) as GroupPart;
  const folded = block.copies[0]!.find((part) => part.kind === "group") as GroupPart;
  expect([folded.copies.length, folded.isParallel]).toEqual([3, true]);
});

function deep(count: number): ReturnType<typeof zoo> {
  const layers = [];
  const edges = [];
  for (let index = 0; index < count; index += 4) {
    layers.push(
      layer(`a${index}`, "Conv2d 8 16"),
      layer(`b${index}`, "ReLU 8 16"),
      layer(`c${index}`, "Conv2d 8 16"),
      layer(`d${index}`, "Add 8 16"),
    );
    edges.push(`a${index}>b${index} b${index}>c${index} c${index}>d${index} a${index}>d${index}`);
    if (index > 0) edges.push(`d${index - 4}>a${index}`);
  }
  return networkOf(layers, edges.join(" "));
}

test("400 layers take less than 100 ms, and time grows almost with their number", () => {
  const seconds = (network: ReturnType<typeof zoo>): number =>
    Math.min(...Array.from({ length: 9 }, () => processorTime(() => aggregate(network))));
  const [small, large] = [deep(400), deep(4000)].map(seconds) as [number, number];
  expect(seconds(zoo("densenet121"))).toBeLessThan(100);
  expect(small).toBeLessThan(100);
  expect(large).toBeLessThan(Math.max(small, 2) * 40);
});

test("5,000 layers without any order are shown in sections, never more than 500 at a time", () => {
  const layers = Array.from({ length: 5000 }, (_, index) => layer(`l${index}`, `Linear ${index + 1}`));
  const aggregation = aggregate(chainOf(layers));
  const shown = shownOf(aggregation, AUTOMATIC);
  expect(shown.glyphs.length).toBeLessThanOrEqual(100);
  const all = shownOf(aggregation, { ...AUTOMATIC, level: 1000 });
  expect(all.glyphs.length).toBeLessThanOrEqual(500);
  expect(all.notices[0]).toContain("At most 500 glyphs");
});

test("connections past very many others are not laid out all at once", () => {
  const { notices, glyphs } = shownOf(aggregate(zoo("densenet121")), { ...AUTOMATIC, level: 1000 });
  expect(notices[0]).toContain("So many connections lead past others");
  expect(glyphs.some(({ name, count }) => name.startsWith("Conv2d") || count > 1)).toBe(true);
});

/** A U-Net whose skips go through gates, which are modules as its convolutions are. */
function gated(): ReturnType<typeof zoo> {
  const [layers, edges, modules]: [ReturnType<typeof layer>[], string[], object[]] = [[], [], []];
  const add = (id: string, written: string, ...from: readonly string[]): string => {
    layers.push(layer(id, written));
    edges.push(...from.map((each) => `${each}>${id}`));
    return id;
  };
  const twice = (path: string, features: number, side: number, from: string): string => {
    modules.push({ path, type: "Sequential" });
    return ["Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "BatchNorm2d", "ReLU"].reduce(
      (before, type, at) => add(`${path}.${at}`, `${type} ${features} ${side}`, before),
      from,
    );
  };
  const gate = (path: string, features: number, side: number, below: string, skip: string): string => {
    modules.push({ path, type: "Gate" });
    const conv = `Conv2d ${features / 2} ${side}`;
    const sum = add(
      `${path}.add`,
      `Add ${features / 2} ${side}`,
      add(`${path}.g`, conv, below),
      add(`${path}.x`, conv, skip),
    );
    const odds = add(
      `${path}.psi`,
      `Conv2d 1 ${side}`,
      add(`${path}.relu`, `ReLU ${features / 2} ${side}`, sum),
    );
    return add(`${path}.mul`, `Multiply ${features} ${side}`, skip, odds);
  };
  let at = add("image", "Input 3 128");
  const levels = [1, 2, 3, 4].map((level): [string, number, number] => {
    const [features, side] = [16 * 2 ** level, 256 / 2 ** level];
    const end = twice(`down.${level}`, features, side, at);
    at = add(`pool.${level}`, `MaxPool2d ${features} ${side / 2}`, end);
    return [end, features, side];
  });
  at = twice("mid", 512, 8, at);
  for (const [level, [skip, features, side]] of [...levels.entries()].reverse()) {
    const up = add(`up.${level}`, `ConvTranspose2d ${features} ${side}`, at);
    const passed = gate(`gate.${level}`, features, side, up, skip);
    at = twice(
      `merge.${level}`,
      features,
      side,
      add(`cat.${level}`, `Concatenate ${features * 2} ${side}`, up, passed),
    );
  }
  add("output", "Output 2 128", add("last", "Conv2d 2 128", at));
  return networkOf(layers, edges.join(" "), modules as Parameters<typeof networkOf>[2]);
}

test.each([...ZOO.map((name) => [name, zoo(name)] as const), ["a gated U-Net", gated()] as const])(
  "what %s hands past the next part leaves no stage in its middle",
  (_, network) => {
    const check = (part: Part): void => {
      if (part.kind === "layer") return;
      for (const copy of part.copies) copy.forEach(check);
      if (part.role !== "stage" || part.name === "Head") return;
      const inside = new Set(layersIn(part));
      for (const copy of part.copies) {
        const last = new Set(layersIn(copy.at(-1)!));
        const early = network.connections.filter(
          ({ source, target }) => inside.has(source) && !last.has(source) && !inside.has(target),
        );
        expect(early.map(({ source }) => network.layers[source]!.id)).toEqual([]);
      }
    };
    check(aggregate(network).root);
  },
);

test("detail goes from one glyph to every layer", () => {
  const network = zoo("vgg16");
  const aggregation = aggregate(network);
  const { deepest } = shownOf(aggregation, AUTOMATIC);
  const counts = Array.from(
    { length: deepest + 1 },
    (_, level) => shownOf(aggregation, { ...AUTOMATIC, level }).glyphs.length,
  );
  expect(counts[0]).toBe(1);
  expect(counts.at(-1)).toBe(network.layers.length);
  expect([...counts].sort((a, b) => a - b)).toEqual(counts);
});

test("a person's group is one part, with groups in it, and its layers are in no other", () => {
  const network = zoo("vgg16");
  const place = (id: string): number => network.layers.findIndex((each) => each.id === id);
  const inner = [0, 1].map((index) => place(network.layers[index + 1]!.id));
  const outer = [1, 2, 3, 4, 5].map((index) => index);
  const { root } = aggregate(network, [
    { name: "Pair", layers: inner },
    { name: "First stage", layers: outer },
  ]);
  const group = root.copies[0]!.find(
    (part) => part.kind === "group" && part.name === "First stage",
  ) as GroupPart;
  expect(layersIn(group).sort((a, b) => a - b)).toEqual(outer);
  expect(group.copies[0]!.some((part) => part.kind === "group" && part.name === "Pair")).toBe(true);
});

test("a person's group is found wherever the same layers stand alike, and leaves repeats folded", () => {
  const network = zoo("vit_b_16");
  const blocks = network.layers.flatMap(({ id, type }, index) => (type === "GELU" ? [{ id, index }] : []));
  expect(blocks).toHaveLength(12);
  const { index } = blocks[4]!;
  const before = network.connections.find(({ target }) => target === index)!.source;
  const layers = [before, index].map((each) => network.layers[each]!.id);
  const groups = manualGroups(network, [{ name: "Widened", layers, isActive: true }]);
  expect(groups).toHaveLength(12);
  expect(groups.map((group) => group.layers.at(-1)).sort((a, b) => a! - b!)).toEqual(
    blocks.map((block) => block.index),
  );
  expect(top(network, groups).filter((each) => each.endsWith("×12"))).toHaveLength(1);
  const off = [{ name: "Widened", layers, isActive: false }];
  expect(manualGroups(network, off)).toEqual([]);
});

test("a group is found nowhere where features differ, and where it would cut another", () => {
  const types = ["Conv2d 3", "ReLU 3", "Conv2d 3", "ReLU 3", "Conv2d 5", "ReLU 5", "Conv2d 3", "ReLU 3"];
  const network = chainOf(types.map((type, index) => layer(`l${index}`, type)));
  const places = (...groups: readonly number[][]): (readonly number[])[] =>
    manualGroups(
      network,
      groups.map((group) => ({ name: "G", layers: group.map((place) => `l${place}`), isActive: true })),
    ).map(({ layers }) => layers);
  expect(places([0, 1])).toEqual([
    [0, 1],
    [2, 3],
    [6, 7],
  ]);
  expect(places([0, 1], [5, 6])).toEqual([
    [0, 1],
    [5, 6],
    [2, 3],
  ]);
});

test("a U-Net that enlarges without weights is no dense layer: its levels lie open", () => {
  const conv = (id: string, features: number, side: number) => layer(id, `Conv2d ${features} ${side}`);
  const levels = [64, 32, 16];
  const down = levels.flatMap((side) => [
    conv(`d${side}a`, 4096 / side, side),
    conv(`d${side}b`, 4096 / side, side),
    layer(`p${side}`, `MaxPool2d ${4096 / side} ${side / 2}`, { input_resolution: [side] }),
  ]);
  const up = [...levels].reverse().flatMap((side) => [
    layer(`u${side}`, `Upsample ${8192 / side} ${side}`, {
      ...{ category: "shape", input_resolution: [side / 2] },
    }),
    conv(`v${side}`, 4096 / side, side),
    layer(`j${side}`, `Concatenate ${8192 / side} ${side}`),
    conv(`w${side}`, 4096 / side, side),
  ]);
  const layers = [
    layer("in", "Input 3 64"),
    ...down,
    conv("floor", 512, 8),
    ...up,
    layer("out", "Output 64 64"),
  ];
  const ids = layers.map(({ id }) => String(id));
  const chain = ids.slice(1).map((id, index) => `${ids[index]!}>${id}`);
  const skips = levels.map((side) => `d${side}b>j${side}`);
  const { shown } = drawn(networkOf(layers, [...chain, ...skips].join(" ")));
  const names = shown.glyphs.map(({ name }) => name);
  expect(names).not.toContain("Dense layer");
  expect(names.filter((name) => name === "Concatenate")).toHaveLength(3);
  expect(names.filter((name) => name === "Upsample")).toHaveLength(3);
});
