import { expect, test } from "vitest";
import { contextOf } from "../../tests/charts.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Result } from "../../src/data/result.ts";
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

test("an option that there is not is refused with the nearest", () => {
  expect(() => view.parse(contextOf(context.table, { nuon: "x" }))).toThrow('did you mean "noun"?');
});

test("a chip says what it removes, whatever it holds", () => {
  const { text } = chipMarkup({ id: "filter", text: `datum.label == '<b>"'` });
  expect(text).toContain("datum.label == &#39;&lt;b&gt;&quot;&#39;");
  expect(text).toContain('data-id="filter"');
  expect(text).not.toContain("<b>");
});
