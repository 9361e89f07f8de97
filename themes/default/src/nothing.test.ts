import { expect, test } from "vitest";
import { contextOf } from "../tests/charts.ts";
import { tableOf } from "../tests/tables.ts";
import { noLayers, noRows, noSamples, noUnits } from "./nothing.ts";

const SAID = { rows: noRows, samples: noSamples, units: noUnits, layers: noLayers };

test.each(Object.entries(SAID))("of no %s the table is the reason, or its author's filter", (noun, said) => {
  const table = { ...tableOf({ id: "int32 id" }), rows: 3 };
  const filtered = { member: "is_meant" };
  expect(said(contextOf({ ...table, rows: 0 }, {}))).toBe(`The table has no ${noun}.`);
  expect(said(contextOf({ ...table, rows: 0 }, {}, filtered))).toBe(`The table has no ${noun}.`);
  expect(said(contextOf(table, {}, filtered))).toBe(
    `The filter of this view leaves no ${noun} of the table.`,
  );
});
