import { expect, test } from "vitest";
import { tableOf } from "../../tests/tables.ts";
import { readChart, type Domains } from "./chart.ts";
import type { Json } from "./channels.ts";
import { compose, drawnRows, type Row } from "./compose.ts";
import { compile } from "vega-lite";
import { readySpec } from "./composed/spec.ts";
import { drawSvg, SILENT } from "./draw.ts";

const table = tableOf({ id: "int32 id", value: "float32", label: "string", correct: "bool", when: "date" });
const COUNT = { aggregate: "count" };

const domainsOf = (changed: Partial<Domains> = {}): Domains => ({
  bins: {},
  extents: {},
  values: {},
  ...changed,
});

const LABELS = domainsOf({ values: { x: { shown: ["a", "b"], all: 2, kept: null } } });
const WHOLE: Row[] = [
  { "@x": "a", "@y": 3, rows: 3 },
  { "@x": "b", "@y": 7, rows: 7 },
];

interface Layer {
  mark: Json;
  encoding: Record<string, Json>;
  params?: Json[];
}

function layersOf(spec: Json, domains: Domains, whole: Row[] = []): Layer[] {
  const composed = compose(readChart(spec, table), domains, table, whole, { width: 400, height: 200 });
  return composed["layer"] as Layer[];
}

const encodingOf = (spec: Json, domains: Domains, whole: Row[] = []): Record<string, Json> =>
  layersOf(spec, domains, whole).at(-1)!.encoding;

test("bins are drawn from their lower to their upper end, and rows in none are not drawn", () => {
  const chart = readChart({ mark: "bar", encoding: { x: { field: "value", bin: true }, y: COUNT } }, table);
  const domains = domainsOf({ bins: { x: { start: 0, stop: 1, step: 0.1 } } });
  const rows = drawnRows(chart, domains, {
    rows: 2,
    columns: { "@x": [3, null], "@y": [5, 9], rows: [5, 9] },
  });
  expect(rows).toEqual([{ "@x": 0.3, "@x_end": 0.4, "@y": 5, rows: 5 }]);
});

test("the whole lies in grey behind what passes, on the same scales", () => {
  const [whole, filtered] = layersOf(
    { mark: "bar", encoding: { x: { field: "label" }, y: COUNT } },
    LABELS,
    WHOLE,
  );
  expect(whole!.mark).toMatchObject({ type: "bar", fill: "var(--chart-grey)" });
  expect(whole!.encoding["y"]).toEqual(filtered!.encoding["y"]);
  expect(filtered!.encoding["y"]!["scale"]).toEqual({ domain: [0, 7], nice: true });
});

test("where parts do not add up, the whole is a tick", () => {
  const spec = { mark: "bar", encoding: { x: { field: "label" }, y: { field: "value", aggregate: "mean" } } };
  expect(layersOf(spec, LABELS, WHOLE)[0]!.mark["type"]).toBe("tick");
});

test("the share of a boolean is an axis of percentages from 0 to 1", () => {
  const { y } = encodingOf(
    { mark: "bar", encoding: { x: { field: "label" }, y: { field: "correct", aggregate: "mean" } } },
    LABELS,
  );
  expect(y).toMatchObject({ scale: { domain: [0, 1] }, axis: { format: ".0%" } });
});

test.each([
  ["descending", ["b", "a"]],
  [["b"], ["b", "a"]],
  ["-y", ["b", "a"]],
  ["y", ["a", "b"]],
  [{ encoding: "y", order: "descending" }, ["b", "a"]],
  [null, ["a", "b"]],
])("an axis sorted by %j is ordered so, by the whole and whatever passes", (sort, order) => {
  const { x } = encodingOf(
    { mark: "bar", encoding: { x: { field: "label", sort }, y: COUNT } },
    LABELS,
    WHOLE,
  );
  expect((x!["scale"] as Json)["domain"]).toEqual(order);
});

test("values and datums that an author wrote stay, and a param's outcome is the value", () => {
  const encoding = {
    x: { field: "label" },
    y: COUNT,
    stroke: { value: "black" },
    color: { condition: { param: "brush", value: "red" }, value: "grey" },
    opacity: { condition: { param: "brush", value: 1 }, value: 0.2 },
  };
  const drawn = encodingOf({ mark: "bar", encoding }, LABELS, WHOLE);
  expect(drawn["stroke"]).toEqual({ value: "black" });
  expect(drawn["color"]).toEqual({ value: "red" });
  const rule = encodingOf({ mark: "rule", encoding: { y: { datum: 0.5 }, x: { field: "label" } } }, LABELS);
  expect(rule["y"]).toEqual({ datum: 0.5 });
});

test("a chart whose axes are all numbers is brushed, one with names is picked, as an author may overrule", () => {
  const paramsOf = (spec: Json, domains: Domains): unknown =>
    (layersOf(spec, domains).at(-1)!.params?.[0]?.["select"] as Json | undefined)?.["type"];
  const bins = domainsOf({ bins: { x: { start: 0, stop: 1, step: 0.1 } }, extents: { x: [0, 1] } });
  const histogram = { mark: "bar", encoding: { x: { field: "value", bin: true }, y: COUNT } };
  expect(paramsOf(histogram, bins)).toBe("interval");
  expect(paramsOf({ mark: "bar", encoding: { x: { field: "label" }, y: COUNT } }, LABELS)).toBe("point");
  expect(paramsOf({ ...histogram, params: [{ name: "p", select: "point" }] }, bins)).toBe("point");
});

test.each([
  [{ params: {} }, "params is not a list"],
  [{ params: [{ name: "p", value: 1 }] }, "a variable param is not read"],
  [{ params: [{ name: "p", select: "lasso" }] }, 'the selection type "lasso" is unknown'],
  [
    {
      params: [
        { name: "p", select: "point" },
        { name: "q", select: "interval" },
      ],
    },
    "one selection per chart",
  ],
])("the params %j are refused", (written, message) => {
  const spec = { mark: "bar", encoding: { x: { field: "label" }, y: COUNT }, ...written };
  expect(() => readChart(spec, table)).toThrow(message);
});

test.each([
  [2, { labelAngle: 0 }],
  [12, { labelAngle: -45, labelOverlap: false }],
  [25, { labelAngle: -90, labelOverlap: false }],
  [80, { labelAngle: -45 }],
])("the names of %i bars lie, lean or stand, and none is left out while there is room", (bars, expected) => {
  const shown = Array.from({ length: bars }, (_, index) => `automobile ${index}`);
  const domains = domainsOf({ values: { x: { shown, all: bars, kept: null } } });
  const whole = shown.map((name) => ({ "@x": name, "@y": 1, rows: 1 }));
  const spec = { mark: "bar", encoding: { x: { field: "label" }, y: COUNT } };
  const axis = encodingOf(spec, domains, whole)["x"]!["axis"] as Json;
  expect(axis).toMatchObject(expected);
  expect("labelOverlap" in axis).toBe("labelOverlap" in expected);
});

test("hostile labels are drawn as text, and a drawing has no inline style", () => {
  const label = `</text><script>alert('x')</script>`;
  const domains = domainsOf({ values: { x: { shown: [label, null], all: 2, kept: null } } });
  const chart = readChart({ mark: "bar", encoding: { x: { field: "label" }, y: COUNT } }, table);
  const rows = [{ "@x": label, "@y": 3, rows: 3 }];
  const svg = drawSvg(compose(chart, domains, table, rows, { width: 400, height: 200 }), {
    whole: [],
    filtered: rows,
  });
  expect(svg).not.toMatch(/<script|\sstyle=/);
  expect(svg).toContain("&lt;/text&gt;&lt;script&gt;ale…&lt;/script&gt;");
});

test("a label of 10,000 characters is cut, and leaves the chart its room", () => {
  const plot = (label: string): number => {
    const domains = domainsOf({ values: { x: { shown: [label, "b"], all: 2, kept: null } } });
    const chart = readChart({ mark: "bar", encoding: { x: { field: "label" }, y: COUNT } }, table);
    const rows = [{ "@x": label, "@y": 3, rows: 3 }];
    const spec = compose(chart, domains, table, rows, { width: 400, height: 200 });
    return Number(
      /class="background"[^>]*d="M0,0h[\d.]+v([\d.]+)/.exec(drawSvg(spec, { whole: [], filtered: rows }))![1],
    );
  };
  expect(plot("x".repeat(10_000))).toBeGreaterThan(60);
  expect(plot("x".repeat(10_000))).toBeCloseTo(plot("x".repeat(200)), 0);
});

test("an axis' title longer than the plot takes as many lines as it needs; one that an author turned does not", () => {
  const title = "the first coordinate of the projection";
  const titles = (axis: object, width: number): string => {
    const x = { field: "label", title, axis };
    const spec = compose(readChart({ mark: "bar", encoding: { x, y: COUNT } }, table), LABELS, table, WHOLE, {
      ...{ width, height: 120 },
    });
    return drawSvg(spec, { whole: [], filtered: WHOLE });
  };
  expect(titles({}, 400)).toContain(title);
  expect(titles({}, 164)).toMatch(/>the first coordinate<.*>of the projection</);
  expect(titles({}, 100)).not.toContain("…");
  expect(titles({ titleAngle: 90 }, 164)).toContain(title);
});

test("a drawing is the same at every call, and fits the width that it is given", () => {
  const chart = readChart({ mark: "bar", encoding: { x: { field: "label" }, y: COUNT } }, table);
  const draw = (): string =>
    drawSvg(compose(chart, LABELS, table, WHOLE, { width: 328, height: 200 }), {
      whole: WHOLE,
      filtered: WHOLE,
    });
  expect(draw()).toBe(draw());
  expect(draw()).toMatch(/^<svg class="chart" viewBox="0 0 328 \d+(\.\d+)?" width="328"/);
});

test.each(["x", "y", "color"])("an empty text has a name on the %s channel", (name) => {
  const values = { shown: ["", "b"], all: 2, kept: null };
  const domains = domainsOf({ values: { [name]: values } });
  const other = name === "x" ? "y" : "x";
  const spec = { mark: "bar", encoding: { [name]: { field: "label" }, [other]: COUNT } };
  const rows = ["", "b"].map((label) => ({ [`@${name}`]: label, [`@${other}`]: 2, rows: 2 }));
  const composed = compose(readChart(spec, table), domains, table, rows, { width: 400, height: 200 });
  expect(drawSvg(composed, { whole: rows, filtered: rows })).toContain(">(empty)<");
});

const truthsShown = (shown: unknown[]): Domains =>
  domainsOf({
    values: {
      ...LABELS.values,
      color: { shown, all: shown.length, kept: null },
      shape: { shown, all: shown.length, kept: null },
    },
  });

test.each([[[false]], [[true]], [[false, true]]])(
  "true and false have one colour each where %j occur",
  (shown) => {
    for (const sort of [undefined, "descending", [false, true]]) {
      const color = { field: "correct", type: "nominal", ...(sort ? { sort } : {}) };
      const spec = { mark: "bar", encoding: { x: { field: "label" }, y: COUNT, color } };
      expect(encodingOf(spec, truthsShown(shown))["color"]!["scale"]).toEqual({ domain: [true, false] });
      expect(encodingOf(spec, truthsShown([...shown, null]))["color"]!["scale"]).toEqual({
        domain: [true, false, null],
      });
    }
  },
);

test("composed charts give true and false the same colours", () => {
  const encoding = { x: { field: "label" }, y: COUNT, color: { field: "correct", type: "nominal" } };
  const ready = (nullable: boolean): Json => {
    const columns = table.columns.map((column) => ({ ...column, nullable }));
    const layer = [{ mark: "bar", encoding }];
    return readySpec({ data: { name: table.name }, layer }, { [table.name]: { ...table, columns } }).spec;
  };
  expect(JSON.stringify(ready(false))).toContain('"domain":[true,false]');
  expect(JSON.stringify(ready(true))).toContain('"domain":[true,false,null]');
});

test("a shape of what colours show has no legend of its own", () => {
  const of = { field: "label", type: "nominal" };
  const value = { field: "value", type: "quantitative" };
  const legends = (shape: Json, domains: Domains): Json[] => {
    const spec = { mark: "point", encoding: { x: value, y: value, color: { ...of, legend: {} }, shape } };
    const composed = compose(readChart(spec, table), domains, table, [], { width: 400, height: 200 });
    return compile(composed as never, { logger: SILENT }).spec.legends as unknown as Json[];
  };
  const shown = { shown: ["b", "a"], all: 2, kept: null };
  const domains = domainsOf({ extents: { x: [0, 1], y: [0, 1] }, values: { color: shown, shape: shown } });
  expect(legends(of, domains)).toHaveLength(1);
  expect(legends({ field: "correct", type: "nominal" }, domains)).toHaveLength(2);
});

test.each([
  ["timestamp", 20, "At (UTC)"],
  ["timestamp", 24 * 30, "At"],
  ["date", 24 * 2, "At"],
])("an axis of a %s over %d hours names the zone where it shows hours", (type, hours, title) => {
  const times = tableOf({ at: type, value: "float32" });
  const spec = {
    mark: "point",
    encoding: { x: { field: "at", type: "temporal" }, y: { field: "value", type: "quantitative" } },
  };
  const domains = domainsOf({ extents: { x: [0, hours * 3_600_000] } });
  const chart = readChart(spec, times);
  const { layer } = compose(chart, domains, times, [], { width: 400, height: 200 }) as { layer: Layer[] };
  expect(layer.at(-1)!.encoding["x"]!["title"]).toBe(title);
});

test.each([
  ["yearmonthdate", null, "At"],
  ["day", null, "At"],
  ["date", null, "At"],
  ["hours", null, "At (UTC)"],
  ["yearmonthdatehours", null, "At (UTC)"],
  ["yearmonthdatehours", "UTC", "At (UTC)"],
  [null, "UTC", "At (UTC)"],
  [null, null, "At (UTC)"],
])("an axis of three days by %s, of a column whose unit is %s, is called %s", (timeUnit, unit, title) => {
  const at = { ...tableOf({ at: "timestamp" }).columns[0]!, unit };
  const times = { ...tableOf({ at: "timestamp" }), columns: [at] };
  const x = { field: "at", type: "temporal", ...(timeUnit ? { timeUnit } : {}) };
  const days = [0, 1, 2].map((day) => ({ "@x": day * 86_400_000, "@y": 1, rows: 1 }));
  const domains = domainsOf({ extents: { x: [0, 2 * 86_400_000] } });
  const chart = readChart({ mark: "bar", encoding: { x, y: COUNT } }, times);
  const { layer } = compose(chart, domains, times, days, { width: 400, height: 200 }) as { layer: Layer[] };
  expect(layer.at(-1)!.encoding["x"]!["title"]).toBe(title);
});
