import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BIRDS } from "../../../tests/penguins.ts";
import { ProblemError, type Problem } from "../../problem.ts";
import type { Json } from "../channels.ts";
import { checkSpec } from "./check.ts";

const TABLES = { [BIRDS.name]: BIRDS };
const X = { field: "mass", type: "quantitative" };
const COUNT = { aggregate: "count" };

function problemsOf(spec: Json): readonly Problem[] {
  try {
    const own = "layer" in spec ? {} : { mark: "point", encoding: { x: X } };
    checkSpec({ data: { name: BIRDS.name }, ...own, ...spec }, TABLES);
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  return [];
}

const colour = (condition: object): Json => ({
  encoding: { x: X, color: { condition: { value: "red", ...condition }, value: "blue" } },
});

test.each<[Json, string]>([
  [{ transform: [{ filter: "datum.mas > 5" }] }, "transform.0.filter"],
  [{ transform: [{ filter: "datum['mas'] > 5 || isValid(datum.mas)" }] }, "transform.0.filter"],
  [{ transform: [{ filter: { field: "mas", gt: 5 } }] }, "transform.0.filter.field"],
  [
    { transform: [{ filter: { not: { and: ["true", { field: "mas", gt: 5 }] } } }] },
    "transform.0.filter.not.and.1.field",
  ],
  [{ transform: [{ calculate: "datum.mas * 2", as: "d" }] }, "transform.0.calculate"],
  [{ transform: [{ density: "mas" }] }, "transform.0.density"],
  [colour({ test: "datum.mas > 1" }), "encoding.color.condition.test"],
  [colour({ test: { field: "mas", gt: 1 } }), "encoding.color.condition.test.field"],
  [{ mark: { type: "point", opacity: { expr: "datum.mas / 10" } } }, "mark.opacity.expr"],
  [
    { hconcat: [{ mark: "bar", encoding: { x: X }, transform: [{ filter: "datum.mas" }] }] },
    "hconcat.0.transform.0.filter",
  ],
])("a column that is not there is said, in %j", (spec, path) => {
  expect(problemsOf(spec)).toEqual([
    { what: 'column "mas" is not in table birds/all', hint: 'did you mean "mass"?', path },
  ]);
});

test("what transforms make is there after them, and not before", () => {
  const made = [
    { calculate: "datum.mass * 2", as: "double" },
    { filter: "datum.double > 5" },
    { bin: true, field: "mass", as: "step" },
    { filter: "datum.step_end < 900" },
    { fold: ["mass", "bill"] },
    { filter: "datum.key != 'bill' && datum.value > 0" },
    { window: [{ op: "rank", as: "place" }] },
    { joinaggregate: [{ op: "mean", field: "mass", as: "usual" }] },
    { calculate: "datum.mass - datum.usual + datum.place", as: "above" },
  ];
  expect(problemsOf({ transform: made })).toEqual([]);
  expect(problemsOf({ transform: [made[1], made[0]] })).toMatchObject([
    { what: 'column "double" is not in table birds/all', path: "transform.0.filter" },
  ]);
});

test("an aggregate leaves its groups and what it computes", () => {
  const aggregate = { aggregate: [{ op: "count", as: "n" }], groupby: ["species"] };
  const filtered = (filter: string): readonly Problem[] => problemsOf({ transform: [aggregate, { filter }] });
  expect(filtered("datum.n > 2 && datum.species != 'Adelie'")).toEqual([]);
  expect(filtered("datum.mass > 5")).toEqual([
    {
      what: 'column "mass" is not kept by the aggregate before',
      hint: "add it to its groupby",
      path: "transform.1.filter",
    },
  ]);
});

test("what only the data names is not refused", () => {
  const pivot = { pivot: "species", value: "mass", groupby: ["year"] };
  expect(problemsOf({ transform: [pivot, { calculate: "datum.Gentoo - datum.Adelie", as: "d" }] })).toEqual(
    [],
  );
  expect(problemsOf({ transform: [{ filter: "datum[column] > 2" }] })).toEqual([]);
});

test("a channel's test may read what the compiler makes of channels", () => {
  const encoding = { x: { field: "species" }, y: { aggregate: "mean", field: "mass" } };
  const tested = (text: string): readonly Problem[] =>
    problemsOf({
      mark: "bar",
      encoding: { ...encoding, color: { condition: { test: text, value: "red" }, value: "blue" } },
    });
  expect(tested("datum['mean_mass'] > 4 && datum.__count > 1")).toEqual([]);
  expect(tested("datum['mean_mas'] > 4")).toHaveLength(1);
});

test("channels that layers share are checked, too", () => {
  const made = { transform: [{ calculate: "datum.mass * 2", as: "double" }], mark: "point" };
  const layered = (text: string): readonly Problem[] =>
    problemsOf({ layer: [made], ...colour({ test: text }) });
  expect(layered("datum.double > 1")).toEqual([]);
  expect(layered("datum.doubl > 1")).toContainEqual({
    what: 'column "doubl" is not in table birds/all',
    hint: 'did you mean "double"?',
    path: "encoding.color.condition.test",
  });
});

test("rows of the spec have the fields that they have", () => {
  const data = { values: [{ a: 1 }, { b: 2 }] };
  const encoding = { x: { field: "a", type: "quantitative" }, y: COUNT };
  expect(problemsOf({ data, encoding, transform: [{ filter: "datum.b > 1" }] })).toEqual([]);
  expect(problemsOf({ data, encoding, transform: [{ filter: "datum.lengh > 1" }] })).toEqual([
    {
      what: 'column "lengh" is not in the rows of the spec',
      hint: "there are: a, b",
      path: "transform.0.filter",
    },
  ]);
});

test("an expression that is none is said with its place", () => {
  const [problem] = problemsOf({ transform: [{ calculate: "datum.mass *", as: "d" }] });
  expect(problem).toMatchObject({ path: "transform.0.calculate" });
  expect(problem!.what).toContain("the expression does not parse");
});

test("labels of axes are no rows", () => {
  expect(problemsOf({ encoding: { x: { ...X, axis: { labelExpr: "datum.label" } } } })).toEqual([]);
});

const SPECS = new URL("../../../tests/specs/", import.meta.url);

test.each(readdirSync(SPECS).filter((name) => !name.startsWith("refused-")))("%s is read", (name) => {
  checkSpec(JSON.parse(readFileSync(new URL(name, SPECS), "utf8")) as Json, TABLES);
});
