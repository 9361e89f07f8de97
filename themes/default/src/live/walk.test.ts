import { expect, test } from "vitest";
import { marksOf, stepTo, type Scene } from "./walk.ts";

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
