/**
 * The range of values that bars stand for, wherever keys or a press choose them. It holds both its ends. A bar holds its
 * lower edge and ends just below its upper one, where the next begins; the last of an axis holds its upper edge, too. So
 * every value is in exactly one bar's range.
 */
import { ends } from "./extremes.ts";

export type Range = readonly [low: number, high: number];

/**
 * From the first of the chosen bars to the last; null for none. `all` are the bars of the axis, of which the last is one.
 * What has no width, a point, is its value alone.
 */
export function rangeOfBars(chosen: readonly Range[], all: Iterable<Range>): Range | null {
  const [low, high] = ends(chosen.flat());
  const isBar = chosen.some(([from, to]) => from < to);
  const isWithin = isBar && [...all].some(([from]) => from >= high);
  const range: Range = [low, isWithin ? below(high) : high];
  return range.every(Number.isFinite) ? range : null;
}

/** The greatest number below one. */
export function below(value: number): number {
  return beside(value, -1);
}

/** The least number above one: up to it, itself outside, is all that a range up to and with `value` holds. */
export function above(value: number): number {
  return beside(value, 1);
}

/** Whether a range is what one value is selected by: nothing, or less than tells numbers apart, lies between its ends. */
export function isOneValue([low, high]: Range): boolean {
  return high <= above(low) || high - low <= 1e-12 * Math.max(Math.abs(low), Math.abs(high));
}

/** Numbers are in the order of their bits, away from zero. */
function beside(value: number, step: 1 | -1): number {
  if (value === 0) return step * Number.MIN_VALUE;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + BigInt(value > 0 ? step : -step));
  return bits.getFloat64(0);
}
