import { expect, test } from "vitest";
import { chosenWith, clicks, interval, point } from "./selects.ts";

test.each([
  [[], "a", false, ["a"]],
  [["a"], "a", false, []],
  [["a", "b"], "a", false, ["a"]],
  [["a"], "b", false, ["b"]],
  [["a"], "b", true, ["a", "b"]],
  [["a", "b"], "a", true, ["b"]],
])("of %j, %s chosen (beside the others: %s) leaves %j", (before, mark, keep, after) => {
  expect(chosenWith(before, [mark], keep)).toEqual(after);
});

test("nothing chosen lets go of everything", () => {
  expect(chosenWith(["a"], [], false)).toEqual([]);
});

test("marks of any parameter are clicked alike, and its name is only ever a text", () => {
  expect(point("pick", ["x"])).toEqual({ type: "point", encodings: ["x"], ...clicks("pick") });
  expect(clicks("pick")["toggle"]).toContain('length(data("pick_store")) === 1');
  expect(clicks('a"b')["toggle"]).toContain('data("a\\"b_store")');
  expect(interval(["x", "y"])["encodings"]).toEqual(["x", "y"]);
});
