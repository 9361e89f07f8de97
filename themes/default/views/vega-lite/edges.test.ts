/** Values that an axis has no place for, and those at its edges: what is drawn, and what is said of the rest. */
import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, describe, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { objects } from "../../src/data/result.ts";
import { MOST_POINTS } from "../../src/vega/chart.ts";
import type { Drawing, Filter } from "../../src/view.ts";
import type { Options as ComposedOptions } from "./composed.ts";
import { view } from "./view.ts";

const ROWS = 300;
const MANY = 60_000;
const columns = {
  id: "int32 id",
  value: "float64",
  zero: "float64",
  large: "int64",
  label: "string",
  when: "date",
};
const table = tableOf(columns, { rows: ROWS });
const many = tableOf({ id: "int32 id", value: "float64" }, { rows: MANY, relation: "many" });
const COUNT = { aggregate: "count" };

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id,
    CASE WHEN range < 5 THEN NULL WHEN range < 9 THEN 'NaN'::DOUBLE WHEN range < 12 THEN 'Infinity'::DOUBLE
      ELSE range / 10.0 END AS value,
    (range % 10)::DOUBLE AS zero, (1700000000000000 + range)::BIGINT AS large,
    CASE WHEN range % 3 = 0 THEN 'cat' ELSE 'dog' END AS label,
    CASE WHEN range < 36 THEN NULL ELSE DATE '2021-03-01' + range::INTEGER END AS "when" FROM range(${ROWS})`);
  await engine.query(
    `CREATE TABLE "many" AS SELECT range::INTEGER AS id, range / 7.0 AS value FROM range(${MANY})`,
  );
});

function draw(mark: string, encoding: object, filter: Filter = null, of = table): Promise<Drawing> {
  return drawSpec({ mark, encoding }, filter, of);
}

async function drawSpec(spec: object, filter: Filter = null, of = table): Promise<Drawing> {
  const context = contextOf(of, { spec });
  const results = await answersOf(view, context, engine, filter);
  return view.render(view.parse(context), results, {}, context);
}

function parsed(spec: object): ComposedOptions {
  return view.parse(contextOf(table, { spec })) as ComposedOptions;
}

const ticks = ({ body }: Drawing): string[] =>
  [...body.text.split("chart-narrow")[0]!.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text!);

test.each([
  ["bar", { x: { field: "value", bin: true }, y: COUNT }],
  ["line", { x: { field: "value", type: "quantitative" }, y: COUNT }],
  ["point", { x: { field: "value", type: "quantitative" }, y: { field: "id", type: "quantitative" } }],
])("a %s says how many rows that pass have no value", async (mark, encoding) => {
  expect((await draw(mark, encoding)).notices).toEqual([
    "9 rows have no value of value here.",
    "3 rows are infinite in value and left out.",
  ]);
  expect((await draw(mark, encoding, sql`"id" < 7`)).notices).toEqual([
    "7 rows have no value of value here.",
  ]);
  expect((await draw(mark, encoding, sql`"id" >= 11`)).notices).toEqual([
    "1 row is infinite in value and left out.",
  ]);
  expect((await draw(mark, encoding, sql`"id" > 50`)).notices).toEqual([]);
});

test("rows without a date are in no month, and are said", async () => {
  const x = { field: "when", timeUnit: "month", type: "temporal" };
  const drawing = await draw("line", { x, y: COUNT });
  expect(drawing.notices).toEqual(["36 rows have no value of when here."]);
  expect(drawing.data!.rows).toHaveLength(9);
  expect(ticks(drawing)).not.toContain("Jan");
  expect([drawing.rows, drawing.total]).toEqual([ROWS, ROWS]);
});

test("bins of large whole numbers have room between their ends", async () => {
  const drawing = await draw("bar", { x: { field: "large", bin: { maxbins: 60 } }, y: COUNT });
  const ends = drawing.data!.rows.map((row) => [row["@x"], row["@x_end"]]);
  expect(ends).toHaveLength(60);
  expect(ends[1]).toEqual([1_700_000_000_000_005, 1_700_000_000_000_010]);
});

test("a count axis has whole ticks, each once", async () => {
  const few = await draw("bar", { x: { field: "label" }, y: COUNT }, null, table);
  expect(new Set(ticks(few)).size).toBe(ticks(few).length);
  await engine.query(`CREATE OR REPLACE TABLE "few" AS SELECT * FROM "data" WHERE id IN (1, 3)`);
  const two = await draw("bar", { x: { field: "label" }, y: COUNT }, null, { ...table, relation: "few" });
  expect(ticks(two).filter((text) => /^\d/.test(text))).toEqual(["0", "1"]);
});

test("shares of bars are drawn", async () => {
  const x = { field: "zero", bin: true };
  const drawing = await draw("bar", { x, y: { ...COUNT, stack: "normalize" }, color: { field: "label" } });
  expect(ticks(drawing)).toContain("100%");
  expect(drawing.data!.rows).toHaveLength(18);
});

test("a logarithmic axis with zeros is a symmetric one, which is said", async () => {
  const log = { scale: { type: "log" }, type: "quantitative" };
  const y = { field: "id", type: "quantitative" };
  const drawing = await draw("point", { x: { field: "zero", ...log }, y });
  expect(drawing.notices).toEqual([expect.stringContaining("The scale of zero is symlog, not log")]);
  expect(ticks(drawing)).toContain("8");
  expect(drawing.body.text).not.toContain("NaN");
  expect((await draw("point", { x: { field: "large", ...log }, y })).notices).toEqual([]);
});

test.each(["single", "composed"])("too many points are sampled evenly, %s", async (way) => {
  const x = { field: "value", type: "quantitative" };
  const y = { field: "id", type: "quantitative" };
  // A size tells more than where points lie, so that they are not counted in cells.
  const size = { field: "id", type: "quantitative" };
  const spec = { mark: "point", encoding: { x, y, size }, ...(way === "composed" ? { transform: [] } : {}) };
  const context = contextOf(many, { spec });
  const results = await answersOf(view, context, engine);
  const [name] = Object.keys(results).filter((each) => /^(filtered|rows )/.test(each));
  const drawn = objects(results[name!]!).map((row) => Number(row["id"] ?? row["@y"]));
  const thirds = [0, 1, 2].map((third) => drawn.filter((id) => Math.floor(id / (MANY / 3)) === third).length);
  for (const share of thirds) expect(share / drawn.length).toBeCloseTo(1 / 3, 1);
  const gaps = drawn.slice(1).map((id, index) => id - drawn[index]!);
  expect(Math.min(...gaps)).toBe(1);
  expect(Math.max(...gaps)).toBeLessThan(60);
  const drawing = view.render(view.parse(context), results, {}, context);
  expect(drawing.notices[0]).toContain(
    `A sample of ${MOST_POINTS.toLocaleString("en")} of 60,000 rows is drawn`,
  );
});

test("rows without an id are sampled evenly, too", async () => {
  const columns = many.columns.map((column) => (column.role === "id" ? { ...column, role: null } : column));
  const x = { field: "value", type: "quantitative" };
  const size = { field: "id", type: "quantitative" };
  const context = contextOf(
    { ...many, columns },
    { spec: { mark: "point", encoding: { x, y: size, size } } },
  );
  const results = await answersOf(view, context, engine);
  const drawn = objects(results["filtered"]!).map((row) => Number(row["@y"]));
  expect(drawn).toHaveLength(MOST_POINTS);
  const thirds = [0, 1, 2].map((third) => drawn.filter((id) => Math.floor(id / (MANY / 3)) === third).length);
  for (const share of thirds) expect(share / drawn.length).toBeCloseTo(1 / 3, 1);
  expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
});

test.each(["point", "circle", "square", "tick"])(
  "too many marks %s of two numbers are counted",
  async (mark) => {
    const x = { field: "value", type: "quantitative" };
    const y = { field: "id", type: "quantitative" };
    const context = contextOf(many, { spec: { mark: { type: mark, opacity: 0.5 }, encoding: { x, y } } });
    const results = await answersOf(view, context, engine);
    const cells = objects(results["filtered"]!);
    expect(cells.length).toBeLessThanOrEqual(1000);
    expect(cells.reduce((sum, cell) => sum + Number(cell["@color"]), 0)).toBe(MANY);
    // Each cell against a count of the same rows that knows nothing of the chart.
    const { rows } = view.render(view.parse(context), results, {}, context).data!;
    const { "@x": low, "@x_end": high, "@y": from, "@y_end": to, "@color": n } = rows[rows.length >> 1]!;
    const counted = await engine.query(`SELECT count(*)::INTEGER AS n FROM "${many.relation}"
    WHERE value >= ${Number(low)} AND value < ${Number(high)} AND id >= ${Number(from)} AND id < ${Number(to)}`);
    expect(counted.columns["n"]).toEqual([n]);
    const drawing = view.render(view.parse(context), results, {}, context);
    expect(drawing.notices).toEqual([expect.stringMatching(/^60,000 points are too many .* each cell/)]);
    expect(drawing.body.text.match(/role="graphics-symbol"|<path/g)!.length).toBeLessThan(3000);
  },
);

test("few points, and points that say more than a place and a colour, are drawn as points", () => {
  const x = { field: "value", type: "quantitative" };
  const y = { field: "id", type: "quantitative" };
  const scaled = (type: string, more = {}): object => ({ ...x, scale: { type, ...more } });
  const read = (spec: object, of = many): boolean =>
    (view.parse(contextOf(of, { spec })) as { isDensity?: boolean }).isDensity === true;
  const drawn = (encoding: object, mark = "point"): boolean =>
    read({ mark, encoding: { x, y, ...encoding } });
  expect(drawn({})).toBe(true);
  expect([drawn({ color: x }), drawn({ fill: x }), drawn({ color: { field: "id" } })]).toEqual([
    true,
    true,
    true,
  ]);
  expect([drawn({ x: scaled("log") }), drawn({ x: scaled("symlog") })]).toEqual([true, true]);
  expect([drawn({ x: scaled("sqrt") }), drawn({ x: scaled("symlog", { constant: 5 }) })]).toEqual([
    false,
    false,
  ]);
  expect([drawn({ size: x }), drawn({ shape: { field: "id" } }), drawn({ color: x, size: y })]).toEqual([
    false,
    false,
    false,
  ]);
  expect([drawn({ color: scaled("log") }), drawn({}, "line")]).toEqual([false, false]);
  expect(read({ mark: "point", encoding: { x, y } }, { ...many, rows: MOST_POINTS })).toBe(false);
  expect(read({ mark: "point", encoding: { x, y } }, { ...many, member: "in:other" })).toBe(false);
});

test.each(["single", "composed"])(
  "among months that are names, rows without a date have a bar, %s",
  async (way) => {
    const x = { field: "when", timeUnit: "month", type: "ordinal" };
    const drawing = await draw("bar", {
      x,
      y: COUNT,
      ...(way === "composed" ? { order: { value: 1 } } : {}),
    });
    expect(drawing.notices).toEqual([]);
    expect(ticks(drawing)).toContain("no value");
    expect(ticks(drawing)).toContain("Apr");
    expect(ticks(drawing)).not.toContain("Jan");
    const [missing] = drawing.data!.rows.filter((row) => Object.values(row).some((value) => value === null));
    expect(Object.values(missing!)).toContain(36);
  },
);

test.each(["single", "composed"])("a symlog legend has a tick for each power of ten, %s", async (way) => {
  const color = { ...COUNT, scale: { type: "symlog" } };
  const encoding = { x: { field: "label" }, y: { field: "zero", type: "ordinal" }, color };
  const drawing = await draw("rect", { ...encoding, ...(way === "composed" ? { order: { value: 1 } } : {}) });
  const shown = ticks(drawing).filter((text) => ["0", "1", "10", "100"].includes(text));
  expect(shown).toEqual(expect.arrayContaining(["0", "1", "10"]));
  expect(shown).not.toContain("100");
});

test("composed charts say rows without a date or a number as single ones do", async () => {
  const x = { field: "when", type: "temporal" };
  const y = { field: "value", type: "quantitative" };
  const spec = {
    layer: [
      { mark: "line", encoding: { x, y } },
      { mark: "point", encoding: { x, y } },
    ],
  };
  expect((await drawSpec(spec)).notices).toEqual([
    "9 rows have no value of value here.",
    "36 rows have no value of when here.",
    "3 rows are infinite in value and left out.",
  ]);
  expect((await drawSpec(spec, sql`"id" >= 11`)).notices).toEqual([
    "25 rows have no value of when here.",
    "1 row is infinite in value and left out.",
  ]);
  expect((await drawSpec(spec, sql`"id" > 50`)).notices).toEqual([]);
});

test("rows that an author's transform leaves out or fills in are not said to be missing", async () => {
  const encoding = { x: { field: "when", type: "temporal" }, y: COUNT };
  const filled = { calculate: "datum.when || 0", as: "when" };
  expect((await drawSpec({ layer: [{ mark: "line", encoding }], transform: [filled] })).notices).toEqual([]);
  const kept = { filter: "isValid(datum.when)" };
  expect((await drawSpec({ layer: [{ mark: "line", encoding }], transform: [kept] })).notices).toEqual([]);
});

const x = { field: "value", type: "quantitative" };
const points = { mark: "point", encoding: { x, y: { field: "id", type: "quantitative" } } };
const said = async (spec: object, filter: Filter = null): Promise<string[]> =>
  (await drawSpec(spec, filter)).notices;
// Without a value are the ids from 0 to 8, infinite those from 9 to 11; cats are every third, from 0 on.
const cats = ["3 rows have no value of value here.", "1 row is infinite in value and left out."];

describe("of the rows that an author's filters keep, those without a place are said", () => {
  test.each([
    ["an expression", [{ filter: "datum.label == 'cat'" }]],
    ["a predicate", [{ filter: { field: "label", equal: "cat" } }]],
    ["predicates joined", [{ filter: { and: [{ field: "label", oneOf: ["cat"] }, "datum.id >= 0"] } }]],
    ["a calculated field", [{ calculate: "datum.id % 3", as: "rest" }, { filter: "datum.rest == 0" }]],
    [
      "a windowed field",
      [{ joinaggregate: [{ op: "count", as: "all" }], groupby: ["label"] }, { filter: "datum.all <= 100" }],
    ],
    ["several filters", [{ filter: "datum.label != 'dog'" }, { filter: "datum.id < 250" }]],
  ])("behind %s", async (_, transform) => {
    expect(await said({ transform, ...points })).toEqual(cats);
    expect(await said({ transform, layer: [points] })).toEqual(cats);
    expect(await said({ transform, ...points }, sql`"id" >= 3`)).toEqual([
      "2 rows have no value of value here.",
      "1 row is infinite in value and left out.",
    ]);
  });

  test("a plot's own filter counts, and rows of several plots are counted once", async () => {
    const of = (filter: string): object => ({ ...points, transform: [{ filter }] });
    expect(await said({ layer: [of("datum.label == 'cat'"), of("datum.label == 'dog'")] })).toEqual([
      "9 rows have no value of value here.",
      "3 rows are infinite in value and left out.",
    ]);
    expect((await said({ hconcat: [of("datum.id < 2"), of("datum.id < 3")] }))[0]).toBe(
      "3 rows have no value of value here.",
    );
    expect((await said({ hconcat: [of("datum.id < 2"), points] }))[0]).toBe(
      "9 rows have no value of value here.",
    );
  });
});

describe("a filter of an author tells which rows could have a place", () => {
  test("a filter that leaves them out says nothing, nor does one that SQL cannot tell", async () => {
    expect(
      await said({ transform: [{ filter: "isValid(datum.value) && datum.id > 20" }], ...points }),
    ).toEqual([]);
    const strange = { calculate: "hypot(datum.id, 1)", as: "far" };
    expect(await said({ transform: [strange, { filter: "datum.far > 1" }], ...points })).not.toContain(
      cats[0],
    );
  });

  test("a filter follows a parameter, and what is selected in another plot", async () => {
    const params = [{ name: "least", value: 3, bind: { input: "range", min: 0, max: 9 } }];
    const transform = [{ filter: "datum.id >= least" }];
    expect((await said({ params, transform, ...points }))[0]).toBe("6 rows have no value of value here.");
    const bars = {
      params: [{ name: "picked", select: { type: "point", encodings: ["x"] } }],
      mark: "bar",
      encoding: { x: { field: "label" }, y: COUNT },
    };
    const follower = { ...points, transform: [{ filter: { param: "picked" } }] };
    expect((await said({ hconcat: [bars, follower] }))[0]).toBe("9 rows have no value of value here.");
    const context = contextOf(table, { spec: { hconcat: [bars, follower] } });
    const state = { selected: { picked: [{ values: ["cat"] }] } };
    const results = await answersOf(view, context, engine, null, state);
    expect(view.render(view.parse(context), results, state, context).notices).toEqual(cats);
  });

  test("aggregates behind a filter leave out infinities, and say so", async () => {
    const mean = {
      mark: "bar",
      encoding: { x: { field: "label" }, y: { aggregate: "mean", field: "value" } },
    };
    expect(await said({ transform: [{ filter: "datum.label == 'cat'" }], ...mean })).toEqual([cats[1]]);
  });
});

test("a chart whose look-up alone names data shows the block's table", async () => {
  const values = [
    { label: "cat", legs: "four" },
    { label: "dog", legs: "four, too" },
  ];
  const from = { data: { values }, key: "label", fields: ["legs"] };
  const drawing = await drawSpec({
    transform: [{ lookup: "label", from }],
    mark: "bar",
    encoding: { x: { field: "legs" }, y: COUNT },
  });
  expect([drawing.rows, drawing.total]).toEqual([ROWS, ROWS]);
  expect(ticks(drawing)).toEqual(expect.arrayContaining(["four", "four, too", "200"]));
});

test("selections that are added leave the author's names alone", async () => {
  const zoom = { name: "select_0", select: { type: "interval", encodings: ["x"] }, bind: "scales" };
  const value = { field: "value", type: "quantitative" };
  const plots = [
    { mark: "point", params: [zoom], encoding: { x: value, y: { field: "zero", type: "quantitative" } } },
    { mark: "bar", encoding: { x: { field: "label" }, y: COUNT } },
  ];
  const { composed } = parsed({ hconcat: plots });
  expect(composed.params.filtering).toEqual(["select_1"]);
  expect([...composed.params.selectable.keys()]).toEqual(["select_0", "select_1"]);
});

const LACKING = tableOf(
  { id: "int32 id", none: "float64", empty: "string", some: "float64", label: "string" },
  { rows: 20, relation: "lacking" },
);
const WAYS = ["single", "composed"];

async function barsOf(y: object, way: string): Promise<Drawing> {
  await engine.query(`CREATE OR REPLACE TABLE "lacking" AS SELECT range::INTEGER AS id, NULL::DOUBLE AS none,
    NULL::VARCHAR AS empty, CASE WHEN range % 2 = 0 THEN NULL WHEN range < 6 THEN '-Infinity'::DOUBLE
      ELSE range END AS some, CASE WHEN range % 2 = 0 THEN 'cat' ELSE 'dog' END AS label FROM range(20)`);
  const encoding = { x: { field: "label" }, y: { type: "quantitative", ...y } };
  return draw("bar", way === "composed" ? { ...encoding, order: { value: 1 } } : encoding, null, LACKING);
}

describe.each(WAYS)("%s", (way) => {
  test.each([
    ["mean", "none"],
    ["sum", "none"],
    ["max", "none"],
    ["mean", "empty"],
  ])("the %s of a column %s without a value draws nothing, and says so", async (aggregate, field) => {
    const drawing = await barsOf({ aggregate, field }, way);
    expect(drawing.body.text).toBe('<p class="view-empty">No row has values for this chart.</p>');
    expect(drawing.notices).toEqual([`2 of 2 groups have no value of ${field} here.`]);
    const [, measure] = drawing.data!.columns.map(({ name }) => name);
    expect(drawing.data!.rows.map((row) => row[measure!])).toEqual([null, null]);
  });

  test("rows without a value draw nothing, and are said", async () => {
    const drawing = await barsOf({ field: "none" }, way);
    expect(drawing.body.text).toContain("No row has values for this chart.");
    expect(drawing.notices).toEqual(["20 rows have no value of none here."]);
  });

  test("a group without a value, and infinities that an aggregate leaves out, are said", async () => {
    const drawing = await barsOf({ aggregate: "mean", field: "some" }, way);
    expect(drawing.body.text).toContain("<svg");
    expect(drawing.notices).toEqual([
      "3 rows are infinite in some and left out.",
      "1 of 2 groups has no value of some here.",
    ]);
    // The finite odd numbers from 7 to 19.
    expect(drawing.data!.rows.map((row) => Object.values(row)[1])).toEqual([null, 13]);
  });

  test("infinities are told from missing values among bins and points", async () => {
    const said = ["10 rows have no value of some here.", "3 rows are infinite in some and left out."];
    const order = way === "composed" ? { order: { value: 1 } } : {};
    const x = { field: "some", type: "quantitative" };
    const points = await draw(
      "point",
      { x, y: { field: "id", type: "quantitative" }, ...order },
      null,
      LACKING,
    );
    expect(points.notices).toEqual(said);
    const bins = await draw("bar", { x: { ...x, bin: true }, y: COUNT, ...order }, null, LACKING);
    expect(bins.notices).toEqual(said);
  });
});

test.each([
  ["point", {}],
  ["tick", {}],
  ["line", {}],
  ["circle", { scale: { zero: false } }],
  ["point", { scale: { type: "log" } }],
])("a %s has the axes of a composed chart and of Vega-Lite itself", async (mark, more) => {
  const x = { field: "value", type: "quantitative", ...more };
  const encoding = { x, y: { field: "large", type: "quantitative" } };
  await engine.query(`CREATE OR REPLACE TABLE "far" AS SELECT * FROM "data" WHERE id > 50`);
  const [single, composed] = [
    await draw(mark, encoding, null, { ...table, relation: "far" }),
    await draw(mark, { ...encoding, order: { field: "id" } }, null, { ...table, relation: "far" }),
  ];
  const labels = (drawing: Drawing): string[] => ticks(drawing).filter((text) => /^[\d,.]+$/.test(text));
  expect(labels(single).length).toBeGreaterThan(3);
  expect(labels(single)[0]).toBe(labels(composed)[0]);
  expect(labels(single)[0] === "0").toBe(mark !== "line" && !("scale" in more));
});
