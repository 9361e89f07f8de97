/** What a map of countries asks: rows by whatever the column says, before and after filters. */
import { cast, column as columnRef, count, sql, type Query } from "@uwdata/mosaic-sql";
import { countOf, rowsOf } from "../../src/data/rows.ts";
import type { Table } from "../../src/page.ts";
import type { Context, Filter, NamedQuery } from "../../src/view.ts";
import type { Options } from "./options.ts";

/** Names of which rows are counted; there are 250 countries, and a few ways to write each. */
export const MOST_NAMES = 5000;

/** Where the page is split, a group may write a country as no other does: what is selected is of all of them. */
export function queries(
  options: Options,
  _results: unknown,
  { table, group }: Context,
): Record<string, NamedQuery> {
  return {
    ...(group ? { everywhere: { filtered: false, sql: () => byName(options, table, null) } } : {}),
    whole: { filtered: false, sql: (filter) => byName(options, table, filter) },
    passing: { filtered: true, sql: (filter) => byName(options, table, filter) },
    total: { filtered: false, sql: (filter) => countOf(table, filter) },
    count: { filtered: true, sql: (filter) => countOf(table, filter) },
  };
}

function byName({ country, mean }: Options, table: Table, filter: Filter): Query {
  const name = columnRef(country.name);
  const value = mean && cast(columnRef(mean.name), "DOUBLE");
  return rowsOf(table, filter)
    .select({
      name,
      rows: cast(count(), "INTEGER"),
      all: sql`CAST(count(*) OVER () AS INTEGER)`,
      ...(value
        ? {
            valued: sql`CAST(count(*) FILTER (WHERE isfinite(${value})) AS INTEGER)`,
            sum: sql`sum(${value}) FILTER (WHERE isfinite(${value}))`,
          }
        : {}),
    })
    .groupby(name)
    .orderby(sql`${cast(count(), "INTEGER")} DESC`, name)
    .limit(MOST_NAMES);
}
