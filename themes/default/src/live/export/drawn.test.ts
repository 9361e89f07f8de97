import { expect, test } from "vitest";
import { columnOf, tableOf } from "../../../tests/tables.ts";
import { drawnColumns } from "./drawn.ts";
import { csvOf } from "./text.ts";

const NOON = Date.UTC(2021, 2, 5, 13);
const table = tableOf({ id: "int32 id", at: "timestamp", day: "date", size: "float32" });

test("times that a chart made are ISO in a file, whatever their title", () => {
  const columns = drawnColumns([{ name: "month", title: "at (year month)", isTime: true }], table);
  expect(csvOf(columns, [{ month: NOON }])).toBe("at (year month)\r\n2021-03-05T13:00:00.000Z\r\n");
});

test("a column of the table keeps its own type, and says its unit", () => {
  const sized = { ...table, columns: [...table.columns, { ...columnOf("mass", "float32"), unit: "kg" }] };
  const columns = drawnColumns(
    [
      { name: "x", title: "day", isTime: true },
      { name: "y", title: "mass" },
      { name: "z", title: "Count" },
    ],
    sized,
  );
  expect(columns.map(({ title }) => title)).toEqual(["day", "mass (kg)", "Count"]);
  expect(csvOf(columns, [{ x: NOON, y: 2, z: 3 }])).toBe("day,mass (kg),Count\r\n2021-03-05,2,3\r\n");
});
