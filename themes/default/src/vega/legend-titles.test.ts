/** Titles that are longer than their place: of legends, of neighbouring plots and of their cells. */
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { textWidth } from "./widths.ts";
import { headerIn } from "./composed/headers.ts";
import { view } from "../../views/vega-lite/view.ts";

const LONG = "The share of answers of all people that are the label of the image in the end";
const table = tableOf({ id: "int32 id", kind: "string", sure: "float64" });

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id,
    'a_column_of_answers_with_a_long_name_' || range % 3 AS kind, range / 100.0 AS sure FROM range(100)`);
});

async function drawn(spec: object): Promise<string> {
  const context = contextOf(table, { spec });
  const results = await answersOf(view, context, engine);
  return view.render(view.parse(context), results, {}, context).body.text;
}

/** The texts of one drawing, each with its lines. */
function textsOf(svg: string): string[][] {
  return [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/gs)].map(([, inner]) =>
    inner!.includes("<tspan")
      ? [...inner!.matchAll(/<tspan[^>]*>([^<]*)</g)].map(([, line]) => line!)
      : [inner!],
  );
}

const x = { field: "kind" };
const color = { field: "kind", title: LONG };

test.each([
  ["of one mark", { mark: "bar", encoding: { x, y: { aggregate: "count" }, color } }],
  [
    "with a ramp",
    { mark: "rect", encoding: { x, color: { aggregate: "mean", field: "sure", title: LONG } } },
  ],
  [
    "of several plots",
    { hconcat: [{ mark: "point", encoding: { x: { field: "sure" }, y: { field: "sure" }, color } }] },
  ],
])("a long title of a legend stands whole, in lines, in a chart %s", async (_, spec) => {
  const drawings = (await drawn(spec)).split("chart-narrow");
  for (const svg of drawings) {
    const lines = textsOf(svg).find((each) => each[0]!.startsWith("The share"))!;
    expect(lines.join(" ")).toBe(LONG);
    expect(lines.length).toBeGreaterThan(2);
  }
});

test("a title of a legend of very many words is shortened in its middle", async () => {
  const title = `${"very ".repeat(60)}long, in the end`;
  const svg = await drawn({
    mark: "bar",
    encoding: { x, y: { aggregate: "count" }, color: { ...color, title } },
  });
  const lines = textsOf(svg).find((each) => each[0]!.startsWith("very"))!;
  expect(lines.length).toBeLessThanOrEqual(4);
  expect(lines.join(" ")).toMatch(/^very very .*….*long, in the end$/);
});

test.each([
  ["of one mark", (color: object) => ({ mark: "bar", encoding: { x, y: { aggregate: "count" }, color } })],
  [
    "of several plots",
    (color: object) => ({
      hconcat: [{ mark: "point", encoding: { x: { field: "sure" }, y: { field: "sure" }, color } }],
    }),
  ],
])("a shortened title of a legend is told whole, in a chart %s", async (_, specOf) => {
  const title = `${"very ".repeat(60)}<b>long</b>, in the end`;
  const spec = specOf({ ...color, title });
  const context = contextOf(table, { spec });
  const results = await answersOf(view, context, engine);
  const { body, description } = view.render(view.parse(context), results, {}, context);
  const drawings = body.text.match(/<svg.*?<\/svg>/gs)!;
  const whole = title.replace("<b>", "&lt;b&gt;").replace("</b>", "&lt;/b&gt;");
  for (const svg of drawings) expect(svg.split(`<title>${whole}</title>`)).toHaveLength(2);
  expect(description).toContain(title);
  expect(await drawn(specOf(color))).not.toContain("<title>");
});

const faceted = (title: string): object => ({
  facet: { field: "kind", type: "nominal", title: null },
  columns: 3,
  spec: {
    mark: "bar",
    encoding: { x: { field: "sure", type: "quantitative", title }, y: { aggregate: "count" } },
  },
});

test("titles and names of neighbouring cells leave room between them", async () => {
  const title = "A title a little longer than cells";
  const [, narrow] = (await drawn(faceted(title))).split("chart-narrow");
  const texts = textsOf(narrow!);
  const titles = texts.filter(([line]) => line!.startsWith("A title"));
  expect(titles.length).toBeGreaterThan(0);
  for (const line of titles.flat()) expect(textWidth(line, 12, 550)).toBeLessThanOrEqual(cellOf(narrow!) + 8);
  const names = texts.flat().filter((line) => line.startsWith("a_col"));
  expect(names).toHaveLength(3);
  for (const name of names) {
    expect(name).toMatch(/….*_\d$/);
    expect(textWidth(name, 12)).toBeLessThanOrEqual(cellOf(narrow!) + 8);
  }
});

/** How wide the cells of a drawing are, in px: as the lines that their axes stand on. */
function cellOf(svg: string): number {
  const axes = [...svg.matchAll(/<line transform="translate\(0,0\)" x2="(\d+)" y2="0"/g)];
  const widths = axes.map(([, width]) => Number(width)).filter((width) => width > 0);
  expect(widths.length).toBeGreaterThan(0);
  return Math.max(...widths);
}

test("a name that fits stays whole, and one that does not keeps its end", () => {
  expect(headerIn("dog", 10)).toBe("dog");
  expect(headerIn("human_aggregate", 200)).toBe("human_aggregate");
  expect(headerIn("human_aggregate", 60)).toMatch(/^hu.*….*te$/);
  expect(textWidth(headerIn("human_aggregate", 60), 12)).toBeLessThanOrEqual(60);
});
