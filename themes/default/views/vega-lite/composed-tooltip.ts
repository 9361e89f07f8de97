/** What a composed chart's tooltip says of one mark: Vega-Lite's own rows, with shares said as everywhere. */
import type { Table } from "../../src/page.ts";
import { sayingOf } from "../../src/values.ts";
import { isObject, type Json } from "../../src/vega/channels.ts";
import type { ComposedChart } from "../../src/vega/composed/chart.ts";
import { facetFields } from "../../src/vega/composed/tables.ts";
import { nameOf } from "../../src/vega/composed/transforms.ts";
import { unitsOf } from "../../src/vega/composed/words.ts";
import { titleOf } from "../../src/data/columns.ts";
import { formatCell } from "../../src/markup.ts";
import { fromLabel } from "../../src/vega/labels.ts";
import { say } from "../../src/words.ts";

type Datum = Readonly<Record<string, unknown>>;
type Saying = (datum: Datum) => string | null;

export interface Tooltips {
  /** How the rows are said that are not said as Vega-Lite says them, by their titles. */
  sayings: ReadonlyMap<string, Saying>;
  /** What tells the cells of small multiples apart, which Vega-Lite leaves out. */
  cells: readonly string[];
}

export function tooltipsOf({ ready, tables }: ComposedChart): Tooltips {
  const columns = Object.values(tables).flatMap((table) => table.columns);
  const channels = unitsOf(ready.spec).flatMap(({ encoding }) =>
    isObject(encoding) && !("tooltip" in encoding) ? Object.values(encoding).filter(isObject) : [],
  );
  const sayings = new Map(channels.flatMap((channel) => sayingOfChannel(channel, columns)));
  return { sayings, cells: facetFields(ready.spec) };
}

function sayingOfChannel(channel: Json, columns: Table["columns"]): [string, Saying][] {
  const { title, field, aggregate } = channel;
  const name = typeof field === "string" ? nameOf(field) : null;
  const column = columns.find((each) => each.name === name);
  const saying = column ? sayingOf(column, typeof aggregate === "string" ? aggregate : null) : null;
  if (typeof title !== "string" || name === null || !saying) return [];
  const number = (value: unknown): string | null => (typeof value === "number" ? saying(value) : null);
  const isBinned = channel["bin"] === true || isObject(channel["bin"]);
  if (!isBinned) {
    const shown = typeof aggregate === "string" ? `${aggregate}_${name}` : name;
    return [[title, (datum) => number(datum[shown])]];
  }
  const bin = (datum: Datum): string | null => {
    const low = Object.keys(datum).find((key) => key.startsWith("bin_") && key.endsWith(`_${name}`));
    const ends = low === undefined ? [] : [number(datum[low]), number(datum[`${low}_end`])];
    return ends.length && ends.every((end) => end !== null) ? ends.join(` ${say("to")} `) : null;
  };
  return [[title, bin]];
}

/** The rows of a mark: `said` is what Vega-Lite says of it. */
export function tooltipRows(
  { sayings, cells }: Tooltips,
  said: unknown,
  datum: unknown,
): { name: string; value: string }[] {
  if (!isObject(said)) return said === undefined || said === null ? [] : [{ name: "", value: String(said) }];
  const row = isObject(datum) ? datum : {};
  const rows = Object.entries(said).map(([name, value]) => ({
    name,
    value: sayings.get(name)?.(row) ?? String(value),
  }));
  const cell = cells
    .filter((field) => field in row && !(titleOf(field) in said))
    .map((field) => ({ name: titleOf(field), value: formatCell(fromLabel(row[field])) }));
  return [...cell, ...rows];
}
