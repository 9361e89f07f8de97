/** Too many points, counted in cells: by colour and on logarithms, against a count of the rows one by one. */
import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { objects } from "../data/result.ts";
import type { Drawing, Filter } from "../view.ts";
import { view } from "../../views/vega-lite/view.ts";

const ROWS = 30_000;
const columns = {
  id: "int32 id",
  wide: "float64",
  signed: "float64",
  y: "float64",
  kind: "string",
  sure: "float64",
  right: "bool",
} as const;
const table = tableOf(columns, { rows: ROWS });

interface Point {
  id: number;
  wide: number | null;
  signed: number;
  y: number;
  kind: string | null;
  sure: number | null;
  right: boolean;
}

let engine: Engine;
let points: Point[];

beforeAll(async () => {
  engine = await openEngine();
  // Numbers over five powers of ten, a few exactly at one; some without a value, some of no kind.
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id,
    CASE WHEN range % 1000 = 7 THEN NULL WHEN range % 100 = 0 THEN 10.0 ** (range // 100 % 6)
      ELSE 10.0 ** ((range * 37 % 5000) / 1000.0) END AS wide,
    ((range * 7919 % 4001) - 2000) * ((range % 13) / 3.0) AS signed,
    (range * 613 % 997) / 10.0 AS y,
    CASE WHEN range % 50 = 3 THEN NULL ELSE 'kind ' || (range * 31 % 17 // 3) END AS kind,
    CASE WHEN range % 90 = 5 THEN NULL ELSE (range * 271 % 1009) / 1009.0 END AS sure,
    range % 3 = 0 AS "right" FROM range(${ROWS})`);
  points = objects(await engine.query('SELECT * FROM "data"')) as unknown as Point[];
});

async function draw(encoding: object, filter: Filter = null): Promise<Drawing> {
  const y = { field: "y", type: "quantitative" };
  const context = contextOf(table, { spec: { mark: "point", encoding: { y, ...encoding } } });
  const results = await answersOf(view, context, engine, filter);
  return view.render(view.parse(context), results, {}, context);
}

type Cell = Record<string, number> & Record<"@color", unknown>;

const cellsOf = ({ data }: Drawing): Cell[] => (data as unknown as { rows: Cell[] }).rows;

/** The rows in a cell; the last of an axis has its upper end. */
function inside(
  cell: Cell,
  cells: readonly Cell[],
  value: (point: Point) => number | null,
  from = points,
): Point[] {
  const isIn = (found: number | null, low: number, high: number, last: number): boolean =>
    found !== null && found >= low && (found < high || (high === last && found === high));
  const [right, top] = ["@x_end", "@y_end"].map((name) => Math.max(...cells.map((each) => each[name]!)));
  return from.filter(
    (point) =>
      isIn(value(point), cell["@x"]!, cell["@x_end"]!, right!) &&
      isIn(point.y, cell["@y"]!, cell["@y_end"]!, top!),
  );
}

/** The most frequent, of equally frequent ones the first; rows without one are last. */
function most(values: readonly (string | null)[]): { name: string; n: number } {
  const counted = new Map<string, number>();
  for (const value of values) counted.set(value ?? "no value", (counted.get(value ?? "no value") ?? 0) + 1);
  const ranked = [...counted].sort(
    ([a, n], [b, m]) => m - n || Number(a === "no value") - Number(b === "no value") || (a < b ? -1 : 1),
  );
  return { name: ranked[0]![0], n: ranked[0]![1] };
}

const LOG = { field: "wide", type: "quantitative", scale: { type: "log" } };
const LINEAR = { field: "wide", type: "quantitative" };

test("on a logarithm cells are equally wide in it, and count the rows between their ends", async () => {
  const drawing = await draw({ x: LOG });
  const cells = cellsOf(drawing);
  const widths = cells.map((cell) => Math.log10(cell["@x_end"]! / cell["@x"]!));
  expect(Math.max(...widths) - Math.min(...widths)).toBeLessThan(1e-9);
  expect(new Set(cells.map((cell) => cell["@x"])).size).toBeGreaterThan(20);
  for (const cell of cells) expect(cell["@color"]).toBe(inside(cell, cells, ({ wide }) => wide).length);
  const placed = points.filter(({ wide }) => wide !== null).length;
  expect(cells.reduce((sum, cell) => sum + Number(cell["@color"]), 0)).toBe(placed);
  expect(drawing.notices).toEqual([
    expect.stringMatching(/^30,000 points are too many .* each cell shows how many lie in it/),
    `${ROWS - placed} rows have no value of wide here.`,
  ]);
  for (const tick of ["1", "10", "1,000", "10,000"]) expect(drawing.body.text).toContain(`>${tick}</text>`);
});

test("where a logarithm has no place for the least value, cells are those of an axis through zero", async () => {
  const drawing = await draw({ x: { ...LOG, field: "signed" } });
  const cells = cellsOf(drawing);
  expect(Math.min(...cells.map((cell) => cell["@x"]!))).toBeLessThan(-1000);
  expect(cells.some((cell) => cell["@x"] === 0 || cell["@x_end"] === 0)).toBe(true);
  const counted = cells.reduce((sum, cell) => sum + Number(cell["@color"]), 0);
  expect(counted).toBe(ROWS);
  for (const cell of cells.filter((_, index) => index % 7 === 0))
    expect(cell["@color"]).toBe(inside(cell, cells, ({ signed }) => signed).length);
  expect(drawing.notices).toContain(
    "The scale of signed is symlog, not log: a logarithm has no place for values of zero or below.",
  );
});

test.each([
  ["all", null],
  ["those that pass", sql`"id" % 4 = 1`],
] as [string, Filter][])(
  "a cell has the colour of the name most frequent in it, of %s",
  async (_, filter) => {
    const passing = filter ? points.filter(({ id }) => id % 4 === 1) : points;
    const drawing = await draw({ x: LINEAR, color: { field: "kind" } }, filter);
    const cells = cellsOf(drawing);
    for (const cell of cells) {
      const rows = inside(cell, cells, ({ wide }) => wide, passing);
      expect([cell["@color"] ?? "no value", cell["rows"]]).toEqual([
        most(rows.map(({ kind }) => kind)).name,
        rows.length,
      ]);
    }
    expect(drawing.rows).toBe(passing.length);
    expect(drawing.body.text).toContain("Most frequent kind");
    expect(drawing.notices[0]).toContain("each cell has the colour of the most frequent kind in it");
    const missing = passing.filter(({ wide }) => wide === null).length;
    expect(drawing.notices.slice(1)).toEqual(missing ? [`${missing} rows have no value of wide here.`] : []);
  },
);

test("true and false are names, too, and the author's title says what is shown", async () => {
  const drawing = await draw({ x: LOG, fill: { field: "right", title: "Read right" } });
  const cells = cellsOf(drawing);
  for (const cell of cells) {
    const rights = inside(cell, cells, ({ wide }) => wide).filter(({ right }) => right).length;
    expect(String(cell["@fill"])).toBe(
      String(2 * rights >= cell["rows"]! && rights > 0 ? 2 * rights > cell["rows"]! : false),
    );
  }
  expect(drawing.body.text).toContain("Most frequent read right");
});

test("a cell has the colour of the mean of the numbers in it", async () => {
  const drawing = await draw({ x: LOG, color: { field: "sure", type: "quantitative" } });
  const cells = cellsOf(drawing);
  for (const cell of cells) {
    const rows = inside(cell, cells, ({ wide }) => wide);
    const sures = rows.map(({ sure }) => sure).filter((sure): sure is number => sure !== null);
    expect(cell["@color"]).toBeCloseTo(sures.reduce((sum, sure) => sum + sure, 0) / sures.length, 10);
    expect(cell["rows"]).toBe(rows.length);
  }
  expect(drawing.body.text).toContain("Mean of sure");
  expect(drawing.notices[0]).toContain("each cell has the colour of the mean sure in it");
});
