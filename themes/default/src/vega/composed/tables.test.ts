import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../../tests/charts.ts";
import { openEngine, type Engine } from "../../../tests/engine.ts";
import { tableOf } from "../../../tests/tables.ts";
import { view } from "../../../views/vega-lite/view.ts";
import { tablesOf, type DataTable } from "../../view.ts";

const table = tableOf({
  id: "int32 id",
  kind: "string",
  set: "string",
  sure: "float64 confidence",
  at: "timestamp",
});
const COUNT = { aggregate: "count" };
const bars = { mark: "bar", encoding: { x: { field: "kind" }, y: COUNT } };
const means = { mark: "bar", encoding: { x: { field: "kind" }, y: { aggregate: "mean", field: "sure" } } };

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id, 'k' || range % 3 AS kind,
    CASE WHEN range % 7 = 0 THEN NULL WHEN range % 2 = 0 THEN 'left' ELSE 'right' END AS "set",
    range / 100.0 AS sure,
    TIMESTAMP '2021-03-05 13:00:00' + to_hours(range % 2) AS at FROM range(100)`);
});

async function tables(spec: object): Promise<readonly DataTable[]> {
  const context = contextOf(table, { spec });
  const results = await answersOf(view, context, engine);
  return tablesOf(view.render(view.parse(context), results, {}, context).data);
}

const rowsOf = ({ rows, columns }: DataTable): unknown[][] =>
  rows.map((row) => columns.map(({ name }) => row[name]));

test("each plot of a concatenation has a table of its own, named by its axes or its title", async () => {
  const found = await tables({ hconcat: [bars, { vconcat: [{ title: "Sureness", ...means }, bars] }] });
  expect(found.map(({ caption }) => caption)).toEqual([
    "Plot 1: Number of samples by Kind",
    "Sureness",
    "Plot 3: Number of samples by Kind",
  ]);
  expect(rowsOf(found[0]!)).toEqual([
    ["k0", 34],
    ["k1", 33],
    ["k2", 33],
  ]);
  expect(found[1]!.columns.map(({ title }) => title)).toEqual(["Kind", "Mean of sure"]);
  expect(found[1]!.rows).toHaveLength(3);
});

test("each cell of small multiples has one, too, and its rows are the cell's", async () => {
  const found = await tables({ facet: { field: "set" }, spec: bars });
  const counts = Object.fromEntries(
    found.map(({ caption, rows }) => [caption, rows.reduce((sum, row) => sum + Number(row["__count"]), 0)]),
  );
  expect(counts).toEqual({
    "Number of samples by Kind, Set left": 42,
    "Number of samples by Kind, Set right": 43,
    "Number of samples by Kind, Set no value": 15,
  });
});

test("each column that is repeated has one", async () => {
  const spec = { mark: "bar", encoding: { x: { field: { repeat: "repeat" }, type: "nominal" }, y: COUNT } };
  const found = await tables({ repeat: ["kind", "set"], spec });
  expect(found.map(({ caption, rows }) => [caption, rows.length])).toEqual([
    ["Number of samples by Kind", 3],
    ["Number of samples by Set", 3],
  ]);
});

test("a chart of one plot has one table without a name, and shares are said as such", async () => {
  const [found, ...others] = await tables({ layer: [means] });
  expect([found!.caption, others]).toEqual([undefined, []]);
  const { say, name } = found!.columns[1]!;
  expect(say!(found!.rows[0]![name] as number)).toBe("49.5%");
});

test("a table says what is read of a row that is picked out, and calls ranks what their author does", async () => {
  const y = { aggregate: { argmax: "sure" }, field: "id", type: "quantitative" };
  const [picked] = await tables({ mark: "bar", encoding: { x: { field: "kind" }, y } });
  expect(picked!.columns.map(({ title }) => title)).toEqual(["Kind", "Id at argmax of sure"]);
  expect(rowsOf(picked!)).toEqual([
    ["k0", 99],
    ["k1", 97],
    ["k2", 98],
  ]);
  const [ranked] = await tables({
    transform: [
      { aggregate: [{ op: "mean", field: "sure", as: "mean" }], groupby: ["kind"] },
      { window: [{ op: "rank", as: "place" }], sort: [{ field: "mean", order: "descending" }] },
    ],
    mark: "bar",
    encoding: { x: { field: "mean", type: "quantitative" }, y: { field: "kind" }, color: { field: "place" } },
  });
  expect(ranked!.columns.map(({ title }) => title)).toContain("Place");
  expect(ranked!.columns.map(({ title }) => title)).not.toContain("Number of samples");
});

test("cells whose layers share their data name no row twice", async () => {
  const layer = (mark: string, encoding: object): object => ({ mark, encoding });
  const mean = { aggregate: "mean", field: "sure" };
  const spec = { layer: [layer("bar", { x: { field: "kind" }, y: mean }), layer("rule", { y: mean })] };
  const [cell] = await tables({ facet: { field: "set" }, spec });
  expect(rowsOf(cell!).map(([kind]) => kind)).toEqual(["k0", "k1", "k2", undefined]);
});

test("times are numbers, and their columns say that they are times", async () => {
  const [found] = await tables({
    layer: [{ mark: "point", encoding: { x: { field: "at", type: "temporal" }, y: COUNT } }],
  });
  const times = found!.columns.find(({ isTime }) => isTime)!;
  const noon = Date.UTC(2021, 2, 5, 13);
  expect(found!.rows.map((row) => row[times.name]).sort()).toEqual([noon, noon + 3_600_000]);
});
