import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { networkIn } from "../../src/architecture/asking.ts";
import { elk } from "../../src/architecture/engine.ts";
import { useEngine } from "../../src/architecture/layout.ts";
import { readNetwork } from "../../src/architecture/network.ts";
import { sql } from "@uwdata/mosaic-sql";
import type { Context, Drawing, Filter, ViewState } from "../../src/view.ts";
import { readState } from "./state.ts";
import { view } from "./view.ts";

const layers = tableOf(
  {
    ...{
      id: "string id",
      position: "int32",
      name: "string",
      path: "string",
      module: "string",
      kind: "dictionary",
    },
    ...{
      type: "dictionary",
      category: "dictionary",
      parameter_count: "int64",
      flops: "int64",
      features: "int32",
    },
    ...{ input_resolution: "list<int32>", output_resolution: "list<int32>", hyperparameters: "string" },
  },
  { name: "net/layers", relation: "layers" },
);
const connections = tableOf(
  { source: "string", target: "string", source_output: "int32", target_input: "int32", position: "int32" },
  { name: "net/connections", relation: "connections" },
);
const modules = tableOf(
  { path: "string id", type: "dictionary", depth: "int32", position: "int32" },
  { name: "net/modules", relation: "modules" },
);
const notices = tableOf(
  { place: "string", what: "string", kind: "string" },
  { name: "net/notices", relation: "notices" },
);
const tables = Object.fromEntries(
  [layers, connections, modules, notices].map((table) => [table.name, table]),
);

const NODES = [
  ["image", "input", "Input", "input", 3],
  ["conv", "layer", "Conv2d", "convolution", 8],
  ["<b>relu</b>", "layer", "ReLU", "activation", 8],
  ["fc", "layer", "Linear", "dense", 10],
] as const;

let engine: Engine;

beforeAll(async () => {
  useEngine(elk);
  const rows = NODES.map(
    ([id, kind, type, category, features], at) =>
      `(${[`'${id}'`, at, `'${id}'`, `'${id}'`, "''", `'${kind}'`, `'${type}'`, `'${category}'`, at * 10, at * 100, features].join()}, [16, 16], [16, 16], '{}')`,
  );
  const edges = NODES.slice(1).map(([id], at) => `('${NODES[at]![0]}', '${id}', 0, 0, ${at})`);
  engine = await openEngine();
  await engine.query(
    `CREATE TABLE layers AS SELECT * FROM (VALUES ${rows.join()}) t(${layers.columns.map(({ name }) => name).join()})`,
  );
  await engine.query(
    `CREATE TABLE connections AS SELECT * FROM (VALUES ${edges.join()}) t(source, target, source_output, target_input, position)`,
  );
  await engine.query("CREATE TABLE modules (path VARCHAR, type VARCHAR, depth INTEGER, position INTEGER)");
  await engine.query("CREATE TABLE notices (place VARCHAR, what VARCHAR, kind VARCHAR)");
});

const contextFor = (options: Record<string, unknown> = {}): Context => ({
  ...contextOf(layers, options, { view: "architecture" }),
  tables,
});

async function draw(
  options: Record<string, unknown> = {},
  state: ViewState = {},
  filter: Filter = null,
): Promise<Drawing> {
  const context = contextFor(options);
  return view.render(
    view.parse(context),
    await answersOf(view, context, engine, filter, state),
    state,
    context,
  );
}

test("draws the figure complete, with every glyph within reach of keys and in words", async () => {
  const { body, description, data, rows, total } = await draw();
  expect([rows, total]).toEqual([4, 4]);
  expect(body.text.match(/data-glyph=/g)).toHaveLength(3);
  expect(body.text).toContain('role="button"');
  expect(description).toContain("4 layers in 3 glyphs");
  expect(data!.rows).toHaveLength(3);
  expect(body.text).not.toContain("<b>");
});

test("what is filtered out stays, in grey", async () => {
  const { body, rows } = await draw({}, {}, sql`id = 'fc'`);
  expect(rows).toBe(1);
  expect(body.text.match(/network-out/g)).toHaveLength(2);
});

test("the state in a link is kept as far as it fits", async () => {
  const options = view.parse(contextFor({ detail: 2 }));
  const written = {
    detail: 9,
    set: { names: "all", stroke: 1e9, toString: 1 },
    colours: { Conv2d: "red" },
    groups: [{ name: "G", layers: ["conv", "fc"], isActive: true }],
    ids: ["fc", 4],
    zoom: 2,
    pan: [0.5, 0],
  };
  expect(view.accept!(options, written, contextFor())).toEqual({
    detail: 9,
    set: { names: "all" },
    groups: written.groups,
    ids: ["fc"],
    zoom: 2,
    pan: [0.5, 0],
  });
  expect(readState(options, { detail: -1, zoom: "x", pan: [2, 0] })).toMatchObject({
    detail: 2,
    zoom: 1,
    pan: [0, 0],
  });
  expect((await draw({}, { ids: ["fc"] })).body.text).toContain('aria-pressed="true"');
});

test("a group of the reader's is one glyph", async () => {
  const { body } = await draw(
    {},
    { groups: [{ name: "Both", layers: ["conv", "<b>relu</b>"], isActive: true }] },
  );
  expect(body.text).toContain("Both, 2 layers");
});

test.each([
  [{ preset: "unett" }, 'did you mean "unet"?'],
  [{ preferences: { nams: "all" } }, 'did you mean "names"?'],
  [{ detail: 1.5 }, "whole number"],
  [{ groups: [{ name: "a" }] }, "groups"],
  [{ aliases: { Conv2d: 4 } }, "aliases"],
])("refuses %j", (options, said) => {
  expect(() => view.parse(contextFor(options))).toThrow(said);
});

test("as many layers as are read at most are all; of more it is said that they are the first", async () => {
  const networkOf = async (many: number): Promise<ReturnType<typeof networkIn>> => {
    await engine.query(`CREATE OR REPLACE TABLE "many" AS SELECT * REPLACE ('l' || range AS id,
      range::INTEGER AS position) FROM (SELECT * FROM "layers" LIMIT 1), range(${many})`);
    const long = { ...layers, relation: "many" };
    const context = { ...contextOf(long, {}), tables: { ...tables, [long.name]: long } };
    return networkIn(await answersOf(view, context, engine));
  };
  expect((await networkOf(20_000)).notices).toEqual((await networkOf(1)).notices);
  const cut = await networkOf(20_001);
  expect(cut.layers).toHaveLength(20_000);
  expect(cut.notices.at(-1)).toBe("The first 20,000 layers are shown.");
});

test("connections and modules beyond what is read are told, too", () => {
  const rows = (many: number): Record<string, unknown>[] =>
    Array.from({ length: many }, () => ({ path: "a" }));
  const noticesOf = (many: number): readonly string[] =>
    readNetwork({ layers: [], connections: rows(many), modules: rows(many) }).notices;
  expect(noticesOf(100_000)).toEqual([]);
  expect(noticesOf(100_001)).toEqual([
    "The first 100,000 connections are shown.",
    "The first 100,000 modules are named.",
  ]);
});
