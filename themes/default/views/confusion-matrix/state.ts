/** What the reader changed, as it stands in the link: how the matrix is drawn, what is open, what is selected. */
import type { Selected } from "../../src/selected.ts";
import type { ViewState } from "../../src/view.ts";
import {
  ENCODINGS,
  HITS,
  MEASURES,
  NORMALIZATIONS,
  ORDERS,
  SCALES,
  type Look,
  type MeasureName,
  type Options,
} from "./options.ts";
import { fullName, idOf, type Key } from "./tree.ts";
import { say } from "../../src/words.ts";

/** A node of an axis, or all that is outside one. */
export type Mark = Key | { not: Key };

/** Only samples are counted whose label, or prediction, is this. */
export interface Given {
  side: "actual" | "predicted";
  dimension: number;
  value: string;
}

/** Left, right, top and bottom of what is looked at, in cells. */
export type Window = readonly [left: number, right: number, top: number, bottom: number];

export interface MatrixState extends Partial<Look> {
  /** The nested columns, where they are not all in the author's order. */
  nest?: readonly number[];
  given?: Given;
  /** The inner node that is looked into. */
  focus?: Key;
  /** Inner nodes that are closed though they were open at first, or open though they were closed. */
  toggled?: readonly Key[];
  window?: Window;
  cells?: readonly (readonly [Mark, Mark])[];
  rows?: readonly Mark[];
  columns?: readonly Mark[];
}

const MOST_MARKS = 200;
const LONGEST_KEY = 2000;

const CHOICES = {
  normalize: NORMALIZATIONS,
  encoding: ENCODINGS,
  scale: SCALES,
  order: ORDERS,
  hits: HITS,
} as const;

/** Reads a state that may come from a link: what does not fit is left out. */
export function readState(options: Options, written: ViewState | null): MatrixState {
  const state = written ?? {};
  const chosen = Object.entries(CHOICES).map(([name, all]) => {
    const value = state[name];
    const isOther = (all as readonly unknown[]).includes(value) && value !== options[name as keyof Look];
    return [name, isOther ? value : undefined];
  });
  const nest = readNest(options, state["nest"]);
  // A key names a value of each nested column at most.
  const most = (nest ?? options.dimensions).length;
  const isKey = (value: unknown): value is Key => isValues(value) && value.length <= most;
  const isMark = (value: unknown): value is Mark => isKey(value) || isOutside(value, isKey);
  const isPair = (value: unknown): value is [Mark, Mark] =>
    Array.isArray(value) && value.length === 2 && value.every(isMark);
  return compact({
    ...(Object.fromEntries(chosen) as Partial<Look>),
    errors:
      typeof state["errors"] === "boolean" && state["errors"] !== options.errors
        ? state["errors"]
        : undefined,
    measures: readMeasures(options, state["measures"]),
    nest,
    given: readGiven(options, state["given"]),
    focus: isKey(state["focus"]) && state["focus"].length ? state["focus"] : undefined,
    toggled: listOf(state["toggled"], isKey),
    window: isWindow(state["window"]) ? state["window"] : undefined,
    cells: listOf(state["cells"], isPair),
    rows: listOf(state["rows"], isMark),
    columns: listOf(state["columns"], isMark),
  });
}

type Loose = { [Name in keyof MatrixState]: MatrixState[Name] | undefined };

/** Leaves out what is as at the start, so that the link stays short; no measures at all are a choice. */
export function compact(state: Loose): MatrixState {
  const isSaid = ([name, value]: [string, unknown]): boolean =>
    value !== undefined && !(Array.isArray(value) && value.length === 0 && name !== "measures");
  return Object.fromEntries(Object.entries(state).filter(isSaid)) as MatrixState;
}

function readMeasures(options: Options, value: unknown): readonly MeasureName[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const found = MEASURES.filter((name) => value.includes(name));
  const isSame =
    found.length === options.measures.length && found.every((name) => options.measures.includes(name));
  return isSame || value.some((name) => !found.includes(name as MeasureName)) ? undefined : found;
}

function readNest({ dimensions }: Options, value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || new Set(value).size < value.length) return undefined;
  const isAll = value.length === dimensions.length && value.every((at, index) => at === index);
  return isAll || !value.every((at) => Number.isInteger(at) && at >= 0 && at < dimensions.length)
    ? undefined
    : (value as number[]);
}

function readGiven({ dimensions }: Options, value: unknown): Given | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { side, dimension, value: of } = value as Partial<Given>;
  if (side !== "actual" && side !== "predicted") return undefined;
  if (typeof of !== "string" || of.length > LONGEST_KEY) return undefined;
  return Number.isInteger(dimension) && dimension! >= 0 && dimension! < dimensions.length
    ? { side, dimension: dimension!, value: of }
    : undefined;
}

function isValues(value: unknown): value is Key {
  const isText = (each: unknown): boolean => typeof each === "string" && each.length <= LONGEST_KEY;
  return Array.isArray(value) && value.every(isText);
}

function isOutside(value: unknown, isKey: (key: unknown) => boolean): value is { not: Key } {
  return typeof value === "object" && value !== null && isKey((value as { not?: unknown }).not);
}

function isWindow(value: unknown): value is Window {
  if (!Array.isArray(value) || value.length !== 4 || !value.every(Number.isFinite)) return false;
  const [left, right, top, bottom] = value as number[];
  return left! < right! && top! < bottom!;
}

function listOf<T>(value: unknown, isOne: (each: unknown) => each is T): T[] {
  return Array.isArray(value) ? value.filter(isOne).slice(0, MOST_MARKS) : [];
}

export function lookOf(options: Options, state: MatrixState): Look {
  const { normalize, encoding, scale, order, errors, hits, measures } = { ...options, ...state };
  return { normalize, encoding, scale, order, errors, hits, measures };
}

export function markId(mark: Mark): string {
  return "not" in mark ? say("not {idof}", { idof: idOf(mark.not) }) : idOf(mark);
}

export function markName(mark: Mark): string {
  if ("not" in mark) return say("anything but {fullname}", { fullname: fullName(mark.not) });
  return mark.length ? fullName(mark) : say("all");
}

export function hasSelection({ cells, rows, columns }: MatrixState): boolean {
  return Boolean(cells ?? rows ?? columns);
}

/** Takes one mark of a list, lets go of it, or with `isAdding` does so beside the others. */
export function withMark(
  state: MatrixState,
  what: { cell: readonly [Mark, Mark] } | { row: Mark } | { column: Mark },
  isAdding: boolean,
): MatrixState {
  const id = (pair: readonly [Mark, Mark]): string => pair.map(markId).join(" ");
  const none = { cells: undefined, rows: undefined, columns: undefined };
  const isAlone = (state.cells?.length ?? 0) + (state.rows?.length ?? 0) + (state.columns?.length ?? 0) === 1;
  const changed = <T>(list: readonly T[] = [], one: T, name: (each: T) => string): T[] => {
    const isIn = list.some((each) => name(each) === name(one));
    if (!isAdding) return isIn && isAlone ? [] : [one];
    return isIn ? list.filter((each) => name(each) !== name(one)) : [...list, one].slice(-MOST_MARKS);
  };
  const base = isAdding ? state : { ...state, ...none };
  if ("cell" in what) return compact({ ...base, cells: changed(state.cells, what.cell, id) });
  if ("row" in what) return compact({ ...base, rows: changed(state.rows, what.row, markId) });
  return compact({ ...base, columns: changed(state.columns, what.column, markId) });
}

export function cleared(state: MatrixState): MatrixState {
  return compact({ ...state, cells: undefined, rows: undefined, columns: undefined });
}

/** The selection in words. */
export function selectedIn(options: Options, state: MatrixState): Selected[] {
  const { label, prediction } = options.dimensions[0]!;
  const { cells = [], rows = [], columns = [] } = state;
  return [
    ...(cells.length
      ? [
          {
            column: `${label.name} → ${prediction.name}`,
            values: cells.map((pair) => pair.map(markName).join(" → ")),
          },
        ]
      : []),
    ...(rows.length ? [{ column: label.name, values: rows.map(markName) }] : []),
    ...(columns.length ? [{ column: prediction.name, values: columns.map(markName) }] : []),
  ];
}
