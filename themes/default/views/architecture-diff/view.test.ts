import { beforeAll, expect, test } from "vitest";
import { sql } from "@uwdata/mosaic-sql";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { elk } from "../../src/architecture/engine.ts";
import { useEngine } from "../../src/architecture/layout.ts";
import type { Context, Drawing, ViewState } from "../../src/view.ts";
import { view } from "./view.ts";

const COLUMNS = {
  ...{ id: "string id", position: "int32", name: "string", path: "string", module: "string" },
  ...{ kind: "dictionary", type: "dictionary", category: "dictionary", parameter_count: "int64" },
  ...{ features: "int32", input_resolution: "list<int32>", output_resolution: "list<int32>" },
  hyperparameters: "string",
};
const artifactOf = (name: string): ReturnType<typeof tableOf>[] => [
  tableOf(COLUMNS, { name: `${name}/layers`, relation: `${name}_layers` }),
  tableOf(
    { source: "string", target: "string", source_output: "int32", target_input: "int32", position: "int32" },
    { name: `${name}/connections`, relation: `${name}_connections` },
  ),
  tableOf(
    { path: "string id", type: "dictionary", depth: "int32", position: "int32" },
    { name: `${name}/modules`, relation: `${name}_modules` },
  ),
  tableOf({ place: "string", what: "string" }, { name: `${name}/notices`, relation: `${name}_notices` }),
];
const all = ["old", "new"].flatMap(artifactOf);
const tables = Object.fromEntries(all.map((table) => [table.name, table]));

type Node = readonly [id: string, type: string, category: string, features: number];
const OLD: readonly Node[] = [
  ["conv", "Conv2d", "convolution", 8],
  ["<b>drop</b>", "Dropout", "regularization", 8],
  ["fc", "Linear", "dense", 10],
];
const NEW: readonly Node[] = [
  ["conv", "Conv2d", "convolution", 8],
  ["pool", "MaxPool2d", "pooling", 8],
  ["fc", "Linear", "dense", 20],
];

let engine: Engine;

async function fill(name: string, nodes: readonly Node[]): Promise<void> {
  const rows = nodes.map(
    ([id, type, category, features], at) =>
      `('${id}', ${at}, '${id}', '${id}', '', 'layer', '${type}', '${category}', ${at * 10}, ${features}, [16, 16], [16, 16], '{"features": ${features}}')`,
  );
  const edges = nodes.slice(1).map(([id], at) => `('${nodes[at]![0]}', '${id}', 0, 0, ${at})`);
  await engine.query(
    `CREATE TABLE ${name}_layers AS SELECT * FROM (VALUES ${rows.join()}) t(${Object.keys(COLUMNS).join()})`,
  );
  await engine.query(
    `CREATE TABLE ${name}_connections AS SELECT * FROM (VALUES ${edges.join()}) t(source, target, source_output, target_input, position)`,
  );
  await engine.query(
    `CREATE TABLE ${name}_modules (path VARCHAR, type VARCHAR, depth INTEGER, position INTEGER)`,
  );
  await engine.query(`CREATE TABLE ${name}_notices (place VARCHAR, what VARCHAR)`);
}

beforeAll(async () => {
  useEngine(elk);
  engine = await openEngine();
  await fill("old", OLD);
  await fill("new", NEW);
});

const contextFor = (options: Record<string, unknown>): Context => ({
  ...contextOf(tables["old/layers"]!, options, { view: "architecture-diff" }),
  tables,
});

async function draw(state: ViewState = {}, filter: Parameters<typeof answersOf>[3] = null): Promise<Drawing> {
  const context = contextFor({ other: "new/layers", names: ["before", "after"] });
  return view.render(
    view.parse(context),
    await answersOf(view, context, engine, filter, state),
    state,
    context,
  );
}

test("what was added, removed and changed is drawn, counted, and said in words and in the table", async () => {
  const { body, description, data, rows, total } = await draw({ detail: 9 });
  expect([rows, total]).toEqual([6, 6]);
  expect(body.text.match(/data-glyph=/g)).toHaveLength(6);
  expect(description).toContain(
    "before and after: 1 layer has the same settings, 1 is changed, 1 is only in before, 1 is only in after.",
  );
  expect(description).toContain("Changed: fc (features 10 → 20).");
  expect(data!.rows.map(({ change, first, second }) => [change, first, second])).toEqual([
    ["only in the first", "<b>drop</b>", undefined],
    ["only in the second", undefined, "pool"],
    ["changed", "fc", "fc"],
    ["the same settings in both", "conv", "conv"],
  ]);
  expect(body.text).not.toContain("<b>");
});

test("what the page's filters leave out of a network is grey in that network", async () => {
  const { body, rows } = await draw({ detail: 9 }, sql`id = 'fc'`);
  expect(rows).toBe(2);
  expect(body.text.match(/network-out/g)).toHaveLength(4);
});

test("glyphs of both are pressed whose layers are selected, and a link keeps what fits", async () => {
  const context = contextFor({ other: "new/layers" });
  const written = { detail: 9, first: ["fc"], second: ["fc", 4], paper: "ieee-column", zoom: 2 };
  const kept = { detail: 9, first: ["fc"], second: ["fc"], paper: "ieee-column" };
  expect(view.accept!(view.parse(context), written, context)).toEqual(kept);
  expect((await draw(kept)).body.text.match(/aria-pressed="true"/g)).toHaveLength(2);
});

test("a paper has it as wide as its column", async () => {
  expect((await draw({ paper: "ieee-column" })).paper!().width).toBe(252);
});

test.each([
  [{}, "write other: new/layers"],
  [{ other: "new/layer" }, 'did you mean "new/layers"?'],
  [{ other: "old/layers" }, "names no second network"],
  [{ other: "new/layers", names: ["one"] }, "two names"],
  [{ other: "new/layers", preset: "unett" }, 'did you mean "unet"?'],
])("refuses %j", (options, said) => {
  expect(() => view.parse(contextFor(options))).toThrow(said);
});
