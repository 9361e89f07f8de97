import { Coordinator, MosaicClient, Selection, type Connector } from "@uwdata/mosaic-core";
import type { Table as ArrowTable } from "@uwdata/flechette";
import { beforeAll, expect, test } from "vitest";
import { answersOf, chartOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { EXTRACTION, fromArrow, objects, type Result } from "../data/result.ts";
import type { Filter, NamedQuery } from "../view.ts";
import { view } from "../../views/vega-lite/view.ts";
import type { Chart, Domains } from "./chart.ts";
import { fieldsOf, intervalClause, pointClause, pointFields, snap, type PixelScale } from "./clause.ts";

const table = tableOf({
  id: "int32 id",
  value: "float64",
  other: "float32",
  label: "string",
  when: "timestamp",
  many: "int32",
});
const ROWS = 2000;

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT
    range::INTEGER AS id,
    CASE range % 50 WHEN 0 THEN NULL WHEN 1 THEN 'NaN'::DOUBLE WHEN 2 THEN 'Infinity'::DOUBLE WHEN 3 THEN '-Infinity'::DOUBLE
      ELSE -3 + 10 * ((range * 7919 % 10007) / 10006.0)::DOUBLE END AS value,
    ((range * 104729 % 9973) / 9972.0)::FLOAT AS other,
    CASE range % 5 WHEN 4 THEN NULL ELSE 'group ' || (range % 5) END AS label,
    TIMESTAMP '2020-01-01 00:00:00' + INTERVAL (range) HOUR AS "when",
    (range % 30)::INTEGER AS many
    FROM range(${ROWS})`);
});

/** A linear scale as Vega makes them. */
function linear(domain: [number, number], range: [number, number]): PixelScale {
  const slope = (domain[1] - domain[0]) / (range[1] - range[0]);
  return {
    type: "linear",
    domain: () => domain,
    range: () => range,
    invert: (pixel) => domain[0] + (pixel - range[0]) * slope,
  };
}

test("a brush takes the nearest whole pixels, its lower end inside and its upper end outside", () => {
  expect(snap(linear([0, 100], [0, 200]), [20.4, 61.6])).toEqual({
    low: 10,
    high: 31,
    inside: [10.0005, 30.9995],
  });
});

test.each([[0.3], [0.5], [0.7]])("a brush that is moved by %s of a pixel stays as wide", (by) => {
  const scale = linear([0, 100], [0, 200]);
  const errors = [1e-9, -1e-9];
  for (const error of errors) {
    const { low, high } = snap(scale, [20 + by + error, 61 + by - error])!;
    expect(high - low).toBe(20.5);
  }
});

test.each([
  [[20.6, 20.9], 10],
  [[20.1, 20.3], 10],
  [[19.8, 20.2], 10],
  [[199.7, 200], 99.5],
] as [[number, number], number][])("a brush narrower than a pixel is one pixel: %j", (pixels, low) => {
  expect(snap(linear([0, 100], [0, 200]), pixels)).toMatchObject({ low });
});

test("what a link says of a brush is drawn there, and says the same of it again", () => {
  const scale = linear([-3, 7], [0, 331]);
  const { low, high } = snap(scale, [100.2, 220.9])!;
  const pixels = [low, high].map((value) => ((value + 3) * 331) / 10) as [number, number];
  expect(pixels[0]).toBeCloseTo(100, 6);
  expect(pixels[1]).toBeCloseTo(221, 6);
  expect(snap(scale, pixels)).toMatchObject({ low, high });
});

test("a brush that ends on whole pixels, but for a rounding error, stays there", () => {
  const { low, high } = snap(linear([0, 100], [0, 200]), [20 - 1e-9, 60 + 1e-9])!;
  expect([low, high]).toEqual([10, 30]);
});

test("drawn from right to left a brush is the same", () => {
  const scale = linear([0, 100], [0, 200]);
  expect(snap(scale, [61, 20])).toEqual(snap(scale, [20, 61]));
});

test("at the greatest value's edge one more pixel takes it in", () => {
  expect(snap(linear([0, 100], [0, 200]), [100, 200])!.high).toBe(100.5);
});

test("an upright axis counts from below: its top edge takes the greatest value in", () => {
  const scale = linear([0, 100], [200, 0]);
  expect(snap(scale, [0, 100])).toMatchObject({ low: 50, high: 100.5 });
  expect(snap(scale, [50, 100])).toMatchObject({ low: 50, high: 75 });
});

test("an axis whose domain is turned around has its lower end lower all the same", () => {
  const turned = snap(linear([100, 0], [0, 200]), [50, 100])!;
  expect([turned.low, turned.high]).toEqual([50, 75]);
});

test.each([[[50, 50]], [[50, 50 + 1e-9]]] as [number, number][][])(
  "a brush of no width is none: %j",
  (pixels) => {
    expect(snap(linear([0, 100], [0, 200]), pixels)).toBeNull();
  },
);

const HISTOGRAM = {
  mark: "bar",
  encoding: { x: { field: "value", bin: { maxbins: 30 } }, y: { aggregate: "count" } },
};

async function chartAndDomains(spec: Record<string, unknown>): Promise<{ chart: Chart; domains: Domains }> {
  return chartOf(spec, table, await answersOf(view, contextOf(table, { spec }), engine));
}

async function ids(filter: Filter): Promise<number> {
  const found = await engine.query(`SELECT count(*)::INTEGER AS rows FROM "data" WHERE ${String(filter)}`);
  return found.columns["rows"]![0] as number;
}

test("a brush over the whole axis takes in every finite value, the greatest too", async () => {
  const { chart, domains } = await chartAndDomains(HISTOGRAM);
  const { start, stop } = domains.bins["x"]!;
  const scale = linear([start, stop], [0, 300]);
  const clause = intervalClause(fieldsOf(chart, domains), [snap(scale, [0, 300])!], [scale], {
    source: {},
    clients: new Set(),
  });
  expect(await ids(clause.predicate as Filter)).toBe(ROWS * 0.92);
});

/** A client of Mosaic that keeps its last answer. */
class Client extends MosaicClient {
  result: Result | null = null;
  failure: Error | null = null;

  constructor(
    selection: Selection,
    private readonly named: NamedQuery,
  ) {
    super(selection);
  }

  override query(filter?: Filter): ReturnType<NamedQuery["sql"]> {
    return this.named.sql(Array.isArray(filter) && filter.length === 0 ? null : filter);
  }

  override queryResult(data: unknown): this {
    this.result = fromArrow(data as ArrowTable);
    return this;
  }

  override queryError(error: Error): this {
    this.failure = error;
    return this;
  }
}

interface Asked {
  coordinator: Coordinator;
  statements: string[];
}

/** Mosaic's coordinator on the engine, as on a page; `statements` says whether it pre-aggregated. */
function coordinate(): Asked {
  const statements: string[] = [];
  const query = async ({ type, sql }: { type: string; sql: string }): Promise<unknown> => {
    statements.push(sql);
    if (type !== "exec") return engine.arrow(sql.replace(/^DESC /, "DESCRIBE "));
    for (const statement of sql.split(/;\n(?=CREATE)/)) await engine.query(statement);
    return undefined;
  };
  return {
    coordinator: new Coordinator({ query } as Connector, { logger: null, ipc: EXTRACTION }),
    statements,
  };
}

/** A random generator with a seed (Park and Miller), 0 to 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const OTHER_CHARTS = {
  histogram: { mark: "bar", encoding: { x: { field: "other", bin: true }, y: { aggregate: "count" } } },
  means: {
    mark: "bar",
    encoding: { x: { field: "label", type: "nominal" }, y: { field: "other", aggregate: "mean" } },
  },
};

test.each([
  ["rightwards", HISTOGRAM, "x", [-3, 7], [0, 317]],
  ["upwards", HISTOGRAM, "x", [-3, 7], [240, 0]],
  [
    "in time",
    { mark: "bar", encoding: { x: { field: "when", timeUnit: "yearmonthdate" }, y: { aggregate: "count" } } },
    "x",
    [1577836800000, 1585033200000],
    [0, 400],
  ],
] as [string, Record<string, unknown>, string, [number, number], [number, number]][])(
  "what is pre-aggregated by pixels is what a plain query counts: a brush %s",
  async (_name, spec, _channel, domain, range) => {
    const { chart, domains } = await chartAndDomains(spec);
    const fields = fieldsOf(chart, domains);
    const scale = linear(domain, range);
    const random = seeded(7);
    for (const [name, other] of Object.entries(OTHER_CHARTS)) {
      const { coordinator, statements } = coordinate();
      const context = contextOf(table, { spec: other });
      const named = view.queries(view.parse(context), await answersOf(view, context, engine), context, {})[
        "filtered"
      ]!;
      const selection = Selection.crossfilter();
      const client = new Client(selection, named);
      coordinator.connect(client);
      await client.pending;
      const origin = { source: {}, clients: new Set<MosaicClient>() };
      for (let round = 0; round < 15; round++) {
        const length = Math.abs(range[1] - range[0]);
        const brush: [number, number] = [random() * length, random() * length];
        if (round === 0) brush.splice(0, 2, 0, length);
        const interval = snap(scale, brush)!;
        const clause = intervalClause(fields, [interval], [scale], origin);
        if (round === 0) selection.activate(clause);
        selection.update(clause);
        await settled(client);
        expect(client.failure).toBeNull();
        const plain = await engine.query(String(named.sql(clause.predicate as Filter)));
        expect(rounded(client.result!)).toEqual(rounded(plain));
      }
      expect(
        statements.some((sql) => sql.includes("preagg_")),
        name,
      ).toBe(true);
      expect(statements.at(-1), name).toContain("preagg_");
    }
  },
);

/** Waits until no query of the client is under way. */
async function settled(client: Client): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  await client.pending;
}

function rounded(result: Result): unknown[] {
  const digits = (value: unknown): unknown =>
    typeof value === "number" ? Number(value.toPrecision(10)) : value;
  return objects(result).map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, digits(value)])),
  );
}

const origin = { source: {}, clients: new Set<MosaicClient>() };

async function picked(spec: Record<string, unknown>, points: unknown[][]): Promise<number> {
  const { chart, domains } = await chartAndDomains(spec);
  const clause = pointClause(pointFields(chart, domains, fieldsOf(chart, domains)), points, origin);
  return clause.predicate ? ids(clause.predicate as Filter) : ROWS;
}

const BARS = { mark: "bar", encoding: { x: { field: "label", type: "nominal" }, y: { aggregate: "count" } } };

test("picked bars pass their rows, a bar of nulls too", async () => {
  expect(await picked(BARS, [["group 1"]])).toBe(ROWS / 5);
  expect(await picked(BARS, [["group 1"], ["group 2"]])).toBe((ROWS / 5) * 2);
  expect(await picked(BARS, [[null]])).toBe(ROWS / 5);
  expect(await picked(BARS, [["group 1"], [null]])).toBe((ROWS / 5) * 2);
});

test("values of another kind than the column's, which only a link can hold, are passed over", async () => {
  expect(await picked(BARS, [[5], [true]])).toBe(ROWS);
  const numbers = {
    mark: "bar",
    encoding: { x: { field: "many", type: "ordinal" }, y: { aggregate: "count" } },
  };
  expect(await picked(numbers, [["abc"]])).toBe(ROWS);
  expect(await picked(numbers, [["abc"], [3]])).toBe(Math.ceil(ROWS / 30));
});

test("a picked colour that stands for the rest passes the rest", async () => {
  const spec = {
    mark: "bar",
    params: [{ name: "pick", select: { type: "point", encodings: ["color"] } }],
    encoding: { x: { aggregate: "count" }, color: { field: "many", type: "nominal" } },
  };
  const one = await picked(spec, [["0"]]);
  const { domains } = await chartAndDomains(spec);
  const kept = domains.values["color"]!.kept!.length;
  expect(one).toBe(Math.ceil(ROWS / 30));
  expect(await picked(spec, [["Other"]])).toBeGreaterThan(ROWS - (kept + 1) * Math.ceil(ROWS / 30));
});

test("a picked bin passes the rows that its bar counts", async () => {
  const spec = { ...HISTOGRAM, params: [{ name: "pick", select: "point" }] };
  const results = await answersOf(view, contextOf(table, { spec }), engine);
  const { domains } = chartOf(spec, table, results);
  const { start, step } = domains.bins["x"]!;
  for (const bar of objects(results["filtered"]!)
    .filter((row) => row["@x"] !== null)
    .slice(0, 10)) {
    expect(await picked(spec, [[start + (bar["@x"] as number) * step]])).toBe(bar["rows"]);
  }
});

test("a picked month passes the rows that its mark counts", async () => {
  const spec = {
    mark: "bar",
    params: [{ name: "pick", select: "point" }],
    encoding: { x: { field: "when", timeUnit: "yearmonth", type: "ordinal" }, y: { aggregate: "count" } },
  };
  expect(await picked(spec, [[Date.UTC(2020, 1, 1)]])).toBe(29 * 24);
});

test("no pick is no clause", async () => {
  const { chart, domains } = await chartAndDomains(BARS);
  expect(pointClause(pointFields(chart, domains, fieldsOf(chart, domains)), [], origin).predicate).toBeNull();
});
