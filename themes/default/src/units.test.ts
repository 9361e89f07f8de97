import { sql } from "@uwdata/mosaic-sql";
import { expect, test } from "vitest";
import { contextOf } from "../tests/charts.ts";
import { tableOf } from "../tests/tables.ts";
import type { Table } from "./page.ts";
import { amongUnits } from "./units.ts";

const UNITS = { id: "string id", layer: "string", unit: "int32" };
const units = (relation: string, model?: string): Table => ({
  ...tableOf(UNITS, { name: relation }),
  ...{ relation, ...(model === undefined ? {} : { model }) },
});

function relationsBeside(own: Table, ...others: Table[]): string[] {
  const tables = Object.fromEntries([own, ...others].map((table) => [table.name, table]));
  return [...amongUnits({ ...contextOf(own, {}), table: own, tables }, sql`TRUE`).keys()];
}

test("units of the same network are kept in its other tables, and in no other network's", () => {
  const layers: Table = {
    ...tableOf({ layer: "string" }, { name: "a/layers" }),
    relation: "a/layers",
    model: "cnn",
  };
  const others = [units("b/units", "cnn"), units("c/units", "other"), units("d/units"), layers];
  expect(relationsBeside(units("a/units", "cnn"), ...others)).toEqual(["b/units"]);
  expect(relationsBeside(units("a/units"), units("d/units"))).toEqual([]);
});
