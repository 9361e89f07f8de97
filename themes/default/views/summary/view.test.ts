import { expect, test } from "vitest";
import { tableOf } from "../../tests/tables.ts";
import type { Context } from "../../src/view.ts";
import { chosen, renamed, view, writtenState, type Options } from "./view.ts";

const OPTIONS: Options = {
  columns: ["a", "b"],
  charts: ["a", "b", "c"],
  left: { "<id>": "names each row" },
  titles: { b: "Bee" },
};
const table = tableOf({ a: "int32", b: "int32", c: "int32" }, {});
const context: Context = {
  request: {
    ...{ view: "summary", id: "all", title: null, help: null, width: 12, height: null, table: table.name },
    options: { ...OPTIONS },
  },
  table,
  tables: { [table.name]: table },
  figures: [],
};

test("columns without a chart are named with the reason", () => {
  const { body } = view.render(view.parse(context), {}, {}, context);
  expect(body.text).toContain("Each bar counts rows. Without a chart: &lt;id&gt; (names each row).");
});

test("a state chooses what there is, each column once and in its order", () => {
  expect(chosen(OPTIONS, null)).toEqual(["a", "b"]);
  expect(chosen(OPTIONS, { columns: ["c", "a", "c", "x", 7] })).toEqual(["c", "a"]);
  expect(chosen(OPTIONS, { columns: [] })).toEqual([]);
  expect(view.accept!(OPTIONS, { columns: ["c", "x"] }, context)).toEqual({ columns: ["c"] });
  expect(view.accept!(OPTIONS, { columns: "c" }, context)).toEqual({});
});

test("a state renames charts that there are, by text alone", () => {
  const titles = { c: "<b>sea</b>", a: "a", b: "", x: "y", "<id>": 7 };
  expect(renamed(OPTIONS, { titles })).toEqual({ c: "<b>sea</b>" });
  expect(renamed(OPTIONS, { titles: { b: "b", a: "x".repeat(121) } })).toEqual({ b: "b" });
  expect(renamed(OPTIONS, { titles: "a" })).toEqual({});
  expect(view.accept!(OPTIONS, { columns: ["a"], titles: { b: "Bee" } }, context)).toEqual({
    columns: ["a"],
  });
});

test("the link holds of a choice what is not the report's", () => {
  expect(writtenState(OPTIONS, ["a", "b"], {})).toBeNull();
  expect(writtenState(OPTIONS, ["a", "b"], { a: "A" })).toEqual({ titles: { a: "A" } });
  expect(writtenState(OPTIONS, ["b"], { a: "A" })).toEqual({ columns: ["b"], titles: { a: "A" } });
});
