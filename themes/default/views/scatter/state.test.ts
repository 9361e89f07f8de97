import { expect, test } from "vitest";
import { contextOf } from "../../tests/charts.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Categories } from "./colouring.ts";
import { isServed, moved, windowToAsk } from "./camera.ts";
import { nextIn, PointGrid } from "./nearest.ts";
import { parse } from "./options.ts";
import { filling, Projection } from "./plot.ts";
import type { Points } from "./queries.ts";
import { Raster } from "./raster.ts";
import {
  boxBetween,
  cleared,
  hasRoom,
  lassoAlong,
  withBox,
  withCategory,
  withLasso,
  withPoint,
} from "./selection.ts";
import { readState, selected } from "./state.ts";
import { view } from "./view.ts";

const table = tableOf({
  id: "int32 id",
  projection_x: "float32 projection_x",
  projection_y: "float32 projection_y",
  label: "string label",
  score: "float32",
});
const context = contextOf(table, {});
const options = parse(context);
const frame = { width: 200, height: 100, left: 0, top: 0, right: 200, bottom: 100 };

test.each([
  [{ window: [0, 1, 0, 1] }, { window: [0, 1, 0, 1] }],
  [{ window: [1, 0, 0, 1] }, {}],
  [{ window: [0, 1, 0, "1"] }, {}],
  [{ color: "score" }, { color: "score" }],
  [{ color: "label" }, {}],
  [{ color: "x'; DROP" }, {}],
  [{ color: "" }, { color: "" }],
  [
    {
      boxes: [
        [0, 1, 0, 1],
        [0, 1],
      ],
    },
    { boxes: [[0, 1, 0, 1]] },
  ],
  [
    {
      lassos: [
        [0, 0, 1, 0, 1, 1],
        [0, 0, 1, 0],
        [0, 0, 1, 0, 1, null],
      ],
    },
    { lassos: [[0, 0, 1, 0, 1, 1]] },
  ],
  [{ lassos: [Array(130).fill(1)] }, {}],
  [{ ids: [1, "a", null] }, { ids: [1] }],
  [{ categories: ["a", 1, null] }, { categories: ["a", null] }],
  [{ color: "", categories: ["a"] }, { color: "" }],
  [{ other: true }, { other: true }],
  [{ mode: "lasso" }, { mode: "lasso" }],
  [{ mode: "box" }, {}],
  [{ mode: "draw" }, {}],
  [{ other: 1 }, {}],
])("of the link's state %j is taken %j", (written, kept) => {
  expect(readState(options, written)).toEqual(kept);
  expect(view.accept!(options, written, context)).toEqual(kept);
});

test("a box is said by its ranges, a lasso by what it is, categories by their values", () => {
  expect(selected(options, { boxes: [[0, 1, -2, 2]] })).toEqual([
    { column: "projection_x", range: ["0.00", "1.00"] },
    { column: "projection_y", range: ["-2.00", "2.00"] },
  ]);
  expect(selected(options, { lassos: [[0, 0, 1, 0, 1, 1]], categories: ["a"] })).toEqual([
    { column: "place", values: ["inside a drawn area"] },
    { column: "label", values: ["a"] },
  ]);
  expect(selected(options, { ids: [3] })).toEqual([{ column: "id", values: [3] }]);
});

test("a drag makes a box of data values as fine as a px, held within the plot", () => {
  const projection = new Projection([0, 2, 0, 1], frame);
  expect(boxBetween(projection, { x: 150, y: 20 }, { x: 50, y: 400 })).toEqual([0.5, 1.5, 0, 0.8]);
  expect(boxBetween(projection, { x: 50, y: 20 }, { x: 50, y: 80 })).toBeNull();
});

test("areas replace what was selected, or join it up to a limit", () => {
  const one = withBox({ window: [0, 1, 0, 1], ids: [1] }, [0, 1, 0, 1], false);
  expect(one).toEqual({ window: [0, 1, 0, 1], boxes: [[0, 1, 0, 1]] });
  const two = withLasso(one, [0, 0, 1, 0, 1, 1], true);
  expect(two).toEqual({ ...one, lassos: [[0, 0, 1, 0, 1, 1]] });
  expect(cleared(two)).toEqual({ window: [0, 1, 0, 1] });
  const full = Array.from({ length: 8 }).reduce<object>((state) => withBox(state, [0, 1, 0, 1], true), {});
  expect([hasRoom(two), hasRoom(full), hasRoom({ lassos: [Array(214).fill(0)] })]).toEqual([
    true,
    false,
    false,
  ]);
});

test("a lasso has as many corners as there is room for", () => {
  const projection = new Projection([0, 2, 0, 1], frame);
  const way = Array.from({ length: 300 }, (_, at) => ({
    x: 100 + 50 * Math.cos(at / 48),
    y: 50 + 40 * Math.sin(at / 48),
  }));
  expect(lassoAlong(projection, way, {})!.length).toBeLessThanOrEqual(128);
  expect(lassoAlong(projection, way, { lassos: [Array(204).fill(0)] })!.length).toBeLessThanOrEqual(20);
  expect(
    lassoAlong(
      projection,
      [
        { x: 1, y: 1 },
        { x: 2, y: 2 },
      ],
      {},
    ),
  ).toBeNull();
});

test("points and categories are picked alone, or added and let go with a key", () => {
  const one = withPoint({}, 3, false);
  expect([one, withPoint(one, 3, false), withPoint(one, 4, true), withPoint(one, 3, true)]).toEqual([
    { ids: [3] },
    {},
    { ids: [3, 4] },
    {},
  ]);
  const colouring: Categories = {
    kind: "categories",
    column: table.columns[3]!,
    values: ["a", null],
    hasOther: true,
    all: 9,
  };
  const a = withCategory({}, colouring, 0, false);
  expect(a).toEqual({ categories: ["a"] });
  expect(withCategory(a, colouring, 0, false)).toEqual({});
  expect(withCategory(a, colouring, 2, true)).toEqual({ categories: ["a"], other: true });
  expect(withCategory(withCategory(a, colouring, 2, true), colouring, 1, false)).toEqual({
    categories: [null],
  });
});

test("zooming keeps what is under the pointer, and ends at the whole", () => {
  const home = [0, 2, 0, 1] as const;
  const projection = new Projection(home, frame);
  expect(moved(projection, home, 2, { x: 50, y: 50 })).toEqual([0.25, 1.25, 0.25, 0.75]);
  expect(moved(projection, home, 0.5, { x: 50, y: 50 })).toBeNull();
  const near = new Projection([0.25, 1.25, 0.25, 0.75], frame);
  expect(moved(near, home, 1, { x: 50, y: 50 }, { x: 20, y: 0 })![0]).toBeCloseTo(0.15, 12);
  expect(moved(near, home, 1, { x: 0, y: 0 }, { x: 9999, y: 0 })![0]).toBeCloseTo(-0.5, 12);
});

test("what was asked serves the window that it was asked for, and points all windows that they hold", () => {
  const asked = windowToAsk([0, 1, 0, 1])!;
  expect(isServed(null, undefined, false)).toBe(true);
  expect(isServed([0, 1, 0, 1], undefined, true)).toBe(true);
  expect(isServed([0, 1, 0, 1], undefined, false)).toBe(false);
  expect(isServed(null, asked, true)).toBe(false);
  expect(isServed([0, 1, 0, 1], asked, false)).toBe(true);
  expect(isServed([0.01, 1, 0, 1], asked, false)).toBe(false);
  expect(isServed([0.2, 0.8, 0.2, 0.8], asked, true)).toBe(true);
  expect(isServed([0.05, 1.05, 0, 1], asked, true)).toBe(false);
});

test("where distances compare, a window grows to the shape of the plot", () => {
  expect(filling([0, 1, 0, 1], frame, true)).toEqual([-0.5, 1.5, 0, 1]);
  expect(filling([0, 4, 0, 1], frame, true)).toEqual([0, 4, -0.5, 1.5]);
  expect(filling([0, 4, 0, 1], frame, false)).toEqual([0, 4, 0, 1]);
});

function pointsAt(places: readonly (readonly [number, number])[]): Points {
  const n = places.length;
  return {
    kind: "points",
    color: "",
    n,
    x: Float64Array.from(places, ([x]) => x),
    y: Float64Array.from(places, ([, y]) => y),
    code: new Float64Array(n),
    ids: null,
  };
}

test("the grid finds the point that looking at all finds", () => {
  let state = 7;
  const random = (): number => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
  const points = pointsAt(Array.from({ length: 2000 }, () => [random() * 2, random()] as const));
  const projection = new Projection([0, 2, 0, 1], frame);
  const grid = new PointGrid(points);
  for (let round = 0; round < 300; round++) {
    const place = { x: random() * 220 - 10, y: random() * 120 - 10 };
    const distance = (index: number): number =>
      Math.hypot(projection.x(points.x[index]!) - place.x, projection.y(points.y[index]!) - place.y);
    const all = Array.from({ length: points.n }, (_, index) => index);
    const best = all.reduce((a, b) => (distance(b) < distance(a) ? b : a));
    const found = grid.nearest(projection, place, 3, () => true);
    expect(found === null ? null : distance(found)).toBe(distance(best) <= 3 ? distance(best) : null);
  }
});

test("arrows walk to the next point ahead", () => {
  const places = [
    { x: 0, y: 0 },
    { x: 10, y: 1 },
    { x: 4, y: 9 },
    { x: -5, y: 0 },
  ];
  const next = (direction: Parameters<typeof nextIn>[0]): number | null =>
    nextIn(direction, places[0]!, places.length, (index) => places[index]!);
  expect([next("ArrowRight"), next("ArrowDown"), next("ArrowLeft"), next("ArrowUp")]).toEqual([
    1,
    2,
    3,
    null,
  ]);
});

test("a dot is as dark as its disc, wherever in a px it is, and two lie over each other", () => {
  const sum = (x: number, y: number): number => {
    const raster = new Raster(20, 20);
    raster.dot(x, y, 6, [255, 0, 0], 1);
    let total = 0;
    for (let at = 3; at < raster.data.length; at += 4) total += raster.data[at]! / 255;
    return total;
  };
  for (const [x, y] of [
    [10, 10],
    [10.3, 9.8],
    [10.5, 10.5],
  ] as const)
    expect(Math.abs(sum(x, y) - Math.PI * 9)).toBeLessThan(1);
  expect([sum(-50, 10), sum(10, 500)]).toEqual([0, 0]);
  const raster = new Raster(8, 8);
  raster.dot(4, 4, 6, [255, 0, 0], 0.5);
  raster.dot(4, 4, 6, [0, 0, 255], 0.5);
  expect([...raster.data.slice((4 * 8 + 4) * 4, (4 * 8 + 4) * 4 + 4)]).toEqual([85, 0, 170, 192]);
});
