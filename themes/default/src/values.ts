/** One way to write a value, wherever it is said: by its column, and for time units by the unit. */
import { SHORT_DAYS, SHORT_MONTHS } from "./calendar.ts";
import { kindOf } from "./data/columns.ts";
import { formatCell, formatCount, formatFixed, formatNumber, percent } from "./markup.ts";
import type { Column } from "./page.ts";
import { say } from "./words.ts";

/** Roles of numbers from 0 to 1 that readers know as shares. */
const SHARES = ["confidence", "probability", "accuracy", "margin", "share"];

export function isShare(column: Column): boolean {
  return kindOf(column) === "number" && (SHARES.includes(column.role ?? "") || column.unit === "share");
}

/** A share in per cent, to a tenth; what is not quite all or nothing is not called so. */
export function formatShare(value: number): string {
  if (!Number.isFinite(value)) return special(value);
  if (value > 0 && value < 0.0005) return `< ${percent(formatFixed(0.1, 1))}`;
  if (value < 1 && value >= 0.9995) return `> ${percent(formatFixed(99.9, 1))}`;
  return percent(formatFixed(value * 100, 1));
}

/** NaN and infinities, which have no digits. */
export function special(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "∞" : "−∞";
}

/** A day, which a midnight says as well, or a time to the second, or to the millisecond where it has some; in UTC. */
export function formatTime(milliseconds: number, isDay: boolean): string {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return "–";
  const [day, time] = date.toISOString().split("T") as [string, string];
  return isDay || time === "00:00:00.000Z" ? day : `${day} ${time.replace("Z", "").replace(".000", "")}`;
}

/** A time as it stands alone, where no title names its zone; a day has none. */
export function formatMoment(milliseconds: number, isDay: boolean): string {
  const said = formatTime(milliseconds, isDay);
  return said.includes(":") ? `${said} UTC` : said;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Shorter ranges of times are told to the minute, the second or the millisecond: days alone would not tell them. */
const SHORT = { minutes: 5 * DAY, seconds: 5 * MINUTE, milliseconds: 5000 };

/** Whether hours are needed to tell times of a range apart. */
export function needsHours(low: number, high: number): boolean {
  return high - low < SHORT.minutes;
}

/** The ends of a range of times, as exact as it is short; in UTC, which is said once. */
export function formatTimeRange(low: number, high: number, isDay: boolean): [string, string] {
  const width = high - low;
  if (isDay || !needsHours(low, high)) return [formatTime(low, true), formatTime(high, true)];
  const length = width < SHORT.milliseconds ? 23 : width < SHORT.seconds ? 19 : 16;
  const said = (end: number): string => {
    const date = new Date(end);
    return Number.isNaN(date.getTime()) ? "–" : date.toISOString().slice(0, length).replace("T", " ");
  };
  return [said(low), `${said(high)} UTC`];
}

const quarter = (date: Date): string => `Q${Math.floor(date.getUTCMonth() / 3) + 1}`;

const UNITS: Readonly<Record<string, (date: Date, iso: string) => string>> = {
  year: (_, iso) => iso.slice(0, 4),
  yearquarter: (date, iso) => `${iso.slice(0, 4)} ${quarter(date)}`,
  yearmonth: (_, iso) => iso.slice(0, 7),
  yearmonthdate: (_, iso) => iso.slice(0, 10),
  yearmonthdatehours: (_, iso) => iso.slice(0, 16).replace("T", " "),
  yearmonthdatehoursminutes: (_, iso) => iso.slice(0, 16).replace("T", " "),
  quarter,
  month: (date) => SHORT_MONTHS[date.getUTCMonth()]!,
  date: (date) => String(date.getUTCDate()),
  day: (date) => SHORT_DAYS[date.getUTCDay()]!,
  hours: (_, iso) => iso.slice(11, 16),
  minutes: (_, iso) => iso.slice(13, 16),
};

/** The start of a time unit as far as the unit goes: `2020-03`, `Mar`, `13:00`; in UTC. */
export function formatUnit(milliseconds: number, unit: string): string {
  const date = new Date(milliseconds);
  const format = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  if (!format || Number.isNaN(date.getTime())) return formatMoment(milliseconds, false);
  const said = format(date, date.toISOString());
  return /\d:\d/.test(said) ? `${said} UTC` : said; // minutes alone are those of most zones
}

/** What is known of a column's numbers, so that they can be written alike below each other. */
export interface Range {
  low: number;
  high: number;
  /** Whether all are whole, of whatever type they are. */
  isWhole: boolean;
}

/** Integers of up to four digits stay together, unless longer ones stand in the column. */
const GROUPED_FROM = 10_000;

/** Digits that a column's largest number shows in all. */
const DIGITS = 4;

/** A number as its column writes it: with the same decimals below each other, as far as they say something. */
export function formatIn(value: number, column: Column, range: Range | null): string {
  if (!Number.isFinite(value)) return special(value);
  if (column.role === "id") return String(value);
  const largest = range ? Math.max(Math.abs(range.low), Math.abs(range.high)) : Math.abs(value);
  if (isWhole(column, range, largest)) return formatWhole(value, largest);
  if (!range || largest >= 10 ** DIGITS || largest < 10 ** -DIGITS) return formatNumber(value);
  const decimals = Math.max(0, DIGITS - 1 - Math.floor(Math.log10(largest)));
  // Beside numbers that are far larger, two digits of a small one stay.
  const isLost = value !== 0 && Math.abs(value) < 10 ** (1 - decimals);
  return isLost ? formatNumber(value) : formatFixed(value, decimals);
}

/** Whether a column has no decimals at all; beyond what a float tells apart it has digits, but they say nothing. */
function isWhole({ type }: Column, range: Range | null, largest: number): boolean {
  return type.includes("int") || (range !== null && range.isWhole && largest <= Number.MAX_SAFE_INTEGER);
}

function formatWhole(value: number, largest: number): string {
  const digits = largest < GROUPED_FROM ? String(Math.abs(value)) : formatCount(Math.abs(value));
  return (value < 0 ? "−" : "") + digits;
}

/** A value of a column as text of at most `limit` characters, without its unit; beside others of the column by their range. */
export function formatOf(column: Column, value: unknown, limit = 80, range: Range | null = null): string {
  if (typeof value === "string") return value === "" ? say("(empty)") : formatCell(value, limit);
  if (typeof value !== "number") return formatCell(value, limit);
  if (column.role === "id") return String(value);
  if (kindOf(column) === "time") return formatMoment(value, column.type === "date");
  return numberIn(value, column, range);
}

function numberIn(value: number, column: Column, range: Range | null): string {
  if (!Number.isFinite(value)) return special(value);
  if (isShare(column)) return formatShare(value);
  return range ? formatIn(value, column, range) : formatNumber(value);
}

/** Both ends of a range of a column's numbers, with as many digits as tell its hundredth parts apart. */
export function rangeOf(column: Column | null, low: number, high: number): [string, string] {
  const isPercent = column !== null && isShare(column);
  const [from, to] = isPercent ? [low * 100, high * 100] : [low, high];
  const digits = Math.max(0, Math.min(12, -Math.floor(Math.log10((to - from) / 100 || 1))));
  const said = (end: number): string =>
    !Number.isFinite(end)
      ? special(end)
      : isPercent
        ? percent(formatFixed(end, digits))
        : formatFixed(end, digits);
  return [said(from), said(to)];
}

/** Aggregates of a share that are one. */
const STILL_SHARES = ["mean", "average", "median", "min", "max", "q1", "q3"];

/** How an aggregate of a column is said; null for any number. The mean of truth values is a share of them. */
export function sayingOf(column: Column, operation: string | null): ((value: number) => string) | null {
  const isMean = operation === "mean" || operation === "average";
  if (isMean && kindOf(column) === "boolean") return formatShare;
  const isOwn = operation === null || STILL_SHARES.includes(operation);
  return isOwn && isShare(column) ? formatShare : null;
}

/** The same with its unit. */
export function valueInWords(column: Column, value: unknown, limit = 80, range: Range | null = null): string {
  const isBare = column.unit === null || value === null || value === undefined || kindOf(column) === "time";
  const said = formatOf(column, value, limit, range);
  return isBare || said.endsWith("%") ? said : `${said} ${column.unit!}`;
}

/** Whether something can be drawn of it: not of what is missing, and of no infinity. */
export function isValue(value: unknown): boolean {
  return value !== null && value !== undefined && (typeof value !== "number" || Number.isFinite(value));
}
