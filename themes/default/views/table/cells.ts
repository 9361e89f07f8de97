/** What a cell says: a value in words by its column's kind and role, and how wide its column is. */
import { kindOf, withRole } from "../../src/data/columns.ts";
import { formatBytes, formatCount, formatNumber, html, type Markup, shorten } from "../../src/markup.ts";
import type { Column, Media, Table } from "../../src/page.ts";
import { formatIn, formatShare, formatTime, isShare, type Range } from "../../src/values.ts";
import { SHEET } from "../../src/vega/size.ts";
import { textWidth } from "../../src/vega/widths.ts";
import { say } from "../../src/words.ts";

/** A column as the table shows it; the image stands for the columns that say where a sample's tile is. */
export interface Shown {
  column: Column;
  /** The column's number among all that the table can show; names its part of a query. */
  index: number;
}

/** Characters of a text that are fetched; longer ones end in an ellipsis. */
export const MOST_CHARACTERS = 2000;

/** Items of a list that are fetched. */
export const LISTED = 3;

/** Side of a thumbnail, in px. */
export const THUMBNAIL = 32;

/** Writes one value of a column; `length` counts a list's items. */
export function formatValue(value: unknown, column: Column, range: Range | null, length: number): string {
  if (value === null || value === undefined) return "–";
  switch (kindOf(column)) {
    case "number":
      return isShare(column) ? formatShare(Number(value)) : formatIn(Number(value), column, range);
    case "boolean":
      return value ? say("yes") : say("no");
    case "time":
      return formatTime(Number(value), column.type === "date");
    case "binary":
      return formatBytes(Number(value));
    case "list":
      return formatList(value as unknown[], length);
    default:
      return formatText(value);
  }
}

function formatText(value: unknown): string {
  return value === "" ? say("(empty)") : String(value);
}

function formatList(items: readonly unknown[], length: number): string {
  const said = items.map((item) =>
    typeof item === "number" ? formatNumber(item) : item === null ? "–" : shorten(String(item), 24),
  );
  const more = length > items.length ? ["…"] : [];
  return `${[...said, ...more].join(", ")} (${formatCount(length)})`;
}

/** Whether the column's values are read from their right ends. */
export function isNumeric(column: Column): boolean {
  return ["number", "binary"].includes(kindOf(column)) && column.role !== "id";
}

const NARROWEST = 56;
const WIDEST = 264;
const PADDING = 16;

/** Size of a table's texts, in px; the styles say the same. */
const SIZE = 13;

/** Room of the sign that says how a column is sorted. */
const SIGN = 22;

/** The styles know widths in steps of so many px. */
const STEP = 8;

/** What stands beside a column's name: its unit, where the name does not say it; moments are told in UTC. */
export function unitBeside(column: Column): string | null {
  if (kindOf(column) === "time" && column.type !== "date") return "UTC";
  return column.unit === column.name ? null : column.unit;
}

/** Width of a column in px, by its name and the first values. */
export function widthOf(column: Column, texts: readonly string[]): number {
  const beside = unitBeside(column);
  const unit = beside ? textWidth(` ${beside}`, SIZE) : 0;
  const title = textWidth(column.name, SIZE, 550) + SIGN + unit;
  const widest = texts.reduce((most, text) => Math.max(most, cellWidth(text)), title);
  return STEP * Math.ceil((Math.min(WIDEST, Math.max(NARROWEST, widest)) + PADDING) / STEP);
}

/** Print's letters, in px: from so many columns on they are small; the styles say the same, as of all that follows. */
const MANY = 10;
const PRINTED = { usual: 32 / 3, small: 28 / 3 };

/** Room at both sides of what is printed in a cell, and what a text has more of behind a number, in px. */
const BESIDE = 8;
const CLEAR = 12;

/** What a text has at least, in ems of its letters; the image has as much. */
const LEAST = { usual: 8, small: 4.5 };

/** Values of the usual length, which go on in no second line; days and times are as long as formatTime writes them. */
const LONGEST = { number: "−0.00000", day: "0000-00-00", time: "0000-00-00 00:00:00" };

/** Where the name of a column may go on in the next line. */
export const partsOf = (name: string): string[] => name.split(/(?<=[_\s])/u);

/** Whether a sheet of paper has room for every part of every name: where it has none, letters break anywhere. */
export function namesFit(columns: readonly Column[], imageWidth = 0): boolean {
  const size = columns.length + Number(imageWidth > 0) < MANY ? "usual" : "small";
  const image = imageWidth && Math.max(imageWidth, LEAST[size] * PRINTED[size]);
  const needed = columns.map((column, place) => {
    const isBehind = place > 0 && isNumeric(columns[place - 1]!) && !isNumeric(column);
    return printedWidth(column, size, BESIDE + (isBehind ? CLEAR : 0));
  });
  return needed.reduce((sum, width) => sum + width, image) <= SHEET;
}

/** Px that a column takes on paper at least: the longest part of its name, and what the styles give its values. */
function printedWidth(column: Column, size: keyof typeof PRINTED, beside: number): number {
  const parts = partsOf(column.name).map((part) => textWidth(part, PRINTED[size], 550));
  const longest = longestOf(column);
  const value = longest === null ? LEAST[size] * PRINTED[size] - beside : valueWidth(longest, PRINTED[size]);
  return Math.max(value, ...parts) + beside;
}

function longestOf(column: Column): string | null {
  if (kindOf(column) === "time") return column.type === "date" ? LONGEST.day : LONGEST.time;
  return isNumeric(column) || column.role === "id" ? LONGEST.number : null;
}

/** Digits stand below each other in a table: all are as wide as the widest, and so are the hyphens of dates. */
function valueWidth(text: string, size: number): number {
  return textWidth(text.replace(/[\d-]/g, "4"), size);
}

function cellWidth(text: string): number {
  return valueWidth(text.slice(0, 80), SIZE);
}

/** Where a sample's tile is, by the names of the queries' columns. */
export interface Tile {
  sheet: unknown;
  x: unknown;
  y: unknown;
}

export function imageColumns(table: Table): Record<keyof Tile, Column> | null {
  const [sheet, x, y] = ["sheet", "x", "y"].map((role) => withRole(table, role));
  return sheet && x && y && table.media.some((each) => each.kind === "sprite") ? { sheet, x, y } : null;
}

/** The tile as a small image; whole multiples of its pixels where it is smaller. */
export function thumbnail(tile: Tile, sheets: readonly Media[], name: string): Markup {
  const sheet = typeof tile.sheet === "number" ? sheets[tile.sheet] : undefined;
  if (!sheet) return html`<span class="table-missing">–</span>`;
  const longest = Math.max(sheet.tile_width, sheet.tile_height);
  const scale = longest <= THUMBNAIL ? Math.floor(THUMBNAIL / longest) : THUMBNAIL / longest;
  return html`<svg
    class="table-image"
    role="img"
    aria-label="${say("image of {name}", { name })}"
    width="${Math.round(sheet.tile_width * scale)}"
    height="${Math.round(sheet.tile_height * scale)}"
    viewBox="${Number(tile.x)} ${Number(tile.y)} ${sheet.tile_width} ${sheet.tile_height}"
  >
    <image href="${sheet.url}" width="${sheet.width}" height="${sheet.height}" />
  </svg>`;
}
