/** Vega's date functions as SQL, in UTC: the same page says the same everywhere, whatever the reader's clock. */
import { sql, type ExprNode } from "@uwdata/mosaic-sql";

/** Part of a timestamp by the name of Vega's function. Months count from 0, days of the week from Sunday. */
const PARTS: Readonly<Record<string, (stamp: ExprNode) => ExprNode>> = {
  year: (stamp) => sql`year(${stamp})`,
  quarter: (stamp) => sql`quarter(${stamp})`,
  month: (stamp) => sql`(month(${stamp}) - 1)`,
  date: (stamp) => sql`day(${stamp})`,
  day: (stamp) => sql`dayofweek(${stamp})`,
  dayofyear: (stamp) => sql`dayofyear(${stamp})`,
  week: (stamp) => sql`floor((dayofyear(${stamp}) + 6 - dayofweek(${stamp})) / 7.0)`,
  isoweek: (stamp) => sql`week(${stamp})`,
  hours: (stamp) => sql`hour(${stamp})`,
  minutes: (stamp) => sql`minute(${stamp})`,
  seconds: (stamp) => sql`second(${stamp})`,
  milliseconds: (stamp) => sql`(millisecond(${stamp}) % 1000)`,
};

/** The functions' names; each is also known with `utc` in front, and means the same. */
export const DATE_FUNCTIONS = Object.keys(PARTS).flatMap((name) => [name, `utc${name}`]);

/** The farthest time of JavaScript, in milliseconds from 1970 either way; beyond, a date is invalid. */
export const FARTHEST = 8.64e15;

/** The part of a number of milliseconds, NaN where that is no time. */
export function partOf(name: string, milliseconds: ExprNode): ExprNode {
  const part = PARTS[name.replace(/^utc/, "")]!(sql`epoch_ms(trunc(${milliseconds})::BIGINT)`);
  return sql`(CASE WHEN ${isTime(milliseconds)} THEN (${part})::DOUBLE ELSE 'NaN'::DOUBLE END)`;
}

/** The milliseconds themselves, as JavaScript's dates keep them: whole, or NaN. */
export function timeOf(milliseconds: ExprNode): ExprNode {
  return sql`(CASE WHEN ${isTime(milliseconds)} THEN trunc(${milliseconds}) ELSE 'NaN'::DOUBLE END)`;
}

function isTime(milliseconds: ExprNode): ExprNode {
  return sql`isfinite(${milliseconds}) AND abs(${milliseconds}) <= ${FARTHEST}::DOUBLE`;
}

/** `datetime` of numbers, as the UTC time they name; without an hour or a day the first one. */
export function utcTime(parts: readonly number[]): number {
  return Date.UTC(...(parts as [number, number]));
}

/** Only texts that name the same time everywhere: a date, or a time that ends in Z. */
const ISO = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?)?)?$/;

/** Milliseconds of a written date; null where its time depends on where it is read. */
export function readIso(text: string): number | null {
  return ISO.test(text) ? Date.parse(text) : null;
}
