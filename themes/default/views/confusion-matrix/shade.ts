/** A cell's number as a colour or a size. */
import { formatCount, formatFixed } from "../../src/markup.ts";
import { textWidth } from "../../src/vega/widths.ts";
import { formatShare } from "../../src/shares.ts";
import type { Matrix } from "./matrix.ts";
import type { Model } from "./model.ts";
import type { Normalization } from "./options.ts";

/** The ramp's first steps can hardly be told from the page; a single sample is to be seen. */
export const FIRST_STEP = 10;
export const LAST_STEP = 63;

/** What a cell is, as it is normalised; null where there is nothing to divide by. */
export function valueOf(matrix: Matrix, row: number, column: number, by: Normalization): number | null {
  const n = matrix.cells.get(row * matrix.size + column) ?? 0;
  if (by === "count") return n;
  const of = by === "total" ? matrix.total : by === "row" ? matrix.rows[row]! : matrix.columns[column]!;
  return of > 0 ? n / of : null;
}

/** The value at the end of the scale. */
export function endOf({ look, most, whole }: Model): number {
  if (look.normalize === "count") return most;
  if (look.normalize === "total") return whole.total ? most / whole.total : 1;
  return 1;
}

/** Shares bend where a per cent does, counts where a single one does. */
function bent(value: number, isShare: boolean): number {
  return Math.log1p(isShare ? value * 100 : value);
}

/** 0 to 1 along the scale. */
export function level(value: number, { look }: Model, end: number): number {
  if (!(value > 0) || !(end > 0)) return 0;
  const isShare = look.normalize !== "count";
  const at = look.scale === "log" ? bent(value, isShare) / bent(end, isShare) : value / end;
  return Math.min(1, at);
}

/** The steps between, on which neither ink can be read, are passed over. */
const PALE_END = 25;
const DEEP_START = 32;

export function stepOf(at: number): number {
  const steps = PALE_END - FIRST_STEP + 1 + (LAST_STEP - DEEP_START);
  const step = FIRST_STEP + Math.round(at * steps);
  return step <= PALE_END ? step : step + DEEP_START - PALE_END - 1;
}

/** Text on a cell: dark on pale, pale on dark. */
export function inkOn(step: number): string {
  return step > PALE_END ? "page-background" : "page-text";
}

/** A cell's number, as short as it has to be; empty where none fits. */
export function inCell(value: number | null, by: Normalization, room: number, size: number): string {
  if (value === null || value === 0) return "";
  const texts = by === "count" ? [formatCount(value), short(value)] : [formatShare(value), bare(value)];
  return texts.find((text) => textWidth(text, size) <= room) ?? "";
}

function bare(share: number): string {
  return (share * 100).toFixed(0);
}

function short(count: number): string {
  if (count >= 1e6) return `${formatFixed(count / 1e6, count < 1e7 ? 1 : 0)}M`;
  return count >= 1000 ? `${formatFixed(count / 1000, count < 1e4 ? 1 : 0)}k` : String(Math.round(count));
}
