import { expect, test } from "vitest";
import { batchMarks, type SceneNode } from "./batch.ts";

const scene = (marktype: string, items: object[]): SceneNode =>
  ({ items: [{ items: [{ marktype, items }] }] }) as unknown as SceneNode;

const inner = (root: SceneNode): { marktype: string; items: Record<string, unknown>[] } =>
  root.items![0]!.items![0] as never;

test("a group of up to the limit stays as it is", () => {
  const root = scene("symbol", [{ x: 1, y: 2, fill: "red" }]);
  batchMarks(root, 1);
  expect(inner(root).marktype).toBe("symbol");
});

test("points of one look become one path of round dots as wide as they were", () => {
  const items = [1.04, 2, 3].map((x) => ({
    x,
    y: 5,
    size: 100 * Math.PI,
    fill: "var(--chart-1)",
    opacity: 0.5,
  }));
  const root = scene("symbol", [...items, { x: 4, y: 5, size: 100 * Math.PI, fill: "var(--chart-2)" }]);
  batchMarks(root, 2);
  const { marktype, items: drawn } = inner(root);
  expect(marktype).toBe("path");
  expect(drawn.map(({ mark: _mark, ...item }) => item)).toEqual([
    {
      x: 0,
      y: 0,
      stroke: "var(--chart-1)",
      strokeWidth: 20,
      strokeCap: "round",
      opacity: 0.5,
      path: "M1,5h0M2,5h0M3,5h0",
    },
    { x: 0, y: 0, stroke: "var(--chart-2)", strokeWidth: 20, strokeCap: "round", opacity: 1, path: "M4,5h0" },
  ]);
});

test("cells of one look become one path of closed boxes", () => {
  const cell = (x: number): object => ({ x, y: 0, width: 10, height: 4.25, fill: "blue", fillOpacity: 0.5 });
  const root = scene("rect", [cell(0), cell(10)]);
  batchMarks(root, 1);
  expect(inner(root).items.map((item) => [item["path"], item["opacity"]])).toEqual([
    ["M0,0h10v4.3h-10zM10,0h10v4.3h-10z", 0.5],
  ]);
});

test("marks of other kinds are never batched", () => {
  const root = scene("text", [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ]);
  batchMarks(root, 1);
  expect(inner(root).marktype).toBe("text");
});
