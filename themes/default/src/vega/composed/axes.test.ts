/** Titles of axes that several layers share. */
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../../tests/charts.ts";
import { openEngine, type Engine } from "../../../tests/engine.ts";
import { tableOf } from "../../../tests/tables.ts";
import { view } from "../../../views/vega-lite/view.ts";

const table = tableOf({
  id: "int32 id",
  kind: "string",
  sure: "float64",
  other: "float64",
  at: "timestamp",
  day: "date",
  later: "timestamp",
});
const x = { field: "kind" };

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id, 'k' || range % 3 AS kind,
    range / 100.0 AS sure, range % 7 AS other,
    TIMESTAMP '2020-01-01' + to_hours(range) AS at,
    TIMESTAMP '2020-01-01' + to_days(range::INTEGER) AS later, DATE '2020-01-01' + (range // 50)::INTEGER AS day
    FROM range(100)`);
});

/** The lines of text of a drawing that are titles: bold ones. */
async function titles(spec: object): Promise<string[]> {
  const context = contextOf(table, { spec });
  const results = await answersOf(view, context, engine);
  const { text } = view.render(view.parse(context), results, {}, context).body;
  const [wide] = text.split("chart-narrow");
  const bold = [...wide!.matchAll(/<text[^>]*font-weight="550"[^>]*>(.*?)<\/text>/gs)];
  return bold.flatMap(([, inner]) =>
    inner!.includes("<tspan")
      ? [...inner!.matchAll(/<tspan[^>]*>([^<]*)</g)].map(([, line]) => line!)
      : [inner!],
  );
}

const layer = (aggregate: string, field = "sure", more = {}): object => ({
  mark: "point",
  encoding: { x, y: { aggregate, field, ...more } },
});

test("a title that several layers have stands once", async () => {
  expect(await titles({ layer: [layer("mean"), layer("max"), layer("mean")] })).toEqual([
    "Kind",
    "Mean of sure",
    "Max of sure",
  ]);
  expect(await titles({ layer: [layer("mean"), layer("mean")] })).toEqual(["Kind", "Mean of sure"]);
});

test("titles with commas are told from titles that are joined by them", async () => {
  const [one, other] = [{ title: "Sure, in all" }, { title: "in all" }];
  expect(
    await titles({
      layer: [layer("mean", "sure", one), layer("max", "sure", other), layer("min", "sure", one)],
    }),
  ).toEqual(["Kind", "Sure, in all", "in all"]);
});

test("of many titles the first are told, and how many there are besides", async () => {
  const layers = ["mean", "max", "min", "median", "sum"].map((aggregate) => layer(aggregate));
  expect(await titles({ layer: layers })).toEqual([
    "Kind",
    "Mean of sure",
    "Max of sure",
    "Min of sure",
    "and 2 more",
  ]);
});

test("axes of their own keep their titles apart, and one that is longer than its plot has lines enough", async () => {
  const independent = { resolve: { scale: { y: "independent" } } };
  expect(await titles({ layer: [layer("mean"), layer("mean", "other")], ...independent })).toEqual([
    "Kind",
    "Mean of sure",
    "Mean of other",
  ]);
  const long = "Very long words ".repeat(20).trim();
  const [, ...lines] = await titles({ layer: [layer("mean", "sure", { title: long })] });
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.join(" ")).toBe(long);
});

test("a title that is longer than its plot stands in several lines where charts are beside each other", async () => {
  const plot = { ...(layer("mean") as { encoding: Record<string, object> }), width: 200 };
  const long = "A measured quantity with a title that says its unit and its method";
  const encoding = { ...plot.encoding, x: { ...x, title: long } };
  const found = await titles({ hconcat: [{ ...plot, encoding }, plot] });
  expect(found.slice(0, 2).join(" ")).toBe(long);
});

/** The angles of a drawing's names below its plots, and where they are held. */
async function angles(spec: object): Promise<[string, boolean][]> {
  const context = contextOf(table, { spec });
  const results = await answersOf(view, context, engine);
  const [wide] = view.render(view.parse(context), results, {}, context).body.text.split("chart-narrow");
  const names = [...wide!.matchAll(/<text text-anchor="(\w+)" transform="([^"]*)"[^>]*>k\d</g)];
  return names.map(([, anchor, transform]) => [anchor!, transform!.includes("rotate(270")]);
}

test("names below plots lie in their middle while there is room, and stand where an author says so", async () => {
  const plot = (axis = {}): object => ({
    mark: "bar",
    encoding: { x: { ...x, axis }, y: { aggregate: "count" } },
  });
  expect(await angles({ hconcat: [plot(), plot()] })).toEqual(Array(6).fill(["middle", false]));
  expect(await angles({ facet: { field: "other" }, spec: plot() })).toContainEqual(["middle", false]);
  expect(await angles({ hconcat: [plot({ labelAngle: -90 })] })).toEqual(Array(3).fill(["end", true]));
  expect(
    await angles({
      hconcat: [
        { ...plot(), width: 20 },
        { ...plot(), width: 2000 },
      ],
    }),
  ).toContainEqual(["end", true]);
});

test.each([
  [{ field: "at", timeUnit: "hours" }, "At (UTC)"],
  [{ field: "at", timeUnit: { unit: "utcdayhoursminutes", step: 30 } }, "At (UTC)"],
  [{ field: "at", timeUnit: "hours", title: "Hour" }, "Hour"],
  [{ field: "at", timeUnit: "hours", axis: { title: "Hour" } }, "Hour"],
  [{ field: "at", timeUnit: "yearmonthdate" }, "At"],
  [{ field: "at", timeUnit: "day" }, "At"],
  [{ field: "day", timeUnit: "hours" }, "Day"],
])("an axis of %j is called %s", async (of, title) => {
  const upper = { mark: "bar", encoding: { x: of, y: { aggregate: "count" } } };
  expect((await titles({ vconcat: [upper, layer("mean")] }))[0]).toBe(title);
});

test.each([
  ["at", {}, "At (UTC)"],
  ["at", { title: "Moment" }, "Moment"],
  ["later", {}, "Later"],
  ["day", {}, "Day"],
])("an axis over all of %s, %j, names the zone where it shows hours: %s", async (field, more, title) => {
  const plot = { mark: "point", encoding: { x: { field, type: "temporal", ...more }, y: { field: "sure" } } };
  const [first] = await titles({ vconcat: [plot, layer("mean")] });
  expect(first).toBe(title);
  expect((await titles({ layer: [plot] }))[0]).toBe(title);
});

test("an axis that layers share, and one of what is summed up, names the zone, too", async () => {
  const x = (of: object): object => ({ type: "temporal", ...of });
  const point = (of: object): object => ({ mark: "point", encoding: { x: x(of), y: { field: "sure" } } });
  const until = point({ field: "at", title: "Until" });
  expect((await titles({ layer: [point({ field: "at" }), until] })).slice(0, 2)).toEqual([
    "At",
    "Until (UTC)",
  ]);
  expect((await titles({ layer: [until, until] }))[0]).toBe("Until");
  const last = { mark: "point", encoding: { x: x({ field: "at", aggregate: "max" }), y: { field: "kind" } } };
  expect((await titles({ vconcat: [last, layer("mean")] }))[0]).toBe("Max of at (UTC)");
});
