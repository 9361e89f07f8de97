/** What a reader changes in a view of inactive units, read from links that may say anything. */
import { countIn, rangeIn, textsIn } from "../../src/written.ts";
import { inOrderOf, type ViewState } from "../../src/view.ts";
import { ORDERS, type Options, type Order } from "./options.ts";

export interface InactiveState {
  order: Order;
  /** Shares that are brushed. */
  range: readonly [number, number] | null;
  /** Layers that are selected. */
  layers: readonly string[];
  /** Units that are selected, by id; the last one is looked into. */
  ids: readonly string[];
  /** Units that are listed; null for as many as at first. */
  rows: number | null;
}

const MOST_ROWS = 2000;

function readRange(range: unknown): InactiveState["range"] {
  const found = rangeIn(range);
  return found && found[0] >= 0 && found[1] <= 1 ? found : null;
}

export function readState(options: Options, written: ViewState): InactiveState {
  const { order, range, layers, ids, rows } = written;
  return {
    order: ORDERS.find((each) => each === order) ?? options.order,
    range: readRange(range),
    layers: textsIn(layers),
    ids: textsIn(ids),
    rows: countIn(rows, MOST_ROWS),
  };
}

/** The state as a link holds it: only what is not as at first. */
export function writeState(options: Options, state: InactiveState): ViewState {
  const { order, range, layers, ids, rows } = state;
  return {
    ...(order === options.order ? {} : { order }),
    ...(range ? { range } : {}),
    ...(layers.length ? { layers } : {}),
    ...(ids.length ? { ids } : {}),
    ...(rows === null ? {} : { rows }),
  };
}

export function accept(options: Options, written: ViewState): ViewState {
  return inOrderOf(written, writeState(options, readState(options, written)));
}
