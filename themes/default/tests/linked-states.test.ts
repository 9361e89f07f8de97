/**
 * Every state of every view has a link: this table lists for each view all that its state can hold, and all of it must
 * come back from its link. A view that is added must be added here.
 */
import { beforeAll, expect, test } from "vitest";
import type { PageCoordinator } from "../src/data/connector.ts";
import { findView, loadViews } from "../src/live/registry.ts";
import { Page } from "../src/live/page.ts";
import { readLink, writeLink } from "../src/live/state.ts";
import type { PagePayload, Table, ViewRequest } from "../src/page.ts";
import { allViews } from "../src/registry.ts";
import type { ViewState } from "../src/view.ts";
import { digest } from "../views/markdown/state.ts";
import { tableOf } from "./tables.ts";

interface Case {
  tables: readonly Table[];
  options?: Record<string, unknown>;
  /** Each key that the state of the view has, but for those that exclude others. */
  state: ViewState;
}

const samples = tableOf(
  {
    ...{ id: "int32 id", label: "string label", prediction: "string prediction", split: "string split" },
    ...{ projection_x: "float32 projection_x", projection_y: "float32 projection_y" },
    ...{ confidence: "float32 confidence", score: "float64 score", rank: "int32", text: "string text" },
    ...{ familiarity_embedding: "float64 familiarity", country: "string" },
    ...{ probabilities: "list<float32> probability", noise_posterior: "float64" },
  },
  { classes: ["a", "b"], rows: 200 },
);

function beside(name: string, columns: Record<string, string>): Table {
  return tableOf(columns, { name: `test/${name}`, relation: name });
}

const twins = [
  tableOf({
    ...{ id: "int32 id", label: "string label", split: "string split" },
    ...{ nearest_distance: "float32 distance" },
    ...{ duplicates_pixels: "int32 duplicates", duplicates_near: "int32 duplicates" },
  }),
  beside("neighbors", {
    ...{ sample: "int32 sample", neighbor: "int32 neighbor", distance: "float32 distance" },
    relative: "float32",
  }),
  beside("groups", {
    ...{ kind: "string", group: "int32 duplicates", size: "int32", spread: "float32 distance" },
  }),
  beside("thresholds", {
    ...{ rule: "string", is_used: "bool", distance: "float32 distance", relative: "float32" },
    usual: "float32",
  }),
];
const SHARES = { inputs: "int32", inactive: "int32", share: "float64", low: "float64", high: "float64" };
const inactive = [
  tableOf(
    { id: "string id", layer: "dictionary", unit: "int32", ...SHARES, is_dead: "bool", mean: "float64" },
    { name: "test/units" },
  ),
  beside("layers", {
    ...{ layer: "dictionary", position: "int32", units: "int32", inputs: "int32", dead: "int32" },
    ...{ mean_inactive: "float64", sd_inactive: "float64" },
  }),
  beside("classes", {
    id: "string",
    layer: "dictionary",
    unit: "int32",
    label: "dictionary label",
    ...SHARES,
  }),
];
const pfa = [
  tableOf(
    {
      ...{ id: "string id", layer: "dictionary", unit: "int32", variance: "float64", is_active: "bool" },
      ...{ correlation: "float64", nearest: "int32", nearest_correlation: "float64", place: "int32" },
    },
    { name: "test/units" },
  ),
  beside("layers", {
    ...{ layer: "dictionary", position: "int32", units: "int32", inputs: "int32", is_enough: "bool" },
    ...{ inactive: "int32", rank: "int32", ratio: "float64", kl: "float64", recommended_kl: "int32" },
  }),
  beside("spectrum", { layer: "dictionary", component: "int32", before: "float64", energy: "float64" }),
];
const network = [
  tableOf(
    {
      ...{ id: "string id", position: "int32", name: "string", path: "string", module: "string" },
      ...{ kind: "dictionary", type: "dictionary", category: "dictionary", parameter_count: "int64" },
      ...{ flops: "int64", features: "int32", input_resolution: "list<int32>" },
      ...{ output_resolution: "list<int32>", hyperparameters: "string" },
    },
    { name: "test/layers", relation: "layers" },
  ),
  beside("connections", {
    ...{ source: "string", target: "string", source_output: "int32", target_input: "int32" },
    position: "int32",
  }),
  beside("modules", { path: "string id", type: "dictionary", depth: "int32", position: "int32" }),
  beside("notices", { place: "string", what: "string" }),
];
const suggested = beside("suggested", {
  ...{ rank: "int32", group: "string", expression: "string", n: "int32", metric: "dictionary" },
  ...{ value: "float64", difference: "float64", low: "float64", high: "float64", q: "float64" },
  is_worse: "bool",
});
const epochs = tableOf({
  ...{ epoch: "int32 epoch", split: "dictionary split", loss: "float64 loss" },
  accuracy: "float64 accuracy",
});
const PROSE = "One line.\n";

function chart(type: "interval" | "point"): object {
  const x = type === "interval" ? { field: "score", bin: true } : { field: "label", type: "nominal" };
  return {
    data: { name: samples.name },
    params: [{ name: "selected", select: { type, encodings: ["x"] } }],
    mark: "bar",
    encoding: { x, y: { aggregate: "count" } },
  };
}

function composition(): object {
  const of = (field: string): object => ({
    mark: "bar",
    encoding: { x: { field, bin: true }, y: { aggregate: "count" } },
  });
  return {
    data: { name: samples.name },
    params: [{ name: "least", value: 0.5, bind: { input: "range", min: 0, max: 1 } }],
    hconcat: [
      { ...of("score"), params: [{ name: "brush", select: { type: "interval", encodings: ["x"] } }] },
      { ...of("confidence"), transform: [{ filter: "datum.score >= least" }] },
    ],
  };
}

const CASES: Record<string, Case> = {
  architecture: {
    tables: network,
    state: {
      ...{ detail: 2, opened: ["a"], closed: ["b"], set: { width: "parameters" } },
      ...{ aliases: { Conv2d: "C" }, colours: { dense: "#112233" }, hidden: ["ReLU"], ids: ["fc"] },
      ...{ groups: [{ name: "Block", layers: ["conv", "fc"], isActive: true }], zoom: 1.5 },
    },
  },
  "architecture-diff": {
    tables: [
      ...network,
      ...network.map((table) => ({ ...table, name: table.name.replace(/^[^/]*/, "other") })),
    ],
    options: { other: "other/layers" },
    state: { detail: 2, first: ["fc"], second: ["fc"], paper: "ieee-page" },
  },
  "binary-confusion": {
    tables: [samples],
    options: { score: "probabilities", positive: "b" },
    state: { positive: "a", threshold: 0.25, cells: ["tp", "fn"] },
  },
  "confusion-matrix": {
    tables: [samples],
    state: {
      ...{
        normalize: "column",
        encoding: "size",
        scale: "linear",
        order: "name",
        hits: "exact",
        errors: true,
      },
      ...{ measures: ["recall"], given: { side: "actual", dimension: 0, value: "a" }, toggled: [["a"]] },
      ...{ focus: ["a"], window: [0, 2, 0, 1], cells: [[["a"], ["b"]]], rows: [["a"]] },
      columns: [{ not: ["b"] }],
    },
  },
  "data-map": { tables: [samples], state: { countries: ["276", "840"] } },
  duplicates: {
    tables: twins,
    state: {
      ...{ kind: "pixels", rule: "slope", line: 0.125, loose: true, groups: 40, opened: [3], ids: [1, 2] },
      compare: [1, 2],
    },
  },
  "error-matrix": { tables: [samples], state: { cells: [["a", "b"]], aligned: true } },
  fairvis: {
    tables: [samples, suggested],
    options: { columns: ["label"], choices: ["label", "split"] },
    state: {
      ...{ by: ["split"], metric: "recall", of: "b", layout: "strip", minimum: 7, groups: [["train"]] },
      ...{ pins: [["test"], [null]], expression: "datum.split == 'train'" },
    },
  },
  familiarity: { tables: [samples], state: { order: "most", range: [-4.5, 2], ids: [4, 5], rows: 60 } },
  "inactive-units": {
    tables: inactive,
    state: { order: "least", range: [0.25, 1], layers: ["conv"], ids: ["conv/3"], rows: 80 },
  },
  "label-review": {
    tables: [samples],
    state: { order: "random", range: [0, 0.5], rows: 100, ids: [7], at: 9 },
  },
  markdown: {
    tables: [],
    options: { text: PROSE, html: "<p>One line.</p>", edited: true },
    state: { of: digest(PROSE), edits: [[0, 1, "Another line.\n"]] },
  },
  pfa: {
    tables: pfa,
    state: { strategy: "energy", energy: 0.75, size: 0.25, layers: ["conv"], ids: ["conv/1"], rows: 12 },
  },
  samples: {
    tables: [samples],
    options: { groups: "label", cards: "text" },
    state: { ids: [1, 2], at: 40, search: "cat", size: "large", open: 7, closed: ["a", null] },
  },
  scatter: {
    tables: [samples],
    state: {
      ...{ window: [0, 1, 0, 2.5], color: "split", boxes: [[0, 1, 0, 1]], lassos: [[0, 0, 1, 0, 1, 1]] },
      ...{ ids: [3], categories: ["train", null], other: true },
    },
  },
  summary: {
    tables: [samples],
    options: { columns: ["label"], charts: ["label", "split"], left: {}, titles: {} },
    state: { columns: ["split", "label"], titles: { split: "Part" } },
  },
  table: {
    tables: [samples],
    state: {
      ...{ sort: ["-score", "id"], search: "x", within: "text", columns: ["id", "score"] },
      ...{ widths: { score: 90 }, ids: [1, 2], at: 120 },
    },
  },
  training: { tables: [epochs], state: { epochs: [2, 5], smoothing: 0.5, log: ["loss"] } },
  "vega-lite": {
    tables: [samples],
    options: { spec: chart("interval") },
    state: { interval: { x: [0.25, 0.5] } },
  },
};

/** Charts whose states are of other kinds. */
const OTHER_CHARTS: Record<string, Case> = {
  "picked marks": {
    tables: [samples],
    options: { spec: chart("point") },
    state: { points: [["a"], [null]] },
  },
  "a composition": {
    tables: [samples],
    options: { spec: composition() },
    state: { selected: { brush: [{ values: [[0.25, 0.5]] }] }, values: { least: 0.75 } },
  },
};

/** Views without a state: they show what the build knew, or belong to the page as a whole. */
const WITHOUT = ["parameters", "provenance", "toolbar"];

function pageOf(view: string, { tables, options = {} }: Case): Page {
  const request: ViewRequest = {
    ...{ view, id: "it", title: null, help: null, width: 12, height: null, options },
    table: tables[0]?.name ?? null,
  };
  const payload: PagePayload = {
    ...{ version: 1, base: "", assets: { live: "", worker: "", wasm: "" }, views: [request] },
    relations: tables.map(({ relation }) => ({ name: relation, sql: "", rows: 1, tables: [] })),
    tables: Object.fromEntries(tables.map((table) => [table.name, table])),
    data: { digests: { "test/data": "0123456789ab" } },
  };
  const nothing = (): void => undefined;
  const address = { hash: () => "", replace: nothing, settle: nothing, adjust: nothing, push: nothing };
  return new Page(payload, {} as PageCoordinator, address);
}

function linkOf(state: ViewState): string {
  return writeLink("", { filter: "", views: { it: state } }).hash;
}

beforeAll(() => loadViews([...Object.keys(CASES), ...WITHOUT]));

test("every view is in the table, or has no state", () => {
  const names = allViews()
    .map(({ name }) => name)
    .sort();
  expect([...Object.keys(CASES), ...WITHOUT].sort()).toEqual(names);
  for (const name of WITHOUT) expect(findView(name)!.accept, name).toBeUndefined();
});

const ALL = [
  ...Object.entries(CASES).map(([name, one]): [string, string, Case] => [name, name, one]),
  ...Object.entries(OTHER_CHARTS).map(([name, one]): [string, string, Case] => [name, "vega-lite", one]),
];

test.each(ALL)("the state of %s comes back from its link", (_, view, one) => {
  const page = pageOf(view, one);
  page.restore(readLink(linkOf(one.state)));
  expect(page.state).toEqual({ filter: "", views: { it: one.state } });
  expect(page.problems).toEqual([]);
  expect(readLink(page.link().hash)).toMatchObject({ data: "012345", state: { views: { it: one.state } } });
});

const HOSTILE: readonly unknown[] = [
  ...[null, true, -1, 1e308, "", "<img src=x onerror=alert(1)>", "'; DROP TABLE data; --"],
  ...["https://elsewhere.example/x.js", "javascript:alert(1)", "__proto__", [], {}, [[]], [{}], [null]],
  ...[["<b>"], [1, 2], [2, 1], { x: [0, 1] }, { constructor: { prototype: { hacked: 1 } } }],
];

/** How many random states of each view are tried; `make fuzz` says ten thousand. */
const ROUNDS = Math.ceil(Number(process.env["SITEGEN_CASES"] ?? 300) / 10);

test.each(ALL)("no link makes %s fail, or take on what it does not know", (_, view, one) => {
  let seed = 17;
  const pick = (below: number): number =>
    Math.floor(((seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647) * below);
  const own = Object.keys(one.state);
  const keys = [...own, "unknown", "__proto__", "constructor"];
  const page = pageOf(view, one);
  for (let round = 0; round < ROUNDS; round++) {
    const entries = Array.from({ length: 1 + pick(4) }, () => [
      keys[pick(keys.length)],
      HOSTILE[pick(HOSTILE.length)],
    ]);
    page.restore(readLink(linkOf(Object.fromEntries(entries) as ViewState)));
    const kept = page.state.views["it"] ?? {};
    for (const key of Object.keys(kept)) expect(own).toContain(key);
    // What was taken on has no second reading.
    page.restore(readLink(page.link().hash));
    expect([page.state.views["it"] ?? {}, page.problems]).toEqual([kept, []]);
  }
  expect(({} as Record<string, unknown>)["hacked"]).toBeUndefined();
});
