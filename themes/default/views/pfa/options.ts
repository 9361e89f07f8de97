/** What an author writes of a view of principal filter analysis, and the tables that it is made of. */
import { checkNames, readChoice, readNumber, readText, readWhole } from "../../src/options.ts";
import type { Table } from "../../src/page.ts";
import { artifactOf, checkColumns, tableBeside } from "../../src/tables.ts";
import type { Context } from "../../src/view.ts";

export const STRATEGIES = ["kl", "energy", "size"] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface Options {
  layers: Table;
  spectrum: Table;
  strategy: Strategy;
  energy: number;
  size: number;
  /** The layer that is looked into at first; null for the one of which least is needed. */
  layer: string | null;
  rows: number;
}

export const MEANINGS = {
  strategy: "what recommends how many units are kept: kl, energy or size; kl by default, and the reader's",
  energy: "share of the variance that the strategy energy keeps, 0.95 by default",
  size: "share of all units that the strategy size keeps, 0.5 by default",
  layer: "the layer that is looked into at first; the one of which the least is needed by default",
  rows: "units that are shown at first, 256 by default; the reader can show more",
};

const UNITS = ["id", "layer", "unit", "place", "is_active", "nearest", "nearest_correlation"];
const LAYERS = ["layer", "position", "units", "is_enough", "ratio", "recommended_kl"];
const SPECTRUM = ["layer", "component", "before", "energy"];

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("pfa", written, Object.keys(MEANINGS));
  checkColumns(table, UNITS, "hold units", "name the table units of a tool pfa: table: artifact/units");
  const artifact = artifactOf(table);
  const share = [0, 1] as const;
  return {
    layers: tableBeside(context, artifact, "layers", LAYERS),
    spectrum: tableBeside(context, artifact, "spectrum", SPECTRUM),
    strategy: (readChoice(written, "strategy", STRATEGIES) as Strategy | null) ?? "kl",
    energy: readNumber(written, "energy", 0.95, share),
    size: readNumber(written, "size", 0.5, share),
    layer: readText(written, "layer"),
    rows: readWhole(written, "rows", 256, [1, 4096]),
  };
}
