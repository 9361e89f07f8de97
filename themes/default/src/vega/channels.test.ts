import { expect, test } from "vitest";
import { tableOf } from "../../tests/tables.ts";
import { ProblemError, type Problem } from "../problem.ts";
import { readChannels, readMark, type Channel } from "./channels.ts";

const table = tableOf({
  id: "int32 id",
  confidence: "float32",
  label: "string",
  correct: "bool",
  when: "timestamp",
  embedding: "list<float32>",
  image: "binary",
  "a.b": "float64",
});

const read = (encoding: unknown): Channel[] => readChannels({ mark: "bar", encoding }, table);

function problemOf(read: () => unknown): Problem {
  try {
    read();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error("nothing was refused");
}

const COUNT = { aggregate: "count" };

test.each([
  [{ theta: COUNT }, 'the channel "theta" is not drawn by this client', "encoding.theta"],
  [{ x2: { field: "id" } }, 'the channel "x2" is not drawn by this client', "encoding.x2"],
  [{ x: "label" }, "encoding.x is not an object", "encoding.x"],
  [{ x: null }, "encoding.x is not an object", "encoding.x"],
  [{ x: {} }, "encoding.x names no field", "encoding.x"],
  [{ x: { field: "labl" } }, 'column "labl" is not in table test/data', "encoding.x.field"],
  [
    { x: { aggregate: "median", field: "id" } },
    'the aggregate "median" is not answered',
    "encoding.x.aggregate",
  ],
  [{ x: { aggregate: { argmax: "id" } } }, 'the aggregate "[object Object]"', "encoding.x.aggregate"],
  [{ x: { aggregate: "mean" } }, "encoding.x names no field", "encoding.x"],
  [{ x: { aggregate: "mean", field: "label" } }, 'column "label" is text and has no mean', "encoding.x"],
  [{ x: { aggregate: "sum", field: "when" } }, 'column "when" is time and has no sum', "encoding.x"],
  [{ x: { field: "embedding" } }, 'column "embedding" is list and cannot be drawn', "encoding.x"],
  [{ x: { field: "image" } }, 'column "image" is binary and cannot be drawn', "encoding.x"],
  [{ x: { field: "label", bin: true } }, 'column "label" is text and cannot be binned', "encoding.x"],
  [{ x: { field: "when", bin: true } }, 'column "when" is time and cannot be binned', "encoding.x"],
  [{ x: { field: "correct", bin: {} } }, 'column "correct" is boolean and cannot be binned', "encoding.x"],
  [{ x: { field: "id", timeUnit: "year" } }, 'column "id" is number and has no timeUnit', "encoding.x"],
  [
    { x: { field: "when", timeUnit: "decade" } },
    'the time unit "decade" is not answered',
    "encoding.x.timeUnit",
  ],
  [
    { x: { field: "when", timeUnit: { unit: "month", step: 3 } } },
    '"step" is not read',
    "encoding.x.timeUnit",
  ],
  [{ x: { field: "id", bin: { extent: [0, 1] } } }, '"extent" is not read', "encoding.x.bin"],
  [{ x: { field: "id", bin: "binned" } }, "columns that are binned already", "encoding.x"],
  [{ x: { field: "id", type: "quantative" } }, 'the type "quantative" is not drawn', "encoding.x.type"],
  [
    { x: { field: "label", type: "quantitative" } },
    'column "label" is text and not quantitative',
    "encoding.x.type",
  ],
  [{ x: { field: "label", type: "temporal" } }, 'column "label" is text and not temporal', "encoding.x.type"],
  [
    { detail: [{ field: "id" }, { field: "label" }] },
    "encoding.detail lists 2 definitions",
    "encoding.detail",
  ],
  [
    { color: { condition: { test: "datum.id > 1", value: "red" }, value: "grey" } },
    "a condition with a test is not drawn by this client",
    "encoding.color",
  ],
  [
    { color: { condition: [{ param: "a", value: "red" }], value: "grey" } },
    "a condition with a test is not drawn by this client",
    "encoding.color",
  ],
])("the encoding %j is refused", (encoding, what, path) => {
  const problem = problemOf(() => read(encoding));
  expect(problem.what).toContain(what);
  expect(problem.path).toBe(path);
  expect(problem.hint).not.toBe("");
});

test("a spec without a mark or an encoding, and a mark that is not drawn, are refused", () => {
  expect(problemOf(() => readMark({})).what).toBe("the spec has no mark");
  expect(problemOf(() => readMark({ mark: "brr" }))).toEqual({
    what: 'the mark "brr" is not drawn by this client',
    hint: 'did you mean "bar"?',
    path: "mark",
  });
  expect(problemOf(() => readMark({ mark: { type: "geoshape" } })).what).toContain('the mark "geoshape"');
  expect(problemOf(() => readChannels({ mark: "bar" }, table)).what).toBe("the spec has no encoding");
});

test("a mark is read as a name and as an object", () => {
  expect(readMark({ mark: "line" })).toEqual({ type: "line", written: { type: "line" } });
  expect(readMark({ mark: { type: "bar", opacity: 0.5 } })).toEqual({
    type: "bar",
    written: { type: "bar", opacity: 0.5 },
  });
});

test("channels that show no data are not read as channels", () => {
  const encoding = { color: { value: "red" }, y: { datum: 0.5 }, tooltip: [{ field: "nothing" }], order: {} };
  expect(read(encoding)).toEqual([]);
});

test("the type of a channel that has none is Vega-Lite's own default", () => {
  const encoding = {
    x: { field: "confidence", bin: true },
    y: COUNT,
    color: { field: "when", timeUnit: "year" },
    size: { field: "id" },
  };
  expect(read(encoding).map((channel) => channel.type)).toEqual([
    "quantitative",
    "quantitative",
    "temporal",
    "nominal",
  ]);
});

test("bins are at most ten on an axis and six elsewhere, or as many as written, within reason", () => {
  const maxbins = (name: string, bin: unknown): number =>
    read({ [name]: { field: "id", bin } })[0]!.bin.maxbins;
  expect([maxbins("x", true), maxbins("color", true), maxbins("x", { maxbins: 30 })]).toEqual([10, 6, 30]);
  expect([maxbins("x", { maxbins: 1e9 }), maxbins("x", { maxbins: "many" })]).toEqual([1000, 10]);
});

test("average is mean, and a unit in UTC is the unit", () => {
  const [mean, unit] = read({
    y: { field: "id", aggregate: "average" },
    x: { field: "when", timeUnit: "utcyearmonth" },
  });
  expect([mean!.operation, unit!.unit]).toEqual(["mean", "yearmonth"]);
});

test("a field's escaped dots name the column, and its answer has a name of its own", () => {
  const [channel] = read({ x: { field: "a\\.b", type: "quantitative" } });
  expect([channel!.column!.name, channel!.field]).toEqual(["a.b", "@x"]);
});

test("a condition on a param is the definition, for that is what cross-filtering does", () => {
  const condition = { param: "brush", field: "label", type: "nominal" };
  const [channel] = read({ color: { condition, value: "lightgray" } });
  expect([channel!.column!.name, channel!.type]).toEqual(["label", "nominal"]);
});
