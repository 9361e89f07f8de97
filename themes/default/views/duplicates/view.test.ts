import { beforeAll, expect, test } from "vitest";
import { sql } from "@uwdata/mosaic-sql";
import { answersOf, contextOf } from "../../tests/charts.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import { column as valuesOf } from "../../src/data/result.ts";
import type { Id } from "../../src/selected.ts";
import type { Context, Drawing, Filter, ViewState } from "../../src/view.ts";
import { auditOf, type Split } from "./audit.ts";
import { groupsWithin, type Member, type Pairs } from "./groups.ts";
import { differenceOf, inWords } from "./pixels.ts";
import { roundUp } from "./queries.ts";
import { sceneOf, type Scene } from "./scene.ts";
import { readState } from "./state.ts";
import { view } from "./view.ts";

const sheet = { url: "a.webp", kind: "sprite", width: 64, height: 64, tile_width: 8, tile_height: 8 };
const samples = tableOf(
  {
    id: "int32 id",
    label: "string label",
    prediction: "string prediction",
    split: "string split",
    sheet: "int16 sheet",
    x: "int16 x",
    y: "int16 y",
    duplicates_pixels: "int32 duplicates",
    duplicates_near: "int32 duplicates",
    nearest_distance: "float32 distance",
  },
  { name: "twins/samples", media: [sheet] },
);
const pairs = tableOf(
  { sample: "int32 sample", neighbor: "int32 neighbor", distance: "float32 distance", relative: "float32" },
  { name: "twins/neighbors", relation: "pairs" },
);
const groups = tableOf(
  { kind: "string", group: "int32 duplicates", size: "int32", spread: "float32 distance" },
  { name: "twins/groups", relation: "groups" },
);
const thresholds = tableOf(
  { rule: "string", is_used: "bool", distance: "float32 distance", relative: "float32", usual: "float32" },
  { name: "twins/thresholds", relation: "thresholds" },
);

let engine: Engine;

/** Ids 0–2 are near, 3 and 4 have the same pixels in two splits with two labels, 5 and 6 are near but no nearer than usual. */
beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT *, 0::SMALLINT AS sheet, (id * 8)::SMALLINT AS x, 0::SMALLINT AS y FROM (VALUES
    (0, 'a', 'a', 'train', -1, 0, 0.1::FLOAT), (1, 'a', 'a', 'train', -1, 0, 0.1), (2, 'a', 'b', 'test', -1, 0, 0.2),
    (3, '<b>', '<b>', 'test', 0, 1, 0.0), (4, 'a', 'a', 'train', 0, 1, 0.0), (5, 'a', 'b', 'test', -1, -1, 0.25),
    (6, 'a', 'a', 'test', -1, -1, 0.25), (7, 'a', 'a', 'test', -1, -1, 2.0))
    AS t(id, label, prediction, split, duplicates_pixels, duplicates_near, nearest_distance)`);
  await engine.query(`CREATE TABLE "pairs" AS SELECT * FROM (VALUES (3, 4, 0::FLOAT, 0::FLOAT), (0, 1, 0.1, 0.1),
    (1, 2, 0.2, 0.12), (5, 6, 0.25, 0.6), (2, 5, 0.9, 0.9), (6, 7, 2.0, 1.0)) AS t(sample, neighbor, distance, relative)`);
  await engine.query(`CREATE TABLE "groups" AS SELECT * FROM (VALUES ('near', 0, 3, 0.08::FLOAT), ('near', 1, 2, 0),
    ('pixels', 0, 2, 0)) AS t(kind, "group", size, spread)`);
  await engine.query(`CREATE TABLE "thresholds" AS SELECT * FROM (VALUES ('gap', true, 0.3::FLOAT, 0.13::FLOAT, 1::FLOAT),
    ('slope', false, 0.15, NULL, 1)) AS t(rule, is_used, distance, relative, usual)`);
});

function contextFor(options: object = {}, tables = [samples, pairs, groups, thresholds]): Context {
  const context = contextOf(samples, { ...options });
  return { ...context, tables: Object.fromEntries(tables.map((each) => [each.name, each])) };
}

async function sceneFor(
  state: ViewState = {},
  filter: Filter = null,
  context = contextFor(),
): Promise<Scene> {
  const options = view.parse(context);
  const results = await answersOf(view, context, engine, filter, state);
  return sceneOf(options, results, readState(options, state));
}

async function draw(state: ViewState = {}, filter: Filter = null, context = contextFor()): Promise<Drawing> {
  const results = await answersOf(view, context, engine, filter, state);
  return view.render(view.parse(context), results, state, context);
}

const idsOf = (scene: Scene): Id[][] => scene.groups.map(({ members }) => members.map(({ id }) => id));

test("groups are the table's own, the largest first, with what they disagree in", async () => {
  const { body, description, rows, total, data } = await draw();
  expect([rows, total]).toEqual([8, 8]);
  expect(body.text.match(/data-group=/g)).toHaveLength(2);
  expect(body.text).toContain(
    "2 groups of 5 samples are near duplicates: labels disagree in 1, 2 cross splits.",
  );
  expect(body.text.match(/labels disagree<\/strong/g)).toHaveLength(1);
  expect(body.text.match(/crosses splits<\/strong/g)).toHaveLength(2);
  expect(body.text).toContain("&lt;b&gt;");
  expect(body.text).not.toMatch(/\sstyle=|<b><\/span/);
  expect(description).toContain("2 of 5 samples of test (40.0%) are repeated in train.");
  expect(data!.rows.map((row) => [row["group"], row["id"]])).toEqual([
    [1, 0],
    [1, 1],
    [1, 2],
    [2, 3],
    [2, 4],
  ]);
  expect((data!.rows[0] as { spread: number }).spread).toBeCloseTo(0.08, 6);
});

test("the largest group, which the original leaves out of each page of groups, is the first of all that are shown", async () => {
  await engine.query(`CREATE OR REPLACE TABLE "sizes" AS SELECT row_number() OVER ()::INTEGER - 1 AS id, 'a' AS label, 'a' AS prediction,
    'train' AS split, 0::SMALLINT AS sheet, 0::SMALLINT AS x, 0::SMALLINT AS y, -1 AS duplicates_pixels,
    size::INTEGER AS duplicates_near, 0.1::FLOAT AS nearest_distance FROM range(2, 9) s(size), range(8) m(n) WHERE n < size`);
  const sizes = { ...samples, relation: "sizes" };
  const context = (groups: number): Context => ({
    ...contextOf(sizes, { groups }),
    tables: contextFor({}, [sizes]).tables,
  });
  for (const [options, state, shown] of [
    [3, {}, 3],
    [3, { groups: 6 }, 6],
    [12, {}, 7],
  ] as const) {
    const { body, data } = await draw(state, null, context(options));
    expect(body.text.match(/data-group=/g)).toHaveLength(shown);
    const drawn = [8, 7, 6, 5, 4, 3, 2].slice(0, shown);
    expect(data!.rows.map((row) => row["size"])).toEqual(drawn.flatMap((size) => Array(size).fill(size)));
  }
});

test("the line moved by hand makes the groups that the pairs within it make", async () => {
  const own = await sceneFor();
  const near = (scene: Scene): Id[][] => idsOf(scene);
  expect(near(own)).toEqual([
    [0, 1, 2],
    [3, 4],
  ]);
  // At the own line by hand, the closure of the pairs is the pipeline's grouping.
  expect(near(await sceneFor({ line: 0.3 }))).toEqual(near(own));
  expect(near(await sceneFor({ line: 0.15 }))).toEqual([
    [0, 1],
    [3, 4],
  ]);
  expect(near(await sceneFor({ line: 0 }))).toEqual([[3, 4]]);
  expect(near(await sceneFor({ line: 0.3, loose: true }))).toEqual([
    [0, 1, 2],
    [3, 4],
    [5, 6],
  ]);
  expect(near(await sceneFor({ line: 0.95, loose: true }))).toEqual([
    [0, 1, 2, 5, 6],
    [3, 4],
  ]);
  expect(near(await sceneFor({ rule: "slope" }))).toEqual([
    [0, 1],
    [3, 4],
  ]);
  expect((await sceneFor({ line: 0.3 })).drawn!.held).toBe(1);
});

test("the closure equals one that asks each pair again and again", () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const members = Array.from({ length: 60 }, (_, id) => ({ id, kinds: [], split: null }) as Member);
  const drawn = Array.from(
    { length: 120 },
    () => [Math.floor(random() * 60), Math.floor(random() * 60), random()] as const,
  ).sort((a, b) => a[2] - b[2]);
  const pairs: Pairs = {
    sample: drawn.map(([first]) => first),
    neighbor: drawn.map(([, second]) => second),
    distance: drawn.map(([, , distance]) => distance),
    relative: drawn.map((_, index) => (index % 3) / 2),
  };
  const codes = members.map(({ id }) => id as number);
  for (let round = 0; round < 60; round++)
    drawn.forEach(([first, second, distance], index) => {
      if (distance <= 0.3 && pairs.relative[index]! <= 0.6)
        codes[first] = codes[second] = Math.min(codes[first]!, codes[second]!);
    });
  const expected = [...new Set(codes)]
    .map((code) => codes.flatMap((each, id) => (each === code ? [id] : [])))
    .filter((ids) => ids.length > 1)
    .sort((a, b) => b.length - a.length);
  const found = groupsWithin(members, pairs, { distance: 0.3, relative: 0.6 });
  expect(found.map(({ members: of }) => of.map(({ id }) => id))).toEqual(expected);
});

test("what leaks is counted by pair of splits, and the accuracy is that without it", async () => {
  const { audit } = await sceneFor();
  const counts = (way: "exact" | "near" | "any"): unknown[] =>
    audit!.matrix[way].map(({ split, other, repeated }) => [split, other, repeated.length]);
  expect(counts("exact")).toEqual([
    ["test", "test", 0],
    ["test", "train", 1],
    ["train", "test", 1],
    ["train", "train", 0],
  ]);
  expect(counts("near")).toEqual([
    ["test", "test", 0],
    ["test", "train", 1],
    ["train", "test", 2],
    ["train", "train", 2],
  ]);
  expect(counts("any")).toEqual([
    ["test", "test", 0],
    ["test", "train", 2],
    ["train", "test", 3],
    ["train", "train", 2],
  ]);
  expect(
    audit!.accuracies.map(({ split, samples: of, rows, correct }) => [split, of, rows, correct]),
  ).toEqual([
    ["test", "all", 5, 3],
    ["test", "without exact", 4, 2],
    ["test", "without exact and near", 3, 2],
    ["test", "repeated only", 2, 1],
  ]);
});

test("where no split is called train, a duplicate in any other counts", () => {
  const member = (id: number, split: string): Member => ({
    id,
    kinds: [],
    split,
    label: "a",
    prediction: "a",
  });
  const splits: Split[] = ["a", "b"].map((split) => ({ split, rows: 2, judged: 2, correct: 2 }));
  const { accuracies } = auditOf(splits, [{ members: [member(1, "a"), member(2, "b")] }], []);
  expect(accuracies.filter(({ samples: of }) => of === "repeated only").map(({ rows }) => rows)).toEqual([
    1, 1,
  ]);
});

test("members that are filtered out stay, and groups say how many pass", async () => {
  const { body, rows, data } = await draw({}, sql`split = 'train'`);
  expect([rows, data!.rows.length]).toEqual([3, 5]);
  expect(body.text.match(/card-out/g)).toHaveLength(2);
  expect(body.text).toContain("2 of 3 pass");
});

test("without any group the nearest pair is shown with its distance", async () => {
  await engine.query(
    `CREATE TABLE "alone" AS SELECT * REPLACE (-1 AS duplicates_near, -1 AS duplicates_pixels) FROM "data"`,
  );
  const alone = { ...samples, relation: "alone" };
  const context = {
    ...contextOf(alone, {}),
    tables: contextFor({}, [alone, pairs, groups, thresholds]).tables,
  };
  const { body, description } = await draw({}, null, context);
  expect(body.text).toContain("No samples are near duplicates at a distance up to 0.3.");
  expect(body.text).toMatch(/nearest two are <b>0<\/b>/);
  expect(description).toContain("No samples are near duplicates.");
});

test("without the table of pairs the line stays where it is, which is said", async () => {
  const { body, notices } = await draw({}, null, contextFor({}, [samples]));
  expect(body.text).not.toContain('name="line"');
  expect(notices).toEqual([
    "The table of pairs is not on this page, so the line between near ones is fixed.",
  ]);
});

/** Two crowds of five, of whom each lists the next three in a ring, and two samples that are alone. */
async function crowds(closed: number): Promise<Context> {
  await engine.query(`CREATE OR REPLACE TABLE "crowds" AS SELECT range::INTEGER AS id, 'a' AS label, 'a' AS prediction,
    'train' AS split, 0::SMALLINT AS sheet, 0::SMALLINT AS x, 0::SMALLINT AS y, -1 AS duplicates_pixels,
    CASE WHEN range < 10 THEN (range // 5)::INTEGER ELSE -1 END AS duplicates_near, 0.1::FLOAT AS nearest_distance
    FROM range(12)`);
  const crowd = `SELECT a.range::INTEGER AS sample, b.range::INTEGER AS neighbor, 0.1::FLOAT AS distance, 0.1::FLOAT AS relative,
    CASE WHEN b.range - a.range < 4 THEN b.range - a.range ELSE 0 END::SMALLINT AS rank,
    CASE WHEN b.range - a.range > 1 THEN 5 - b.range + a.range ELSE 0 END::SMALLINT AS rank_back
    FROM range(10) a, range(10) b WHERE a.range < b.range AND a.range // 5 = b.range // 5`;
  await engine.query(`CREATE OR REPLACE TABLE "crowd_pairs" AS ${crowd}
    UNION ALL VALUES (10, 11, 2::FLOAT, 2::FLOAT, 3::SMALLINT, 3::SMALLINT) ORDER BY distance`);
  await engine.query(`CREATE OR REPLACE TABLE "crowd_lines" AS SELECT 'gap' AS rule, true AS is_used, 0.2::FLOAT AS distance,
    0.13::FLOAT AS relative, 1::FLOAT AS usual, ${closed} AS closed`);
  const of = (table: typeof pairs, relation: string, columns: object): typeof pairs => ({
    ...table,
    relation,
    columns: [...table.columns, ...tableOf(columns as Record<string, string>).columns],
  });
  const crowded = { ...samples, relation: "crowds" };
  const beside = [
    of(pairs, "crowd_pairs", { rank: "int16", rank_back: "int16" }),
    of(thresholds, "crowd_lines", { closed: "int32" }),
  ];
  const { tables } = contextFor({}, [crowded, ...beside]);
  return { ...contextOf(crowded, {}), tables };
}

test("how many samples have more near ones than are listed is counted in the table of pairs, and said", async () => {
  const context = await crowds(10);
  const counted = await engine.query(`SELECT count(DISTINCT id)::INTEGER AS n FROM (
    SELECT sample AS id, rank AS at, distance FROM crowd_pairs UNION ALL SELECT neighbor, rank_back, distance FROM crowd_pairs)
    WHERE at = 3 AND distance <= 0.2`);
  expect(valuesOf(counted, "n")).toEqual([10]);
  const full =
    "10 of 12 samples are near to all 3 neighbours that are listed of each, and may be near to more.";
  const closed =
    "10 of 12 samples stand in groups of more than 3 in which all neighbours that are listed of them are. The rule gap cannot tell whether these are copies: it needs more neighbors than there are copies, twice as many at best.";
  expect((await draw({}, null, context)).notices).toEqual([full, closed]);
  // The line by hand joins what is listed, and below the crowds nothing is near.
  const byHand = (await draw({ line: 0.15 }, null, context)).notices;
  expect(byHand![0]).toBe(`${full} With the line drawn by hand, such a group may stand in parts.`);
  expect((await draw({ line: 0.05 }, null, context)).notices).toEqual([closed]);
  expect((await draw({ kind: "pixels" }, null, context)).notices).toEqual([]);
  expect((await draw({}, null, await crowds(6))).notices).toEqual([full]);
});

test.each([
  [
    { kind: "pixels", line: 0.2, loose: true, groups: 4, ids: [1, 2], compare: [1, 2] },
    { kind: "pixels", line: 0.2, loose: true, groups: 4, ids: [1, 2], compare: [1, 2] },
  ],
  [{ kind: "'; DROP", line: "0", groups: -1, ids: ["a"], compare: [1, 1] }, {}],
  [{ line: -1, opened: [1, "x"] }, { opened: [1] }],
])("of the state %j %j fits", (written, kept) => {
  const context = contextFor();
  expect(view.accept!(view.parse(context), written, context)).toEqual(kept);
});

test("options that cannot be shown are refused", () => {
  const plain = tableOf({ id: "int32 id" });
  expect(() => view.parse(contextOf(plain, {}))).toThrow("has a column with the role duplicates");
  expect(() => view.parse(contextFor({ sizes: 1 }))).toThrow('no option "sizes"');
  expect(() => view.parse(contextFor({ columns: ["labl"] }))).toThrow('column "labl" is not in table');
});

test("the difference of two images is that of their channels, brightened so that the greatest is white", () => {
  const [a, b] = [
    [10, 20, 30, 255, 0, 0, 0, 255],
    [10, 20, 30, 255, 51, 0, 0, 255],
  ].map((each) => new Uint8ClampedArray(each));
  const found = differenceOf(a!, b!);
  expect([...found.pixels]).toEqual([0, 0, 0, 255, 255, 0, 0, 255]);
  expect([found.mean, found.most, found.share, found.factor]).toEqual([51 / 6, 51, 0.5, 5]);
  expect(inWords(differenceOf(a!, a!), false)).toBe("|a − b|: no pixel differs");
  expect(inWords(found, false)).toContain(
    "50.0% of the pixels differ, by 8.5 of 255 on average and 51 at most",
  );
  expect(inWords(found, true)).toContain("the images have the same pixels");
});

test("the axis ends at a round number", () => {
  expect([roundUp(3.02), roundUp(0.0387), roundUp(100)]).toEqual([3.1, 0.039, 100]);
});

test("of exactly as many pairs as are taken the line reaches all, and of one more it says where it ends", async () => {
  const noticesOf = async (rows: number): Promise<readonly string[]> => {
    const name = `pairs_${rows}`;
    await engine.query(`CREATE TABLE "${name}" AS SELECT 0 AS sample, 1 AS neighbor,
      (range / 1e6)::FLOAT AS distance, 0.5::FLOAT AS relative FROM range(${rows})`);
    const many = { ...pairs, relation: name };
    const context = contextFor({}, [samples, many, groups, thresholds]);
    const scene = await sceneFor({}, null, context);
    expect(scene.pairs!.distance).toHaveLength(40_000);
    expect(scene.drawn!.end === scene.drawn!.reach).toBe(rows === 40_000);
    return (await draw({}, null, context)).notices!;
  };
  expect(await noticesOf(40_000)).toEqual([]);
  expect(await noticesOf(40_001)).toEqual([
    "The line reaches the 40,000 nearest pairs; farther ones are not in this view.",
  ]);
});
