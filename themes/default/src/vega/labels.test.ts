import { expect, test } from "vitest";
import { tableOf } from "../../tests/tables.ts";
import { readChart, type Domains } from "./chart.ts";
import { compose, drawnRows } from "./compose.ts";
import { drawSvg } from "./draw.ts";
import { fromLabel, toLabel } from "./labels.ts";

test.each(["__proto__", "\u2060__proto__", "constructor", "\u2060\u2060toString"])(
  "the label %j goes into Vega marked and comes out as it was",
  (label) => {
    expect(toLabel(label)).not.toBe(label);
    expect(fromLabel(toLabel(label))).toBe(label);
  },
);

test.each(["cat", "", "\u2060cat", null, 5, true])("the value %j stays as it is", (value) => {
  expect(toLabel(value)).toBe(value);
  expect(fromLabel(value)).toBe(value);
});

const table = tableOf({ label: "string", split: "string" });
const LABELS = ["__proto__", "constructor", "hasOwnProperty", "cat"];

test.each(["bar", "line", "area", "rect", "point"])("a %s chart draws every such label", (mark) => {
  const encoding = {
    x: { field: "label", type: "nominal" },
    y: { aggregate: "count" },
    color: { field: "split", type: "nominal" },
  };
  const chart = readChart({ mark, encoding }, table);
  const values = { shown: LABELS, all: LABELS.length, kept: null };
  const domains: Domains = { bins: {}, extents: {}, values: { x: values, color: values } };
  const columns = { "@x": LABELS, "@color": LABELS, "@y": [1, 2, 3, 4], rows: [1, 2, 3, 4] };
  const rows = drawnRows(chart, domains, { rows: LABELS.length, columns });
  const svg = drawSvg(compose(chart, domains, table, rows, { width: 600, height: 300 }), {
    whole: rows,
    filtered: rows,
  });
  for (const label of LABELS) expect(svg.split(label).length).toBeGreaterThan(2);
});
