/** Intervals of shares, as they are drawn and said, against a closed form. */
import { beforeAll, expect, test } from "vitest";
import { sql } from "@uwdata/mosaic-sql";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Filter } from "../view.ts";
import { prepare, prepareBase, specAt, type Options } from "../../views/vega-lite/single.ts";
import { tooltipRows } from "../../views/vega-lite/tooltip.ts";
import { view } from "../../views/vega-lite/view.ts";
import type { Row } from "./compose.ts";
import type { Json } from "./channels.ts";

const table = tableOf({ id: "int32 id", label: "string", right: "bool", split: "string", sure: "float64" });
const x = { field: "right", aggregate: "mean", type: "quantitative" };
const y = { field: "label" };

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  // 30 of a, all right; 20 of b, of which every second is told and every fourth of those wrong; of c none is told.
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id,
    CASE WHEN range < 30 THEN 'a' WHEN range < 50 THEN 'b' ELSE 'c' END AS label,
    CASE WHEN range < 30 THEN TRUE WHEN range < 50 AND range % 2 = 0 THEN range % 8 <> 0 END AS "right",
    CASE WHEN range % 3 = 0 THEN 'test' ELSE 'train' END AS split, range / 60.0 AS sure FROM range(60)`);
});

async function drawn(
  encoding: object,
  filter: Filter = null,
): Promise<{ spec: Json; rows: Row[]; options: Options }> {
  const context = contextOf(table, { spec: { mark: "bar", encoding } });
  const results = await answersOf(view, context, engine, filter);
  const options = view.parse(context) as Options;
  const prepared = prepare(options, results, prepareBase(options, results, context));
  return { spec: specAt(options, prepared, context, 400), rows: prepared.filtered, options };
}

/** The roots of (p - share)² = z² p (1 - p) / n, which Wilson's ends are. */
function roots(hits: number, n: number): number[] {
  const [z2, share] = [1.959963984540054 ** 2, hits / n];
  const [a, b, c] = [1 + z2 / n, -(2 * share + z2 / n), share * share];
  const root = Math.sqrt(Math.max(0, b * b - 4 * a * c));
  return [(-b - root) / (2 * a), (-b + root) / (2 * a)];
}

const ends = (row: Row): unknown[] => [row["@x_low"], row["@x_high"]];
const layers = (spec: Json): Json[] => spec["layer"] as Json[];

test("each bar that is a share has the interval of the rows that tell", async () => {
  const { spec, rows } = await drawn({ x, y });
  const [a, b, c] = rows;
  expect(ends(a!)[0]).toBeCloseTo(roots(30, 30)[0]!, 12);
  expect(ends(a!)[1]).toBe(1);
  const hits = [30, 32, 34, 36, 38, 40, 42, 44, 46, 48].filter((id) => id % 8 !== 0).length;
  for (const at of [0, 1]) expect(ends(b!)[at]).toBeCloseTo(roots(hits, 10)[at]!, 12);
  expect(ends(c!)).toEqual([null, null]);
  const [, bars, lines] = layers(spec);
  expect((bars!["mark"] as Json)["fillOpacity"]).toBeLessThan(1);
  expect((lines!["mark"] as Json)["type"]).toBe("rule");
  expect((lines!["encoding"] as Json)["x2"]).toEqual({ field: "@x_high" });
});

test("an interval widens with the filter, and a tooltip says it", async () => {
  const { rows, options } = await drawn({ x, y }, sql`split = 'test'`);
  expect(ends(rows[0]!)[0]).toBeCloseTo(roots(10, 10)[0]!, 12);
  expect(tooltipRows(options.chart, rows[0]!, table)).toContainEqual({
    name: "95% interval",
    value: "72.2% to 100.0%",
  });
});

test.each([
  ["a count", { x: { aggregate: "count" }, y }],
  ["a mean of numbers", { x: { ...x, field: "sure" }, y }],
  ["a sum", { x: { ...x, aggregate: "sum" }, y }],
  ["bars in several colours", { x, y, color: { field: "split" } }],
  ["bins", { y: x, x: { field: "sure", bin: true } }],
])("%s has none", async (_, encoding) => {
  const { spec } = await drawn(encoding);
  expect(layers(spec)).toHaveLength(2);
});
