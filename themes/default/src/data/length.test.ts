import { and, column, literal, sql } from "@uwdata/mosaic-sql";
import { expect, test } from "vitest";
import { lengthOf } from "./length.ts";

const inner = sql`(${column('a "quoted" name')})::DOUBLE`;

test.each([
  column("a"),
  literal("it's"),
  sql`${3} + ${literal(4)}`,
  inner,
  sql`CASE WHEN isfinite(${inner}) THEN ${inner} END`,
  and(sql`${inner} > 1`, sql`${inner} < 2`),
  sql``,
])("the length of %s is that of its text", (node) => {
  expect(lengthOf(node)).toBe(String(node).length);
  expect(lengthOf(node)).toBe(String(node).length);
});

test("what doubles at each step is measured without being written", () => {
  const doubled = Array.from({ length: 60 }).reduce<ReturnType<typeof sql>>(
    (node) => sql`${node}${node}`,
    sql`ab`,
  );
  expect(lengthOf(doubled)).toBe(2 ** 61);
});
