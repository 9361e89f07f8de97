import { expect, test } from "vitest";
import { chainOf, drawn, layer, zoo } from "../../tests/networks.ts";
import { compare, longestCommon } from "./compare.ts";
import { differencesFigure } from "./differences.ts";
import { WANTED } from "./figure.ts";
import { betweenTwo, refusal } from "./grouping.ts";
import { tikzOf } from "./tikz.ts";

test("what is common is as long as a table of all ways finds it", () => {
  let seed = 7;
  const random = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % most;
  for (let round = 0; round < 60; round++) {
    const [a, b] = [0, 0].map(() => Array.from({ length: random(14) }, () => random(4))) as [
      number[],
      number[],
    ];
    const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
    for (let i = a.length - 1; i >= 0; i--)
      for (let j = b.length - 1; j >= 0; j--)
        table[i]![j] =
          a[i] === b[j] ? 1 + table[i + 1]![j + 1]! : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
    const pairs = longestCommon(a, b);
    expect(pairs).toHaveLength(table[0]![0]!);
    for (const [i, j] of pairs) expect(a[i]).toBe(b[j]);
    expect(pairs.every(([i, j], at) => at === 0 || (i > pairs[at - 1]![0] && j > pairs[at - 1]![1]))).toBe(
      true,
    );
  }
});

test("layers that take more features than before are changed, however they are told of", () => {
  const taking = (features: number) => ({ hyperparameters: JSON.stringify({ in_features: features }) });
  const told = compare(
    chainOf([layer("a", "Linear 10", taking(64)), layer("b", "Linear 2", taking(10))]),
    chainOf([layer("a", "Linear 10", taking(128)), layer("b", "Linear 2", taking(10))]),
  );
  expect(told.counts).toEqual({ same: 1, changed: 1, removed: 0, added: 0 });
  expect(told.pairs[0]!.differences).toEqual(["in_features 64 → 128"]);
  // Keras tells of no such setting: the weights do.
  const weighed = compare(
    chainOf([layer("a", "Dense 10", { parameter_count: 650 })]),
    chainOf([layer("a", "Dense 10", { parameter_count: 1290 })]),
  );
  expect(weighed.counts.changed).toBe(1);
  expect(weighed.pairs[0]!.differences).toEqual(["parameters 650 → 1290"]);
});

test("a comparison names what was added, removed and changed", () => {
  const units = (count: number) => ({ hyperparameters: JSON.stringify({ out_features: count }) });
  const first = chainOf([
    layer("a", "Conv2d 8 16"),
    layer("drop", "Dropout 8 16"),
    layer("fc", "Linear 10", units(10)),
  ]);
  const second = chainOf([
    layer("a", "Conv2d 8 16"),
    layer("b", "BatchNorm2d 8 16"),
    layer("fc", "Linear 20", units(20)),
  ]);
  const { pairs, counts } = compare(first, second);
  expect(counts).toEqual({ same: 1, changed: 1, removed: 1, added: 1 });
  expect(pairs.find(({ change }) => change === "changed")!.differences).toEqual(["out_features 10 → 20"]);
});

test("a network is the same as itself, and what both have stands in the same columns", () => {
  const network = zoo("resnet50");
  const { comparison, scene } = (drawn(network), differencesFigure([network, network], ["a", "b"], WANTED));
  expect(comparison.counts).toEqual({ same: network.layers.length, changed: 0, removed: 0, added: 0 });
  const lefts = scene.marks
    .filter((mark) => mark.kind === "area" && mark.glyph === 5)
    .map((mark) => (mark.kind === "area" ? mark.points[0]![0] : 0));
  expect(lefts[0]).toBeCloseTo(lefts.at(-1)!, 5);
});

test("a selection that cannot be a group is refused with what to do", () => {
  const network = zoo("unet");
  const place = (type: string, nth = 0): number =>
    network.layers.flatMap((each, index) => (each.type === type ? [index] : []))[nth]!;
  expect(refusal(network, [place("Conv2d")])).toContain("two layers or more");
  expect(refusal(network, [place("Conv2d", 0), place("Conv2d", 3)])).toContain("comes back through");
  expect(refusal(network, [place("MaxPool2d", 0), place("Concatenate", 0)])).toMatch(/comes back|entered in/);
  const path = betweenTwo(network, place("Conv2d", 0), place("BatchNorm2d", 1));
  expect(path.length).toBeGreaterThan(2);
  expect(refusal(network, path)).toBeNull();
});

test("TikZ holds names as text", () => {
  const { scene } = drawn(chainOf([layer("a", "\\input{/etc/passwd}$% 8 16"), layer("b", "Linear 4")]));
  const text = tikzOf(scene, "evil\n\\write18{rm}");
  expect(text).not.toMatch(/\\input|\\write/);
  expect(text.split("\n")[0]).toMatch(/^%/);
});
