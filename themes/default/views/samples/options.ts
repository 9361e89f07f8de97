/** What an author writes of a samples view, read against the table's columns and their roles. */
import {
  cardColumns,
  KINDS,
  SIZES,
  kindOfCards,
  type CardColumns,
  type Kind,
  type Size,
} from "../../src/cards.ts";
import { findColumn, kindOf, withRole } from "../../src/data/columns.ts";
import type { Column, Table } from "../../src/page.ts";
import { checkNames, readChoice, readFlag, readText, readTexts, readWhole } from "../../src/options.ts";
import { ProblemError } from "../../src/problem.ts";
import type { Context } from "../../src/view.ts";

export interface Ordering {
  column: Column;
  descending: boolean;
}

export interface Options extends CardColumns {
  /** Columns to order by, the first one first; equal samples are ordered by id. */
  order: Ordering[];
  /** The column whose values are headings over the cards, or null. */
  group: Column | null;
  size: Size;
  perPage: number;
  /** Columns of text that a reader can search: of cards of text, the text and what else of text is named on them. */
  searched: Column[];
}

/** What can be written, with its meaning. */
export const MEANINGS = {
  columns: "columns named on each card; of a table of plain values the first six by default",
  order: "column to order by, or a list of them; -name or `name desc` for the greatest first; id otherwise",
  descending: "true for the greatest first in every column of the order that does not say",
  groups: "column whose values become headings, the largest group first",
  cards: "image, text, audio or table; by the columns' roles otherwise",
  size: "small, medium or large; medium by default, and the reader's to change",
  rows: "samples written into the page, 48 by default, with groups at most twelve of each; live, all can be scrolled",
};

const KEYS = Object.keys(MEANINGS);
const PER_PAGE = 48;
const MOST_PER_PAGE = 400;
/** Columns that a card of plain values shows where the author names none. */
const PLAIN_COLUMNS = 6;

export function parse(context: Context): Options {
  const { table, request } = context;
  const written = request.options;
  checkNames("samples", written, KEYS);
  const cards = kindOfCards(table, readChoice(written, "cards", KINDS) as Kind | null);
  const captions = captionsOf(table, cards, readTexts(written, "columns"));
  const group = readText(written, "groups");
  return {
    ...cardColumns(table, captions, cards),
    order: orderOf(table, written),
    group: group === null ? null : groupOf(table, group),
    size: (readChoice(written, "size", SIZES) as Size | null) ?? "medium",
    perPage: readWhole(written, "rows", PER_PAGE, [1, MOST_PER_PAGE]),
    searched: cards === "text" ? searchedOf(withRole(table, "text")!, captions) : [],
  };
}

function captionsOf(table: Table, cards: Kind, written: readonly string[] | null): Column[] {
  if (written) return written.map((name) => findColumn(table, name, "columns"));
  if (cards !== "table") return [];
  const isPlain = (column: Column): boolean =>
    !["id", "label", "prediction"].includes(column.role ?? "") &&
    !["list", "binary"].includes(kindOf(column));
  return table.columns.filter(isPlain).slice(0, PLAIN_COLUMNS);
}

function searchedOf(text: Column, captions: readonly Column[]): Column[] {
  return [text, ...captions.filter((column) => column !== text && kindOf(column) === "text")];
}

function orderOf(table: Table, written: Readonly<Record<string, unknown>>): Ordering[] {
  const descending = readFlag(written, "descending", false);
  const isOne = typeof written["order"] === "string";
  const names = isOne ? [written["order"] as string] : readTexts(written, "order");
  return (names ?? []).map((each) => orderingOf(table, each, descending));
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
