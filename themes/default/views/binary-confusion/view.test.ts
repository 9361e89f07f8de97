import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Drawing, Filter, ViewState } from "../../src/view.ts";
import {
  areaUnderRoc,
  averagePrecision,
  fourAt,
  matthews,
  measuresAt,
  rocCurve,
  type Scores,
} from "./curves.ts";
import { drawing as drawnAt, pointAt } from "./drawing.ts";
import { modelOf, type Model } from "./model.ts";
import { MOST_SCORES, predicateOf, readSpread } from "./queries.ts";
import { readState, withCell } from "./state.ts";
import { view } from "./view.ts";

const table = tableOf(
  { id: "int32 id", label: "string label", prediction: "string prediction", score: "float64 score" },
  { classes: ["no", "yes"] },
);

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT id, CASE WHEN id % 3 = 0 THEN 'yes' ELSE 'no' END AS label,
    CASE WHEN id % 2 = 0 THEN 'yes' ELSE 'no' END AS prediction,
    CASE WHEN id = 7 THEN NULL WHEN id = 8 THEN 'nan'::DOUBLE
      ELSE (hash(id) % 40 + CASE WHEN id % 3 = 0 THEN 12 ELSE 0 END) / 51.0 END AS score,
    [1 - (id % 11) / 10.0, (id % 11) / 10.0] AS both, (0.5 + (id % 6) / 10.0) AS sure
    FROM (SELECT range::INTEGER AS id FROM range(300))`);
});

async function show(
  options: object = {},
  state: ViewState = {},
  filter: Filter = null,
  shown = table,
): Promise<{ model: Model; drawing: Drawing; count: (cell: string) => Promise<number> }> {
  const context = contextOf(shown, { ...options }, { width: 12 });
  const results = await answersOf(view, context, engine, filter, state);
  const parsed = view.parse(context);
  const model = modelOf(parsed, results, readState(parsed, state), context);
  const spread = readSpread(results[`spread ${model.positive}`]!);
  const count = async (cell: string): Promise<number> => {
    const where = String(
      predicateOf(parsed, model.positive, (state["threshold"] as number) ?? parsed.threshold, [cell], spread),
    );
    const found = await engine.query(`SELECT count(*)::INTEGER AS n FROM ${shown.relation} WHERE ${where}`);
    return found.columns["n"]![0] as number;
  };
  return { model, drawing: view.render(parsed, results, state, context), count };
}

/** The area by its meaning: how often a positive has the higher score, equal ones counting half. */
function wins({ scores, positives, negatives }: Scores): number {
  let [won, all] = [0, 0];
  scores.forEach((score, a) =>
    scores.forEach((other, b) => {
      const pairs = positives[a]! * negatives[b]!;
      all += pairs;
      won += pairs * (score > other ? 1 : score === other ? 0.5 : 0);
    }),
  );
  return won / all;
}

test("the area is the share of pairs in the right order, within its interval", async () => {
  const { model } = await show();
  const { value, interval } = areaUnderRoc(model.passing);
  expect(value).toBeCloseTo(wins(model.passing), 12);
  expect(interval![0]).toBeLessThan(value!);
  expect(interval![1]).toBeGreaterThan(value!);
});

test("the cells are the rows that they select, at every threshold", async () => {
  for (const threshold of [0, 0.3, 0.5, 30 / 51, 0.9, 2]) {
    const { model, count } = await show({}, { threshold });
    for (const cell of ["tp", "fp", "fn", "tn"] as const)
      expect(await count(cell), `${cell} at ${threshold}`).toBe(model.four[cell]);
    const at = pointAt(rocCurve(model.passing)!, threshold);
    expect(at.y).toBeCloseTo(model.four.tp / (model.four.tp + model.four.fn), 12);
  }
});

test.each([520, 320, 167])("no measure of a curve is cut at a width of %i px", async (width) => {
  const { model } = await show();
  const { text } = drawnAt(model, width, false);
  expect(text).toMatch(/AUC 0\.\d+ \(0\.\d+–0\.\d+\)/);
  expect(text).toMatch(/AP 0\.\d+ \(0\.\d+–0\.\d+\)/);
});

test("rows without a score are left out and told", async () => {
  const { model, drawing } = await show();
  expect(model.passing.missing).toBe(2);
  expect([drawing.rows, drawing.total]).toEqual([300, 300]);
  expect(drawing.notices).toEqual(["2 of 300 samples have no label or no score and are left out."]);
});

test("a list has a score for each class, and the confidence of two classes is turned round", async () => {
  const columns = { id: "int32 id", label: "string label", prediction: "string prediction" };
  const lists = tableOf({ ...columns, both: "list<float64> probability" }, { classes: ["no", "yes"] });
  const first = await show({ positive: "no" }, {}, null, lists);
  const second = await show({}, { positive: "yes" }, null, lists);
  expect(first.model.positive).toBe("no");
  expect(areaUnderRoc(first.model.passing).value).toBeCloseTo(areaUnderRoc(second.model.passing).value!, 12);
  const sure = tableOf({ ...columns, sure: "float64 confidence" }, { classes: ["no", "yes"] });
  const { model } = await show({}, {}, null, sure);
  expect(Math.min(...model.passing.scores)).toBeCloseTo(0, 9);
  expect(model.passing.scores[0]).toBeCloseTo(0.9, 9);
});

test("a filter leaves the whole curve behind in grey", async () => {
  const { drawing } = await show({}, {}, sql`id < 100`);
  expect([drawing.rows, drawing.total]).toEqual([100, 300]);
  expect(drawing.body.text).toContain('data-of="whole"');
  expect(drawing.body.text).not.toMatch(/\sstyle=/);
  const alone = await show({}, {}, sql`label = 'no'`);
  expect(alone.model.roc.summary.value).toBeNull();
  expect(alone.drawing.body.text).toContain("No yes, or nothing else");
});

test("many scores are put together in steps, and cells still select what they count", async () => {
  await engine.query(`CREATE OR REPLACE TABLE many AS SELECT range::INTEGER AS id,
    CASE WHEN (range * 7919) % 20011 < range THEN 'yes' ELSE 'no' END AS label, range / 20011.0 AS score FROM range(20011)`);
  const shown = tableOf(
    { id: "int32 id", label: "string label", score: "float64 score" },
    { relation: "many", classes: ["no", "yes"] },
  );
  const { model, drawing, count } = await show({ threshold: 0.3333 }, {}, null, shown);
  expect(model.spread.distinct).toBeGreaterThan(MOST_SCORES);
  expect(drawing.notices[0]).toContain("put together in 2,000 equal steps");
  for (const cell of ["tp", "fp", "fn", "tn"] as const) expect(await count(cell)).toBe(model.four[cell]);
  const exact = await engine.query(`SELECT label, score FROM many ORDER BY score DESC`);
  let [above, won, all] = [0, 0, 0];
  exact.columns["label"]!.forEach((label) => {
    if (label === "yes") above++;
    else [won, all] = [won + above, all + 1];
  });
  expect(areaUnderRoc(model.passing).value).toBeCloseTo(won / all / above, 4);
});

test("measures are undefined where nothing is divided, and Matthews' correlation is phi", () => {
  const none = measuresAt({ tp: 0, fp: 0, fn: 3, tn: 4 });
  expect(none.map(({ measured }) => measured.value)).toEqual([null, 0, 0, 1, 4 / 7, null]);
  const { value, interval } = matthews({ tp: 20, fp: 5, fn: 10, tn: 65 });
  expect(value).toBeCloseTo((20 * 65 - 5 * 10) / Math.sqrt(25 * 30 * 75 * 70), 12);
  expect(interval![0]).toBeLessThan(value!);
  const perfect: Scores = {
    scores: Float64Array.from([0.9, 0.1]),
    positives: Float64Array.from([3, 0]),
    negatives: Float64Array.from([0, 4]),
    missing: 0,
  };
  expect(areaUnderRoc(perfect)).toEqual({ value: 1, interval: null });
  expect(averagePrecision(perfect).value).toBe(1);
  expect(fourAt(perfect, 0.5)).toEqual({ tp: 3, fp: 0, fn: 0, tn: 4 });
});

test.each([
  [{ positive: "yess" }, '"positive" is "yess", which is no class: did you mean "yes"?'],
  [{ score: "label" }, 'column "label" is string, no score'],
  [{ threshold: "half" }, '"threshold" is not a number'],
  [{ treshold: 1 }, 'no option "treshold": did you mean "threshold"?'],
])("the options %j are refused", (options, message) => {
  expect(() => view.parse(contextOf(table, options))).toThrow(message);
});

test("the confidence in one of many predictions is no score of one class", () => {
  const columns = { label: "string label", prediction: "string prediction", sure: "float32 confidence" };
  const three = tableOf(columns, { classes: ["a", "b", "c"] });
  expect(() => view.parse(contextOf(three, {}))).toThrow("has no score of one class");
  expect(() => view.parse(contextOf(three, { score: "sure" }))).toThrow("and there are 3 classes");
});

test("another column of labels has classes of its own, which are not those of the table", () => {
  const columns = { label: "string label", smiles: "string", "how sure": "float32" };
  const faces = tableOf(columns, { classes: ["ant", "bee", "cat"] });
  const options = { label: "smiles", score: "how sure", positive: "true" };
  expect(view.parse(contextOf(faces, options))).toMatchObject({ positive: "true", choices: ["true"] });
  const { positive: _none, ...without } = options;
  expect(() => view.parse(contextOf(faces, without))).toThrow("does not say which class is positive");
  expect(() => view.parse(contextOf(faces, { ...options, label: "label" }))).toThrow("which is no class");
});

test("of a state what fits is kept", () => {
  const options = view.parse(contextOf(table, {}));
  expect(readState(options, { threshold: 0.2, cells: ["fn", "tp", "xx"], positive: "no" })).toEqual({
    threshold: 0.2,
    cells: ["tp", "fn"],
  });
  expect(withCell({ cells: ["tp"] }, "tp", false)).toEqual({});
  expect(withCell({ cells: ["tp"] }, "fn", true)).toEqual({ cells: ["tp", "fn"] });
});

test.each([168, 206, 240, 300, 430, 700, 1100])("names are whole in a place of %i px", async (width) => {
  const { model } = await show();
  for (const positive of ["yes", "automobile"]) {
    const { text } = drawnAt({ ...model, positive }, width, false);
    const [cells] = text.split('class="binary-curve"');
    expect(cells).not.toContain("…");
    for (const name of [`is ${positive}`, `is not ${positive}`])
      expect(cells).toMatch(new RegExp(`>\\s*${name}\\s*<`));
  }
});

test.each([300, 560])("what a cell is called keeps clear of its number, at %i px", async (width) => {
  const { model } = await show();
  const { text } = drawnAt(model, width, false);
  const cells = [...text.matchAll(/class="binary-cell".*?<\/g>/gs)].map(([cell]) => cell);
  expect(cells).toHaveLength(4);
  for (const cell of cells) {
    const at = [...cell.matchAll(/<text[^>]*?\sy="([\d.]+)"[^>]*?font-size="(\d+)"/gs)];
    const places = at.map(([, y, size]) => ({ y: Number(y), size: Number(size) }));
    const number = places.findIndex(({ size }) => size === 20);
    expect(number).toBeGreaterThan(0);
    // Letters reach a quarter of their size below their line, digits three quarters above.
    const above = places[number - 1]!;
    expect(places[number]!.y - 0.75 * 20).toBeGreaterThan(above.y + above.size / 4 + 3);
  }
});

test("the name of an upright axis keeps clear of the plot's upper edge, and of the title above it", async () => {
  const { model } = await show();
  for (const width of [328, 448, 1120]) {
    const curves = drawnAt(model, width, false).text.split('class="binary-curve"').slice(1);
    expect(curves).toHaveLength(2);
    for (const curve of curves) {
      const top = Number(/data-box="[\d.]+ ([\d.]+)/.exec(curve)![1]);
      const lines = [...curve.matchAll(/<text[^>]* y="([\d.]+)"/g)].map(([, y]) => Number(y));
      const [title, name] = [Math.min(...lines), Math.max(...lines.filter((y) => y < top))];
      // Three px below the line hang letters such as p, and the curve is two px wide.
      expect(name).toBeLessThanOrEqual(top - 3 - 2);
      expect(name - title).toBeGreaterThanOrEqual(14);
    }
  }
});
