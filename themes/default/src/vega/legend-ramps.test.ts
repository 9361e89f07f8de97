import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { view } from "../../views/vega-lite/view.ts";

const table = tableOf({ id: "int32 id", kind: "string", sure: "float64" });
const encoding = {
  x: { field: "kind", type: "nominal" },
  y: { field: "kind", type: "nominal" },
  color: { aggregate: "mean", field: "sure", title: "Mean certainty" },
};

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id,
    'a class with a long name ' || range % 3 AS kind, range / 100.0 AS sure FROM range(100)`);
});

/** The lengths of the first ramps of a wide and of a narrow drawing, in px. */
async function ramps(spec: object): Promise<(number | null)[]> {
  const context = contextOf(table, { spec });
  const results = await answersOf(view, context, engine);
  const { text } = view.render(view.parse(context), results, {}, context).body;
  return text.split("chart-narrow").map((svg) => Number(/d="M0,0h([\d.]+)v8h/.exec(svg)?.[1]));
}

test.each([
  ["of a chart of one mark", { mark: "rect", encoding }],
  [
    "of layers",
    {
      layer: [
        { mark: "rect", encoding },
        { mark: "point", encoding: { x: encoding.x } },
      ],
    },
  ],
  ["of charts one below the other", { vconcat: [{ mark: "rect", encoding }] }],
])("a ramp %s is no longer than what a narrow plot leaves beside its title", async (_, spec) => {
  const [wide, narrow] = await ramps(spec);
  expect(wide).toBe(140);
  expect(narrow).toBeGreaterThanOrEqual(60);
  expect(narrow).toBeLessThan(120);
});

test("a length that the author chose stays", async () => {
  const color = { ...encoding.color, legend: { gradientLength: 111 } };
  expect(await ramps({ mark: "rect", encoding: { ...encoding, color } })).toEqual([111, 111]);
});
