import { parse, View, type TimeUnit } from "vega";
import { beforeAll, expect, test } from "vitest";
import { column as columnRef } from "@uwdata/mosaic-sql";
import { openEngine, type Engine } from "../../tests/engine.ts";
import { column } from "../data/result.ts";
import { TIME_UNITS } from "./channels.ts";
import { truncate } from "./timeunits.ts";

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

const HOUR = 3_600_000;

/** Times around every edge: years, leap days, months of every length, 1970, and a step of odd length between. */
const TIMES = [
  ...["1900-01-01", "1969-12-31", "1970-01-01", "2000-02-29", "2100-02-28", "2100-03-01"].map((day) =>
    Date.parse(day),
  ),
  ...Array.from({ length: 500 }, (_, index) => Date.parse("2019-11-20T03:17:00Z") + index * 37.37 * HOUR),
  ...[2019, 2020, 2021].flatMap((year) => [Date.UTC(year, 0, 1) - 1, Date.UTC(year, 0, 1)]),
].map(Math.round);

/** Starts of the units that Vega's own transform puts the times into. */
function vegaUnits(name: string): number[] {
  const units = name.match(/year|quarter|month|date|day|hours|minutes/g) as TimeUnit[];
  const values = TIMES.map((time) => ({ time }));
  const transform = [{ type: "timeunit" as const, field: "time", units, timezone: "utc" as const }];
  const view = new View(parse({ data: [{ name: "rows", values, transform }] })).run();
  return (view.data("rows") as { unit0: Date }[]).map((row) => row.unit0.getTime());
}

test.each(TIME_UNITS)("the time unit %s is Vega's own in UTC", async (unit) => {
  const rows = TIMES.map((time, id) => `(${id}, epoch_ms(${time}::BIGINT))`).join(", ");
  const found = await engine.query(
    `SELECT ${String(truncate(unit, columnRef("time")))} AS unit FROM (VALUES ${rows}) AS t(id, time) ORDER BY id`,
  );
  expect(column(found, "unit")).toEqual(vegaUnits(unit));
});

test.each(TIME_UNITS)(
  "the time unit %s of null is null, and a date has it as a timestamp does",
  async (unit) => {
    const of = (value: string): string => String(truncate(unit, columnRef(value)));
    const found = await engine.query(
      `SELECT ${of("none")} AS none, ${of("day")} = ${of("stamp")} AS same ` +
        "FROM (SELECT NULL::TIMESTAMP AS none, DATE '2020-07-19' AS day, TIMESTAMP '2020-07-19 00:00:00' AS stamp)",
    );
    expect(found.columns).toEqual({ none: [null], same: [true] });
  },
);

test("a unit that there is not is a bug, and says so", () => {
  expect(() => truncate("decade", columnRef("time"))).toThrow("unknown time unit decade");
});
