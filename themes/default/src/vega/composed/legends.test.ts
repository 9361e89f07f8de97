import type { View } from "vega";
import { expect, test } from "vitest";
import { entriesOf, wrappedLegends } from "./legends.ts";

function runOf(domain: readonly string[]): View {
  return { scale: () => ({ domain: () => domain }) } as unknown as View;
}

test("a scale of very many names is measured, and the widest counts", () => {
  const names = ["the widest", ...Array.from({ length: 300_000 }, (_, index) => String(index))];
  const vega = { scales: [{ name: "color", type: "ordinal" }] };
  const widest = entriesOf(vega, runOf(["the widest"]));
  expect(entriesOf(vega, runOf(names))).toEqual(widest);
  expect(widest.get("color")).toBeGreaterThan(entriesOf(vega, runOf(["1"])).get("color")!);
});

test.each([
  [{}, "max(1, floor((280 - 0.0) / 164.0))"],
  [{ columns: 2 }, "min(2, max(1, floor((280 - 0.0) / 164.0)))"],
  [{ labelLimit: 200 }, "max(1, floor((280 - 0.0) / 182.0))"],
  [{ labelLimit: 0, columns: 2 }, "min(2, max(1, floor((280 - 0.0) / 182.0)))"],
])("a legend of %j has no more columns than there is room for", (written, columns) => {
  const legend = { stroke: "color", ...written };
  wrappedLegends({ legends: [legend] }, new Map([["color", 150]]), "280");
  expect(legend).toEqual({ ...legend, columns: { signal: columns } });
});

test.each([{ columns: 0 }, { columns: { signal: "n" } }, { direction: "vertical" }])(
  "a legend of %j lies as its author says",
  (written) => {
    const legend = { stroke: "color", ...written };
    wrappedLegends({ legends: [legend] }, new Map([["color", 150]]), "280");
    expect(legend).toEqual({ stroke: "color", ...written });
  },
);
