/** What a reader changes in a view of familiarity, read from links that may say anything. */
import { isId, type Id } from "../../src/selected.ts";
import { countIn, rangeIn } from "../../src/written.ts";
import { inOrderOf, type ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";

/** A value that groups samples. */
export type Value = string | number | boolean;

export interface FamiliarityState {
  order: "least" | "most";
  /** The group within which samples are compared; null for all samples. */
  within: Value | null;
  /** Scores that are brushed. */
  range: readonly [number, number] | null;
  /** Groups that are selected. */
  groups: readonly Value[];
  /** Samples that are selected. */
  ids: readonly Id[];
  /** Samples that are shown; null for as many as at first. */
  rows: number | null;
  /** Whether the groups beyond the first are shown. */
  isUnfolded: boolean;
}

const MOST_ROWS = 2000;

const isValue = (value: unknown): value is Value =>
  typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);

export function readState(options: Options, written: ViewState): FamiliarityState {
  const { order, within, groups, ids, rows } = written;
  return {
    order: order === "least" || order === "most" ? order : options.order,
    within: options.by && isValue(within) ? within : null,
    range: rangeIn(written["range"]),
    groups: options.by && Array.isArray(groups) ? groups.filter(isValue) : [],
    ids: Array.isArray(ids) ? ids.filter((each) => isId(options.card.id, each)) : [],
    rows: countIn(rows, MOST_ROWS),
    isUnfolded: written["unfolded"] === true,
  };
}

/** The state as a link holds it: only what is not as at first. */
export function writeState(options: Options, state: FamiliarityState): ViewState {
  const { order, within, range, groups, ids, rows, isUnfolded } = state;
  return {
    ...(order === options.order ? {} : { order }),
    ...(within === null ? {} : { within }),
    ...(range ? { range } : {}),
    ...(groups.length ? { groups } : {}),
    ...(ids.length ? { ids } : {}),
    ...(rows === null ? {} : { rows }),
    ...(isUnfolded ? { unfolded: true } : {}),
  };
}

export function accept(options: Options, written: ViewState): ViewState {
  const kept = writeState(options, readState(options, written));
  return inOrderOf(written, kept);
}
