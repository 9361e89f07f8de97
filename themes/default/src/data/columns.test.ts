import { expect, test } from "vitest";
import { tableOf } from "../../tests/tables.ts";
import { ProblemError } from "../problem.ts";
import { asRelation, findColumn, onRelation } from "./columns.ts";

/** A table of a model's answers whose `prediction` the page calls after the model. */
function answers(model: string): ReturnType<typeof tableOf> {
  const table = tableOf({ id: "int32 id", label: "string label" }, { name: `${model}/samples` });
  const own = tableOf({ [`prediction_${model}`]: "string prediction" }).columns[0]!;
  return { ...table, columns: [...table.columns, { ...own, written: "prediction" }] };
}

const a = answers("a");
const b = answers("b");
const plane = tableOf({ id: "int32 id", projection_x: "float32" }, { name: "plane/points" });
const tables = { "a/samples": a, "b/samples": b, "plane/points": plane };

test("a table's own name of a column is that table's, whatever the page calls it", () => {
  expect(findColumn(onRelation(a, tables), "prediction").name).toBe("prediction_a");
  expect(findColumn(onRelation(b, tables), "prediction").name).toBe("prediction_b");
});

test("the other table's column has the page's name, and what both hold is one", () => {
  const table = onRelation(a, tables);
  expect(findColumn(table, "prediction_b").name).toBe("prediction_b");
  expect(table.columns.map((column) => column.name)).toEqual([
    "id",
    "label",
    "prediction_a",
    "prediction_b",
    "projection_x",
  ]);
});

test.each([onRelation(plane, tables), asRelation(onRelation(a, tables))])(
  "where no table is meant, the names to choose from are said",
  (table) => {
    expect(() => findColumn(table, "prediction")).toThrow(ProblemError);
    expect(() => findColumn(table, "prediction")).toThrow(
      'several tables of the page have a column "prediction"',
    );
    expect(findColumn(table, "prediction_a").name).toBe("prediction_a");
  },
);
