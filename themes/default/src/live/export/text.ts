/** Rows as CSV and JSON: every number in full, every time in ISO and UTC, nothing that a spreadsheet would run. */
import { kindOf } from "../../data/columns.ts";
import { FARTHEST } from "../../data/dates.ts";
import type { Column } from "../../page.ts";

/** A column of a file: its title there, its key in the rows, and its type where it is a table's own. */
export interface FileColumn {
  title: string;
  name: string;
  column: Column | null;
}

export type FileRow = Readonly<Record<string, unknown>>;

/** RFC 4180. */
const LINE_END = "\r\n";

/** Without it a spreadsheet takes UTF-8 for the encoding of its own machine. */
const BYTE_ORDER_MARK = "\ufeff";

export function csvHeader(columns: readonly FileColumn[]): string {
  return line(columns.map((each) => guarded(each.title)));
}

export function csvLines(columns: readonly FileColumn[], rows: readonly FileRow[]): string {
  return rows.map((row) => line(columns.map((each) => csvValue(row[each.name], each.column)))).join("");
}

/** What a file of these parts begins with: nothing as long as all of it is ASCII. */
export function markOf(parts: readonly string[]): string {
  return parts.every((part) => /^[\x00-\x7f]*$/.test(part)) ? "" : BYTE_ORDER_MARK;
}

export function csvOf(columns: readonly FileColumn[], rows: readonly FileRow[]): string {
  const text = csvHeader(columns) + csvLines(columns, rows);
  return markOf([text]) + text;
}

/** Rows of one plot. */
export interface FileSection {
  /** What tells it from the others; null where it is the only one. */
  caption: string | null;
  columns: readonly FileColumn[];
  rows: readonly FileRow[];
}

/** One table below the other, each after a line that names it and before an empty one. */
export function csvSections(sections: readonly FileSection[]): string {
  const texts = sections.map(({ caption, columns, rows }) => {
    const name = caption === null ? "" : line([guarded(caption)]);
    return name + csvHeader(columns) + csvLines(columns, rows);
  });
  return markOf(texts) + texts.join(LINE_END);
}

/** A list of rows, or of several plots an object that holds each list by its name. */
export function jsonSections(sections: readonly FileSection[]): string {
  const [only] = sections;
  if (sections.length === 1 && only!.caption === null) return jsonOf(only!.columns, only!.rows);
  const names = unique(sections.map(({ caption }) => caption ?? ""));
  const texts = sections.map(
    ({ columns, rows }, index) => `${JSON.stringify(names[index])}: ${jsonOf(columns, rows).trimEnd()}`,
  );
  return `{\n${texts.join(",\n")}\n}\n`;
}

/** A list of objects by title. JSON has no NaN and no infinities: they become null, as a missing value is. */
export function jsonOf(columns: readonly FileColumn[], rows: readonly FileRow[]): string {
  const { head, lines, foot } = JSON_ROWS;
  return head(columns) + (rows.length ? lines(columns, rows, true) : "") + foot(rows.length);
}

/** How a file of rows is written that are read a window at a time. */
export interface RowFormat {
  head: (columns: readonly FileColumn[]) => string;
  /** Some rows, at least one; `isFirst` for the first ones. */
  lines: (columns: readonly FileColumn[], rows: readonly FileRow[], isFirst: boolean) => string;
  /** After so many rows. */
  foot: (rows: number) => string;
  /** What the file begins with. */
  mark: (parts: readonly string[]) => string;
}

export const CSV_ROWS: RowFormat = {
  head: csvHeader,
  lines: csvLines,
  foot: () => "",
  mark: markOf,
};

export const JSON_ROWS: RowFormat = {
  head: () => "[",
  lines: (columns, rows, isFirst) => {
    const titles = unique(columns.map((each) => each.title)).map((title) => JSON.stringify(title));
    const objects = rows.map((row) => {
      const pairs = columns.map((each, index) => `${titles[index]!}: ${json(row[each.name], each.column)}`);
      return `\n  {${pairs.join(", ")}}`;
    });
    return (isFirst ? "" : ",") + objects.join(",");
  },
  foot: (rows) => (rows ? "\n]\n" : "]\n"),
  mark: () => "",
};

function json(value: unknown, column: Column | null): string {
  return JSON.stringify(plainValue(value, column)) ?? "null";
}

/** A title that comes twice gets a number: an object would lose the first. */
function unique(titles: readonly string[]): string[] {
  const taken = new Set<string>();
  return titles.map((title) => {
    let name = title;
    for (let number = 2; taken.has(name); number++) name = `${title} (${number})`;
    taken.add(name);
    return name;
  });
}

/** Times as text, what is missing as null; all else as it is. */
function plainValue(value: unknown, column: Column | null): unknown {
  if (typeof value === "number" && column && kindOf(column) === "time") return isoOf(value, column.type);
  return value ?? null;
}

/** `2019-07-01` of a date, `2019-07-01T12:00:00.000Z` of a time; null for what no calendar holds. */
function isoOf(milliseconds: number, type: string): string | null {
  if (!(Math.abs(milliseconds) <= FARTHEST)) return null;
  const text = new Date(milliseconds).toISOString();
  return type === "date" ? text.replace(/T.*/, "") : text;
}

function csvValue(value: unknown, column: Column | null): string {
  const plain = plainValue(value, column);
  if (plain === null) return "";
  // A time that we wrote is no text of the table's: a year before 0 begins with a minus.
  if (typeof plain === "string") return typeof value === "string" ? guarded(plain) : plain;
  return typeof plain === "object" ? JSON.stringify(plain) : String(plain);
}

/** Signs that begin a formula, their wide forms, and blanks that a spreadsheet drops before them. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** A text that a spreadsheet would run as a formula gets an apostrophe; one that is only a number stays. */
function guarded(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

function line(cells: readonly string[]): string {
  return cells.map(quoted).join(",") + LINE_END;
}

function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell;
}
