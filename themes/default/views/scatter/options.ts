/** What an author can write for a scatter view, and which columns it then shows. */
import { findColumn, kindOf, withRole } from "../../src/data/columns.ts";
import type { Column, Table } from "../../src/page.ts";
import {
  checkNames,
  readChoice,
  readFlag,
  readNumber,
  readText,
  readTexts,
  readWhole,
} from "../../src/options.ts";
import { nearest, ProblemError } from "../../src/problem.ts";
import type { Context } from "../../src/view.ts";

/** Where the image of a sample is cut from. */
export interface TileColumns {
  sheet: Column;
  x: Column;
  y: Column;
}

export interface Options {
  x: Column;
  y: Column;
  /** Names the point that the reader clicks or hovers; without it points are places only. */
  id: Column | null;
  /** The author's colour; the reader may choose another of `choices`. */
  color: Column | null;
  /** Columns that points can be coloured by, those with a role first. */
  choices: Column[];
  /** What a tooltip says of a point. */
  details: Column[];
  tile: TileColumns | null;
  /** Diameter of a point in px and its opacity; by the number of points where null. */
  size: number | null;
  opacity: number | null;
  axes: boolean;
  /** One unit is as long on x as on y. */
  isEqual: boolean;
  labels: boolean;
  /** Points drawn one by one at most; more are drawn as density. */
  maxPoints: number;
}

export const MEANINGS = {
  x: "the column across; the projection's first coordinate by default",
  y: "the column upwards; the projection's second coordinate by default",
  color: "the column that colours points at first, or none; the label, else the prediction, by default",
  columns: "columns named in the tooltip, beside label, prediction and colour",
  size: "diameter of a point in px, 1 to 20; by the number of points by default",
  opacity: "opacity of a point, 0.05 to 1; by the number of points by default",
  axes: "true for axes with ticks; false by default where both coordinates are a projection's",
  aspect: "equal, so that distances compare, or free; equal by default for a projection",
  labels: "false for no names at the middles of categories",
  max_points: "points drawn one by one in a window, at most 20,000; beyond, the view shows density",
} as const;

type Key = keyof typeof MEANINGS;

const KEYS = Object.keys(MEANINGS) as Key[];

/** Points that are drawn one by one, whatever the author asks for. */
export const MOST_POINTS = 20_000;

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options as Partial<Record<Key, unknown>>;
  checkNames("scatter", written, KEYS);
  const [x, y] = coordinates(table, written);
  const isProjection = isCoordinate(x, "x") && isCoordinate(y, "y");
  const choices = colourChoices(table, [x, y]);
  const color = colourOf(table, written, choices);
  return {
    x,
    y,
    id: withRole(table, "id"),
    color,
    choices,
    details: detailsOf(table, written),
    tile: tileOf(table),
    size: "size" in written ? readNumber(written, "size", 4, [1, 20]) : null,
    opacity: "opacity" in written ? readNumber(written, "opacity", 0.5, [0.05, 1]) : null,
    axes: readFlag(written, "axes", !isProjection),
    isEqual:
      (readChoice(written, "aspect", ["equal", "free"]) ?? (isProjection ? "equal" : "free")) === "equal",
    labels: readFlag(written, "labels", true),
    maxPoints: readWhole(written, "max_points", MOST_POINTS, [1, MOST_POINTS]),
  };
}

/** A projection's columns, by role or by the names that Symphony gives them: `projection_umap_x`. */
function isCoordinate(column: Column, axis: "x" | "y"): boolean {
  return column.role === `projection_${axis}` || new RegExp(`^projection_(.+_)?${axis}$`).test(column.name);
}

function coordinates(table: Table, written: Partial<Record<Key, unknown>>): [Column, Column] {
  const [guessedX, guessedY] = guessed(table);
  const of = (axis: "x" | "y", guess: Column | undefined): Column => {
    const name = readText(written, axis);
    if (name !== null) return measured(findColumn(table, name, axis), axis);
    if (guess) return guess;
    throw new ProblemError(
      `table ${table.name} has no projection, so the view needs "${axis}"`,
      nearest(
        axis,
        table.columns.filter(isMeasured).map((column) => column.name),
      ),
      axis,
    );
  };
  return [of("x", guessedX), of("y", guessedY)];
}

/** The first column across that has its partner upwards. */
function guessed(table: Table): [Column?, Column?] {
  const [across, upwards] = (["x", "y"] as const).map((axis) =>
    table.columns.filter((column) => isCoordinate(column, axis)),
  ) as [Column[], Column[]];
  for (const x of across) {
    const y =
      upwards.find((each) => each.name === x.name.replace(/x$/, "y")) ??
      (x.role ? upwards.find((each) => each.role === "projection_y") : undefined);
    if (y) return [x, y];
  }
  return [];
}

function isMeasured(column: Column): boolean {
  return ["number", "time"].includes(kindOf(column));
}

function measured(column: Column, path: string): Column {
  if (isMeasured(column)) return column;
  throw new ProblemError(`column "${column.name}" is ${column.type}`, "x and y need numbers or times", path);
}

/** Colours that a reader asks for first. */
const RANKED = ["label", "prediction", "correct", "split", "group", "confidence", "entropy", "margin"];
const PLACES = ["id", "sheet", "x", "y", "image", "text", "embedding"];

function colourChoices(table: Table, coordinates: readonly Column[]): Column[] {
  const drawable = table.columns.filter(
    (column) =>
      !coordinates.includes(column) &&
      !PLACES.includes(column.role ?? "") &&
      ["number", "text", "boolean", "time"].includes(kindOf(column)),
  );
  const rank = (column: Column): number => {
    const at = RANKED.indexOf(column.role ?? "");
    return at >= 0 ? at : RANKED.length + (column.role ? 0 : 1);
  };
  return drawable
    .map((column, index) => ({ column, index }))
    .sort((a, b) => rank(a.column) - rank(b.column) || a.index - b.index)
    .map(({ column }) => column);
}

function colourOf(
  table: Table,
  written: Partial<Record<Key, unknown>>,
  choices: readonly Column[],
): Column | null {
  if (written.color === null) return null;
  const name = readText(written, "color");
  if (name === null)
    return choices.find((column) => column.role === "label" || column.role === "prediction") ?? null;
  if (name === "none") return null;
  const column = findColumn(table, name, "color");
  if (choices.includes(column)) return column;
  throw new ProblemError(
    `column "${column.name}" is no colour`,
    nearest(
      column.name,
      choices.map((each) => each.name),
    ),
    "color",
  );
}

function detailsOf(table: Table, written: Partial<Record<Key, unknown>>): Column[] {
  const asked = (readTexts(written, "columns") ?? []).map((name) => findColumn(table, name, "columns"));
  const first = ["id", "label", "prediction", "confidence"].map((role) => withRole(table, role));
  return [...new Set([...first.filter((column) => column !== null), ...asked])];
}

function tileOf(table: Table): TileColumns | null {
  const [sheet, x, y] = ["sheet", "x", "y"].map((role) => withRole(table, role));
  return sheet && x && y && table.media.some((each) => each.kind === "sprite") ? { sheet, x, y } : null;
}
