/** Vega's time units in UTC, as SQL that answers milliseconds since 1970. */
import { sql, type ExprNode } from "@uwdata/mosaic-sql";

/** Units that cut a date off; the name is DuckDB's. */
const TRUNCATED: Record<string, string> = {
  year: "year",
  yearquarter: "quarter",
  yearmonth: "month",
  yearmonthdate: "day",
  yearmonthdatehours: "hour",
  yearmonthdatehoursminutes: "minute",
};

/** Units that repeat: the part is put into 2012, a leap year whose first day is a Sunday, as Vega does. */
const CYCLIC: Record<string, (time: ExprNode) => ExprNode> = {
  quarter: (time) => sql`make_timestamp(2012, (quarter(${time}) * 3 - 2)::BIGINT, 1, 0, 0, 0.0)`,
  month: (time) => sql`make_timestamp(2012, month(${time})::BIGINT, 1, 0, 0, 0.0)`,
  date: (time) => sql`make_timestamp(2012, 1, day(${time})::BIGINT, 0, 0, 0.0)`,
  day: (time) => sql`make_timestamp(2012, 1, (dayofweek(${time}) + 1)::BIGINT, 0, 0, 0.0)`,
  hours: (time) => sql`make_timestamp(2012, 1, 1, hour(${time})::BIGINT, 0, 0.0)`,
  minutes: (time) => sql`make_timestamp(2012, 1, 1, 0, minute(${time})::BIGINT, 0.0)`,
};

/** The start of the unit that holds `time`. Both engines give epoch milliseconds as a 64-bit integer. */
export function truncate(unit: string, time: ExprNode): ExprNode {
  const stamp = sql`(${time})::TIMESTAMP`;
  const cut = TRUNCATED[unit];
  // The casts matter: the engines disagree on whether date_trunc answers a DATE or a TIMESTAMP.
  if (cut) return sql`epoch_ms(date_trunc('${cut}', ${stamp})::TIMESTAMP)`;
  const cyclic = CYCLIC[unit];
  if (!cyclic) throw new Error(`unknown time unit ${unit}`);
  return sql`epoch_ms(${cyclic(stamp)})`;
}
