import { literal, eq, column, gte, lt } from "@uwdata/mosaic-sql";
import { beforeAll, expect, test } from "vitest";
import { answersOf, contextOf } from "../../tests/charts.ts";
import type { Result } from "../../src/data/result.ts";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { tableOf } from "../../tests/tables.ts";
import type { Context, Drawing, Filter, Membership, ViewState } from "../../src/view.ts";
import { countries, keyOf } from "./borders.ts";
import { condition } from "./state.ts";
import { placesOf } from "./places.ts";
import type { Scale } from "./scale.ts";
import { shownOf, view } from "./view.ts";

const flats = tableOf({ id: "int32 id", country: "string", price: "float64" });

let engine: Engine;

/** Ten rows: three ways to write one country, one too small for the map, one that is none, one without a name. */
beforeAll(async () => {
  engine = await openEngine();
  await engine.query(`CREATE TABLE "data" AS SELECT * FROM (VALUES (0, 'Germany', 1.0), (1, 'DE', 2.0), (2, 'deu', 6.0),
    (3, 'Côte d''Ivoire', 5.0), (4, 'USA', NULL), (5, 'United States', 'NaN'::DOUBLE), (6, 'Singapore', 9.0),
    (7, 'Atlantis <i>', 1.0), (8, 'Atlantis <i>', 1.0), (9, NULL, 1.0)) AS t(id, country, price)`);
});

async function answers(filter: Filter = null, options: object = {}): ReturnType<typeof answersOf> {
  return answersOf(view, contextOf(flats, { ...options }), engine, filter);
}

async function draw(filter: Filter = null, options: object = {}, state: ViewState = {}): Promise<Drawing> {
  const context = contextOf(flats, { ...options });
  return view.render(view.parse(context), await answers(filter, options), state, context);
}

/** What a panel of a group is answered. */
async function answersWithin(own: Filter, context: Context): Promise<Record<string, Result>> {
  const named = Object.entries(view.queries(view.parse(context), {}, context, {}));
  const found = await Promise.all(named.map(([, query]) => engine.query(String(query.sql(own)))));
  return Object.fromEntries(named.map(([name], index) => [name, found[index]!]));
}

const byCountry = ({ data }: Drawing): Record<string, unknown> =>
  Object.fromEntries(data!.rows.map((row) => [row["country"], row["rows"]]));

test("a country is one, however it is written, and what names none is told with its rows", async () => {
  const drawing = await draw();
  expect(byCountry(drawing)).toEqual({
    Germany: 3,
    "United States of America": 2,
    "Cote d'Ivoire": 1,
    Singapore: 1,
  });
  expect(drawing.notices).toEqual([
    "2 of 10 rows name no country of the map: Atlantis <i> (2).",
    "1 of 10 rows without country.",
    "Too small for the map, and in the list only: Singapore.",
  ]);
  expect([drawing.rows, drawing.total]).toEqual([10, 10]);
  expect(drawing.body.text).not.toContain("<i>");
});

test("a mean is that of all rows of the country that have a number", async () => {
  const { data } = await draw(null, { mean: "price" });
  const means = Object.fromEntries(data!.rows.map((row) => [row["country"], row["mean"]]));
  expect(means).toEqual({
    Germany: 3,
    "United States of America": null,
    "Cote d'Ivoire": 5,
    Singapore: 9,
  });
  expect(data!.rows[0]!["country"]).toBe("Singapore");
});

test("under a filter every country stays, with what passes of all", async () => {
  const drawing = await draw(lt(column("id"), literal(2)));
  expect(byCountry(drawing)).toEqual({
    Germany: 2,
    "Cote d'Ivoire": 0,
    Singapore: 0,
    "United States of America": 0,
  });
  expect(drawing.body.text).toContain('2<span class="map-of"> of 3</span>');
  expect([drawing.rows, drawing.total]).toEqual([2, 10]);
});

test("maps of groups share one scale", async () => {
  // Germany has one row of 1.0 in the first group; in the second two of 2.0 and 6.0, as the United States have two.
  const conditions = [lt(column("id"), literal(1)), gte(column("id"), literal(1))];
  const scalesOf = async (options: Record<string, unknown>): Promise<readonly Scale[]> => {
    const context = contextOf(flats, options);
    const peers = await Promise.all(conditions.map((own) => answersWithin(own, context)));
    const split = { ...context, group: { peers } as unknown as Membership };
    return peers.map((own) => shownOf(view.parse(split), own, {}, split).scale);
  };
  const [rows, means] = await Promise.all([{}, { mean: "price" }].map(scalesOf));
  for (const scale of rows!) expect(scale).toMatchObject({ low: 1, high: 2 });
  for (const scale of means!) expect(scale).toMatchObject({ low: 1, high: 9 });
});

test("what is selected are all rows of a country, and nothing of one without rows", async () => {
  const options = view.parse(contextOf(flats, {}));
  const { whole } = placesOf(await answers());
  const rowsOf = async (keys: readonly string[]): Promise<unknown> => {
    const found = condition(options, keys, whole);
    const result = await engine.query(
      `SELECT list(id ORDER BY id) AS ids FROM "data" WHERE ${String(found)}`,
    );
    return result.columns["ids"]![0];
  };
  expect(await rowsOf([keyOf("DE")!])).toEqual([0, 1, 2]);
  expect(await rowsOf([keyOf("US")!, keyOf("CI")!])).toEqual([3, 4, 5]);
  expect(await rowsOf([keyOf("France")!])).toBeNull();
  expect(condition(options, [], whole)).toBeNull();
});

test("a link selects countries that there are, and no others", () => {
  const options = view.parse(contextOf(flats, {}));
  const context = contextOf(flats, {});
  expect(view.accept!(options, { countries: ["276", "nowhere", 4, "constructor"] }, context)).toEqual({
    countries: ["276"],
  });
  expect(view.accept!(options, { countries: "276" }, context)).toEqual({});
  expect(view.accept!(options, { unfolded: true }, context)).toEqual({ unfolded: true });
  expect(view.accept!(options, { unfolded: 1 }, context)).toEqual({});
  expect(view.selected!(options, { countries: ["276"] }, context)).toEqual([
    { column: "country", values: ["Germany"] },
  ]);
});

test("names and codes lead to outlines; the larger countries all have one", () => {
  for (const written of ["FR", "fra", 250, "250", "France", " france "]) expect(keyOf(written)).toBe("250");
  for (const written of [4, "4", "004", "Afghanistan"]) expect(keyOf(written)).toBe("004");
  for (const written of ["US", "U.S.", "usa", "United States"]) expect(keyOf(written)).toBe("840");
  for (const written of ["", "x", "Atlantis", "__proto__", 1e9, -8, 12.4, "N/A", "n.a.", "(NA)", "-"])
    expect(keyOf(written)).toBeNull();
  const drawn = [...countries().values()].filter(({ outline }) => outline);
  expect(drawn.length).toBeGreaterThan(170);
  expect(drawn.every(({ outline }) => /^M[-\d.,MLZ]+$/.test(outline!))).toBe(true);
});

test("columns that cannot name countries are refused with what to do", () => {
  const plain = tableOf({ id: "int32 id", done: "bool", price: "float64" });
  expect(() => view.parse(contextOf(plain, {}))).toThrow(/no column called country/);
  expect(() => view.parse(contextOf(plain, { country: "done" }))).toThrow(/names no countries/);
  expect(() => view.parse(contextOf(plain, { country: "prcie" }))).toThrow(/price/);
  expect(() => view.parse(contextOf(flats, { mean: "country" }))).toThrow(/string/);
});

test("where no row passes, every country stays in the list", async () => {
  const drawing = await draw(eq(literal(1), literal(2)));
  expect(drawing.rows).toBe(0);
  expect(drawing.body.text).toContain("Germany");
});

test("only of more names than are counted is it said that the most frequent ones are", async () => {
  const noticesOf = async (names: number): Promise<readonly string[]> => {
    await engine.query(`CREATE OR REPLACE TABLE "names" AS SELECT range::INTEGER AS id, 'Nowhere ' || range AS country,
      1.0 AS price FROM range(${names})`);
    const context = contextOf({ ...flats, relation: "names" }, {});
    const { notices } = view.render(view.parse(context), await answersOf(view, context, engine), {}, context);
    return notices!.filter((notice) => notice.startsWith("Only"));
  };
  expect(await noticesOf(5000)).toEqual([]);
  expect(await noticesOf(5001)).toEqual(["Only the most frequent names of country are counted."]);
});
