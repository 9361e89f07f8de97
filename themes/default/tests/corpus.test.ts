/** The corpus of values on DuckDB-WASM: every filter and chart answers as JavaScript does. */
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { expected, readCorpus, readRows, written, type Answers, type Corpus } from "../scripts/corpus.mjs";
import { LONGEST_STATEMENT } from "../src/data/ask.ts";
import { translateFilter } from "../src/data/expression.ts";
import { column, objects, type Result } from "../src/data/result.ts";
import type { Table } from "../src/page.ts";
import { ProblemError } from "../src/problem.ts";
import type { Context } from "../src/view.ts";
import { view } from "../views/vega-lite/view.ts";
import { openEngine, type Engine } from "./engine.ts";

const FOLDER = new URL("../../../tests/corpus/", import.meta.url);
const corpus: Corpus = readCorpus();
const answers = JSON.parse(readFileSync(new URL("expected.json", FOLDER), "utf8")) as Answers;
const table: Table = {
  name: "corpus/values",
  relation: "values",
  rows: readRows(corpus).length,
  columns: corpus.columns.map(({ values: _values, ...column }) => column),
  media: [],
  member: null,
  classes: [],
  title: "Values",
};

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  engine.addFile("values.parquet", new Uint8Array(readFileSync(new URL("values.parquet", FOLDER))));
  await engine.query(`CREATE TABLE "values" AS SELECT * FROM read_parquet(['values.parquet'])`);
});

test("the committed answers are those of a fresh run of Vega", () => {
  expect(readFileSync(new URL("expected.json", FOLDER), "utf8")).toBe(written(expected(corpus)));
});

test("the values that were loaded are those of the corpus", async () => {
  const found = await engine.query('SELECT * FROM "values" ORDER BY id');
  expect(objects(found)).toEqual(readRows(corpus));
});

test.each(corpus.filters)("the filter %s passes the rows that pass in JavaScript", async (expression) => {
  const condition = String(translateFilter(expression, table));
  const found = await engine.query(`SELECT id FROM "values" WHERE ${condition} ORDER BY id`);
  expect(column(found, "id")).toEqual(answers.filters[expression]);
});

test.each(corpus.charts)("the chart of $name shows the groups that Vega computes", async ({ name, spec }) => {
  // How many values a share is of is for its interval; Vega computes no such column.
  const found = objects(await chart(spec)).map(({ "@y_n": _of, ...group }) => group);
  expect(sorted(found)).toEqual(sorted(answers.charts[name]!.map(roughly)));
});

/** Asks a chart's queries stage by stage, as a page does, and gives its marks. */
async function chart(spec: Record<string, unknown>): Promise<Result> {
  const request = { view: "vega-lite", id: "chart", title: null, help: null, width: 6, height: null };
  const context: Context = {
    request: { ...request, table: table.name, options: { spec } },
    table,
    tables: { [table.name]: table },
    figures: [],
  };
  const options = view.parse(context);
  const results: Record<string, Result> = {};
  for (;;) {
    const open = Object.entries(view.queries(options, results, context, {})).filter(
      ([key]) => !(key in results),
    );
    if (open.length === 0) return results["filtered"]!;
    for (const [key, query] of open) results[key] = await engine.query(String(query.sql(null)));
  }
}

/**
 * Means are added up in another order in Vega; twelve digits stand. How many rows are infinite is for a notice below
 * the chart, and nothing that Vega knows.
 */
function roughly(row: Record<string, unknown>): Record<string, unknown> {
  const digits = (value: unknown): unknown =>
    typeof value === "number" ? Number(value.toPrecision(12)) : value;
  const shown = Object.entries(row).filter(([name]) => !name.endsWith("_infinite"));
  return Object.fromEntries(shown.map(([name, value]) => [name, digits(value)]));
}

function sorted(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map((row) => JSON.stringify(Object.entries(roughly(row)).sort())).sort();
}

test.each(corpus.refusals)(
  "the filter $expression is refused with what to mend",
  ({ expression, message }) => {
    const said = (): unknown => translateFilter(expression, table);
    expect(said).toThrow(ProblemError);
    expect(said).toThrow(message);
  },
);

test.each([
  "select error('boom')",
  "select sqrt(-1.0)",
  "select 'a'::INTEGER",
  "select 127::TINYINT + 1::TINYINT",
])("a query that fails while it runs is rejected: %s", async (sql) => {
  await expect(engine.query(sql)).rejects.toThrow();
  expect(column(await engine.query("select 1 as one"), "one")).toEqual([1]);
});

test("the engine takes statements up to the limit, and longer ones are rejected before they can end it", async () => {
  const padded = (size: number): string => "select 1 as one".padEnd(size);
  expect(column(await engine.query(padded(LONGEST_STATEMENT)), "one")).toEqual([1]);
  await expect(engine.query(padded(LONGEST_STATEMENT + 1))).rejects.toThrow("too long for the database");
});

test("texts of any length are compared as they are, however many a statement holds", async () => {
  const long = ["é", "O'", "😀", "\\"].map((text) => text.repeat(30_000));
  const quoted = [...long, ...long.map((text) => `${text}.`)].map((text) => `'${text.replace(/'/g, "''")}'`);
  const found = await engine.query(
    `select (${quoted[0]})::VARCHAR as a, ${quoted[1]} as b, ${quoted[2]} in (${quoted.join(", ")}) as c, ` +
      `length(${quoted[3]}) as "d's ${"x".repeat(200)}", ${quoted[1]} in (${quoted.slice(2).join(", ")}) as e ` +
      `where 'y' in ('x', 'y') group by ${quoted[0]}`,
  );
  expect(Object.values(found.columns).map(([value]) => value)).toEqual([
    long[0],
    long[1],
    true,
    30_000,
    false,
  ]);
});
