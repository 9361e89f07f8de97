import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../../tests/charts.ts";
import { openEngine, type Engine } from "../../../tests/engine.ts";
import { tableOf } from "../../../tests/tables.ts";
import { view } from "../../../views/vega-lite/view.ts";
import { tablesOf, type Drawing } from "../../view.ts";

const ROWS = 3000;
const table = tableOf({ id: "int32 id", kind: "string", few: "string", value: "float64" }, { rows: ROWS });
const COUNT = { aggregate: "count" };

let engine: Engine;

// The first class has most rows: class k has one row for each whole number up to 1000 / (k + 1).
beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT row_number() OVER ()::INTEGER AS id, * FROM (
    SELECT CASE WHEN k = 3 THEN NULL ELSE 'class ' || lpad(k::VARCHAR, 3, '0') END AS kind,
      CASE WHEN k % 2 = 0 THEN 'even' ELSE 'odd' END AS few, (k + i)::DOUBLE AS value
    FROM range(1000) a(k), range(1000) b(i) WHERE i < 1000 // (k + 1))`);
});

async function draw(spec: object): Promise<Drawing> {
  const context = contextOf(table, { spec });
  const results = await answersOf(view, context, engine);
  return view.render(view.parse(context), results, {}, context);
}

const bars = { mark: "bar", encoding: { x: { field: "kind" }, y: COUNT } };
const coloured = { mark: "bar", encoding: { x: { field: "few" }, y: COUNT, color: { field: "kind" } } };
const histogram = { mark: "bar", encoding: { x: { field: "value", bin: true }, y: COUNT } };

test("of a thousand classes the most frequent are drawn, and the other plots keep their rows", async () => {
  const drawing = await draw({ hconcat: [bars, histogram] });
  const [classes, bins] = tablesOf(drawing.data);
  const names = classes!.rows.map((row) => row["kind"]);
  expect(names).toHaveLength(60);
  expect(names).toContain(null);
  expect(names).toContain("class 059");
  expect(names).not.toContain("class 060");
  expect(drawing.notices).toEqual(["The 60 most frequent of 1,000 values of kind are shown."]);
  const counted = bins!.rows.reduce((sum, row) => sum + Number(row["__count"]), 0);
  expect(counted).toBe(drawing.rows);
});

test("colours beyond the cap are one, and no row is lost; as in single charts", async () => {
  const composed = await draw({ layer: [coloured] });
  const single = await draw(coloured);
  expect(composed.notices).toEqual(single.notices);
  const counts = (drawing: Drawing, kind: string, count: string): number[] =>
    drawing
      .data!.rows.filter((row) => row[kind] === "Other")
      .map((row) => Number(row[count]))
      .sort();
  expect(counts(composed, "kind", "__count")).toEqual(counts(single, "@color", "@y"));
  const total = composed.data!.rows.reduce((sum, row) => sum + Number(row["__count"]), 0);
  expect(total).toBe(composed.rows);
});

test("few names, and names that the author ranks, are left as they are", async () => {
  expect(
    (await draw({ layer: [{ ...coloured, encoding: { x: { field: "few" }, y: COUNT } }] })).notices,
  ).toEqual([]);
  const ranked = await draw({
    transform: [
      { aggregate: [{ op: "count", as: "n" }], groupby: ["kind"] },
      { window: [{ op: "row_number", as: "rank" }], sort: [{ field: "n", order: "ascending" }] },
      { filter: "datum.rank <= 5" },
    ],
    mark: "bar",
    encoding: { x: { field: "kind" }, y: { field: "n", type: "quantitative" } },
  });
  expect(ranked.notices).toEqual([]);
  expect(ranked.data!.rows).toHaveLength(5);
});
