import { expect, test } from "vitest";
import { checkNames } from "./options.ts";
import { ProblemError } from "./problem.ts";

function problemsOf(written: Record<string, unknown>): readonly unknown[] {
  try {
    checkNames("table", written, ["columns", "order"]);
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  return [];
}

test("every option that a view does not have is said in one go", () => {
  expect(problemsOf({ colums: [], order: "id", ordr: "id" })).toEqual([
    { what: 'the view "table" has no option "colums"', hint: 'did you mean "columns"?', path: "colums" },
    { what: 'the view "table" has no option "ordr"', hint: 'did you mean "order"?', path: "ordr" },
  ]);
  expect(problemsOf({ order: "id" })).toEqual([]);
});
