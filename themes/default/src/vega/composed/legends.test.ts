import type { View } from "vega";
import { expect, test } from "vitest";
import { entriesOf } from "./legends.ts";

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
