/** How large plots are drawn: together as wide as their place, in a place that scrolls where that cannot be. */
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../../tests/charts.ts";
import { openEngine, type Engine } from "../../../tests/engine.ts";
import { tableOf } from "../../../tests/tables.ts";
import { composed } from "../../../views/vega-lite/composed.ts";
import { answered, arrangedAt, type Answered } from "./chart.ts";
import { outerSize } from "../draw.ts";
import { fitted, viewOf } from "./draw.ts";
import { NOTHING } from "./state.ts";

const table = tableOf({ id: "int32 id", kind: "string", other: "string", sure: "float64" });
const y = { aggregate: "count" };
const bars = { mark: "bar", encoding: { x: { field: "kind" }, y, color: { field: "kind" } } };
const histogram = { mark: "bar", encoding: { x: { field: "sure", bin: true }, y } };
const rows = { mark: "bar", encoding: { y: { field: "kind" }, x: { aggregate: "mean", field: "sure" } } };

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id, 'a longer kind ' || range % 5 AS kind,
    'other ' || range % 12 AS other, range / 7.0 AS sure FROM range(300)`);
});

async function foundOf(spec: object): Promise<Answered> {
  const context = contextOf(table, { spec });
  const results = await answersOf(composed as never, context, engine);
  return answered(composed.parse(context).composed, results, NOTHING);
}

function drawnAt(found: Answered, place: Parameters<typeof fitted>[1]): { width: number; height: number } {
  const view = viewOf(arrangedAt(found, fitted(found, place, NOTHING), NOTHING).vega, found).run();
  return outerSize(view);
}

const SPECS: [string, object][] = [
  ["concatenation", { hconcat: [histogram, bars] }],
  ["concatenation of rows", { hconcat: [rows, { vconcat: [bars, histogram] }] }],
  ["facet", { facet: { field: "kind" }, columns: 5, spec: histogram }],
  [
    "repeat",
    { repeat: ["kind", "other"], spec: { mark: "bar", encoding: { x: { field: { repeat: "repeat" } }, y } } },
  ],
];

test.each(SPECS)("a %s is as wide as its place, and never wider", async (_, spec) => {
  const found = await foundOf(spec);
  for (const width of [328, 440, 548, 1120]) {
    const drawn = drawnAt(found, { width, height: null });
    expect(drawn.width, String(width)).toBeLessThanOrEqual(width);
    // Whole pixels of plots side by side leave a few over.
    expect(drawn.width, String(width)).toBeGreaterThan(width - 12);
  }
});

test.each(SPECS)("a %s in the place of its own drawing, scaled down, is as high", async (_, spec) => {
  const found = await foundOf(spec);
  const still = drawnAt(found, { width: 1120, height: null });
  const height = Math.round(still.height * 0.85);
  const place = { width: 952, height: null, still: { height, drawnWidth: 1120 } };
  const drawn = drawnAt(found, place);
  expect(drawn.width).toBeLessThanOrEqual(952);
  expect(Math.abs(drawn.height - height)).toBeLessThan(6);
});

test("plots that cannot be made narrower keep their size in a place that scrolls", async () => {
  const spec = { facet: { row: { field: "kind" }, column: { field: "other" } }, spec: histogram };
  const context = contextOf(table, { spec }, { title: "Many", width: 12 });
  const results = await answersOf(composed as never, context, engine);
  const { text } = composed.render(composed.parse(context), results, {}, context).body;
  const places = [
    ...text.matchAll(/<div class="([^"]*)"([^>]*)>\s*<svg class="([^"]*)" viewBox="0 0 (\S+)/g),
  ];
  const [wide, narrow] = places.map(([, names, more, drawing, width]) => ({ names, more, drawing, width }));
  expect([wide!.names, wide!.drawing, wide!.width]).toEqual(["chart-wide", "chart", "1120"]);
  expect(narrow!.names).toBe("chart-narrow scrolls");
  expect(narrow!.more).toBe(' tabindex="0" role="group" aria-label="Many"');
  expect(narrow!.drawing).toBe("chart chart-wider");
  expect(Number(narrow!.width)).toBeGreaterThan(328);
});
