/** What an author writes of a samples view, read against the table's columns and their roles. */
import { findColumn, kindOf, withRole } from "../../src/data/columns.ts";
import type { Column, Table } from "../../src/page.ts";
import { nearest, ProblemError } from "../../src/problem.ts";
import type { Context } from "../../src/view.ts";

export const KINDS = ["image", "text", "audio", "table"] as const;
export type Kind = (typeof KINDS)[number];

export const SIZES = ["small", "medium", "large"] as const;
export type Size = (typeof SIZES)[number];

export interface Ordering {
  column: Column;
  descending: boolean;
}

export interface Options {
  /** What a card shows of a sample. */
  cards: Kind;
  id: Column;
  label: Column | null;
  prediction: Column | null;
  /** Columns named on each card. */
  captions: Column[];
  /** Columns to order by, the first one first; equal samples are ordered by id. */
  order: Ordering[];
  /** The column whose values are headings over the cards, or null. */
  group: Column | null;
  size: Size;
  perPage: number;
  sheet: Column | null;
  x: Column | null;
  y: Column | null;
  text: Column | null;
  audio: Column | null;
  mediaType: Column | null;
}

/** What can be written, with its meaning. */
export const MEANINGS = {
  columns: "columns named on each card; of a table of plain values the first six by default",
  order: "column to order by, or a list of them; -name or `name desc` for the greatest first; id otherwise",
  descending: "true for the greatest first in every column of the order that does not say",
  groups: "column whose values become headings, the largest group first",
  cards: "image, text, audio or table; by the columns' roles otherwise",
  size: "small, medium or large; medium by default, and the reader's to change",
  rows: "samples on a page, 48 by default; with groups, at most twelve of each at first",
};

const KEYS = Object.keys(MEANINGS);
const PER_PAGE = 48;
const MOST_PER_PAGE = 400;
/** Columns that a card of plain values shows where the author names none. */
const PLAIN_COLUMNS = 6;

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  const unknown = Object.keys(written).find((key) => !KEYS.includes(key));
  if (unknown)
    throw new ProblemError(`the view "samples" has no option "${unknown}"`, nearest(unknown, KEYS), unknown);
  const role = (name: string): Column | null => withRole(table, name);
  const id = role("id");
  if (!id)
    throw new ProblemError(
      `table ${table.name} has no column with the role id`,
      "show a table of samples",
      "table",
    );
  const cards = kindOfCards(table, written["cards"]);
  return {
    cards,
    id,
    label: role("label"),
    prediction: role("prediction"),
    captions: captionsOf(table, cards, written["columns"]),
    order: orderOf(table, written),
    group: written["groups"] === undefined ? null : groupOf(table, String(written["groups"])),
    size: oneOf("size", written["size"] ?? "medium", SIZES),
    perPage: clamp(Number(written["rows"] ?? PER_PAGE)),
    sheet: role("sheet"),
    x: role("x"),
    y: role("y"),
    text: role("text"),
    audio: role("audio"),
    mediaType: role("media_type") ?? table.columns.find((column) => column.name === "media_type") ?? null,
  };
}

function kindOfCards(table: Table, written: unknown): Kind {
  const has: Readonly<Record<Kind, boolean>> = {
    image: ["sheet", "x", "y"].every((role) => withRole(table, role) !== null),
    audio: withRole(table, "audio") !== null,
    text: withRole(table, "text") !== null,
    table: true,
  };
  if (written === undefined) return (["image", "audio", "text", "table"] as const).find((kind) => has[kind])!;
  const chosen = oneOf("cards", written, KINDS);
  if (!has[chosen])
    throw new ProblemError(`table ${table.name} has no column with the role ${chosen}`, "", "cards");
  return chosen;
}

function oneOf<Name extends string>(key: string, written: unknown, known: readonly Name[]): Name {
  const found = known.find((name) => name === written);
  if (found) return found;
  throw new ProblemError(`${key} is "${String(written)}"`, nearest(String(written), known), key);
}

function captionsOf(table: Table, cards: Kind, written: unknown): Column[] {
  if (written !== undefined)
    return [written].flat().map((name) => findColumn(table, String(name), "columns"));
  if (cards !== "table") return [];
  const isPlain = (column: Column): boolean =>
    !["id", "label", "prediction"].includes(column.role ?? "") &&
    !["list", "binary"].includes(kindOf(column));
  return table.columns.filter(isPlain).slice(0, PLAIN_COLUMNS);
}

function orderOf(table: Table, written: Readonly<Record<string, unknown>>): Ordering[] {
  if (written["order"] === undefined) return [];
  const descending = written["descending"] === true;
  return [written["order"]].flat().map((each) => orderingOf(table, String(each), descending));
}

/** `-confidence` and `confidence desc` are from the greatest; a column may be named so itself. */
function orderingOf(table: Table, written: string, descending: boolean): Ordering {
  const own = table.columns.find((column) => column.name === written);
  if (own) return { column: own, descending };
  const [, minus, name, direction] = /^(-?)(.*?)(?:\s+(asc|desc))?$/.exec(written)!;
  const isDescending = minus === "-" || (direction ? direction === "desc" : descending);
  return { column: findColumn(table, name!, "order"), descending: isDescending };
}

function groupOf(table: Table, name: string): Column {
  const column = findColumn(table, name, "groups");
  if (["list", "binary"].includes(kindOf(column)))
    throw new ProblemError(`column "${name}" holds ${column.type}`, "group by another column", "groups");
  return column;
}

function clamp(value: number): number {
  return Number.isFinite(value) ? Math.min(MOST_PER_PAGE, Math.max(1, Math.trunc(value))) : PER_PAGE;
}
