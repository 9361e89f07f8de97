import { expect, test } from "vitest";
import { ProblemError } from "../problem.ts";
import { readPattern } from "./pattern.ts";

test.each(["^cat", "\\bcat\\b", "[^a\\]b]+", "a{2,3}", "[\\w-]+\\d"])("reads %s as it is", (pattern) => {
  expect(readPattern(pattern)).toBe(pattern);
});

test.each([
  ["(", "got no regular expression"],
  ["(?=a)", "a look-around"],
  ["\\s", "an escape other than"],
  ["[\\b]", "\\b within a class"],
  ["x[^\\]a\\B]", "\\b within a class"],
  ["[]", "an empty or a named class"],
  ["(?:a{40}){40}", "repeats too often"],
])("refuses %s, which the database reads otherwise or not at all", (pattern, what) => {
  expect(() => readPattern(pattern)).toThrow(ProblemError);
  expect(() => readPattern(pattern)).toThrow(what);
});
