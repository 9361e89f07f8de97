/** Vega's time units, any combination of them and any step, as SQL over milliseconds. In UTC. */
import { sql, type ExprNode } from "@uwdata/mosaic-sql";
import { partOf } from "../../data/dates.ts";
import { NotInSql } from "./measures.ts";

/** In Vega's order, coarse to fine. */
const UNITS = [
  "year",
  "quarter",
  "month",
  "week",
  "date",
  "day",
  "dayofyear",
  "hours",
  "minutes",
  "seconds",
  "milliseconds",
];

const DAY = 86_400_000;
const LENGTHS: Readonly<Record<string, number>> = {
  week: 7 * DAY,
  date: DAY,
  day: DAY,
  dayofyear: DAY,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
};
const MONTHS: Readonly<Record<string, number>> = { year: 12, quarter: 3, month: 1 };

/** Without a year the parts are put into 2012: a leap year that begins on a Sunday. */
const REFERENCE = 2012;

/** First and last moment of the unit that holds a time; null where there is no time. */
export function timeUnit(
  time: ExprNode,
  units: readonly string[],
  step: number,
): { start: ExprNode; end: ExprNode } {
  const unknown = units.find((unit) => !UNITS.includes(unit));
  if (unknown !== undefined || units.length === 0)
    throw new NotInSql(`the time unit "${unknown ?? ""}" has no counterpart in SQL`);
  const finest = UNITS.filter((unit) => units.includes(unit)).at(-1)!;
  if (finest === "day" && step > 1) throw new NotInSql("days of the week have no steps in SQL");
  // The engine turns parts into whole numbers, also those of rows that have no time.
  const known = sql`(CASE WHEN isfinite(${time}) THEN ${time} ELSE 0 END)`;
  const start = startOf(known, units, finest, step);
  const present = (node: ExprNode): ExprNode => sql`(CASE WHEN isfinite(${time}) THEN ${node} END)`;
  return { start: present(start), end: present(endOf(start, finest, step)) };
}

function startOf(time: ExprNode, units: readonly string[], finest: string, step: number): ExprNode {
  const has = (unit: string): boolean => units.includes(unit);
  // A step counts from the unit's first value.
  const part = (unit: string, first = 0): ExprNode => {
    const value = unit === "quarter" ? sql`(${partOf("quarter", time)} - 1)` : partOf(unit, time);
    if (unit !== finest || step <= 1) return value;
    return sql`(${first} + ${step} * floor((${value} - ${first}) / ${step}))`;
  };
  const year = has("year") ? part("year") : sql`${REFERENCE}`;
  const month = has("month") ? part("month") : has("quarter") ? sql`(3 * ${part("quarter")})` : sql`0`;
  const months = sql`(${month})::BIGINT`;
  const begin = sql`(epoch_ms(make_timestamp((${year})::BIGINT, 1, 1, 0, 0, 0.0) + to_months((${months})::INTEGER)))::DOUBLE`;
  const clock = (["hours", "minutes", "seconds", "milliseconds"] as const)
    .filter(has)
    .map((unit) => sql` + ${part(unit)} * ${LENGTHS[unit]!}`)
    .reduce((sum, each) => sql`${sum}${each}`, sql``);
  return sql`(${begin} + (${dayOf(has, part, year)} - 1) * ${DAY}${clock})`;
}

/** The day of the year or of the month, counted from 1, by the coarsest unit that speaks of days. */
function dayOf(
  has: (unit: string) => boolean,
  part: (unit: string, first?: number) => ExprNode,
  year: ExprNode,
): ExprNode {
  const weekday = (week: ExprNode, day: ExprNode): ExprNode =>
    sql`(${day} + ${week} * 7 - (dayofweek(make_timestamp((${year})::BIGINT, 1, 1, 0, 0, 0.0)) + 6) % 7)`;
  if (has("week")) return weekday(part("week", 1), has("day") ? part("day") : sql`0`);
  if (has("day")) return weekday(sql`1`, part("day"));
  if (has("date")) return part("date", 1);
  return has("dayofyear") ? part("dayofyear", 1) : sql`1`;
}

function endOf(start: ExprNode, finest: string, step: number): ExprNode {
  const length = LENGTHS[finest];
  if (length !== undefined) return sql`(${start} + ${length * step})`;
  const months = MONTHS[finest]! * step;
  return sql`(epoch_ms(epoch_ms((${start})::BIGINT) + to_months(${months})))::DOUBLE`;
}
