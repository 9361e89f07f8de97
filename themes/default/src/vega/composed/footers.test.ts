import { View } from "vega";
import { compile } from "vega-lite";
import { expect, test } from "vitest";
import { SILENT } from "../draw.ts";
import { runtimeOf } from "./draw.ts";

interface Item {
  x: number;
  y: number;
  items: Mark[];
}

interface Mark {
  role: string;
  items: Item[];
}

/** Places of cells and of footers, of a facet of five cells in lines of three. */
function placesOf(encoding: Record<string, unknown>, columns = 3): { cells: Item[]; footers: Item[] } {
  const values = ["a", "b", "c", "d", "e"].map((name, index) => ({ name, x: index, y: index * 2 }));
  const facet = { field: "name", type: "nominal", columns };
  const quantitative = { type: "quantitative" };
  const x = { field: "x", ...quantitative };
  const y = { field: "y", ...quantitative };
  const spec = { data: { values }, mark: "point", encoding: { x, y, facet, ...encoding } };
  const compiled = compile(spec as never, { logger: SILENT }).spec;
  const view = new View(runtimeOf(compiled as never), { renderer: "none" }).run();
  const [group] = (view.scenegraph() as unknown as { root: { items: Item[] } }).root.items;
  const itemsOf = (role: string): Item[] =>
    group!.items.filter((mark) => mark.role === role).flatMap(({ items }) => items);
  return { cells: itemsOf("scope"), footers: [...itemsOf("column-footer"), ...itemsOf("row-footer")] };
}

test("an axis stands under the last cell of its own column", () => {
  const { cells, footers } = placesOf({});
  expect(footers).toHaveLength(3);
  const gaps = [3, 4, 2].map((cell, index) => footers[index]!.y - cells[cell]!.y);
  expect(new Set(gaps).size).toBe(1);
  expect(footers.map(({ x }) => x)).toEqual([3, 4, 2].map((cell) => cells[cell]!.x));
});

test("an axis at the right stands at the last cell of its own row", () => {
  const right = { field: "y", type: "quantitative", axis: { orient: "right" } };
  const { cells, footers } = placesOf({ y: right });
  const gaps = [2, 4].map((cell, row) => footers[3 + row]!.x - cells[cell]!.x);
  expect(gaps[0]).toBe(gaps[1]);
});

test("axes below full rows stay on one line", () => {
  const { footers } = placesOf({}, 5);
  expect(new Set(footers.map(({ y }) => y)).size).toBe(1);
});
