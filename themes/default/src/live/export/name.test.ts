import { expect, test } from "vitest";
import { fileName } from "./name.ts";

const named = { report: "Digits, explained", id: "confusion", rows: 12, total: 1797 };

test("a file is named after its report, its view and what passes", () => {
  expect(fileName(named, "csv")).toBe("digits-explained-confusion-12of1797.csv");
  expect(fileName(named, "csv", "rows")).toBe("digits-explained-confusion-rows-12of1797.csv");
});

test.each([
  ["../../etc/passwd", "etc-passwd-v-1of2.svg"],
  ["CON", "con-v-1of2.svg"],
  ['a\\b:c*d?"<e>|\u0000', "a-b-c-d-e-v-1of2.svg"],
  ["Zürich 東京", "zürich-東京-v-1of2.svg"],
  ["...", "v-1of2.svg"],
  ["a".repeat(500), `${"a".repeat(60)}-v-1of2.svg`],
])("the report %j gives a name that every file system takes", (report, expected) => {
  expect(fileName({ report, id: "v", rows: 1, total: 2 }, "svg")).toBe(expected);
});
