import { expect, test } from "vitest";
import type { BlockSource } from "../page.ts";
import { withChoice } from "./options.ts";

function block(lines: string[], keys: Record<string, [number, number]>): BlockSource {
  const ended = lines.map((line) => `${line}\n`);
  return {
    file: "a.md",
    problem: "",
    line: 1,
    before: ["```view summary\n"],
    lines: ended,
    after: ["```\n"],
    indent: "",
    keys,
    shared: false,
  };
}

test("columns are written where there were none", () => {
  expect(withChoice(block([], {}), { columns: ["label", "split"] })).toBe("columns: [label, split]");
  expect(withChoice(block(["table: a/b # mine"], { table: [0, 1] }), { columns: ["label"] })).toBe(
    "table: a/b # mine\ncolumns: [label]",
  );
});

test("other lines and comments stay as they are, and what leaves columns out goes", () => {
  const lines = ["# the charts", "columns:", "  - label", "# kept", "width: 3", "without: [x]", "edit: true"];
  const source = block(lines, { columns: [1, 3], width: [4, 5], without: [5, 6], edit: [6, 7] });
  expect(withChoice(source, { columns: ["a"] })).toBe(
    "# the charts\ncolumns: [a]\n# kept\nwidth: 3\nedit: true",
  );
});

test("names are quoted where YAML would read something else, and long lists take a line each", () => {
  const names = ["a b", "größe.a[b]'\"", "yes", "1", "- x", "a: b", ""];
  expect(withChoice(block([], {}), { columns: names })).toBe(
    String.raw`columns: [a b, "größe.a[b]'\"", "yes", "1", "- x", "a: b", ""]`,
  );
  const many = Array.from({ length: 20 }, (_, index) => `column_${index}`);
  expect(withChoice(block([], {}), { columns: many })).toBe(
    ["columns:", ...many.map((name) => `  - ${name}`)].join("\n"),
  );
  expect(withChoice(block([], {}), { columns: [] })).toBe("columns: []");
});

test("what cannot be told apart by lines is refused", () => {
  expect(() => withChoice(block(["{columns: [a]}"], {}), { columns: ["b"] })).toThrow("one a line");
  const source = block(['columns: ["{{ column }}"]'], { columns: [0, 1] });
  expect(() => withChoice(source, { columns: ["b"] })).toThrow("values of the page");
});

test("titles are text by column, and replace those that there were", () => {
  const lines = ["table: a/b", "titles:", "  label: Kinds", "# kept", "without: [x]"];
  const source = block(lines, { table: [0, 1], titles: [1, 3], without: [4, 5] });
  const titles = { label: `"Kinds": <b>&</b> # 1`, "a b": "yes", yes: "x" };
  expect(withChoice(source, { titles })).toBe(
    [
      ...[
        "table: a/b",
        "titles:",
        String.raw`  label: "\"Kinds\": <b>&</b> # 1"`,
        `  a b: "yes"`,
        `  "yes": "x"`,
      ],
      ...["# kept", "without: [x]"],
    ].join("\n"),
  );
  expect(withChoice(source, { titles: {}, columns: ["label"] })).toBe("table: a/b\n# kept\ncolumns: [label]");
  expect(() => withChoice(source, { titles: { label: "{{ who }}" } })).toThrow("would fill in");
  expect(() => withChoice(source, { titles: { label: "{sql}`select 1`" } })).toThrow("would fill in");
});
