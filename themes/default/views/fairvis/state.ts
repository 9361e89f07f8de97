/** What the reader changed, as it stands in the link: columns, metric, layout, and which groups are kept or pinned. */
import { asRelation } from "../../src/data/columns.ts";
import { translateFilter } from "../../src/data/expression.ts";
import { ProblemError } from "../../src/problem.ts";
import type { Column } from "../../src/page.ts";
import { inOrderOf, type Context, type ViewState } from "../../src/view.ts";
import { textsIn } from "../../src/written.ts";
import { METRICS, type Metric } from "./metrics.ts";
import {
  knownClasses,
  LAYOUTS,
  LISTS,
  MEANS,
  MOST_COLUMNS,
  type Layout,
  type List,
  type Options,
} from "./options.ts";

/** A group by the values of its columns: JSON, so that it can be compared and kept in a link. */
export type Key = string;

export interface FairState {
  by: readonly Column[];
  metric: Metric;
  /** A mean of classes, or the name of one. */
  of: string;
  layout: Layout;
  minimum: number;
  /** Groups whose rows the page keeps. */
  groups: readonly Key[];
  /** Groups that are held side by side. */
  pins: readonly Key[];
  /** The suggested or similar groups that the page keeps, as a filter expression; empty for none. */
  expression: string;
  /** Lists that are shown whole. */
  opened: readonly List[];
}

export const MOST_PICKED = 50;
const MOST_SAMPLES = 1_000_000;

export const keyOf = (values: readonly unknown[]): Key => JSON.stringify(values);

export function valuesOf(key: Key): unknown[] {
  return JSON.parse(key) as unknown[];
}

/** Reads a state that may come from a link: what does not fit is as the author wrote it. */
export function readState(options: Options, state: ViewState | null, context: Context): FairState {
  const written = state ?? {};
  const by = readBy(options, written["by"]);
  const { metric, of, layout, minimum, expression } = written;
  return {
    by,
    metric:
      typeof metric === "string" && Object.hasOwn(METRICS, metric) ? (metric as Metric) : options.metric,
    of: typeof of === "string" && isOf(of, options, context) ? of : options.of,
    layout: LAYOUTS.includes(layout as Layout) ? (layout as Layout) : options.layout,
    minimum: isCount(minimum) ? minimum : options.minimum,
    groups: readKeys(written["groups"], by).slice(0, MOST_PICKED),
    pins: readKeys(written["pins"], by).slice(0, 2),
    expression: typeof expression === "string" && isExpression(expression, context) ? expression : "",
    opened: LISTS.filter((list) => textsIn(written["opened"]).includes(list)),
  };
}

const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_SAMPLES;

/** Classes that a table does not list are known with its answers only: any short name is taken. */
function isOf(of: string, options: Options, { table }: Context): boolean {
  const names = knownClasses(options, table);
  return (MEANS as readonly string[]).includes(of) || (names.length ? names.includes(of) : of.length <= 200);
}

function readBy(options: Options, value: unknown): readonly Column[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_COLUMNS) return options.by;
  const found = value.map((name) => options.choices.find((column) => column.name === name));
  const isWhole = found.every((column) => column !== undefined) && new Set(value).size === value.length;
  return isWhole ? (found as Column[]) : options.by;
}

/** Groups are lists of one plain value for each column. */
function readKeys(value: unknown, by: readonly Column[]): Key[] {
  if (!Array.isArray(value)) return [];
  const kept = value.filter(
    (each: unknown) =>
      Array.isArray(each) &&
      each.length === by.length &&
      each.every((part, at) => part === null || isPlain(part, by[at]!)),
  );
  return [...new Set(kept.map((each) => keyOf(each as unknown[])))];
}

/** The database stops at a text among numbers. */
function isPlain(value: unknown, { type }: Column): boolean {
  if (type === "bool") return typeof value === "boolean";
  return ["string", "dictionary"].includes(type) ? typeof value === "string" : Number.isFinite(value);
}

function isExpression(text: string, { table }: Context): boolean {
  try {
    translateFilter(text, asRelation(table));
    return true;
  } catch (error) {
    if (error instanceof ProblemError) return false;
    throw error;
  }
}

/** The state as a link holds it: only what is not as the author wrote it. */
export function writeState(options: Options, state: FairState): ViewState {
  const names = state.by.map((column) => column.name);
  const isSame = names.join("\n") === options.by.map((column) => column.name).join("\n");
  return {
    ...(isSame ? {} : { by: names }),
    ...(state.metric === options.metric ? {} : { metric: state.metric }),
    ...(state.of === options.of ? {} : { of: state.of }),
    ...(state.layout === options.layout ? {} : { layout: state.layout }),
    ...(state.minimum === options.minimum ? {} : { minimum: state.minimum }),
    ...(state.groups.length ? { groups: state.groups.map(valuesOf) } : {}),
    ...(state.pins.length ? { pins: state.pins.map(valuesOf) } : {}),
    ...(state.expression ? { expression: state.expression } : {}),
    ...(state.opened.length ? { opened: state.opened } : {}),
  };
}

export function accept(options: Options, written: ViewState, context: Context): ViewState {
  const kept = writeState(options, readState(options, written, context));
  // In the order in which the link names them, so that it can be compared.
  return inOrderOf(written, kept);
}
