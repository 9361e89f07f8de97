/** What a network's tables are asked for: all of them, and which of its layers pass the page's filters. */
import { column as columnRef, Query } from "@uwdata/mosaic-sql";
import { column, objects, scalar } from "../data/result.ts";
import { asNumbers, countOf, rowsOf } from "../data/rows.ts";
import type { Table } from "../page.ts";
import { checkColumns, tableBeside, artifactOf } from "../tables.ts";
import type { Context, NamedQuery, Results } from "../view.ts";
import { MOST_LAYERS, MOST_PARTS, readNetwork, type Network } from "./network.ts";

/** The tables of one network. */
export interface NetworkTables {
  layers: Table;
  connections: Table;
  modules: Table;
  notices: Table;
}

const NEEDED = [
  "id",
  "position",
  "kind",
  "type",
  "category",
  "features",
  "input_resolution",
  "output_resolution",
];
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

/** The tables beside that of a network's layers; throws where one is not on the page, or is no such table. */
export function tablesBeside(context: Context, layers: Table): NetworkTables {
  const hint = "name the table layers of a tool architecture: table: artifact/layers";
  checkColumns(layers, NEEDED, "hold layers", hint);
  const artifact = artifactOf(layers);
  return {
    layers,
    connections: tableBeside(context, artifact, "connections", ["source", "target", "target_input"]),
    modules: tableBeside(context, artifact, "modules", ["path", "type", "depth"]),
    notices: tableBeside(context, artifact, "notices", ["place", "what"]),
  };
}

/** What tells notices of missing parts from others, where the table says it. */
const noticeColumns = ({ columns }: Table): string[] => [
  ...["place", "what"],
  ...columns.filter(({ name }) => name === "kind").map(({ name }) => name),
];

/** Questions by name; ``of`` tells those of one network of a view from those of another. */
export function networkQueries(
  { layers, connections, modules, notices }: NetworkTables,
  of = "",
): Record<string, NamedQuery> {
  const whole = (asked: () => Query): NamedQuery => ({ filtered: false, sql: asked });
  const { relation } = layers;
  const named: Record<string, NamedQuery> = {
    layers: whole(() => layersQuery(layers)),
    connections: whole(() =>
      all(connections, ["source", "target"], ["source_output", "target_input", "position"]).orderby(
        "position",
      ),
    ),
    modules: whole(() => all(modules, ["path", "type"], ["position"]).orderby("position")),
    notices: whole(() => all(notices, noticeColumns(notices), []).orderby("place", "what").limit(50)),
    total: whole(() => countOf(layers, null)),
    count: { filtered: true, relation, sql: (filter) => countOf(layers, filter) },
    passing: {
      filtered: true,
      relation,
      sql: (filter) =>
        rowsOf(layers, filter)
          .select({ id: columnRef("id") })
          .orderby("id")
          .limit(MOST_LAYERS),
    },
  };
  return Object.fromEntries(Object.entries(named).map(([name, query]) => [of + name, query]));
}

/** One more is asked for than is read, so that exactly as many are known to be all. */
function layersQuery(table: Table): Query {
  const has = (name: string): boolean => table.columns.some((column) => column.name === name);
  const plain = [...TEXTS, ...MORE].filter(has).map((name) => [name, columnRef(name)] as const);
  return rowsOf(table, null)
    .select({ ...Object.fromEntries(plain), ...asNumbers(NUMBERS.filter(has)) })
    .orderby("position")
    .limit(MOST_LAYERS + 1);
}

function all(
  { relation }: Table,
  texts: readonly string[],
  numbers: readonly string[],
): ReturnType<typeof Query.from> {
  return Query.from(relation)
    .select({ ...Object.fromEntries(texts.map((name) => [name, columnRef(name)])), ...asNumbers(numbers) })
    .limit(MOST_PARTS + 1);
}

export function networkIn(results: Results, of = ""): Network {
  const rows = (name: string): Record<string, unknown>[] => objects(results[of + name]!);
  return readNetwork({
    layers: rows("layers"),
    connections: rows("connections"),
    modules: rows("modules"),
    notices: rows("notices"),
  });
}

export interface Counts {
  rows: number;
  total: number;
  /** Ids of the layers that pass; null for all. */
  passing: ReadonlySet<string> | null;
}

export function countsIn(results: Results, of = ""): Counts {
  const [rows, total] = [scalar(results[`${of}count`]!, "rows"), scalar(results[`${of}total`]!, "rows")];
  return {
    rows,
    total,
    passing: rows < total ? new Set(column(results[`${of}passing`]!, "id").map(String)) : null,
  };
}
