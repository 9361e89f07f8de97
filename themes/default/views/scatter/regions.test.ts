import { column, sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { openEngine, type Engine } from "../../tests/engine.ts";
import {
  edgesOf,
  isInside,
  lassoPredicate,
  regionsPredicate,
  regionsTest,
  roundedTo,
  simplified,
  TOTAL_VERTICES,
} from "./regions.ts";

/** Numerical Recipes' generator: the same points at every run. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
}

/** Even–odd by Franklin's loop over the corners, written as it is usually printed. */
function franklin(polygon: readonly number[], x: number, y: number): boolean {
  let inside = false;
  const n = polygon.length / 2;
  for (let i = 0, j = n - 1; i < n; j = i++) {
    const [xi, yi, xj, yj] = [polygon[i * 2]!, polygon[i * 2 + 1]!, polygon[j * 2]!, polygon[j * 2 + 1]!];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** The same in exact arithmetic, on whole numbers. */
function exact(polygon: readonly number[], x: number, y: number): boolean {
  let inside = false;
  for (let at = 0; at < polygon.length; at += 2) {
    const next = (at + 2) % polygon.length;
    const [x0, y0, x1, y1] = [polygon[at]!, polygon[at + 1]!, polygon[next]!, polygon[next + 1]!].map(
      BigInt,
    ) as [bigint, bigint, bigint, bigint];
    const [px, py] = [BigInt(x), BigInt(y)];
    if (y0 <= py === y1 <= py) continue;
    const turned = (px - x0) * (y1 - y0) - (py - y0) * (x1 - x0);
    if (y1 > y0 ? turned < 0n : turned > 0n) inside = !inside;
  }
  return inside;
}

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

async function insideInSql(
  polygon: readonly number[],
  points: readonly (readonly number[])[],
): Promise<number[]> {
  const rows = points.map(([x, y], index) => `(${index}, ${x}::DOUBLE, ${y}::DOUBLE)`).join(",");
  await engine.query(`CREATE OR REPLACE TABLE places AS SELECT * FROM (VALUES ${rows}) AS t(i, x, y)`);
  const condition = lassoPredicate(column("x"), column("y"), polygon);
  const found = await engine.query(`SELECT i FROM places WHERE ${String(condition)} ORDER BY i`);
  return found.columns["i"] as number[];
}

const inside = (points: readonly (readonly number[])[], test_: (x: number, y: number) => boolean): number[] =>
  points.flatMap(([x, y], index) => (test_(x!, y!) ? [index] : []));

test("the database and the page agree on random polygons that cross themselves", async () => {
  const random = seeded(1);
  for (let round = 0; round < 8; round++) {
    const corners = 3 + Math.floor(random() * 61);
    const polygon = Array.from({ length: corners * 2 }, () => roundedTo(random() * 20 - 10, 0.01));
    const points = Array.from({ length: 500 }, () => [random() * 24 - 12, random() * 24 - 12]);
    const edges = edgesOf(polygon);
    const found = await insideInSql(polygon, points);
    expect(found).toEqual(inside(points, (x, y) => isInside(edges, x, y)));
    expect(found).toEqual(inside(points, (x, y) => franklin(polygon, x, y)));
    expect(found).toEqual(inside(points, regionsTest({ lassos: [polygon] })));
  }
});

test("corners, edges and level sides are decided as exact arithmetic decides them", async () => {
  const random = seeded(2);
  for (let round = 0; round < 8; round++) {
    // Heights differ by powers of two, so that no slope is rounded.
    const polygon = Array.from({ length: 24 }, (_, at) =>
      at % 2 === 0 ? Math.floor(random() * 17) : 8 * Math.floor(random() * 3),
    );
    const points = Array.from({ length: 17 * 17 }, (_, at) => [at % 17, Math.floor(at / 17)]);
    expect(await insideInSql(polygon, points)).toEqual(inside(points, (x, y) => exact(polygon, x, y)));
  }
});

test("no place, not a number and infinity are in no area", async () => {
  await engine.query(`CREATE OR REPLACE TABLE odd AS SELECT * FROM (VALUES (NULL, 0), ('NaN', 0), ('inf', 0),
    ('-inf', 0), (0, NULL), (0, 'NaN'), (0, 'inf'), (0, 0)) AS t(x, y)`);
  const [x, y] = [sql`x::DOUBLE`, sql`y::DOUBLE`];
  const areas = { boxes: [[-1, 1, -1, 1]] as const, lassos: [[-1, -1, 1, -1, 0, 1]] };
  for (const regions of [areas, { lassos: areas.lassos }, { boxes: areas.boxes }]) {
    const found = await engine.query(
      `SELECT count(*)::INTEGER AS n FROM odd WHERE ${String(regionsPredicate(x, y, regions))}`,
    );
    expect(found.columns["n"]).toEqual([1]);
  }
});

test("a box holds its left and lower ends only", () => {
  const isIn = regionsTest({ boxes: [[0, 1, 0, 1]] });
  expect([isIn(0, 0), isIn(1, 0), isIn(0, 1), isIn(0.5, 0.5)]).toEqual([true, false, false, true]);
});

test("the longest selection fits a statement beside the longest filter", () => {
  const random = seeded(3);
  const polygon = (): number[] => Array.from({ length: 128 }, () => roundedTo(random() * 1e4 - 5e3, 0.001));
  const lassos = [polygon(), polygon().slice(0, 2 * (TOTAL_VERTICES - 64))];
  const written = String(
    regionsPredicate(sql`CAST("projection_umap_x" AS DOUBLE)`, sql`CAST("projection_umap_y" AS DOUBLE)`, {
      lassos,
    }),
  );
  expect(written.length).toBeLessThan(30_000);
});

test("a lasso loses corners that nobody sees, and keeps its shape", () => {
  const circle = Array.from(
    { length: 1000 },
    (_, at) => (at % 2 === 0 ? Math.cos : Math.sin)((Math.floor(at / 2) / 500) * 2 * Math.PI) * 100,
  );
  const few = simplified(circle, 64, 0);
  expect(few).toHaveLength(128);
  const area = (polygon: readonly number[]): number =>
    Math.abs(
      polygon.reduce(
        (sum, x, at) =>
          at % 2
            ? sum
            : sum +
              x * polygon[(at + 3) % polygon.length]! -
              polygon[(at + 2) % polygon.length]! * polygon[at + 1]!,
        0,
      ),
    ) / 2;
  expect(area(few) / area(circle)).toBeGreaterThan(0.99);
  expect(simplified([0, 0, 5, 0, 10, 0, 10, 10, 0, 10], 64, 1)).toEqual([0, 0, 10, 0, 10, 10, 0, 10]);
});

test.each([
  [1.23456789, 0.01, 1.235],
  [-1234.5678, 2, -1234.6],
  [123456789, 100, 123456789],
  [1e-9, 1e-12, 1e-9],
])("%d seen at %d for a px is written as %d", (value, pixel, written) => {
  expect(roundedTo(value, pixel)).toBe(written);
});
