import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { keys } from "../../scripts/keys.mjs";
import { contextOf } from "../../tests/charts.ts";
import { tableOf } from "../../tests/tables.ts";
import { view } from "../../views/vega-lite/view.ts";
import { ProblemError, type Problem } from "../problem.ts";
import type { Json } from "./channels.ts";
import { misspelt } from "./keys.ts";

const SPECS = new URL("../../tests/specs/", import.meta.url);
const table = tableOf({ id: "int32 id", value: "float32", label: "string" }, { rows: 10 });
const COUNT = { aggregate: "count" };

function problems(spec: Json): readonly Problem[] {
  try {
    view.parse(contextOf(table, { spec }));
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  return [];
}

test("the committed keys are those of a fresh run over the schema", () => {
  expect(readFileSync(new URL("keys.gen.ts", import.meta.url), "utf8")).toBe(keys());
});

test("no key of an ordinary spec is refused", () => {
  const found = readdirSync(SPECS).map((name): [string, Problem[]] => [
    name,
    misspelt(JSON.parse(readFileSync(new URL(name, SPECS), "utf8")) as Json),
  ]);
  expect(found.length).toBeGreaterThan(60);
  expect(found.filter(([, listed]) => listed.length)).toEqual([]);
});

const BARS = { mark: "bar", encoding: { x: { field: "label" }, y: COUNT } };

test.each([
  [{ marc: 1 }, "marc", 'did you mean "mark"?'],
  [{ widht: 3 }, "widht", 'did you mean "width"?'],
  [{ mark: { type: "bar", colour: "red" } }, "mark.colour", 'did you mean "color"?'],
  [
    { encoding: { x: { field: "label" }, y: { agregate: "count" } } },
    "encoding.y.agregate",
    'did you mean "aggregate"?',
  ],
  [
    { encoding: { ...BARS.encoding, x: { field: "value", bin: { maxbin: 3 } } } },
    "encoding.x.bin.maxbin",
    'did you mean "maxbins"?',
  ],
  [
    { encoding: { ...BARS.encoding, x: { field: "label", axis: { titel: "L" } } } },
    "encoding.x.axis.titel",
    'did you mean "title"?',
  ],
  [
    { encoding: { ...BARS.encoding, x: { field: "label", scale: { domian: [] } } } },
    "encoding.x.scale.domian",
    'did you mean "domain"?',
  ],
  [{ params: [{ name: "a", selct: "point" }] }, "params.0.selct", 'did you mean "select"?'],
])("what is misspelt in %j is said with its path and the nearest name", (written, path, hint) => {
  expect(problems({ ...BARS, ...written })).toContainEqual(expect.objectContaining({ path, hint }));
});

test("all that is misspelt is said at once, inside of compositions too", () => {
  const layer = [
    { ...BARS, hight: 1 },
    { mark: "bar", encodng: {} },
  ];
  expect(problems({ layer, tite: "" }).map(({ path }) => path)).toEqual(
    expect.arrayContaining(["tite", "layer.0.hight", "layer.1.encodng"]),
  );
});

test.each(["tooltip", "order", "detail"])("a column that %s names and the table lacks is said", (name) => {
  const encoding = { ...BARS.encoding, [name]: { field: "lable" } };
  expect(problems({ ...BARS, encoding })).toContainEqual(
    expect.objectContaining({ path: `encoding.${name}.field`, hint: 'did you mean "label"?' }),
  );
  const listed = { ...BARS.encoding, [name]: [{ field: "label" }, { field: "vlaue" }] };
  expect(problems({ ...BARS, encoding: listed })).toContainEqual(
    expect.objectContaining({ hint: 'did you mean "value"?' }),
  );
});
