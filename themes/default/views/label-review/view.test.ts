import { sql } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Decision } from "../../src/corrections/journal.ts";
import type { Result } from "../../src/data/result.ts";
import type { Host } from "../../src/live/host.ts";
import type { Id } from "../../src/selected.ts";
import type { Context, Drawing, Filter, ViewState } from "../../src/view.ts";
import { conflictsMarkup } from "./conflicts.ts";
import { Known } from "./known.ts";
import { NO_WORK, progressMarkup, sceneOf, type Work } from "./panels.ts";
import { condition, lookedAmong, type Item } from "./queries.ts";
import { readState, type ReviewState } from "./state.ts";
import { view } from "./view.ts";

const samples = tableOf(
  {
    id: "int32 id",
    label: "string label",
    prediction: "string prediction",
    split: "string split",
    quality: "float64 score",
    rank: "int32",
    noise_posterior: "float64",
    probabilities: "list<float32> probability",
  },
  { classes: ["<i>", "odd"] },
);
const twins = tableOf(
  {
    sample: "int32 sample",
    neighbor: "int32 neighbor",
    distance: "float32",
    similarity: "float64",
    other_label: "bool",
    other_split: "bool",
  },
  { name: "test/twins", relation: "twins" },
);

let engine: Engine;

/** Forty samples with scores 0, 0.025, …; number 39 has no label. */
beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT range::INTEGER AS id, CASE WHEN range < 39 THEN '<i>' END AS label,
    CASE WHEN range < 5 THEN 'odd' ELSE '<i>' END AS prediction, CASE WHEN range < 2 THEN 'test' ELSE 'train' END AS split,
    CASE WHEN range < 39 THEN range / 40.0 END AS quality, CASE WHEN range < 39 THEN range + 1 END::INTEGER AS rank,
    CASE WHEN range < 39 THEN 0.9 END AS noise_posterior, [range / 40.0, 1 - range / 40.0] AS probabilities FROM range(40)`);
  await engine.query(`CREATE TABLE "twins" AS SELECT 0 AS sample, 7 AS neighbor, 0.1 AS distance, 0.99 AS similarity,
    true AS other_label, false AS other_split`);
});

function contextFor(options: object = {}): Context {
  const context = contextOf(samples, { ...options });
  return { ...context, tables: { [samples.name]: samples, [twins.name]: twins } };
}

async function draw(state: ViewState = {}, filter: Filter = null, options: object = {}): Promise<Drawing> {
  const context = contextFor(options);
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

const idsOf = ({ data }: Drawing): unknown[] => data!.rows.map((row) => row["id"]);

test("the most doubtful labels come first, and those without a label not at all", async () => {
  expect(idsOf(await draw({}, null, { rows: 3 }))).toEqual([0, 1, 2]);
  expect(idsOf(await draw({ rows: 100 }))).toHaveLength(39);
});

test("a random order has nothing to do with the score, and is the same every time", async () => {
  const first = idsOf(await draw({ order: "random", rows: 39 }));
  expect(first).not.toEqual(first.slice().sort((a, b) => Number(a) - Number(b)));
  expect(idsOf(await draw({ order: "random", rows: 39 }))).toEqual(first);
});

test("a range of scores keeps those within it", async () => {
  expect(idsOf(await draw({ range: [0.5, 0.6], rows: 39 }))).toEqual([20, 21, 22, 23, 24]);
});

test("the panel tells of the sample that the keys are at, with class scores and its twin", async () => {
  const { body } = await draw({ at: 7 });
  expect(body.text).toContain("SSIM 0.990 · other label");
  expect(body.text).toMatch(/review-label">[^<]*<span title="&lt;i&gt;"/);
  expect(body.text).toContain("0.82"); // 1 less 7 of 40
  expect(body.text).not.toContain("<i>");
});

/** The ids of the cards that are framed, and what the panel says of the sample that is looked at. */
function framedAndTold({ body }: Drawing): { framed: string[]; told: string | undefined } {
  const framed = [...body.text.matchAll(/<li class="[^"]*review-current[^"]*">.*?data-id="(\d+)"/gs)];
  const told = /<dt>(?:id|Selected)<\/dt>\s*<dd>\s*(.*?)\s*<\/dd>/s.exec(body.text);
  return { framed: framed.map(([, id]) => id!), told: told?.[1] };
}

test("what a filter took out of the list is not looked at: the first that is left is", async () => {
  const filter = [sql`"id" BETWEEN 20 AND 25`] as unknown as Filter;
  const first = { framed: ["20"], told: "20" };
  expect(framedAndTold(await draw({ at: 7 }, filter))).toEqual(first);
  expect(framedAndTold(await draw({ at: 22 }, filter))).toEqual({ framed: ["22"], told: "22" });
  expect(framedAndTold(await draw({ at: 7, ids: [7, 8] }, filter))).toEqual(first);
  expect(framedAndTold(await draw({ ids: [7, 21, 22] }, filter)).told).toBe("2 samples");
});

test("a key decides of samples that the list shows, and of no other", () => {
  const state = (written: ViewState): ReviewState => readState(view.parse(contextFor()), written);
  const items = [20, 21, 22].map((id) => ({ id, label: "odd" }) as unknown as Item);
  const decided = (written: ViewState): unknown[] => lookedAmong(state(written), items).map(({ id }) => id);
  expect(decided({ at: 21 })).toEqual([21]);
  expect(decided({ at: 7 })).toEqual([20]);
  expect(decided({ at: 7, ids: [7, 22, 21] })).toEqual([21, 22]);
  expect(lookedAmong(state({ at: 7, ids: [7] }), [])).toEqual([]);
});

test("of several selected the panel tells the means", async () => {
  const { body } = await draw({ ids: [0, 20] });
  expect(body.text).toContain("2 samples");
  expect(body.text).toContain("0.25 on average");
});

test("an estimate of what is left is drawn before anything is decided", async () => {
  const { body } = await draw();
  expect(body.text).toMatch(/About <b>4<\/b> wrong labels are left/);
});

/** The view as a page with this work draws it. */
async function working(work: Partial<Work>): Promise<string> {
  const context = contextFor();
  const options = view.parse(context);
  const results = await answersOf(view, context, engine);
  const scene = sceneOf(options, results, readState(options, {}), context, { ...NO_WORK, ...work });
  const text = [progressMarkup(scene), conflictsMarkup(scene)].map((part) => part?.text ?? "").join(" ");
  return text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
}

function decided(id: number, changed: Partial<Decision> = {}): Decision {
  return {
    ...{ id, action: "confirm", old: "odd", label: "odd", who: "Ada", when: "2026-01-01T00:00:00.000Z" },
    ...{ why: "", rank: null, prediction: null },
    ...changed,
  };
}

const byId = (decisions: readonly Decision[]): Map<Id, Decision> =>
  new Map(decisions.map((each) => [each.id, each]));

test("what was imported counts in the estimate as it does above it, and so does what is unsure", async () => {
  const { table } = contextFor();
  const asked: string[] = [];
  const answer = (sql: unknown): Promise<Result> => {
    asked.push(String(sql));
    return engine.query(String(sql));
  };
  const host = { page: { coordinator: { answer } }, context: { table } } as unknown as Host;
  const known = new Known(host, view.parse(contextFor()));
  const decisions = byId([
    ...Array.from({ length: 12 }, (_, id) => decided(id + 20)),
    decided(2, { action: "unsure" }),
    decided(99),
  ]);
  expect(await known.find(decisions.keys(), [20])).toBe(true);
  expect(await known.find(decisions.keys(), [20])).toBe(false);
  expect(asked).toHaveLength(2);
  expect(known.samples.get(20)).toEqual({ id: 20, label: "<i>", prediction: "<i>", rank: 21 });
  expect(known.samples.get(99)).toBeNull();
  const text = await working({ decisions, samples: known.samples });
  expect(text).toContain("13 of 39 looked at");
  expect(text).toContain("of 26 not looked at and 1 unsure)");
  expect(text).toContain("1 decision is of a sample without a rank here, and is not counted.");
});

test("samples of a patch are found whatever type its ids have", async () => {
  const answer = (sql: unknown): Promise<Result> => engine.query(String(sql));
  const host = { page: { coordinator: { answer } }, context: contextFor() } as unknown as Host;
  const found = await new Known(host, view.parse(contextFor())).byText([
    "3",
    4,
    "x",
    "'; DROP TABLE data",
    77,
  ]);
  expect([...found.values()].map(({ id }) => id)).toEqual([3, 4]);
});

test("one per cent is called so, and a conflict says who decided what and why", async () => {
  const judged = Array.from({ length: 25 }, (_, id) =>
    decided(id, { rank: id + 1, action: "relabel", label: "<i>" }),
  );
  const mine = decided(3, { why: "a clear 3" });
  const theirs = decided(3, { who: "Bob", action: "relabel", label: "even", why: "looks even" });
  const text = await working({ decisions: byId(judged), conflicts: [{ mine, theirs }] });
  expect(text).toContain("begins below 1% of all");
  expect(text).toContain("3, labelled odd");
  expect(text).toContain("Ada: odd is right");
  expect(text).toContain("a clear 3");
  expect(text).toContain("Bob: now even");
  expect(text).toContain("looks even");
});

test("what is selected filters the other views", () => {
  const context = contextFor();
  const options = view.parse(context);
  const state = readState(options, { range: [0, 0.5], ids: [1, 2] });
  expect(String(condition(options, state))).toBe(
    'CAST("quality" AS DOUBLE) BETWEEN 0 AND 0.5 AND ("id" IN (1, 2))',
  );
  expect(condition(options, readState(options, {}))).toBeNull();
});

test("a link may say anything", () => {
  const options = view.parse(contextFor());
  expect(readState(options, { order: 1, range: [2, 1], rows: -1, ids: ["a", 3], at: "x" })).toEqual({
    ...{ order: "doubtful", range: null, rows: null, ids: [3], at: null },
  });
});

test("a table without scores is refused", () => {
  const bare = tableOf({ id: "int32 id", label: "string label", prediction: "string prediction" });
  expect(() => view.parse(contextOf(bare, {}))).toThrow("no column with the role score");
});
