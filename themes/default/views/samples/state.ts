/** What a reader changes in a samples view, read from links that may say anything. */
import { kindOf } from "../../src/data/columns.ts";
import type { ViewState } from "../../src/view.ts";
import { SIZES, type Options, type Size } from "./options.ts";

export type Id = string | number;

/** Beyond any table; a link may say any number. */
const LAST_PAGE = 1e9;

export function pageOf(state: ViewState): number {
  const page = Number(state["page"] ?? 0);
  return Number.isInteger(page) && page >= 0 && page <= LAST_PAGE ? page : 0;
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

/** Windows that a group shows beyond its first, by the group's value. */
export function moreOf(state: ViewState): (readonly [unknown, number])[] {
  const { more } = state;
  if (!Array.isArray(more)) return [];
  return more.filter(
    (each): each is [unknown, number] =>
      Array.isArray(each) && each.length === 2 && isValue(each[0]) && isWindows(each[1]),
  );
}

function isWindows(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= 100;
}

export function accept(options: Options, state: ViewState): ViewState {
  const fitting: ViewState = {
    ids: selectedIds(options, state),
    page: pageOf(state),
    size: SIZES.find((size) => size === state["size"]),
    open: openId(options, state),
    closed: options.group ? closedGroups(state) : [],
    more: options.group ? moreOf(state) : [],
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
    (key === "page" && value === 0) ||
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

/** From one sample to another, both included, in the order shown. */
export function between(shown: readonly Id[], from: Id | null, to: Id): Id[] {
  const [a, b] = [from === null ? -1 : shown.indexOf(from), shown.indexOf(to)];
  return a < 0 ? [to] : shown.slice(Math.min(a, b), Math.max(a, b) + 1);
}
