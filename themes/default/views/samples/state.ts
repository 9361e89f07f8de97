/** What a reader changes in a samples view, read from links that may say anything. */
import { kindOf } from "../../src/data/columns.ts";
import type { ViewState } from "../../src/view.ts";
import { SIZES, type Options, type Size } from "./options.ts";

export type Id = string | number;

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

/** Whether a value is one of the id's kind; the database stops at a text among numbers. */
function isId(options: Options, value: unknown): value is Id {
  return kindOf(options.id) === "text" ? typeof value === "string" : Number.isFinite(value);
}

export function selectedIds(options: Options, state: ViewState): Id[] {
  const { ids } = state;
  return Array.isArray(ids) ? ids.filter((id) => isId(options, id)) : [];
}

/** The sample that is shown whole, or null. */
export function openId(options: Options, state: ViewState): Id | null {
  const { open } = state;
  return isId(options, open) ? open : null;
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

/** One click selects one; one that adds or removes keeps the others. */
export function toggled(ids: readonly Id[], id: Id, keep: boolean): Id[] {
  if (ids.includes(id)) return keep ? ids.filter((each) => each !== id) : ids.length > 1 ? [id] : [];
  return keep ? [...ids, id] : [id];
}
