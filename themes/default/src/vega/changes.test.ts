import { parse, View } from "vega";
import { expect, test } from "vitest";
import { changesTo } from "./changes.ts";
import type { Row } from "./compose.ts";

const SPEC = {
  data: [
    { name: "filtered", values: [] },
    {
      name: "doubled",
      source: "filtered",
      transform: [{ type: "formula", expr: "datum.n * 2", as: "twice" }],
    },
  ],
  marks: [
    {
      type: "rect",
      name: "bars",
      from: { data: "doubled" },
      encode: { update: { width: { field: "twice" } } },
    },
  ],
};

/** A view that has drawn the steps one after the other, its rows, and the ones it says to draw. */
async function drawn(steps: Row[][], keys: string[] | null): Promise<{ view: View; rows: Row[] }> {
  const view = new View(parse(SPEC as never), { renderer: "none" });
  const rows: Row[] = [];
  for (const next of steps) await view.change("filtered", changesTo(rows, next, keys)).runAsync();
  return { view, rows };
}

function bars(view: View): { datum: Row; width: number }[] {
  const [marks] = (view.scenegraph() as unknown as { root: { items: [{ items: { items: never[] }[] }] } })
    .root.items[0].items;
  return marks!.items;
}

const row = (a: unknown, b: unknown, n: unknown): Row => ({ a, b, n });

test("what is drawn is what was said last, derived values too", async () => {
  const last = [row("x", null, 3), row("y", 1, 4), row("x", "1", 5)];
  const { view, rows } = await drawn([[row("x", 1, 1), row("y", 1, 2), row("x", null, 9)], last], ["a", "b"]);
  expect(rows).toEqual(expect.arrayContaining(last.map((each) => expect.objectContaining(each) as Row)));
  expect(view.data("filtered")).toHaveLength(3);
  expect(
    bars(view)
      .map((bar) => bar.width)
      .sort(),
  ).toEqual([10, 6, 8]);
});

test("a mark whose row stays is the same mark", async () => {
  const { view, rows } = await drawn([[row("x", 1, 1), row("y", 1, 2)]], ["a"]);
  const [first] = bars(view);
  await view.change("filtered", changesTo(rows, [row("z", 1, 3), row("x", 1, 7)], ["a"])).runAsync();
  expect(bars(view)[0]).toBe(first);
  expect(bars(view).map((bar) => [bar.datum["a"], bar.width])).toEqual([
    ["x", 14],
    ["z", 6],
  ]);
});

test("numbers, texts, null and NaN are told apart", async () => {
  const keys = [1, "1", null, "null", NaN, "NaN", Infinity];
  const { view } = await drawn(
    [keys.map((a) => row(a, 0, 1)), keys.map((a, index) => row(a, 0, index))],
    ["a"],
  );
  expect(view.data("filtered").map((each: Row) => each["n"])).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test.each([
  ["without keys", null],
  ["with keys that two rows share", ["b"]],
])("rows %s are drawn anew", async (_, keys) => {
  const { view, rows } = await drawn(
    [
      [row("x", 1, 1), row("y", 1, 2)],
      [row("z", 1, 3), row("z", 1, 3)],
    ],
    keys,
  );
  expect(view.data("filtered").map((each: Row) => each["n"])).toEqual([3, 3]);
  expect(rows).toHaveLength(2);
});

test("a chart without dimensions has one row", async () => {
  const { view } = await drawn([[row(0, 0, 1)], [row(0, 0, 5)]], []);
  expect(view.data("filtered").map((each: Row) => each["n"])).toEqual([5]);
});
