/** What a reader changes in a review of labels, read from links that may say anything; decisions are kept elsewhere. */
import { fitting, isId, type Id } from "../../src/selected.ts";
import { inOrderOf, type ViewState } from "../../src/view.ts";
import { countIn, rangeIn } from "../../src/written.ts";
import type { Options } from "./options.ts";

export interface ReviewState {
  /** Random is for a check of samples that nobody doubts. */
  order: "doubtful" | "random";
  /** Range of the score; null for all. */
  range: readonly [number, number] | null;
  rows: number | null;
  ids: readonly Id[];
  /** The sample that the keys are at. */
  at: Id | null;
}

/** Beyond any list that is walked; a link may say any number. */
const MOST_ROWS = 5000;

export function readState({ card }: Options, { order, range, rows, ids, at }: ViewState): ReviewState {
  const listed = Array.isArray(ids) ? ids.filter((each) => isId(card.id, each)) : [];
  return {
    order: order === "random" ? "random" : "doubtful",
    range: rangeIn(range),
    rows: countIn(rows, MOST_ROWS),
    ids: fitting(listed as Id[]),
    at: isId(card.id, at) ? at : null,
  };
}

export function writeState(_options: Options, { order, range, rows, ids, at }: ReviewState): ViewState {
  return {
    ...(order === "random" ? { order } : {}),
    ...(range ? { range } : {}),
    ...(rows === null ? {} : { rows }),
    ...(ids.length ? { ids } : {}),
    ...(at === null ? {} : { at }),
  };
}

export function accept(options: Options, written: ViewState): ViewState {
  return inOrderOf(written, writeState(options, readState(options, written)));
}
