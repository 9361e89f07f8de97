import { parse, View } from "vega";
import { beforeAll, expect, test } from "vitest";
import { column as columnRef } from "@uwdata/mosaic-sql";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { column } from "../data/result.ts";
import { binEnds, binIndex, bins } from "./bins.ts";

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

/** Lower ends of the bins that Vega's own transform puts the values into. */
function vegaBins(values: readonly number[], maxbins: number): { ends: number[]; step: number } {
  const rows = values.map((value, id) => ({ id, value }));
  const transform = [
    { type: "extent" as const, field: "value", signal: "extent" },
    {
      type: "bin" as const,
      field: "value",
      extent: { signal: "extent" },
      maxbins,
      signal: "bins",
      as: ["low", "high"] as [string, string],
    },
  ];
  const view = new View(parse({ data: [{ name: "rows", values: rows, transform }] })).run();
  return {
    ends: (view.data("rows") as { low: number }[]).map((row) => row.low),
    step: (view.signal("bins") as { step: number }).step,
  };
}

async function indices(values: readonly number[], maxbins: number): Promise<(readonly unknown[])[]> {
  const found = bins(Math.min(...values), Math.max(...values), maxbins, null)!;
  const rows = values.map((value, id) => `(${id}, ${value}::DOUBLE)`).join(", ");
  const query = `SELECT ${String(binIndex(columnRef("value"), found))} AS bin FROM (VALUES ${rows}) AS t(id, value) ORDER BY id`;
  const answered = column(await engine.query(query), "bin") as number[];
  return answered.map((index) => binEnds(index, found));
}

const spread = (low: number, step: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => low + index * step);

test.each([
  ["whole numbers", spread(0, 1, 101), 10],
  ["hundredths, on the edges of bins", spread(0, 0.01, 101), 20],
  ["tenths, which are not exact", spread(0, 0.1, 31), 30],
  ["negative numbers", spread(-50, 1, 101), 10],
  ["only negative numbers", spread(-7.5, 0.25, 20), 12],
  ["tiny steps", spread(0, 1e-9, 50), 10],
  ["tiny steps far from zero", spread(1e6, 1e-3, 50), 10],
  ["huge numbers", spread(-1e15, 1e13, 200), 25],
  ["milliseconds of years", spread(1.6e12, 86_400_000, 400), 40],
  ["a single bin", spread(0, 1, 3), 1],
  ["random numbers", spread(0, 1, 500).map((index) => Math.sin(index * 12.9898) * 437.5453), 17],
])(
  "%s fall into the bins of Vega's transform, the greatest into the last",
  async (_name, values, maxbins) => {
    const { ends, step } = vegaBins(values, maxbins);
    const found = await indices(values, maxbins);
    found.forEach(([low, high], index) => {
      expect(Math.abs((low as number) - ends[index]!)).toBeLessThan(step / 1000);
      expect((high as number) - (low as number)).toBeCloseTo(step, 9);
    });
  },
);

test("a value of all alike gets one bin around it", async () => {
  for (const value of [0, 5, -3, 0.1]) {
    const found = bins(value, value, 10, null)!;
    expect(found.stop).toBeGreaterThan(found.start);
    const [[low, high]] = (await indices([value], 10)) as [[number, number]];
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
  }
});

test("where there is no finite value there are no bins", () => {
  expect(bins(Number.NaN, Number.NaN, 10, null)).toBeNull();
  expect(bins(0, Number.POSITIVE_INFINITY, 10, null)).toBeNull();
});

test("a written step is kept", () => {
  expect(bins(0, 100, 10, 25)).toEqual({ start: 0, stop: 100, step: 25 });
});

test("nulls, NaN and infinities are in no bin", async () => {
  const index = String(binIndex(columnRef("value"), { start: 0, stop: 10, step: 1 }));
  const values = "(NULL::DOUBLE), ('NaN'::DOUBLE), ('Infinity'::DOUBLE), ('-Infinity'::DOUBLE)";
  const found = await engine.query(`SELECT ${index} AS bin FROM (VALUES ${values}) AS t(value)`);
  expect(column(found, "bin")).toEqual([null, null, null, null]);
});

test("a bin's ends carry no rounding error", () => {
  expect(binEnds(3, { start: 0, stop: 1, step: 0.1 })).toEqual([0.3, 0.4]);
});
