/** What a reader changes in an error matrix: which cells are selected, and whether columns are aligned. */
import { inOrderOf, type ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";
import type { Cell } from "./queries.ts";

export interface ErrorMatrixState {
  cells: readonly Cell[];
  /** Whether each predicted class has a column of its own. */
  isAligned: boolean;
}

const MOST_CELLS = 200;

export function readState(_options: Options, { cells, aligned }: ViewState): ErrorMatrixState {
  const listed = Array.isArray(cells) ? cells.filter(isCell).slice(0, MOST_CELLS) : [];
  return { cells: listed, isAligned: aligned === true };
}

function isCell(value: unknown): value is Cell {
  return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === "string");
}

export function writeState(_options: Options, { cells, isAligned }: ErrorMatrixState): ViewState {
  return { ...(cells.length ? { cells } : {}), ...(isAligned ? { aligned: true } : {}) };
}

export function accept(options: Options, written: ViewState): ViewState {
  return inOrderOf(written, writeState(options, readState(options, written)));
}

export function isSame(one: Cell, other: Cell): boolean {
  return one[0] === other[0] && one[1] === other[1];
}
