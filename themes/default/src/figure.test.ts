import { expect, test } from "vitest";
import { contextOf } from "../tests/charts.ts";
import { tableOf } from "../tests/tables.ts";
import { counts, DATA_ROWS, figure, helpParts } from "./figure.ts";
import { html } from "./markup.ts";
import type { Drawing, View } from "./view.ts";

const view: View<unknown> = {
  name: "samples",
  summary: "",
  options: {},
  parse: () => null,
  queries: () => ({}),
  render: () => drawing,
};

const drawing: Drawing = {
  body: html`<svg></svg>`,
  rows: 1204,
  total: 12_000,
  notices: ["<b>Said</b>"],
  data: { columns: [{ name: "n", title: "N & more" }], rows: [{ n: 1.5 }, { n: "<i>" }, { n: null }] },
  description: 'Bars of "label"',
};

const context = contextOf(
  tableOf({ id: "int32 id" }),
  {},
  { id: "images", title: "<Title>", help: "Read 'it'" },
);

test("a figure says its view, its state and its counts as marks", () => {
  const { text } = figure(view, drawing, context, {});
  expect(text).toMatch(/^<figure class="view w-6"\s+data-view="samples" id="images" data-state="static"/);
  expect(text).toContain('data-rows="1204"');
  expect(text).toContain('data-total="12000"');
  expect(text).toContain('aria-labelledby="images-title"');
  expect(text).toContain("<b>1,204</b> of 12,000");
});

test("whatever an author or a table says is escaped", () => {
  const { text } = figure(view, drawing, context, {});
  for (const escaped of [
    "&lt;Title&gt;",
    "Read &#39;it&#39;",
    "&lt;b&gt;Said&lt;/b&gt;",
    "N &amp; more",
    "&lt;i&gt;",
  ])
    expect(text).toContain(escaped);
  expect(text).not.toMatch(/<(Title|i)>/);
});

test("no figure has an inline style or script, which the page's policy would block", () => {
  const { text } = figure(view, drawing, context, {});
  expect(text).not.toMatch(/\sstyle=|\son\w+=|<script|javascript:/);
});

test("numbers in the data table are set as numbers, and null as a dash", () => {
  const { text } = figure(view, drawing, context, {});
  expect(text).toContain('<td class="number">1.5</td>');
  expect(text).toContain("<td>–</td>");
});

test("a long data table is cut, and says so", () => {
  const rows = Array.from({ length: 1234 }, (_, n) => ({ n }));
  const { text } = figure(view, { ...drawing, data: { ...drawing.data!, rows } }, context, {});
  expect(text.match(/<tr>/g)).toHaveLength(DATA_ROWS + 1);
  expect(text).toContain(`The first ${DATA_ROWS} of 1,234 rows.`);
});

test("a figure without a title is named by its view and table, and without help has none", () => {
  const { text } = figure(
    view,
    { ...drawing, data: null, notices: [] },
    contextOf(context.table, {}, { id: "plain", title: null }),
    {},
  );
  expect(text).toContain('<h3 class="view-title" id="plain-title">Samples of Data</h3>');
  const named = { ...drawing, title: "Bars of count by label" };
  const plain = contextOf(context.table, {}, { id: "plain", title: null });
  expect(figure(view, named, plain, {}).text).toContain('id="plain-title">Bars of count by label</h3>');
  expect(text).not.toContain("view-help");
  expect(text).not.toContain("view-data");
  expect(text).not.toContain("view-notice");
});

test("a name made of words is said in words, and once where view and table share it", () => {
  const untitled = (name: string, title: string): string => {
    const named = contextOf(tableOf({ id: "int32 id" }, { title }), {}, { id: "own", title: null });
    return /view-title"[^>]*>([^<]*)</.exec(figure({ ...view, name }, drawing, named, {}).text)![1]!;
  };
  expect(untitled("confusion-matrix", "Digits")).toBe("Confusion matrix of Digits");
  expect(untitled("fairvis", "Digits")).toBe("Groups of Digits");
  expect(untitled("familiarity", "Familiarity")).toBe("Familiarity");
});

test("a bare view has its marks and its body only", () => {
  const { text } = figure({ ...view, bare: true }, drawing, context, {});
  expect(text).toContain('class="view w-6 view-bare"');
  expect(text).toContain('data-rows="1204"');
  expect(text).not.toContain("figcaption");
});

test("without scripts the menu has the link and the table's files, named and sized", () => {
  const file = (url: string, rows: number, bytes: number): { url: string; rows: number; bytes: number } => ({
    url,
    rows,
    bytes,
  });
  const menuOf = (files: ReturnType<typeof file>[], name = "digits/samples"): string => {
    const table = { ...context.table, name };
    return figure(view, drawing, { ...context, table }, {}, files).text.replace(/\s+/g, " ");
  };
  const one = menuOf([file("./data/a.0123.parquet", 1797, 36_612)]);
  expect(one).toContain('<a href="#images" data-entry="link">Link to this view</a>');
  expect(one).toContain('<a href="./data/a.0123.parquet" download="digits-samples.parquet"');
  expect(one).toMatch(/Table as Parquet <span class="view-menu-hint">1,797 rows, 37 kB<\/span>/);
  const two = menuOf([file("a", 1, 1), file("b", 2, 2_500_000)], '../"<x>');
  expect(two).toContain('download="-x--1.parquet"');
  expect(two).toContain("Table as Parquet, part 2 of 2");
  expect(two).toContain("2 rows, 2.5 MB");
  expect(menuOf([])).not.toContain("Parquet");
});

test("counts are grouped by thousands", () => {
  expect(counts(1_000_000, 10_000_000).text).toBe("<b>1,000,000</b> of 10,000,000");
});

test.each([
  ["Bars count. Click a bar to keep it, and shift-click to add another.", ["Bars count. "]],
  ["Drag over a range on the left, and the bars count in it.", []],
  [
    "Bars count what is below; move the slider to choose it. The line is the mean.",
    ["Bars count what is below", ". The line is the mean."],
  ],
  [
    "Each row is a click; presses and drags are others.",
    ["Each row is a click; presses and drags are others."],
  ],
  ["Click e.g. a bar! Lines are means.", [" Lines are means."]],
])("of the help %j only what is read stays on paper", (text, kept) => {
  const parts = helpParts(text);
  expect(parts.map((part) => part.text).join("")).toBe(text);
  expect(parts.filter(({ isUse }) => !isUse).map((part) => part.text)).toEqual(kept);
});
