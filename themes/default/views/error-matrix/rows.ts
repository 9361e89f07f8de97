/** The rows of an error matrix: a label, the samples that are as labelled, and the classes that others are taken for. */
import { objects } from "../../src/data/result.ts";
import type { Tile } from "../../src/cards.ts";
import type { Decision } from "../../src/corrections/journal.ts";
import type { Context, Results } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { BINS, countedIn, type Counted } from "./queries.ts";
import type { ErrorMatrixState } from "./state.ts";

export interface Drawn {
  label: string;
  prediction: string;
  /** Samples, those that pass the filters, and those that nobody has decided of yet. */
  rows: number;
  passing: number;
  open: number;
  /** Sum of the confidences of those. */
  score: number;
  twins: number;
  bins: readonly number[];
  tile: Tile | null;
}

export interface Row {
  label: string;
  /** The cell of those that are predicted as labelled; null where there are none. */
  agreed: Drawn | null;
  cells: readonly Drawn[];
  /** Samples that are predicted otherwise. */
  disagreements: number;
  /** Cells that are not drawn. */
  left: number;
}

export interface Scene {
  options: Options;
  context: Context;
  state: ErrorMatrixState;
  results: Results;
  rows: readonly Row[];
  /** Labels that are not drawn. */
  left: number;
  /** The greatest score of a cell off the diagonal. */
  most: number;
  disagreements: number;
  /** Predicted classes, in the order of aligned columns. */
  columns: readonly string[];
}

export function sceneOf(
  options: Options,
  results: Results,
  state: ErrorMatrixState,
  context: Context,
  decided: Iterable<Decision> = [],
): Scene {
  const cells = cellsOf(results, decided);
  const labels = [...new Set(cells.map(({ label }) => label))];
  const rows = labels
    .map((label) =>
      rowOf(
        options,
        label,
        cells.filter((cell) => cell.label === label),
        state.isAligned,
      ),
    )
    .filter(({ cells: off }) => off.length > 0)
    .sort((a, b) => b.disagreements - a.disagreements || (a.label < b.label ? -1 : 1));
  const shown = rows.slice(0, options.rows);
  const off = shown.flatMap((row) => row.cells);
  const columns = [...new Set(off.map(({ prediction }) => prediction))];
  const order = new Map(context.table.classes.map((name, place) => [name, place]));
  return {
    ...{ options, context, state, results, rows: shown, left: rows.length - shown.length },
    most: Math.max(0, ...off.map(({ score }) => score), ...scoresOfPeers(context)),
    disagreements: rows.reduce((sum, row) => sum + row.disagreements, 0),
    columns: columns.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)),
  };
}

/** Groups of a split page share the scale of their shades. */
function scoresOfPeers({ group }: Context): number[] {
  const all = (group?.peers ?? []).flatMap((peer) => countedIn(peer, "whole"));
  return all.filter(({ label, prediction }) => label !== prediction).map(({ score }) => score);
}

function rowOf(options: Options, label: string, cells: readonly Drawn[], isAligned: boolean): Row {
  const off = cells
    .filter(({ prediction, open }) => prediction !== label && open > 0)
    .sort((a, b) => b.open - a.open || (a.prediction < b.prediction ? -1 : 1));
  const shown = isAligned ? off : off.slice(0, options.cells);
  return {
    label,
    agreed: cells.find(({ prediction }) => prediction === label) ?? null,
    cells: shown,
    disagreements: off.reduce((sum, { open }) => sum + open, 0),
    left: off.length - shown.length,
  };
}

/** The cells less those samples of which somebody decided: what is dealt with leaves the matrix. */
function cellsOf(results: Results, decided: Iterable<Decision>): Drawn[] {
  const key = (label: unknown, prediction: unknown): string => JSON.stringify([label, prediction]);
  const done = new Map<string, number>();
  for (const { old, prediction } of decided)
    done.set(key(old, prediction), (done.get(key(old, prediction)) ?? 0) + 1);
  const passing = new Map(countedIn(results, "passing").map((each) => [keyOf(each), each.rows]));
  const tiles = new Map(objects(results["shown"]!).map((each) => [keyOf(each as unknown as Counted), each]));
  return countedIn(results, "whole").map((each) => {
    const open = Math.max(0, each.rows - (done.get(keyOf(each)) ?? 0));
    return {
      ...{ label: each.label, prediction: each.prediction, rows: each.rows, twins: each.twins, open },
      passing: passing.get(keyOf(each)) ?? 0,
      score: each.rows ? (each.score * open) / each.rows : 0,
      bins: Array.from({ length: BINS }, (_, bin) => Number(each[`bin_${bin}`])),
      tile: (tiles.get(keyOf(each)) as Tile | undefined) ?? null,
    };
  });
}

function keyOf({ label, prediction }: Pick<Counted, "label" | "prediction">): string {
  return JSON.stringify([label, prediction]);
}
