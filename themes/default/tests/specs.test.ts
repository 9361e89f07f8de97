/** The corpus of specs: each is drawn as Vega draws it, or refused with the reason, and the reference says which. */
import { readdirSync, readFileSync } from "node:fs";
import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, describe, expect, test } from "vitest";
import { readSingle } from "../views/vega-lite/single.ts";
import { view } from "../views/vega-lite/view.ts";
import { ProblemError } from "../src/problem.ts";
import { MOST_COMPUTED, MOST_ROWS } from "../src/vega/composed/data.ts";
import { answersOf, contextOf } from "./charts.ts";
import { byUs, byVega } from "./composed.ts";
import { openEngine, type Engine } from "./engine.ts";
import { BIRDS, birds, createBirds } from "./penguins.ts";

type Json = Record<string, unknown>;

const FOLDER = new URL("./specs/", import.meta.url);
const names = readdirSync(FOLDER).map((name) => name.replace(".vl.json", ""));
const refused = names.filter((name) => name.startsWith("refused-"));
const drawn = names.filter((name) => !refused.includes(name));
const rows = birds(60);
const ways = new Map<string, { way: string; reason: string }>();

let engine: Engine;

beforeAll(async () => {
  // Vega alone reads times in the zone of the machine; sitegen always in UTC.
  process.env["TZ"] = "UTC";
  engine = await openEngine();
  await createBirds(engine, rows);
});

function read(name: string): Json {
  return JSON.parse(readFileSync(new URL(`${name}.vl.json`, FOLDER), "utf8")) as Json;
}

test("there are sixty specs and more", () => expect(names.length).toBeGreaterThanOrEqual(60));

describe("what Vega draws from the rows we draw from SQL", () => {
  test.each(drawn)("%s", async (name) => {
    const spec = read(name);
    const theirs = byVega(spec, rows, BIRDS.name);
    const { shown, found } = await byUs(spec, BIRDS, engine);
    expect(Object.values(theirs).flat().length).toBeGreaterThan(0);
    expect(shown).toEqual(theirs);
    const reason = found.sources.map((source) => source.reason).find(Boolean) ?? "";
    ways.set(name, { way: wayOf(spec, reason, found.sources.length), reason });
  });
});

/** Under a filter, bins keep to the extent of the whole, and what is imputed keeps its keys. */
const FIXED = /"bin"|"ci"|near|impute|"center"/;

describe("under a filter, what Vega draws from the rows that pass", () => {
  const free = drawn.filter((name) => !FIXED.test(JSON.stringify(read(name))) && name !== "inline-data");
  const some = free.filter((_, index) => index % 3 === 0);
  test.each(some)("%s", async (name) => {
    const spec = read(name);
    const passing = rows.filter((row) => (row["flipper"] as number) > 190);
    const theirs = byVega(spec, passing, BIRDS.name);
    expect((await byUs(spec, BIRDS, engine, sql`"flipper" > 190`)).shown).toEqual(theirs);
  });
});

describe("what a page shows, wide and narrow", () => {
  test.each(drawn)("%s", async (name) => {
    const context = contextOf(BIRDS, { spec: read(name) });
    const results = await answersOf(view, context, engine);
    const { text } = view.render(view.parse(context), results, {}, context).body;
    const drawings = [...text.matchAll(/<svg[^>]*>.*?<\/svg>/gs)].map(([svg]) => svg);
    expect(drawings.length).toBeGreaterThan(0);
    for (const svg of drawings) expect(svg).toMatch(/<(path|line|text)[^>]*>/);
  });
});

function wayOf(spec: Json, reason: string, sources: number): string {
  if (readSingle(spec, contextOf(BIRDS, { spec }))) return "SQL, pre-aggregated";
  if (sources === 0) return "its own rows";
  return reason ? "rows" : "SQL";
}

test.each(refused)("%s is refused with the reason", (name) => {
  const spec = read(name);
  expect(() => view.parse(contextOf(BIRDS, { spec }))).toThrow(ProblemError);
  try {
    view.parse(contextOf(BIRDS, { spec }));
  } catch (error) {
    ways.set(name, { way: "refused", reason: (error as ProblemError).message });
  }
});

test("the reference lists every spec as it is done", async () => {
  expect([...ways.keys()].sort()).toEqual([...names].sort());
  await expect(page()).toMatchFileSnapshot("../../../content/guides/chart-corpus.md");
});

function page(): string {
  const lines = names.map((name) => {
    const { way, reason } = ways.get(name)!;
    return `| \`${name}\` | ${String(read(name)["description"])} | ${way} | ${reason.replace(/\|/g, "\\|")} |`;
  });
  return `---
title: Charts and where they are computed
description: A corpus of Vega-Lite specs, and for each whether SQL or Vega computes it, or why it is refused.
order: 13
---

# Where is a chart computed?

Each of these specs is drawn by a test from SQL and by Vega from the same rows, and every mark must show the same values.

- **SQL**: all that makes fewer rows of many is asked of the database; what Vega still does, it does on whole answers.
- **SQL, pre-aggregated**: the same, and while a reader brushes, the database answers from a table made for the brush.
- **rows**: Vega computes from rows, at most the first ${MOST_COMPUTED.toLocaleString("en")}; where there are more, the chart says so.
- **its own rows**: the spec holds its data.
- **refused**: the build stops and says why.

Marks that stand for single rows are drawn for at most the first ${MOST_ROWS.toLocaleString("en")} rows, and a chart of more says so.
This page is made from the tests: \`npx vitest run tests/specs.test.ts -u\` in \`themes/default\` writes it anew.

| spec | what it shows | computed in | reason |
|---|---|---|---|
${lines.join("\n")}
`;
}
