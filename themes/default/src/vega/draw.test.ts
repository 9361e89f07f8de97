import { expect, test } from "vitest";
import { drawSvg, withOwnIds } from "./draw.ts";

const SPEC = {
  width: 100,
  height: 100,
  layer: [
    {
      data: { name: "whole" },
      mark: { type: "point", clip: true },
      encoding: { x: { field: "a", type: "quantitative", scale: { domain: [0, 2] } } },
    },
    {
      data: { name: "filtered" },
      mark: { type: "point", clip: true },
      encoding: { x: { field: "a", type: "quantitative" } },
    },
  ],
};

test("a drawing is the same markup whatever was drawn before it", () => {
  const rows = [{ a: 1 }, { a: 5 }];
  const first = drawSvg(SPEC, { whole: rows, filtered: rows });
  drawSvg({ ...SPEC, width: 50 }, { whole: rows, filtered: [] });
  expect(first).toContain("clip-path");
  expect(drawSvg(SPEC, { whole: rows, filtered: rows })).toBe(first);
});

test("different drawings name their clips differently, and every reference finds its own", () => {
  const [small, large] = [100, 200].map((width) =>
    drawSvg({ ...SPEC, width }, { whole: [{ a: 1 }], filtered: [{ a: 1 }] }),
  );
  const ids = (svg: string): string[] => [...svg.matchAll(/id="([^"]+)"/g)].map(([, id]) => id!);
  const used = (svg: string): string[] => [...svg.matchAll(/url\(#([^)]+)\)/g)].map(([, id]) => id!);
  expect(ids(small!).length).toBeGreaterThan(0);
  expect(ids(small!).filter((id) => ids(large!).includes(id))).toEqual([]);
  for (const svg of [small!, large!]) expect([...new Set(used(svg))].sort()).toEqual(ids(svg).sort());
});

test("texts that look like a name are left alone", () => {
  const svg = '<svg><text>clip1 id=&quot;clip1&quot;</text><clipPath id="clip7"></clipPath></svg>';
  expect(withOwnIds(svg)).toMatch(
    /^<svg><text>clip1 id=&quot;clip1&quot;<\/text><clipPath id="d\w+-0"><\/clipPath><\/svg>$/,
  );
});
