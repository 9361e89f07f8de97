/**
 * What a scatter view asks. An answer names in its first column what it was asked for (`cells …`, `points …`), because
 * the reader may have moved on when it arrives: it is then drawn where it belongs, or waited for.
 */
import {
  avg,
  cast,
  column as columnRef,
  count,
  max,
  min,
  sql,
  type ExprNode,
  type SelectQuery,
} from "@uwdata/mosaic-sql";
import { column as values, scalar, type Result } from "../../src/data/result.ts";
import { rowsOf } from "../../src/data/rows.ts";
import type { Table } from "../../src/page.ts";
import { finite } from "../../src/vega/chart.ts";
import type { Filter, NamedQuery, Results } from "../../src/view.ts";
import { boundsOf, grown, latticeBounds, latticeOf, type Bounds, type Lattice } from "./bounds.ts";
import { codeOf, colouringQueries, readColouring, type Colouring } from "./colouring.ts";
import { parse, type Options } from "./options.ts";
import { boxPredicate } from "./regions.ts";
import { coordinate } from "./source.ts";
import { columnOf, type ScatterState } from "./state.ts";

/** What the first questions found out. */
export interface Facts {
  /** All rows, and those that have a place. */
  total: number;
  placed: number;
  extent: Bounds;
  colouring: Colouring;
}

/** What is asked of the window: its lattice, and whether points or cells. */
export interface Asked {
  facts: Facts;
  lattice: Lattice;
  window: Bounds;
}

export type { Options };
export { parse };

function isPlaced(options: Options): ExprNode {
  return sql`(isfinite(${coordinate(options.x)}) AND isfinite(${coordinate(options.y)}))`;
}

function counted(condition: ExprNode): ExprNode {
  return cast(count(sql`CASE WHEN ${condition} THEN 1 END`), "INTEGER");
}

function extentQuery(options: Options, table: Table): SelectQuery {
  const placed = isPlaced(options);
  const of = (column: Options["x"]): ExprNode => sql`CASE WHEN ${placed} THEN ${coordinate(column)} END`;
  return rowsOf(table, null).select({
    rows: cast(count(), "INTEGER"),
    placed: counted(placed),
    x_low: min(of(options.x)),
    x_high: max(of(options.x)),
    y_low: min(of(options.y)),
    y_high: max(of(options.y)),
  });
}

export function readFacts(options: Options, state: ScatterState, table: Table, results: Results): Facts {
  const answer = results["extent"]!;
  const of = (axis: string): [number, number] => [
    scalar(answer, `${axis}_low`),
    scalar(answer, `${axis}_high`),
  ];
  return {
    total: scalar(answer, "rows"),
    placed: scalar(answer, "placed"),
    extent: boundsOf(of("x"), of("y")),
    colouring: readColouring(columnOf(options, state), table, results),
  };
}

/** The greatest value belongs to the whole too, which is otherwise held like a box. */
const WHOLE = 1e-9;

export function askedOf(options: Options, state: ScatterState, facts: Facts): Asked {
  const lattice = latticeOf(facts.extent, state.window ?? null, options.isEqual);
  const bounds = latticeBounds(lattice);
  return { facts, lattice, window: state.window ? bounds : grown(bounds, WHOLE) };
}

function insideName({ window }: Asked): string {
  return `inside ${window.join(" ")}`;
}

function isInside(options: Options, { window }: Asked): ExprNode {
  return boxPredicate(coordinate(options.x), coordinate(options.y), window);
}

export function queries(
  options: Options,
  results: Results,
  table: Table,
  state: ScatterState,
): Record<string, NamedQuery> {
  const first: Record<string, NamedQuery> = {
    extent: { filtered: false, sql: () => extentQuery(options, table) },
    ...colouringQueries(columnOf(options, state), table),
  };
  if (!Object.keys(first).every((name) => name in results)) return first;
  const asked = askedOf(options, state, readFacts(options, state, table, results));
  const inside: Record<string, NamedQuery> = state.window
    ? { [insideName(asked)]: { filtered: false, sql: () => insideQuery(options, table, asked) } }
    : {};
  if (!Object.keys(inside).every((name) => name in results)) return { ...first, ...inside };
  return {
    ...first,
    ...inside,
    passing: { filtered: true, sql: (filter) => passingQuery(options, table, asked, filter) },
    groups: { filtered: true, sql: (filter) => groupsQuery(table, asked, filter) },
    marks: {
      filtered: true,
      isFine: true,
      sql: (filter) => marksQuery(options, table, asked, results, filter),
    },
  };
}

function insideQuery(options: Options, table: Table, asked: Asked): SelectQuery {
  return rowsOf(table, null).select({ rows: counted(isInside(options, asked)) });
}

/** Counts, and what a data table says of both coordinates. */
function passingQuery(options: Options, table: Table, asked: Asked, filter: Filter): SelectQuery {
  const summary = (["x", "y"] as const).flatMap((axis) => {
    const value = finite(coordinate(options[axis]));
    return [
      [`${axis} n`, count(value)],
      [`${axis} least`, min(value)],
      [`${axis} mean`, avg(value)],
      [`${axis} greatest`, max(value)],
    ];
  });
  return rowsOf(table, filter).select({
    rows: cast(count(), "INTEGER"),
    placed: counted(isPlaced(options)),
    [insideName(asked)]: counted(isInside(options, asked)),
    ...(Object.fromEntries(summary) as Record<string, ExprNode>),
  });
}

/** Rows by category; one row without categories. */
function groupsQuery(table: Table, { facts }: Asked, filter: Filter): SelectQuery {
  const { colouring } = facts;
  const code = `code ${colouring.kind === "categories" ? colouring.column.name : ""}`;
  return rowsOf(table, filter)
    .select({ [code]: colouring.kind === "categories" ? codeOf(colouring) : sql`0`, n: count() })
    .groupby(columnRef(code));
}

/** Whether the window holds few enough rows to draw each, as far as answers tell. */
export function isFew(options: Options, asked: Asked, results: Results): boolean {
  const whole = results[insideName(asked)];
  if ((whole ? scalar(whole, "rows") : asked.facts.placed) <= options.maxPoints) return true;
  const passing = results["passing"]?.columns[insideName(asked)]?.[0];
  return typeof passing === "number" && passing <= options.maxPoints;
}

function marksQuery(
  options: Options,
  table: Table,
  asked: Asked,
  results: Results,
  filter: Filter,
): SelectQuery {
  return isFew(options, asked, results)
    ? pointsQuery(options, table, asked, filter)
    : cellsQuery(options, table, asked, filter);
}

/** The name of a column that may be empty; a name with a space is no column's by chance. */
function colourName({ colouring }: Facts): string {
  return colouring.kind === "plain" ? "" : colouring.column.name;
}

/** One row a point, in order of id; one more than can be drawn tells that there are more. */
function pointsQuery(options: Options, table: Table, asked: Asked, filter: Filter): SelectQuery {
  const [x, y] = [coordinate(options.x), coordinate(options.y)];
  const identity: Record<string, ExprNode> = options.id ? { id: columnRef(options.id.name) } : {};
  const order = options.id ? [columnRef(options.id.name)] : [x, y];
  return rowsOf(table, filter)
    .where(isInside(options, asked))
    .select({ [`points ${colourName(asked.facts)}`]: x, y, code: codeOf(asked.facts.colouring), ...identity })
    .orderby(...order)
    .limit(options.maxPoints + 1);
}

/** Cells are numbered row by row; no window has more columns. */
const STRIDE = 4096;

/** Rows counted by cell, and by category or with the mean of the measure. */
function cellsQuery(options: Options, table: Table, asked: Asked, filter: Filter): SelectQuery {
  const { lattice, facts } = asked;
  const index = (column: Options["x"], from: number, size: number, most: number): ExprNode =>
    sql`least(${most - 1}, greatest(0, floor((${coordinate(column)} - (${from}::DOUBLE)) / (${size}::DOUBLE))))`;
  const across = index(options.x, lattice.left, lattice.width, lattice.columns);
  const up = index(options.y, lattice.bottom, lattice.height, lattice.rows);
  const cell = `cells ${latticeName(lattice)} ${colourName(facts)}`;
  const query = rowsOf(table, filter)
    .where(isInside(options, asked))
    .select({ [cell]: sql`(${up} * ${STRIDE} + ${across})::INTEGER`, n: count() });
  if (facts.colouring.kind === "categories")
    return query
      .select({ "cell code": codeOf(facts.colouring) })
      .groupby(columnRef(cell), columnRef("cell code"));
  if (facts.colouring.kind === "measure") query.select({ value: avg(codeOf(facts.colouring)) });
  return query.groupby(columnRef(cell));
}

function latticeName({ left, bottom, width, height, columns, rows }: Lattice): string {
  return [left, bottom, width, height, columns, rows].join(" ");
}

/** The grey whole in the window: places only. */
export function backdropQuery(
  options: Options,
  table: Table,
  asked: Asked,
  results: Results,
  group: Filter = null,
): SelectQuery {
  const plain: Asked = { ...asked, facts: { ...asked.facts, colouring: { kind: "plain" } } };
  const { passing: _passing, ...unfiltered } = results;
  return isFew(options, asked, unfiltered)
    ? pointsQuery({ ...options, id: null }, table, plain, group)
    : cellsQuery(options, table, plain, group);
}

export interface Points {
  kind: "points";
  /** The column that coloured them; empty for none. */
  color: string;
  n: number;
  x: Float64Array;
  y: Float64Array;
  /** Category or measure; NaN for none. */
  code: Float64Array;
  ids: readonly unknown[] | null;
}

export interface Cells {
  kind: "cells";
  color: string;
  lattice: Lattice;
  /** As answered: a cell may stand once for each category. */
  column: Int32Array;
  row: Int32Array;
  n: Float64Array;
  /** Category or mean measure; NaN for none. */
  code: Float64Array;
}

export type Marks = Points | Cells;

export function readMarks(result: Result): Marks {
  const name = Object.keys(result.columns).find((each) => /^(points|cells) /.test(each))!;
  return name.startsWith("points ") ? readPoints(result, name) : readCells(result, name);
}

function readPoints(result: Result, name: string): Points {
  return {
    kind: "points",
    color: name.slice("points ".length),
    n: result.rows,
    x: numbers(values(result, name)),
    y: numbers(values(result, "y")),
    code: numbers(values(result, "code")),
    ids: result.columns["id"] ?? null,
  };
}

function readCells(result: Result, name: string): Cells {
  const [, left, bottom, width, height, columns, rows, ...color] = name.split(" ");
  const [l, b, w, h, c, r] = [left, bottom, width, height, columns, rows].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const index = numbers(values(result, name));
  const codes = result.columns["cell code"] ?? result.columns["value"];
  return {
    kind: "cells",
    color: color.join(" "),
    lattice: { left: l, bottom: b, width: w, height: h, columns: c, rows: r },
    column: Int32Array.from(index, (each) => each % STRIDE),
    row: Int32Array.from(index, (each) => Math.floor(each / STRIDE)),
    n: numbers(values(result, "n")),
    code: codes ? numbers(codes) : new Float64Array(result.rows).fill(Number.NaN),
  };
}

/** A loop: thousands of points come with every filter, and `from` calls a function for each. */
function numbers(from: readonly unknown[]): Float64Array {
  const found = new Float64Array(from.length);
  for (let index = 0; index < found.length; index++) {
    const value = from[index];
    found[index] = typeof value === "number" ? value : Number.NaN;
  }
  return found;
}

export interface Passing {
  rows: number;
  placed: number;
  /** Of the window that was asked; NaN when the answer is of another. */
  inside: number;
  /** Rows by category number. */
  groups: ReadonlyMap<number, number>;
  summary: Record<string, unknown>[];
}

export function readPassing(options: Options, asked: Asked, results: Results): Passing {
  const answer = results["passing"]!;
  const groups = results["groups"]!;
  const name = Object.keys(groups.columns).find((each) => each.startsWith("code "))!;
  const codes = values(groups, name) as readonly number[];
  const n = values(groups, "n") as readonly number[];
  const isOfWindow = insideName(asked) in answer.columns;
  const isOfColour =
    name.slice("code ".length) ===
    (asked.facts.colouring.kind === "categories" ? asked.facts.colouring.column.name : "");
  return {
    rows: scalar(answer, "rows"),
    placed: scalar(answer, "placed"),
    inside: isOfWindow ? scalar(answer, insideName(asked)) : Number.NaN,
    groups: new Map(isOfColour ? codes.map((code, index) => [code, n[index]!]) : []),
    summary: (["x", "y"] as const).map((axis) => ({
      of: options[axis].name,
      n: scalar(answer, `${axis} n`),
      least: scalar(answer, `${axis} least`),
      mean: scalar(answer, `${axis} mean`),
      greatest: scalar(answer, `${axis} greatest`),
    })),
  };
}
