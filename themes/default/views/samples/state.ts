/** What a reader changes in a samples view, read from links that may say anything. */
import { SIZES, type Size } from "../../src/cards.ts";
import { isId, type Id } from "../../src/selected.ts";
import type { ViewState } from "../../src/view.ts";
import type { Options } from "./options.ts";

export type { Id };

/** Beyond any table; a link may say any number. */
const LAST = 1e9;

/** Longest text that is searched for. */
const LONGEST_SEARCH = 200;

/** Number of the card that the reader has scrolled to, from 0. */
export function atOf(state: ViewState): number {
  const { at } = state;
  return typeof at === "number" && Number.isInteger(at) && at >= 0 && at <= LAST ? at : 0;
}

/** What is searched for in the texts; empty where there are none. */
export function searchOf(options: Options, state: ViewState): string {
  const { search } = state;
  return options.searched.length && typeof search === "string" ? search.slice(0, LONGEST_SEARCH) : "";
}

export function sizeOf(options: Options, state: ViewState): Size {
  return SIZES.find((size) => size === state["size"]) ?? options.size;
}

export function selectedIds(options: Options, state: ViewState): Id[] {
  const { ids } = state;
  return Array.isArray(ids) ? ids.filter((id) => isId(options.id, id)) : [];
}

/** The sample that is shown whole, or null. */
export function openId(options: Options, state: ViewState): Id | null {
  const { open } = state;
  return isId(options.id, open) ? open : null;
}

/** Groups are named in a link by their values. */
function isValue(value: unknown): boolean {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

export function closedGroups(state: ViewState): unknown[] {
  const { closed } = state;
  return Array.isArray(closed) ? closed.filter(isValue) : [];
}

export function accept(options: Options, state: ViewState): ViewState {
  const fitting: ViewState = {
    ids: selectedIds(options, state),
    at: atOf(state),
    search: searchOf(options, state),
    size: SIZES.find((size) => size === state["size"]),
    open: openId(options, state),
    closed: options.group ? closedGroups(state) : [],
  };
  const isKept = (key: string): boolean => {
    const value = fitting[key];
    if (Array.isArray(value)) return value.length > 0;
    return value !== null && value !== undefined && value === state[key];
  };
  const kept = Object.keys(state).filter((key) => Object.hasOwn(fitting, key) && isKept(key));
  return Object.fromEntries(kept.map((key) => [key, fitting[key]]));
}

/** Leaves out what is as at the start, so that the link stays short. */
export function compact(options: Options, state: ViewState): ViewState {
  const isStart = (key: string, value: unknown): boolean =>
    (key === "at" && value === 0) ||
    (key === "search" && value === "") ||
    (key === "size" && value === options.size) ||
    value === null ||
    (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(state).filter(([key, value]) => !isStart(key, value)));
}
