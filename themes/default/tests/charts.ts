/** Charts asked of a real engine, stage by stage as a page asks. */
import type { Result } from "../src/data/result.ts";
import type { Table } from "../src/page.ts";
import { readChart, type Chart, type Domains } from "../src/vega/chart.ts";
import { readDomains } from "../src/vega/chart.ts";
import type { Context, Filter, View, ViewState } from "../src/view.ts";
import type { Engine } from "./engine.ts";

export function contextOf(
  table: Table,
  options: Record<string, unknown>,
  request: Partial<Context["request"]> = {},
): Context {
  const asked = { view: "test", id: "test", title: "Test", help: null, width: 6, height: null };
  return {
    request: { ...asked, table: table.name, options, ...request },
    table,
    tables: { [table.name]: table },
    figures: [],
  };
}

/** Every answer that a view asks for, under one filter for those that are filtered. */
export async function answersOf<Options>(
  view: View<Options>,
  context: Context,
  engine: Engine,
  filter: Filter = null,
  state: ViewState = {},
): Promise<Record<string, Result>> {
  const options = view.parse(context);
  const results: Record<string, Result> = {};
  for (;;) {
    const named = Object.entries(view.queries(options, results, context, state));
    const open = named.filter(([name]) => !(name in results));
    if (open.length === 0) return results;
    for (const [name, query] of open)
      results[name] = await engine.query(String(query.sql(query.filtered ? filter : null)));
  }
}

export function chartOf(
  spec: Record<string, unknown>,
  table: Table,
  results: Record<string, Result>,
): { chart: Chart; domains: Domains } {
  const chart = readChart(spec, table);
  return { chart, domains: readDomains(chart, table, results) };
}
