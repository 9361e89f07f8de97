/** A spec drawn in both ways, by Vega alone from the rows and by us from SQL, and what each of its marks shows. */
import { parse, View } from "vega";
import { randomLCG, setRandom } from "vega-statistics";
import { compile } from "vega-lite";
import type { Table } from "../src/page.ts";
import type { Filter } from "../src/view.ts";
import { answered, arrangedAt, type Answered } from "../src/vega/composed/chart.ts";
import { viewOf } from "../src/vega/composed/draw.ts";
import { NOTHING } from "../src/vega/composed/state.ts";
import { SILENT } from "../src/vega/draw.ts";
import { composed } from "../views/vega-lite/composed.ts";
import { answersOf, contextOf } from "./charts.ts";
import { drawnRows, shownFields } from "./drawn.ts";
import type { Engine } from "./engine.ts";

type Json = Record<string, unknown>;
export type Shown = Record<string, string[]>;

const SIZE = { width: 600, height: null, columns: null, factor: 1, tall: 1 };
const SEED = 7;

/** What Vega draws of the spec by itself, from rows in its data. */
export function byVega(spec: Json, rows: readonly Json[], name: string): Shown {
  const data = structuredClone(spec) as Json;
  inline(data, rows, name);
  const compiled = compile(data as never, { logger: SILENT }).spec as unknown as Json;
  setRandom(randomLCG(SEED));
  const view = new View(parse(compiled as never), { renderer: "none" }).run();
  return shown(view, shownFields(compiled));
}

/** Puts the rows in the place of the data's name, wherever it is named. */
function inline(value: unknown, rows: readonly Json[], name: string): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === "data" && (item as Json)["name"] === name)
      (value as Json)[key] = { values: structuredClone(rows) };
    else inline(item, rows, name);
  }
}

/** What we draw of it, with how its data is asked. */
export async function byUs(
  spec: Json,
  table: Table,
  engine: Engine,
  filter: Filter = null,
): Promise<{ shown: Shown; found: Answered }> {
  const context = contextOf(table, { spec });
  const results = await answersOf(composed as never, context, engine, filter);
  const options = composed.parse(context);
  const found = answered(options.composed, results, NOTHING);
  const { vega } = arrangedAt(found, SIZE, NOTHING);
  const view = viewOf(vega, found).run();
  return { shown: shown(view, shownFields(options.composed.compiled)), found };
}

function shown(view: View, fields: ReadonlyMap<string, ReadonlySet<string>>): Shown {
  const marks = drawnRows(view.scenegraph());
  const entries = [...marks].map(([name, rows]): [string, string[]] => [
    name,
    rows.map((row) => said(row, fields.get(name) ?? new Set())).sort(),
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function said(row: Json, fields: ReadonlySet<string>): string {
  const entries = [...fields].map(
    (field) => [field.replace(/^(binned)?utc/, "$1"), plain(valueAt(row, field))] as const,
  );
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** The value of a field, or of a part of one that holds objects. */
function valueAt(row: Json, field: string): unknown {
  const [, outer, inner] = /^(\w+)\["(.+)"\]$/.exec(field) ?? [];
  return outer === undefined ? row[field] : (row[outer] as Json)[inner!];
}

/** Eleven digits, for sums are added up in another order; nothing is nothing; times are milliseconds. */
function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.getTime();
  if (typeof value === "number")
    return Number.isFinite(value) ? Number(value.toPrecision(11)) : String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, plain(item)])
      .sort(),
  );
}
