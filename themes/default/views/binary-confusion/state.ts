/** What the reader changed: the positive class, the threshold, and the cells that filter the page. */
import type { Selected } from "../../src/selected.ts";
import type { ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";
import { say, sayNumber } from "../../src/words.ts";

export const CELLS = ["tp", "fn", "fp", "tn"] as const;
export type CellName = (typeof CELLS)[number];

export interface BinaryState {
  positive?: string;
  threshold?: number;
  cells?: readonly CellName[];
}

/** Reads a state that may come from a link: what does not fit is left out. */
export function readState(options: Options, written: ViewState | null): BinaryState {
  const { positive, threshold, cells } = written ?? {};
  const chosen = Array.isArray(cells) ? CELLS.filter((cell) => cells.includes(cell)) : [];
  const isClass = typeof positive === "string" && options.choices.includes(positive);
  const isNumber = typeof threshold === "number" && Number.isFinite(threshold);
  return {
    ...(isClass && positive !== options.positive ? { positive } : {}),
    ...(isNumber && threshold !== options.threshold ? { threshold } : {}),
    ...(chosen.length ? { cells: chosen } : {}),
  };
}

export function positiveOf(options: Options, { positive }: BinaryState): string {
  return positive ?? options.positive;
}

export function thresholdOf(options: Options, { threshold }: BinaryState): number {
  return threshold ?? options.threshold;
}

/** One click picks a cell, or lets go of it; with a key it adds or removes. */
export function withCell(state: BinaryState, cell: CellName, isAdding: boolean): BinaryState {
  const { cells = [], ...others } = state;
  const isIn = cells.includes(cell);
  const alone = isIn && cells.length === 1 ? [] : [cell];
  const added = isIn ? cells.filter((each) => each !== cell) : [...cells, cell];
  const next = CELLS.filter((each) => (isAdding ? added : alone).includes(each));
  return next.length ? { ...others, cells: next } : others;
}

const WORDS: Readonly<Record<CellName, string>> = {
  tp: say("true positives"),
  fn: say("false negatives"),
  fp: say("false positives"),
  tn: say("true negatives"),
};

export function cellWords(cell: CellName): string {
  return WORDS[cell];
}

export function selectedIn(options: Options, state: BinaryState): Selected[] {
  if (!state.cells) return [];
  const of = say("{positiveof} at {thresholdof}", {
    positiveof: positiveOf(options, state),
    thresholdof: formatThreshold(thresholdOf(options, state)),
  });
  return [{ column: of, values: state.cells.map(cellWords) }];
}

export function formatThreshold(value: number): string {
  return sayNumber(String(Number(value.toPrecision(4))));
}
