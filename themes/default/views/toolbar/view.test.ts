import { expect, test } from "vitest";
import { contextOf } from "../../tests/charts.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Result } from "../../src/data/result.ts";
import { sentence } from "../../src/selected.ts";
import { chipMarkup, view } from "./view.ts";

const context = contextOf(tableOf({ id: "int32 id" }), { noun: "digits" });
const counted = (rows: number): Result => ({ rows: 1, columns: { rows: [rows] } });

test("the toolbar counts what passes and what there is, by the author's word", () => {
  const draw = (passing: number): string =>
    view.render(view.parse(context), { total: counted(1797), passing: counted(passing) }, {}, context).body
      .text;
  expect(draw(1797)).toContain("<b>1,797</b> digits");
  expect(draw(12)).toContain("<b>12</b> of 1,797 digits");
});

test("its two counts are one query each, of which one is filtered", () => {
  const queries = view.queries(view.parse(context), {}, context, {});
  expect(Object.entries(queries).map(([name, query]) => [name, query.filtered])).toEqual([
    ["total", false],
    ["passing", true],
  ]);
});

const kinds = tableOf({
  id: "int32 id",
  label: "string label",
  correct: "bool",
  score: "float32",
  epoch: "int32",
});

test("columns of few values are offered as groups, or those that the author names", () => {
  const draw = (options: object, distinct: number[]): string[] => {
    const asked = contextOf(kinds, { ...options });
    const columns = Object.fromEntries(distinct.map((n, index) => [`column_${index}`, [n]]));
    const results = { total: counted(9), passing: counted(9), distinct: { rows: 1, columns } };
    const { text } = view.render(view.parse(asked), results, {}, asked).body;
    return [...text.matchAll(/<option value="(\w+)"/g)].map(([, name]) => name!);
  };
  expect(draw({}, [10, 2, 5000])).toEqual(["label", "correct"]);
  expect(draw({}, [1, 1, 5000])).toEqual([]);
  expect(draw({ groups: ["epoch"] }, [])).toEqual(["epoch"]);
});

test("groups by a measured number are refused", () => {
  expect(() => view.parse(contextOf(kinds, { groups: ["score"] }))).toThrow('column "score" holds float32');
  expect(() => view.parse(contextOf(kinds, { groups: ["epok"] }))).toThrow('did you mean "epoch"?');
});

test.each<[Record<string, string>, string]>([
  [{ id: "int32 id", "two words": "float32", sure: "float32 confidence" }, "Filter: datum.sure &lt; 0.5"],
  [{ id: "int32 id", "two words": "float32", power: "int64" }, "Filter: datum.power &gt; 0"],
  [{ id: "int32 id", a_name_that_is_long: "float32", power: "int64" }, "Filter: datum.power &gt; 0"],
  [{ id: "int32 id", label: "dictionary label" }, "Filter: datum.label == &#39;a&#39;"],
  [
    { id: "string id", sheet: "int32 sheet", x: "int32 x", y: "int32 y", label: "dictionary label" },
    "Filter: datum.label == &#39;a&#39;",
  ],
  [{ id: "int32 id", "two words": "float32" }, "Filter"],
])("the example is a filter of the table's own columns", (columns, expected) => {
  const own = contextOf(tableOf(columns), {});
  const results = { total: counted(3), passing: counted(3) };
  const { text } = view.render(view.parse(own), results, {}, own).body;
  expect(text.match(/placeholder="([^"]*)"/)![1]).toBe(expected);
});

test("the sentence says counts and selections", () => {
  expect(sentence(12, 1797, "digits", [{ id: "a", text: "label is 3" }])).toBe(
    "12 of 1,797 digits · label is 3",
  );
  expect(sentence(1797, 1797, "digits", [])).toBe("1,797 digits");
});

test("an option that there is not is refused with the nearest", () => {
  expect(() => view.parse(contextOf(context.table, { nuon: "x" }))).toThrow('did you mean "noun"?');
  expect(() => view.parse(contextOf(context.table, { noun: ["x"] }))).toThrow('"noun" is not text');
  expect(() => view.parse(contextOf(context.table, { groups: "id" }))).toThrow('"groups" is not a list');
});

test("a chip says what it removes, whatever it holds", () => {
  const { text } = chipMarkup({ id: "filter", text: `datum.label == '<b>"'` });
  expect(text).toContain("datum.label == &#39;&lt;b&gt;&quot;&#39;");
  expect(text).toContain('data-id="filter"');
  expect(text).not.toContain("<b>");
});
