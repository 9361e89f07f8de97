/** What a reader can change of a table, as it stands in the link: order, search, columns, widths, selected rows. */
import { kindOf } from "../../src/data/columns.ts";
import type { Column } from "../../src/page.ts";
import { fitting } from "../../src/selected.ts";
import { inOrderOf, type ViewState } from "../../src/view.ts";

export type Id = string | number;
export type Direction = "ascending" | "descending";
export interface SortKey {
  column: string;
  direction: Direction;
}

export interface TableState {
  sort: readonly SortKey[];
  search: string;
  /** Name of the one column that is searched; empty for all texts. */
  within: string;
  /** Names of the columns shown, in their order; null for the author's. */
  columns: readonly string[] | null;
  /** Widths that the reader chose, in px. */
  widths: Readonly<Record<string, number>>;
  ids: readonly Id[];
  /** Number of the row that the reader has scrolled to, from 0. */
  at: number;
}

/** What a table lets a reader change. */
export interface Changeable {
  /** What rows are selected by; null where they cannot be. */
  key: Column | null;
  /** Every column that can be shown. */
  all: readonly Column[];
  searched: readonly Column[];
}

export const WIDTHS = [40, 1200] as const;

/** Beyond any table; a link may say any number. */
const LAST = 1e9;

/** The longest text that is searched for. */
const LONGEST_SEARCH = 200;

export function isSortable(column: Column): boolean {
  return !["list", "binary"].includes(kindOf(column));
}

/** Reads a state that may come from a link: what does not fit the table is left out. */
export function readState(table: Changeable, state: ViewState): TableState {
  const find = (name: unknown): Column | undefined => table.all.find((column) => column.name === name);
  const within = state["within"];
  return {
    sort: readSort(state["sort"], (name) => {
      const found = find(name);
      return found !== undefined && isSortable(found);
    }),
    search: typeof state["search"] === "string" ? state["search"].slice(0, LONGEST_SEARCH) : "",
    within: table.searched.some((column) => column.name === within) ? String(within) : "",
    columns: readColumns(state["columns"], (name) => find(name) !== undefined),
    widths: readWidths(state["widths"], (name) => find(name) !== undefined),
    ids: readIds(state["ids"], table.key),
    at: readAt(state["at"]),
  };
}

/** `["-confidence", "label"]`: names, with a minus for the greatest first. */
function readSort(written: unknown, isKnown: (name: string) => boolean): SortKey[] {
  if (!Array.isArray(written)) return [];
  const keys = written
    .filter((each): each is string => typeof each === "string")
    .map((each): SortKey => {
      const isPlain = isKnown(each) || !each.startsWith("-");
      return isPlain
        ? { column: each, direction: "ascending" }
        : { column: each.slice(1), direction: "descending" };
    })
    .filter((key) => isKnown(key.column));
  return keys.filter((key, index) => keys.findIndex((other) => other.column === key.column) === index);
}

function readColumns(written: unknown, isKnown: (name: string) => boolean): string[] | null {
  if (!Array.isArray(written)) return null;
  const names = [...new Set(written)].filter(
    (each): each is string => typeof each === "string" && isKnown(each),
  );
  return names.length ? names : null;
}

function readWidths(written: unknown, isKnown: (name: string) => boolean): Record<string, number> {
  if (typeof written !== "object" || written === null || Array.isArray(written)) return {};
  const fits = ([name, width]: [string, unknown]): boolean =>
    isKnown(name) && Number.isInteger(width) && Number(width) >= WIDTHS[0] && Number(width) <= WIDTHS[1];
  return Object.fromEntries(Object.entries(written as object).filter(fits)) as Record<string, number>;
}

/** The width that a reader gave a column; a column may be called as what every object has. */
export function givenWidth({ widths }: TableState, name: string): number | undefined {
  return Object.hasOwn(widths, name) ? widths[name] : undefined;
}

function readIds(written: unknown, column: Column | null): Id[] {
  if (!Array.isArray(written) || !column) return [];
  const isText = kindOf(column) === "text";
  const fits = (id: unknown): id is Id => (isText ? typeof id === "string" : Number.isFinite(id));
  return fitting([...new Set(written)].filter(fits));
}

function readAt(at: unknown): number {
  return typeof at === "number" && Number.isInteger(at) && at >= 0 && at <= LAST ? at : 0;
}

/** The state as a link holds it: only what is not as at the start. */
export function writeState(state: TableState): ViewState {
  const sort = state.sort.map((key) => (key.direction === "descending" ? `-${key.column}` : key.column));
  const entries: [string, unknown][] = [
    ["sort", sort.length ? sort : null],
    ["search", state.search || null],
    ["within", state.within || null],
    ["columns", state.columns],
    ["widths", Object.keys(state.widths).length ? state.widths : null],
    ["ids", state.ids.length ? state.ids : null],
    ["at", state.at || null],
  ];
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

/** What of a written state fits, in the order in which it was written. */
export function acceptState(table: Changeable, written: ViewState): ViewState {
  const kept = writeState(readState(table, written));
  return inOrderOf(written, kept);
}

/** One click sorts by a column, the next turns it round, a third goes back; with others kept it is one key of several. */
export function sortedBy(sort: readonly SortKey[], column: string, keep: boolean): SortKey[] {
  const before = sort.find((key) => key.column === column);
  const isOnly = sort.length === 1 || keep;
  const next: Record<Direction, SortKey[]> = {
    ascending: [{ column, direction: "descending" }],
    descending: [],
  };
  const fresh: SortKey[] = before && isOnly ? next[before.direction] : [{ column, direction: "ascending" }];
  if (!keep) return fresh;
  return before ? sort.flatMap((key) => (key === before ? fresh : [key])) : [...sort, ...fresh];
}

/** One click selects one; with a modifier it adds or removes. */
export function toggled(ids: readonly Id[], id: Id, keep: boolean): Id[] {
  if (ids.includes(id)) return keep ? ids.filter((each) => each !== id) : ids.length > 1 ? [id] : [];
  return keep ? [...ids, id] : [id];
}
