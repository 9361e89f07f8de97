import { expect, test } from "vitest";
import type { BlockSource } from "../page.ts";
import { withColumns } from "./options.ts";

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
  expect(withColumns(block([], {}), ["label", "split"])).toBe("columns: [label, split]");
  expect(withColumns(block(["table: a/b # mine"], { table: [0, 1] }), ["label"])).toBe(
    "table: a/b # mine\ncolumns: [label]",
  );
});

test("other lines and comments stay as they are, and what leaves columns out goes", () => {
  const lines = ["# the charts", "columns:", "  - label", "# kept", "width: 3", "without: [x]", "edit: true"];
  const source = block(lines, { columns: [1, 3], width: [4, 5], without: [5, 6], edit: [6, 7] });
  expect(withColumns(source, ["a"])).toBe("# the charts\ncolumns: [a]\n# kept\nwidth: 3\nedit: true");
});

test("names are quoted where YAML would read something else, and long lists take a line each", () => {
  const names = ["a b", "größe.a[b]'\"", "yes", "1", "- x", "a: b", ""];
  expect(withColumns(block([], {}), names)).toBe(
    String.raw`columns: [a b, "größe.a[b]'\"", "yes", "1", "- x", "a: b", ""]`,
  );
  const many = Array.from({ length: 20 }, (_, index) => `column_${index}`);
  expect(withColumns(block([], {}), many)).toBe(
    ["columns:", ...many.map((name) => `  - ${name}`)].join("\n"),
  );
  expect(withColumns(block([], {}), [])).toBe("columns: []");
});

test("what cannot be told apart by lines is refused", () => {
  expect(() => withColumns(block(["{columns: [a]}"], {}), ["b"])).toThrow("one a line");
  const source = block(['columns: ["{{ column }}"]'], { columns: [0, 1] });
  expect(() => withColumns(source, ["b"])).toThrow("values of the page");
});
