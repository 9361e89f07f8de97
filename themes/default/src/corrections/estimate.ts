/**
 * How many labels are still wrong, from those that were looked at. Samples are divided into strata by their rank; in each,
 * the share of wrong labels among those looked at, together with the model's own expectation, which counts as two samples
 * looked at, has a beta distribution. What is left is the sum over the strata, as of a stratified sample (W. G. Cochran,
 * Sampling Techniques, 3rd edition, 1977, chapter 5), with an interval of 1.96 standard deviations.
 */
import type { Decision } from "./journal.ts";
import { isChange } from "./journal.ts";

/** Samples of one range of ranks. */
export interface Stratum {
  /** Ranks from and to, both among them. */
  from: number;
  to: number;
  /** Share of wrong labels that the model expects. */
  expected: number;
}

export interface Estimate {
  left: number;
  low: number;
  high: number;
  /** Samples that were not looked at, and those that were, but left open: among both the labels are that are left. */
  unseen: number;
  unsure: number;
  /** Of the last that were looked at, in ranks' order, how many were wrong. */
  recent: { wrong: number; of: number };
  isEnough: boolean;
}

/** Upper ends of the strata, as shares of all samples. */
export const ENDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

const PRIOR = 2;
const NEARER = 0.25;
const Z = 1.96;

/** So many are looked at in a row before it is suggested to stop, where so small a share can be wrong. */
export const ROW = 20;
export const ENOUGH = 0.01;

/** The ranges of ranks of so many samples. */
export function strataOf(samples: number): { from: number; to: number }[] {
  const ends = ENDS.map((share) => Math.round(share * samples));
  return ends
    .map((to, index) => ({ from: (ends[index - 1] ?? 0) + 1, to }))
    .filter(({ from, to }) => to >= from);
}

export function estimate(strata: readonly Stratum[], decisions: Iterable<Decision>): Estimate {
  const ranked = [...decisions].filter(({ rank }) => rank !== null);
  const judged = ranked.filter(({ action }) => action !== "unsure");
  const unsure = ranked.length - judged.length;
  const parts = strata.map(({ from, to, expected }) => {
    const inside = judged.filter(({ rank }) => rank! >= from && rank! <= to);
    return part(to - from + 1, inside.length, inside.filter(isChange).length, expected);
  });
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const left = sum(parts.map((each) => each.left));
  const reach = Z * Math.sqrt(sum(parts.map((each) => each.variance)));
  const open = sum(parts.map((each) => each.open));
  const latest = [...judged].sort((a, b) => a.when.localeCompare(b.when)).slice(-ROW);
  const recent = { wrong: latest.filter(isChange).length, of: latest.length };
  const high = Math.min(open, left + reach);
  const all = Math.max(1, ...strata.map(({ to }) => to));
  const low = Math.max(0, left - reach);
  const isRow = recent.of >= ROW && recent.wrong === 0;
  // A row alone says little of what nobody looked at: where the interval is above what is enough, it is not.
  const isEnough = (isRow && low <= ENOUGH * all) || high <= ENOUGH * all;
  const unseen = Math.max(0, open - unsure);
  return { left, low, high, unseen, unsure, recent, isEnough };
}

/** What is left in a stratum: mean and variance of a beta-binomial count of those not decided of. */
function part(
  size: number,
  looked: number,
  wrong: number,
  expected: number,
): { left: number; variance: number; open: number } {
  const open = Math.max(0, size - looked);
  const a = wrong + PRIOR * clamp(expected);
  const b = looked - wrong + PRIOR * (1 - clamp(expected));
  const share = a / (a + b);
  // Where none of a few was wrong the share may still not be 0: the spread is that of a share a little nearer to a half.
  const wide = (a + NEARER) / (a + b + 2 * NEARER);
  const variance = (open * wide * (1 - wide) * (a + b + open)) / (a + b + 1);
  return { left: open * share, variance, open };
}

const clamp = (share: number): number => Math.min(0.99, Math.max(0.01, share));
