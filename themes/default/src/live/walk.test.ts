import { expect, test } from "vitest";
import { marksOf, placeOf, stepTo, type Scene } from "./walk.ts";

const bar = (label: string, x1: number): object => ({
  datum: { label },
  bounds: { x1, y1: 0, x2: x1 + 10, y2: 20 },
});

test("the marks of the topmost layer are walked, in the order of the data, where their groups put them", () => {
  const root = {
    marktype: "group",
    items: [
      {
        items: [
          {
            marktype: "group",
            items: [
              {
                x: 100,
                y: 5,
                items: [
                  { marktype: "rect", name: "selected_brush", items: [bar("brush", 0)] },
                  { marktype: "rect", name: "layer_0_marks", items: [bar("grey", 0)] },
                  { marktype: "rect", name: "layer_1_marks", items: [bar("b", 20), bar("a", 0)] },
                ],
              },
            ],
          },
        ],
      },
    ],
  } as Scene;
  expect(marksOf(root).map(({ datum }) => datum["label"])).toEqual(["b", "a"]);
  expect(marksOf(root)[0]!.box).toEqual({ left: 120, top: 5, right: 130, bottom: 25 });
  const named = marksOf(root, new Set(["layer_0_marks"]));
  expect(named.map(({ datum }) => datum["label"])).toEqual(["grey"]);
});

test("the walk stands at its mark when others come and go, and near it when it is gone itself", () => {
  const marks = (labels: Record<string, number>): ReturnType<typeof marksOf> =>
    marksOf({
      marktype: "rect",
      name: "marks",
      items: Object.entries(labels).map(([label, x]) => bar(label, x)),
    } as Scene);
  const [, b] = marks({ a: 0, b: 20, c: 40 });
  expect(placeOf(b!, marks({ b: 20, c: 40 }), 1)).toBe(0);
  expect(placeOf(b!, marks({ a: 0, c: 35, d: 90 }), 1)).toBe(1);
  expect(placeOf(null, marks({ a: 0 }), -1)).toBe(-1);
  expect(placeOf({ ...b!, name: "other" }, marks({ a: 0 }), 1)).toBe(0);
});

test("points of a line have a place but no extent, and one is made for them", () => {
  const root = {
    marktype: "group",
    items: [{ items: [{ marktype: "line", name: "marks", items: [{ x: 10, y: 30, datum: { epoch: 1 } }] }] }],
  } as Scene;
  expect(marksOf(root)[0]!.box).toEqual({ left: 6, top: 26, right: 14, bottom: 34 });
});

test.each([
  ["ArrowRight", -1, 0],
  ["ArrowRight", 19, 19],
  ["ArrowLeft", 5, 4],
  ["ArrowUp", 0, 0],
  ["PageDown", 3, 13],
  ["PageUp", 3, 0],
  ["Home", 7, 0],
  ["End", 7, 19],
  ["a", 7, null],
  ["constructor", 7, null],
])("%s leads from mark %d of twenty to %s", (key, at, expected) => {
  expect(stepTo(key, at, 20)).toBe(expected);
});
