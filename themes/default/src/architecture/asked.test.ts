/**
 * What people asked of other programs that draw networks, each by its number there: Net2Vis' issues, Netron's "Group and
 * collapse nodes", torchview's "Collapsing repeated blocks". #24 (networks of PyTorch) is in `tests/generator`, and what
 * #25 asks of the page in `tests/browser`.
 */
import { expect, test } from "vitest";
import { clipped, overlaps } from "../../tests/boxes.ts";
import { chainOf, drawn, layer, networkOf, withoutModules, ZOO, zoo } from "../../tests/networks.ts";
import { AUTOMATIC, manualIdOf } from "./detail.ts";
import type { Figure, NamedGroup } from "./figure.ts";
import { refusal } from "./grouping.ts";
import type { Network } from "./network.ts";
import { PAPERS } from "./papers.ts";
import { DEFAULTS } from "./preferences.ts";
import { extentOf, type Area, type Mark } from "./scene.ts";
import { PAPER, svgOf } from "./svg.ts";

const EVERY_LAYER = { ...AUTOMATIC, level: 1000 };

const areasOf = ({ scene }: Figure, glyph: number): Area[] =>
  scene.marks.filter((mark): mark is Area & Mark => mark.kind === "area" && mark.glyph === glyph);

const placesOf = ({ shown }: Figure, name: string): number[] =>
  shown.glyphs.flatMap((glyph, index) => (glyph.name === name ? [index] : []));

/** How far left and right of its middle, and above and below it, the corners of a shape lie. */
function outline({ points }: Area): string {
  const box = extentOf({ kind: "area", points, fill: "", stroke: "", width: 0 });
  const corners = points.map(([x, y]) => [
    Math.sign(Math.round(x - box.x - box.width / 2)),
    Math.sign(Math.round(y - box.y - box.height / 2)),
  ]);
  return JSON.stringify(corners);
}

test("Net2Vis #33: where branches meet at other levels, the shape is one and the same block when that is wanted", () => {
  const merges = (joins: "prongs" | "block"): Area[][] => {
    const figure = drawn(zoo("unet"), { preferences: { ...DEFAULTS, joins }, detail: EVERY_LAYER });
    return placesOf(figure, "Concatenate").map((place) => areasOf(figure, place));
  };
  const blocks = merges("block");
  expect(blocks).toHaveLength(4);
  expect(blocks.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
  expect(new Set(blocks.map(([body]) => outline(body!))).size).toBe(1);
  // As it was: a body with a prong for each end, in another place at each level.
  expect(merges("prongs").every(({ length }) => length === 3)).toBe(true);
});

test.each(ZOO)(
  "Net2Vis #26: with every name no label of %s overlaps, and the file cuts off nothing",
  (name) => {
    for (const detail of [AUTOMATIC, EVERY_LAYER]) {
      const figure = drawn(zoo(name), { preferences: { ...DEFAULTS, names: "all" }, detail });
      expect(overlaps(figure)).toEqual([]);
      expect(clipped(figure)).toEqual([]);
      const { width, height } = figure.scene;
      const written = svgOf(figure.scene, { id: "net", title: name, ink: PAPER });
      expect(written).toContain(
        `viewBox="0 0 ${Math.round(width * 100) / 100} ${Math.round(height * 100) / 100}"`,
      );
    }
  },
);

test("Net2Vis #26: long names in a narrow column are whole in the legend that the file has", () => {
  const long = (index: number): string => `${"Deformable".repeat(3)}Layer${index} 8 16`;
  const network = chainOf(Array.from({ length: 9 }, (_, index) => layer(`l${index}`, long(index))));
  const { width } = PAPERS["ieee-column"]!;
  const figure = drawn(network, { preferences: { ...DEFAULTS, names: "all" }, width, isExact: true });
  expect(overlaps(figure)).toEqual([]);
  expect(clipped(figure)).toEqual([]);
  const said = figure.scene.marks.flatMap((mark) =>
    mark.kind === "text" && mark.glyph === undefined ? [mark.text] : [],
  );
  expect(said).toContain(long(8).split(" ")[0]);
});

const RESIDUAL = networkOf(
  ["in", "a", "b"]
    .map((id) => layer(id, "Conv2d 8 16"))
    .concat([layer("sum", "Add 8 16"), layer("out", "Linear 3")]),
  "in>a a>b b>sum in>sum sum>out",
);

test("Net2Vis #25: a selection is grouped, or refused with what to select instead", () => {
  expect(refusal(RESIDUAL, [1, 2])).toBeNull();
  const groups: NamedGroup[] = [{ name: "Body", layers: ["a", "b"], isActive: true }];
  expect(drawn(RESIDUAL, { groups }).shown.glyphs.map(({ name }) => name)).toContain("Body");
  expect(refusal(RESIDUAL, [1])).toContain("with Shift");
  expect(refusal(RESIDUAL, [0, 3])).toContain("through a and b: select them, too");
  expect(refusal(RESIDUAL, [0, 1])).toContain("left in 2 places");
});

/** Two inputs, each with a layer of its own, which are then joined; and the same of one input that is split. */
const twoInputs = networkOf(
  [
    ...[layer("left", "Input 3 32"), layer("right", "Input 1 16")],
    ...[layer("a", "Conv2d 8 16"), layer("b", "Conv2d 8 16"), layer("cat", "Concatenate 16 16")],
  ],
  "left>a right>b a>cat b>cat",
);

test("Net2Vis #14: each of several inputs has a place of its own and leads only where its data goes", () => {
  const figure = drawn(twoInputs, { detail: EVERY_LAYER });
  const inputs = placesOf(figure, "Input");
  expect(inputs).toHaveLength(2);
  const targets = inputs.map((input) =>
    figure.shown.edges.filter(({ source }) => source === input).map(({ target }) => target),
  );
  expect(targets.map(({ length }) => length)).toEqual([1, 1]);
  expect(targets[0]).not.toEqual(targets[1]);
  const [left, right] = inputs.map((input) => figure.cells[input]!);
  expect(left!.y + left!.height <= right!.y || right!.y + right!.height <= left!.y).toBe(true);
  // A dashed square for each, as high as its own data.
  const heights = inputs.map((input) => extentOf(areasOf(figure, input).find(({ dash }) => dash)!).height);
  expect(heights[0]).toBeGreaterThan(heights[1]!);
});

test("Net2Vis #49: layers that nothing leads to are shown, counted, and named in a notice", () => {
  const alone = ["x", "y"].map((id) => layer(id, "Linear 4"));
  const network = networkOf([layer("a", "Conv2d 8 16"), layer("b", "Conv2d 8 16"), ...alone], "a>b");
  for (const detail of [AUTOMATIC, EVERY_LAYER, { ...AUTOMATIC, level: 0 }]) {
    const figure = drawn(network, { detail });
    const loose = figure.shown.glyphs.flatMap(({ isLoose }, index) => (isLoose ? [index] : []));
    expect(loose).toHaveLength(2);
    for (const glyph of loose) expect(areasOf(figure, glyph).length).toBeGreaterThan(0);
    expect(figure.shown.glyphs.flatMap(({ layers }) => layers).sort()).toEqual([0, 1, 2, 3]);
    expect(figure.notices).toEqual(["2 layers are not connected to any other."]);
    expect(clipped(figure)).toEqual([]);
  }
});

test("Netron #592: nodes that a person groups are one glyph, which opens, closes again and is dissolved", () => {
  const network = zoo("resnet50");
  const stem = network.layers.filter(({ kind }) => kind !== "input").slice(0, 3);
  const groups: NamedGroup[] = [{ name: "Stem", layers: stem.map(({ id }) => id), isActive: true }];
  const whole = drawn(network, { detail: EVERY_LAYER });
  const places = stem.map(({ id }) => network.layers.findIndex((each) => each.id === id));
  const id = manualIdOf(network.layers, places);
  const closed = drawn(network, { groups, detail: { ...EVERY_LAYER, closed: new Set([id]) } });
  const [glyph] = placesOf(closed, "Stem");
  expect(closed.shown.glyphs[glyph!]!.layers).toEqual(places);
  expect(closed.shown.glyphs).toHaveLength(whole.shown.glyphs.length - stem.length + 1);
  // What led into it and out of it still does.
  expect(
    closed.shown.edges.filter(({ source, target }) => source === glyph || target === glyph),
  ).toHaveLength(2);
  const opened = drawn(network, { groups, detail: { ...EVERY_LAYER, opened: new Set([id]) } });
  expect(opened.shown.glyphs).toHaveLength(whole.shown.glyphs.length);
  const dissolved = drawn(network, { groups: [{ ...groups[0]!, isActive: false }], detail: EVERY_LAYER });
  expect(dissolved.scene).toEqual(whole.scene);
});

const folded = (network: Network): string[] => {
  const { shown, scene } = drawn(network);
  const counts = shown.glyphs.filter(({ count }) => count > 1).map(({ count }) => `×${count}`);
  const texts = scene.marks.flatMap((mark) => (mark.kind === "text" ? [mark.text] : []));
  expect(counts.filter((count) => !texts.some((text) => text.includes(count)))).toEqual([]);
  return counts;
};

test("torchview #118: repeated blocks are collapsed to one with how often they stand, with and without modules", () => {
  for (const network of [zoo("bert_base"), withoutModules(zoo("bert_base"))])
    expect(folded(network)).toContain("×12");
  expect(folded(zoo("resnet50"))).toEqual(expect.arrayContaining(["×2", "×3", "×5"]));
});
