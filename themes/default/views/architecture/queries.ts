/** What a network's figure asks: its tables whole, and which of its layers pass the page's filters. */
import { column as columnRef, Query, type ExprNode } from "@uwdata/mosaic-sql";
import { readNetwork, MOST_LAYERS, type Network } from "../../src/architecture/network.ts";
import type { Sample } from "../../src/architecture/glyphs.ts";
import { withRole } from "../../src/data/columns.ts";
import { column, objects, scalar } from "../../src/data/result.ts";
import { asNumbers, countOf, isAmong, rowsOf } from "../../src/data/rows.ts";
import type { Table } from "../../src/page.ts";
import type { Context, NamedQuery, Results } from "../../src/view.ts";
import type { Options } from "./options.ts";

const TEXTS = [
  "id",
  "name",
  "path",
  "module",
  "kind",
  "type",
  "category",
  "dtype",
  "hyperparameters",
  "shared",
];
const MORE = [
  "input_shapes",
  "output_shapes",
  "input_resolution",
  "output_resolution",
  "is_trainable",
  "is_connected",
];
const NUMBERS = ["position", "parameter_count", "trainable_count", "flops", "activation_bytes", "features"];

export function queries(options: Options, _results: Results, { table }: Context): Record<string, NamedQuery> {
  const whole = (asked: () => Query): NamedQuery => ({ filtered: false, sql: asked });
  const { connections, modules, notices, samples } = options;
  return {
    layers: whole(() => layersQuery(table)),
    connections: whole(() =>
      all(connections, ["source", "target"], ["source_output", "target_input", "position"]).orderby(
        "position",
      ),
    ),
    modules: whole(() => all(modules, ["path", "type"], ["position"]).orderby("position")),
    notices: whole(() => all(notices, ["place", "what"], []).orderby("place", "what").limit(50)),
    total: whole(() => countOf(table, null)),
    count: { filtered: true, sql: (filter) => countOf(table, filter) },
    passing: {
      filtered: true,
      sql: (filter) =>
        rowsOf(table, filter)
          .select({ id: columnRef("id") })
          .orderby("id")
          .limit(MOST_LAYERS),
    },
    ...(samples ? { sample: whole(() => sampleQuery(samples)) } : {}),
  };
}

function layersQuery(table: Table): Query {
  const has = (name: string): boolean => table.columns.some((column) => column.name === name);
  const plain = [...TEXTS, ...MORE].filter(has).map((name) => [name, columnRef(name)] as const);
  return rowsOf(table, null)
    .select({ ...Object.fromEntries(plain), ...asNumbers(NUMBERS.filter(has)) })
    .orderby("position")
    .limit(MOST_LAYERS);
}

function all(
  { relation }: Table,
  texts: readonly string[],
  numbers: readonly string[],
): ReturnType<typeof Query.from> {
  return Query.from(relation)
    .select({ ...Object.fromEntries(texts.map((name) => [name, columnRef(name)])), ...asNumbers(numbers) })
    .limit(100_000);
}

function sampleQuery(table: Table): Query {
  const place = (role: string): string => withRole(table, role)!.name;
  const named = Object.fromEntries(["sheet", "x", "y"].map((role) => [role, columnRef(place(role))]));
  return rowsOf(table, null)
    .select(named)
    .orderby(withRole(table, "id")?.name ?? place("sheet"))
    .limit(1);
}

export function networkIn(results: Results): Network {
  const rows = (name: string): Record<string, unknown>[] => objects(results[name]!);
  return readNetwork({
    layers: rows("layers"),
    connections: rows("connections"),
    modules: rows("modules"),
    notices: rows("notices"),
  });
}

/** The image of the first sample; null where there is none. */
export function sampleIn({ samples }: Options, results: Results): Sample | null {
  const found = results["sample"];
  if (!samples || !found?.rows) return null;
  const [sheet, x, y] = ["sheet", "x", "y"].map((name) => scalar(found, name)) as [number, number, number];
  const media = samples.media[sheet];
  if (!media) return null;
  return {
    href: media.url,
    part: [x, y, media.tile_width, media.tile_height],
    sheet: [media.width, media.height],
  };
}

export interface Counts {
  rows: number;
  total: number;
  /** Ids of the layers that pass; null for all. */
  passing: ReadonlySet<string> | null;
}

export function countsIn(results: Results): Counts {
  const [rows, total] = [scalar(results["count"]!, "rows"), scalar(results["total"]!, "rows")];
  return {
    rows,
    total,
    passing: rows < total ? new Set(column(results["passing"]!, "id").map(String)) : null,
  };
}

/** What the reader selected, as a condition; null for nothing. */
export const condition = (ids: readonly string[]): ExprNode | null =>
  ids.length ? isAmong("id", ids) : null;
