import { expect, test } from "vitest";
import { artifactNamed } from "../../tests/artifacts.ts";
import { contextOf } from "../../tests/charts.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Artifact } from "../../src/page.ts";
import type { Drawing } from "../../src/view.ts";
import { view } from "./view.ts";

const table = tableOf({ id: "int32 id" }, { rows: 5 });
const declarations = [
  { name: "layer", default: "hidden", description: "which <layer>" },
  { name: "model.epochs", default: 14, description: "passes" },
  { name: "model.rate", default: 0.004, description: "" },
  { name: "model.balanced", default: false, description: "" },
];
const parameters = {
  layer: "hidden",
  model: { source: "cnn", parameters: { epochs: 12, rate: 0.004, balanced: true } },
};

function draw(artifact: Artifact | null, options: object = {}): Drawing {
  const artifacts: Record<string, Artifact> = artifact ? { test: artifact } : {};
  const context = { ...contextOf(table, { ...options }), artifacts };
  return view.render(view.parse(context), {}, {}, context);
}

/** Cells of each row of the table, without their markup. */
function rowsOf({ body }: Drawing): string[][] {
  const rows = body.text.matchAll(/<tr [^>]*>([\s\S]*?)<\/tr>|<tr>([\s\S]*?)<\/tr>/g);
  const cells = (row: string): string[] =>
    Array.from(row.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g), ([, cell]) =>
      cell!.replace(/<[^>]+>/g, "").trim(),
    );
  return Array.from(rows, ([, marked, plain]) => cells((marked ?? plain)!));
}

test("parameters of the tool and of its model stand with their defaults and meanings, changed ones marked by a word", () => {
  const drawing = draw(artifactNamed("test", { parameters, declarations }));
  expect(rowsOf(drawing)).toEqual([
    ["Parameter", "Value", "Default", "Meaning"],
    ["Tool: classification"],
    ["layer", "hidden", "hidden", "which &lt;layer&gt;"],
    ["Model: cnn"],
    ["epochs", "12 changed", "14", "passes"],
    ["rate", "0.004", "0.004", "–"],
    ["balanced", "yes changed", "no", "–"],
  ]);
  expect([drawing.rows, drawing.total]).toEqual([5, 5]);
  expect(drawing.description).toBe("Table of 4 parameters; 2 differ from their defaults.");
});

test("only the changed ones are shown where the author wants that", () => {
  const rows = rowsOf(draw(artifactNamed("test", { parameters, declarations }), { changed: true }));
  expect(rows.map(([name]) => name)).toEqual(["Parameter", "Model: cnn", "epochs", "balanced"]);
  const same = draw(artifactNamed("test", { parameters: { layer: "hidden" }, declarations }), {
    changed: true,
  });
  expect(same.body.text).toContain("Every parameter is as by default.");
});

test("an artifact that does not tell of defaults is shown with what it has, and a sentence says so", () => {
  const drawing = draw(artifactNamed("test", { parameters: { a: "<b>", c: [1, 2], d: "" } }));
  expect(rowsOf(drawing).slice(2)).toEqual([
    ["a", "&lt;b&gt;", "–", "–"],
    ["c", "[1,2]", "–", "–"],
    ["d", "(empty)", "–", "–"],
  ]);
  expect(drawing.notices[0]).toContain("does not say what its parameters mean");
});

test("without parameters a sentence says so", () => {
  expect(draw(artifactNamed("test")).body.text).toContain("The tool has no parameters.");
  expect(draw(null).body.text).toContain("The tool has no parameters.");
});

test.each([
  [{ change: true }, 'the view "parameters" has no option "change"'],
  [{ changed: 1 }, '"changed" is neither true nor false'],
])("the options %j are refused", (options, what) => {
  expect(() => draw(null, options)).toThrow(what);
});
