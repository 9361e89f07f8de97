import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FILTER_FUNCTIONS, translateFilter } from "../src/data/expression.ts";
import { tableOf } from "./tables.ts";

const GUIDE = readFileSync(new URL("../../../content/guides/filters.md", import.meta.url), "utf8");
const TABLE = tableOf({
  confidence: "float32",
  label: "string",
  prediction: "string",
  name: "string",
  "true label": "string",
  taken: "timestamp",
});

const examples = [...GUIDE.matchAll(/```text\n([^`]+)\n```|`((?:datum|d)[.[][^`]+|\w+\([^`]+)`/g)].map(
  ([, block, inline]) => (block ?? inline)!,
);

test("the guide shows examples", () => expect(examples.length).toBeGreaterThan(8));

test.each(examples)("the guide's %s is a filter", (expression) => {
  expect(String(translateFilter(expression, TABLE))).not.toBe("");
});

test("the guide names every function that there is", () => {
  const [, table] = GUIDE.split("## Functions");
  const named = [...table!.matchAll(/`(\w+)(?=[(`])/g)].map(([, name]) => name!);
  expect(
    [...new Set(named)].filter((name) => name !== "utc" || FILTER_FUNCTIONS.includes(name)).sort(),
  ).toEqual([...FILTER_FUNCTIONS].sort());
});
