import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { view } from "../../views/vega-lite/view.ts";

const table = tableOf({ id: "int32 id", kind: "string", year: "int32", cost: "float64" });
const encoding = {
  x: { field: "year", type: "quantitative" },
  y: { aggregate: "mean", field: "cost" },
};
const BY_KIND = { ...encoding, color: { field: "kind", type: "nominal" } };

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

/** The drawn lines or areas of a chart of rows of kind, year and cost, at full width. */
async function drawn(spec: object, rows: string): Promise<string[]> {
  await engine.query(`CREATE OR REPLACE TABLE "data" AS
    SELECT row_number() OVER ()::INTEGER AS id, * FROM (VALUES ${rows}) AS t(kind, year, cost)`);
  const context = contextOf(table, { spec });
  const results = await answersOf(view, context, engine);
  const { text } = view.render(view.parse(context), results, {}, context).body;
  const marks = text.split("chart-narrow")[0]!.matchAll(/role-mark[^"]*"[^>]*>(.*?)<\/g>/gs);
  const paths = [...marks].flatMap(([, inner]) => inner!.match(/<path [^>]*>/g) ?? []);
  return paths.filter((path) => !path.includes("h0v0")); // where a brush would be
}

const isDot = (path: string): boolean => path.includes('stroke-width="6"') && path.includes("round");

const SINGLE = { mark: "line", encoding };
const LAYERED = {
  layer: [
    { mark: "line", encoding },
    { mark: { type: "rule" }, encoding: { y: { datum: 1 } } },
  ],
};

test.each([
  ["a chart of one mark", SINGLE],
  ["layers", LAYERED],
])("in %s a line of one point is a dot, and one of two is a line", async (_, spec) => {
  const [lone, line] = [
    await drawn(spec, "('a', 1970, 2.0)"),
    await drawn(spec, "('a', 1970, 2.0), ('a', 1971, 3.0)"),
  ];
  expect(lone.filter(isDot)).toHaveLength(1);
  expect(line.filter(isDot)).toEqual([]);
  expect(line.some((path) => path.includes('stroke-width="2"'))).toBe(true);
});

test.each([
  ["a chart of one mark", { mark: "line", encoding: BY_KIND }],
  ["layers", { layer: [{ mark: "line", encoding: BY_KIND }] }],
])("in %s each series is drawn by what it has itself", async (_, spec) => {
  const lines = await drawn(spec, "('a', 1970, 2.0), ('b', 1970, 1.0), ('b', 1971, 4.0)");
  expect(lines.filter(isDot)).toHaveLength(1);
  expect(lines.filter((path) => path.includes('stroke-width="2"'))).toHaveLength(1);
});

test("a line keeps the width that its author gave it", async () => {
  const wide = { mark: { type: "line", strokeWidth: 9 }, encoding };
  expect((await drawn(wide, "('a', 1970, 2.0)"))[0]).toContain('stroke-width="9"');
});

test("an area over one value is a stroke in its colour", async () => {
  const spec = { mark: "area", encoding };
  const [lone] = await drawn(spec, "('a', 1970, 2.0)");
  const [area] = await drawn(spec, "('a', 1970, 2.0), ('a', 1971, 3.0)");
  expect(lone).toContain('stroke-width="6"');
  expect(/ stroke="([^"]+)"/.exec(lone!)?.[1]).toBe(/ fill="([^"]+)"/.exec(lone!)?.[1]);
  expect(area).not.toContain("stroke=");
});
