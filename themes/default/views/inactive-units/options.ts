/** What an author writes of a view of inactive units, and the tables that it is made of. */
import { checkNames, readChoice, readWhole } from "../../src/options.ts";
import type { Table } from "../../src/page.ts";
import { artifactOf, checkColumns, tableBeside, tableWith } from "../../src/tables.ts";
import type { Context } from "../../src/view.ts";

export const ORDERS = ["most", "least"] as const;
export type Order = (typeof ORDERS)[number];

export interface Options {
  layers: Table;
  /** How often units are inactive for each label; null where the page does not have it. */
  classes: Table | null;
  order: Order;
  rows: number;
}

export const MEANINGS = {
  order: "most or least often inactive first; most by default, and the reader's to change",
  rows: "units that are listed at first, 20 by default; the reader can show more",
};

const UNITS = ["id", "layer", "unit", "inputs", "inactive", "share", "low", "high", "is_dead", "mean"];
const LAYERS = ["layer", "position", "units", "dead", "mean_inactive", "sd_inactive"];
const CLASSES = ["id", "label", "inputs", "inactive", "share", "low", "high"];

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("inactive-units", written, Object.keys(MEANINGS));
  const hint = "name the table units of a tool inactive_units: table: artifact/units";
  checkColumns(table, UNITS, "say how often units are inactive", hint);
  const artifact = artifactOf(table);
  return {
    layers: tableBeside(context, artifact, "layers", LAYERS),
    classes: tableWith(context, artifact, CLASSES),
    order: (readChoice(written, "order", ORDERS) as Order | null) ?? "most",
    rows: readWhole(written, "rows", 20, [1, 400]),
  };
}
