/** Shares with intervals, as views show them: undefined where there is nothing to divide, never 0. */
import { formatFixed, percent } from "./markup.ts";

/** Of the standard normal distribution, for 95%. */
export const Z = 1.959963984540054;

export interface Measured {
  value: number | null;
  /** Null for counts, and where the share is undefined. */
  interval: readonly [number, number] | null;
}

export const UNDEFINED: Measured = { value: null, interval: null };

/** The ends of Wilson's score interval; counts need not be whole. NaN without trials. */
export function wilsonInterval(successes: number, trials: number): readonly [low: number, high: number] {
  if (!(trials > 0)) return [Number.NaN, Number.NaN];
  const share = successes / trials;
  const middle = (successes + (Z * Z) / 2) / (trials + Z * Z);
  const inside = Math.max(0, share * (1 - share) * trials + (Z * Z) / 4);
  const half = (Z * Math.sqrt(inside)) / (trials + Z * Z);
  return [share <= 0 ? 0 : Math.max(0, middle - half), share >= 1 ? 1 : Math.min(1, middle + half)];
}

/** A share with Wilson's score interval. */
export function wilson(hits: number, trials: number): Measured {
  return trials > 0 ? { value: hits / trials, interval: wilsonInterval(hits, trials) } : UNDEFINED;
}

/** F1 of hits among the labelled and the predicted together. It rises with a share, whose interval is carried over. */
export function f1(hits: number, both: number): Measured {
  const { interval } = wilson(hits, both - hits);
  if (!interval) return UNDEFINED;
  const carried = (share: number): number => (2 * share) / (1 + share);
  return { value: (2 * hits) / both, interval: [carried(interval[0]), carried(interval[1])] };
}

/** A share in per cent, with a decimal where it would be 0% or 100% and is not. */
export function formatShare(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return "–";
  const value = share * 100;
  const isNearEnd = (value > 0 && value < 1) || (value > 99 && value < 100);
  return percent(formatFixed(value, isNearEnd ? 1 : 0));
}

/** ` (74–90%)`; nothing where there is none. */
export function formatInterval({ interval }: Measured): string {
  return interval
    ? ` (${percent(`${formatFixed(interval[0] * 100, 0)}–${formatFixed(interval[1] * 100, 0)}`)})`
    : "";
}
