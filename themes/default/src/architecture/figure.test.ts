import { expect, test } from "vitest";
import { clipped, covered, isText, overlaps } from "../../tests/boxes.ts";
import { chainOf, drawn, layer, networkOf, ZOO, zoo } from "../../tests/networks.ts";
import { AUTOMATIC, manualIdOf } from "./detail.ts";
import { manualGroups, WANTED } from "./figure.ts";
import { lookOf, PAPERS } from "./papers.ts";
import { DEFAULTS } from "./preferences.ts";
import { extentOf } from "./scene.ts";
import { PAPER, svgOf } from "./svg.ts";
import { processorTime } from "../../tests/clock.ts";

const WIDTHS = ["ieee-column", "ieee-page", "slide"] as const;

test.each(ZOO.flatMap((name) => WIDTHS.map((width) => [name, width] as const)))(
  "no label of %s overlaps another or is cut off at %s",
  (name, paper) => {
    for (const names of ["all", "types"]) {
      const look = lookOf([paper], { names });
      const { width } = look.paper!;
      const figure = drawn(zoo(name), { preferences: look.preferences, width, isExact: true });
      expect(overlaps(figure)).toEqual([]);
      expect(clipped(figure)).toEqual([]);
      expect(covered(figure)).toEqual([]);
      expect(figure.scene.width).toBe(width);
    }
  },
);

const GALLERY = [
  ["unet", "unet"],
  ["resnet50", "resnet"],
  ["vit_b_16", "monochrome"],
  ["volumes", "3d"],
] as const;

test.each(GALLERY.flatMap(([name, preset]) => WIDTHS.map((width) => [name, preset, width] as const)))(
  "no label of %s in the look %s overlaps another or is cut off at %s",
  (name, preset, paper) => {
    const { preferences } = lookOf([paper, preset], {});
    const { width } = PAPERS[paper]!;
    const figure = drawn(zoo(name), { preferences, width, isExact: true });
    expect([overlaps(figure), clipped(figure), covered(figure)]).toEqual([[], [], []]);
    const sizes = figure.scene.marks.filter(isText).map(({ size }) => size);
    // Text stays large enough to be read.
    expect(Math.min(...sizes)).toBeGreaterThan(preferences.fontSize * 0.69);
  },
);

test("what is written on a frame stands within it, however narrow what it holds is", () => {
  const blocks = [0, 1, 2, 3, 4, 5];
  const layers = blocks.flatMap((at) => [layer(`a${at}`, "Linear 4"), layer(`s${at}`, "Add 4")]);
  const edges = blocks.map((at) => `a${at}>s${at}${at ? ` s${at - 1}>a${at} s${at - 1}>s${at}` : ""}`);
  const network = networkOf(
    [layer("in", "Linear 4"), ...layers, layer("out", "Linear 4")],
    `in>a0 in>s0 ${edges.join(" ")} s5>out`,
  );
  const figure = drawn(network);
  const title = figure.scene.marks.find((mark) => mark.kind === "text" && mark.text.endsWith("×6"))!;
  const frame = figure.scene.marks.find((mark) => mark.kind === "area" && mark.fill === "panel")!;
  expect(extentOf(title).x + extentOf(title).width).toBeLessThan(extentOf(frame).x + extentOf(frame).width);
});

test("names, however long, do not overlap when every layer is named", () => {
  const long = "ExtraordinarilyLongLayerName".repeat(4);
  const network = chainOf([
    layer("a", `${long} 8 16`),
    layer("b", `${long}2 8 16`),
    layer("c", "x".repeat(10_000) + " 8 16"),
  ]);
  const figure = drawn(network, { preferences: { ...DEFAULTS, names: "types" } });
  expect(overlaps(figure)).toEqual([]);
  expect(clipped(figure)).toEqual([]);
  expect(svgOf(figure.scene, { id: "a", title: "a", ink: PAPER }).length).toBeLessThan(20_000);
});

test("places where branches meet can be prongs or a block", () => {
  const network = networkOf(
    ["in", "a", "b", "cat"].map((id) => layer(id, id === "cat" ? "Concatenate 16 28" : "Conv2d 8 28")),
    "in>a a>b b>cat in>cat",
  );
  const areas = (joins: "prongs" | "block"): number => {
    const { scene, shown } = drawn(network, {
      preferences: { ...DEFAULTS, joins },
      detail: { ...AUTOMATIC, level: 9 },
    });
    const glyph = shown.glyphs.findIndex(({ name }) => name === "Concatenate");
    return scene.marks.filter((mark) => mark.kind === "area" && mark.glyph === glyph).length;
  };
  expect(areas("prongs")).toBe(areas("block") + 2);
});

test("a network with several inputs has a place for each, and none is a split of another", () => {
  const { shown } = drawn(zoo("bert_base"));
  const inputs = shown.glyphs.flatMap(({ name }, index) => (name === "Input" ? [index] : []));
  expect(inputs).toHaveLength(2);
  for (const input of inputs) expect(shown.edges.some(({ target }) => target === input)).toBe(false);
});

test("layers that nothing leads to are drawn, and named in a notice", () => {
  const network = networkOf(
    [layer("a", "Conv2d 8 16"), layer("b", "Conv2d 8 16"), layer("alone", "Linear 4")],
    "a>b",
  );
  const figure = drawn(network);
  expect(figure.shown.glyphs.some(({ isLoose }) => isLoose)).toBe(true);
  expect(figure.notices).toContain("The layer alone is not connected to any other.");
});

test("of layers that nothing leads to it is told once, and in a partial network by its own notices", () => {
  const layers = [layer("a", "Conv2d 8 16"), layer("b", "Conv2d 8 16"), layer("c", "Linear 4")];
  const alone = { place: "c", kind: "notice", what: "is not connected to any other layer" };
  const missing = { place: "b", kind: "missing", what: "fails here" };
  const told = (...notices: (typeof alone)[]): readonly string[] =>
    drawn(networkOf(layers, "a>b", [], notices)).notices;
  expect(told(alone)).toEqual(["The layer c is not connected to any other."]);
  expect(told(missing, alone)).toEqual(["b: fails here", "c: is not connected to any other layer"]);
});

test("sizes of 0, unknown sizes and hostile numbers make a figure", () => {
  const odd = [
    layer("a", "Conv2d 0 0x0"),
    layer("b", "Conv2d 8", { output_resolution: [0, 0], features: null, output_shapes: "[[null,null,0]]" }),
    layer("c", "Conv2d 8 16", {
      flops: -5,
      parameter_count: Number.NaN,
      output_shapes: "{",
      hyperparameters: "[1",
    }),
    layer("d", "Linear 1e308"),
  ];
  const { scene } = drawn(chainOf(odd));
  expect(svgOf(scene, { id: "a", title: "a", ink: PAPER })).not.toMatch(/NaN|Infinity|undefined/);
});

test("unknown sizes are drawn as high as what stands before, with a dashed edge that the legend names", () => {
  const open = { activation_bytes: null, output_shapes: "[[null,8,null,null]]" };
  const network = chainOf([
    layer("in", "Conv2d 8 64"),
    layer("small", "Conv2d 8 32", { input_resolution: [64, 64] }),
    layer("open", "Conv2d 8 0x0", { ...open, input_resolution: [32, 32] }),
    layer("lost", "Odd", { activation_bytes: null, input_shapes: "[]" }),
    layer("large", "Conv2d 8 64"),
  ]);
  const figure = drawn(network, { detail: { ...AUTOMATIC, level: 9 } });
  const bodies = figure.shown.glyphs.map(({ name, layers }, index) => {
    const id = network.layers[layers[0]!]!.id;
    const mark = figure.scene.marks.find((each) => each.kind === "area" && each.glyph === index)!;
    const { height } = extentOf(mark);
    return {
      id: `${name} ${id}`,
      height: Math.round(height),
      dash: figure.scene.marks.some((each) => each.kind === "area" && each.glyph === index && each.dash),
    };
  });
  const of = (id: string) => bodies.find((each) => each.id.endsWith(` ${id}`))!;
  expect([of("open").dash, of("lost").dash, of("small").dash, of("large").dash]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  const least = figure.cells.length && DEFAULTS.minHeight;
  expect(of("open").height).toBeGreaterThan(least + 10);
  expect(of("lost").height).toBe(of("open").height);
  const texts = figure.scene.marks.filter(isText).map(({ text }) => text);
  expect(texts).toContain("size not known");
  expect(overlaps(figure)).toEqual([]);
  const known = drawn(
    chainOf([layer("in", "Conv2d 8 64"), layer("none", "Conv2d 8 0x0", { activation_bytes: 0 })]),
  );
  expect(known.scene.marks.filter(isText).map(({ text }) => text)).not.toContain("size not known");
});

test("what a layer takes is marked as not known also where it is known what it gives", () => {
  const open = { activation_bytes: null, output_shapes: "[[null,8,null,null]]" };
  const network = chainOf([
    layer("in", "Conv2d 8 64"),
    layer("open", "Conv2d 8 0x0", { ...open, input_resolution: [64, 64] }),
    layer("pool", "GlobalAvgPool2d 8", { input_resolution: [0, 0], input_shapes: "[[null,8,null,null]]" }),
    layer("empty", "Conv2d 8 4", { input_resolution: [0, 0], input_shapes: "[[null,8,0,0]]" }),
  ]);
  const { shown, scene } = drawn(network, { detail: { ...AUTOMATIC, level: 9 } });
  const isDashed = shown.glyphs.map((_, index) =>
    scene.marks.some((mark) => mark.kind === "area" && mark.glyph === index && mark.dash),
  );
  const names = shown.glyphs.map(({ layers }) => network.layers[layers[0]!]!.id);
  expect(Object.fromEntries(names.map((name, index) => [name, isDashed[index]]))).toEqual({
    in: false,
    open: true,
    pool: true,
    empty: false,
  });
});

test("names are those of the layers, and types where types are asked for", () => {
  const network = chainOf([
    layer("in", "Input 3 28"),
    layer("stem.entry", "Conv2d 8 28"),
    layer("body.features.0", "Conv2d 16 28"),
    layer("fc", "Linear 10"),
  ]);
  const texts = (names: "all" | "types"): string[] =>
    drawn(network, {
      preferences: { ...DEFAULTS, names, legend: false },
      detail: { ...AUTOMATIC, level: 9 },
    })
      .scene.marks.filter(isText)
      .map(({ text }) => text);
  expect(texts("all").join(" ")).toMatch(/entry.*features\.\s*0.*fc/);
  expect(texts("all")).not.toContain("Conv2d");
  expect(texts("types").filter((text) => text === "Conv2d")).toHaveLength(2);
});

test("a group made by hand is one, where every layer is shown, too, and in every place", () => {
  const made = (n: number): ReturnType<typeof layer>[] => [
    layer(`c${n}`, "Conv2d 16 28"),
    layer(`b${n}`, "BatchNorm2d 16 28"),
    layer(`r${n}`, "ReLU 16 28"),
  ];
  const network = chainOf([layer("in", "Input 3 28"), ...made(1), ...made(2), layer("fc", "Linear 10")]);
  const groups = [{ name: "Mine", layers: ["c1", "b1", "r1"], isActive: true }];
  const closed = new Set(
    manualGroups(network, groups).map(({ layers }) => manualIdOf(network.layers, layers)),
  );
  expect(closed.size).toBe(2);
  for (const level of [1, 9]) {
    const figure = drawn(network, { groups, detail: { ...AUTOMATIC, level, closed } });
    const glyph = figure.shown.glyphs.findIndex(({ name }) => name === "Mine");
    expect(figure.shown.glyphs[glyph]).toMatchObject({ name: "Mine", count: 2 });
    const mark = figure.scene.marks.find((each) => each.kind === "area" && each.glyph === glyph)!;
    expect(mark.kind === "area" && mark.width).toBe(DEFAULTS.stroke * 2.5);
    const texts = figure.scene.marks.filter(isText).map(({ text }) => text);
    expect(texts).toContain("Mine");
    expect(texts).toContain("Mine =");
  }
});

test("where text becomes too small to be read, the notice names what would be readable, and it is", () => {
  const every = { ...AUTOMATIC, level: 99 };
  const inColumn = (paper: string, detail = every) => {
    const { preferences } = lookOf([paper], {});
    const figure = drawn(zoo("unet"), { preferences, width: PAPERS[paper]!.width, isExact: true, detail });
    const own = figure.scene.marks.filter((mark) => isText(mark) && mark.glyph !== undefined);
    return { figure, least: Math.min(...own.filter(isText).map(({ size }) => size)) / preferences.fontSize };
  };
  const { figure, least } = inColumn("ieee-column");
  expect(least).toBeLessThan(0.7);
  const [said] = figure.notices.filter((notice) => notice.includes("too small to be read"));
  const [, level, preset] = /level of detail (\d+) or the preset ([\w-]+)\.$/.exec(said!)!;
  expect(inColumn("ieee-column", { ...AUTOMATIC, level: Number(level) }).least).toBeGreaterThan(0.69);
  expect(inColumn(preset!).least).toBeGreaterThan(0.69);
});

test("names become text, never markup", () => {
  const network = chainOf([
    layer("a", "<script>alert(1)</script> 8 16"),
    layer('"><img src=x>', "Conv2d 8 16"),
  ]);
  for (const names of ["all", "types"] as const) {
    const { scene } = drawn(network, { preferences: { ...DEFAULTS, names } });
    expect(svgOf(scene, { id: "a", title: "<b>", ink: PAPER })).not.toMatch(/<script|<img|<b>/);
  }
});

test("dashed edges are seen on dark pages and on pale glyphs: a line in the colour of what is behind lies under them", () => {
  const open = { activation_bytes: null, output_shapes: "[[null,8,null,null]]" };
  const network = chainOf([
    layer("in", "Conv2d 8 64x64"),
    layer("wide", "Conv2d 8 16x64"),
    layer("open", "Conv2d 8 0x0", { ...open, input_resolution: [16, 64] }),
  ]);
  const { scene } = drawn(network, { detail: { ...AUTOMATIC, level: 9 } });
  const areas = scene.marks.filter((mark) => mark.kind === "area");
  const dashed = areas.filter(({ dash, glyph }) => dash && glyph !== undefined && glyph > 0);
  expect(dashed.length).toBeGreaterThanOrEqual(3);
  for (const mark of dashed) {
    expect(mark.stroke).toBe("ink");
    const under = areas[areas.indexOf(mark) - 1]!;
    expect([under.points, under.stroke, under.dash]).toEqual([mark.points, "panel", undefined]);
  }
});

test("heights follow height and width where they differ, and channels wherever they stand", () => {
  const wide = layer("a", "Conv2d 8 16x64");
  const { scene } = drawn(chainOf([layer("in", "Conv2d 8 64x64"), wide, layer("b", "Conv2d 8 16x16")]), {
    detail: { ...AUTOMATIC, level: 9 },
  });
  expect(scene.marks.some((mark) => mark.kind === "area" && mark.dash)).toBe(true);
});

test("types that are hidden are left out, and what they connected stays connected", () => {
  const { shown } = drawn(
    chainOf([layer("a", "Conv2d 8 16"), layer("b", "ReLU 8 16"), layer("c", "Linear 4")]),
    {
      styles: { ...WANTED.styles, hidden: ["ReLU"] },
    },
  );
  expect(shown.glyphs.map(({ name }) => name)).toEqual(["Conv2d", "Linear"]);
  expect(shown.edges).toHaveLength(1);
});

test("every preference has a choice that changes the figure", () => {
  const changed = (change: Partial<typeof DEFAULTS>): string =>
    (["unet", "bert_base"] as const)
      .map((name) => JSON.stringify(drawn(zoo(name), { preferences: { ...DEFAULTS, ...change } }).scene))
      .join();
  const base = changed({});
  const changes: Partial<typeof DEFAULTS>[] = [
    ...[
      { heightScale: "linear" },
      { widthScale: "sqrt" },
      { width: "flops" },
      { colour: "parameters" },
      { palette: "interpolation" },
    ],
    ...[
      { textures: true },
      { style: "3d" },
      { joins: "block" },
      { names: "all" },
      { features: false },
      { dimensions: false },
    ],
    ...[
      { samples: false },
      { splits: true },
      { arrows: false },
      { legend: false },
      { scales: false },
      { legendReversed: true },
    ],
    ...[
      { minHeight: 30 },
      { maxHeight: 50 },
      { minWidth: 20 },
      { maxWidth: 90 },
      { spacing: 40 },
      { gap: 60 },
      { stroke: 3 },
    ],
    ...[{ fontSize: 16 }, { legendSpacing: 60 }, { legendWidth: 20 }, { legendHeight: 30 }],
  ] as Partial<typeof DEFAULTS>[];
  expect(new Set(changes.flatMap((change) => Object.keys(change)))).toEqual(new Set(Object.keys(DEFAULTS)));
  for (const change of changes) expect(changed(change), JSON.stringify(change)).not.toBe(base);
});

test("a network of nothing, and one of layers that nothing connects, are figures", () => {
  expect(drawn(chainOf([])).shown.glyphs).toEqual([]);
  expect(drawn(networkOf([layer("a", "Linear 4"), layer("b", "Linear 4")], "")).shown.glyphs).toHaveLength(2);
});

test("5,000 layers become a figure in less than three seconds", () => {
  const layers = Array.from({ length: 5000 }, (_, index) => layer(`l${index}`, `Linear ${index + 1}`));
  const network = chainOf(layers);
  let glyphs = Infinity;
  const time = processorTime(() => (glyphs = drawn(network).shown.glyphs.length));
  expect(time).toBeLessThan(3000);
  expect(glyphs).toBeLessThan(500);
});
