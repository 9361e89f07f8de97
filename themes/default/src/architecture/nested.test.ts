import { expect, test } from "vitest";
import { covered } from "../../tests/boxes.ts";
import { chainOf, drawn, layer, networkOf, zoo } from "../../tests/networks.ts";
import { AUTOMATIC } from "./detail.ts";
import { lookOf, PAPERS } from "./papers.ts";
import { extentOf, type Line, type Mark } from "./scene.ts";

const inColumn = (network: ReturnType<typeof zoo>, paper: string): ReturnType<typeof drawn> => {
  const { preferences } = lookOf([paper, "unet"], {});
  return drawn(network, { preferences, width: PAPERS[paper]!.width, isExact: true });
};
const linesOf = ({ scene }: ReturnType<typeof drawn>): (Line & Mark)[] =>
  scene.marks.filter((mark): mark is Line & Mark => mark.kind === "line" && mark.points.length > 1);

test("a U-Net in one column is a U whose text is as large as the column wants it", () => {
  const figure = inColumn(zoo("unet"), "ieee-column");
  const sizes = figure.scene.marks.flatMap((mark) =>
    mark.kind === "text" && mark.glyph !== undefined ? [mark.size] : [],
  );
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(PAPERS["ieee-column"]!.fontSize * 0.8);
  expect(figure.notices).toEqual([]);
  // Five levels of resolution, each on a line of its own, from the largest to the smallest.
  const rows = new Map<number, number[]>();
  for (const [index, { x, y, height }] of figure.cells.entries()) {
    if (!figure.shown.glyphs[index]!.name.includes("Concatenate")) continue;
    rows.set(Math.round(y + height / 2), [x]);
  }
  expect(rows.size).toBe(4);
  expect(new Set([...rows.values()].flat().map(Math.round)).size).toBe(1);
});

test("no line of a U leads through a glyph, and each reaches the glyphs that it connects", () => {
  const figure = inColumn(zoo("unet"), "ieee-column");
  expect(covered(figure)).toEqual([]);
  const bodies = figure.scene.marks
    .filter((mark) => mark.kind === "area" && mark.glyph !== undefined)
    .map(extentOf);
  for (const { points } of linesOf(figure))
    for (const [index, [x, y]] of points.slice(1).entries()) {
      const [fromX, fromY] = points[index]!;
      const crossed = bodies.filter(
        (box) =>
          Math.max(x, fromX) > box.x + 1 &&
          Math.min(x, fromX) < box.x + box.width - 1 &&
          Math.max(y, fromY) > box.y + 1 &&
          Math.min(y, fromY) < box.y + box.height - 1,
      );
      expect(crossed).toEqual([]);
    }
});

test("a slide has a U-Net in one row, for a U would be higher than it", () => {
  const { scene, shown, cells } = inColumn(zoo("unet"), "slide");
  expect(scene.height).toBeLessThan(540);
  const order = shown.glyphs.map((_, index) => cells[index]!.x);
  expect([...order].sort((a, b) => a - b)).toEqual(order);
});

test("what is no chain with skips one within the other stands in rows as before", () => {
  const crossed = networkOf(
    Array.from({ length: 9 }, (_, index) =>
      layer(`l${index}`, `${index > 4 ? "Concatenate" : "Conv2d"} ${index + 1} 64`),
    ),
    "l0>l1 l1>l2 l2>l3 l3>l4 l4>l5 l5>l6 l6>l7 l7>l8 l0>l5 l1>l6",
  );
  const plain = chainOf(
    Array.from({ length: 20 }, (_, index) => layer(`l${index}`, `Conv2d ${index + 1} 64`)),
  );
  for (const network of [crossed, plain]) {
    const { preferences } = lookOf(["ieee-column"], {});
    const wanted = { preferences, width: 252, isExact: true, detail: { ...AUTOMATIC, level: 9 } };
    const { scene } = drawn(network, wanted);
    expect(scene.width).toBe(252);
  }
});
