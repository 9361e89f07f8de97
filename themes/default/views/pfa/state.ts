/** What a reader changes in a view of principal filter analysis, read from links that may say anything. */
import { countIn, textsIn } from "../../src/written.ts";
import { inOrderOf, type ViewState } from "../../src/view.ts";
import { STRATEGIES, type Options, type Strategy } from "./options.ts";

export interface PfaState {
  strategy: Strategy;
  energy: number;
  size: number;
  /** Layers that are selected; the last one is looked into. */
  layers: readonly string[];
  /** Units that are selected, by id. */
  ids: readonly string[];
  /** Units that are shown; null for as many as at first. */
  rows: number | null;
}

const MOST_ROWS = 4096;

const isShare = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= 1;

export function readState(options: Options, written: ViewState): PfaState {
  const { strategy, energy, size, layers, ids, rows } = written;
  return {
    strategy: STRATEGIES.find((each) => each === strategy) ?? options.strategy,
    energy: isShare(energy) ? energy : options.energy,
    size: isShare(size) ? size : options.size,
    layers: textsIn(layers),
    ids: textsIn(ids),
    rows: countIn(rows, MOST_ROWS),
  };
}

/** The state as a link holds it: only what is not as at first. */
export function writeState(options: Options, state: PfaState): ViewState {
  const { strategy, energy, size, layers, ids, rows } = state;
  return {
    ...(strategy === options.strategy ? {} : { strategy }),
    ...(energy === options.energy ? {} : { energy }),
    ...(size === options.size ? {} : { size }),
    ...(layers.length ? { layers } : {}),
    ...(ids.length ? { ids } : {}),
    ...(rows === null ? {} : { rows }),
  };
}

export function accept(options: Options, written: ViewState): ViewState {
  return inOrderOf(written, writeState(options, readState(options, written)));
}
