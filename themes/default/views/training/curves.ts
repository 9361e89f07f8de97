/** Curves of a training: which lines there are, smoothed values, the best epoch, and where labels find room. */
import type { Column } from "../../src/page.ts";

/** One line: a run, as evaluated on one split. */
export interface Line {
  run: string;
  split: string;
}

export const lineName = ({ run, split }: Line): string => [run, split].filter(Boolean).join(" · ");

/** Names of the part that is held back, the most telling first. */
const HELD_BACK = ["validation", "valid", "val", "dev", "eval", "test", "holdout"];

/** The split by which epochs are judged: one that was held back, else the last. */
export function judgedSplit(splits: readonly string[]): string {
  const found = HELD_BACK.find((name) => splits.some((split) => split.toLowerCase() === name));
  return splits.find((split) => split.toLowerCase() === found) ?? splits.at(-1) ?? "";
}

/** What was learned from comes first, then what was held back, then the rest by name. */
export function orderedSplits(splits: readonly string[]): string[] {
  const rank = (split: string): number => {
    const name = split.toLowerCase();
    return name.startsWith("train") ? 0 : HELD_BACK.includes(name) ? 1 : 2;
  };
  return [...splits].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** Whether less is better: of losses and errors. */
export function isLessBetter({ role, name }: Column): boolean {
  if (role === "accuracy") return false;
  return role === "loss" || /loss|error|perplexity|mae|mse/i.test(name);
}

/**
 * An exponential moving average that starts at the first value: `weight` of what was, the rest of what is new, freed
 * of the zero it would begin with. Missing values stay missing and change nothing.
 */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let [sum, share] = [0, 0];
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return null;
    sum = weight * sum + (1 - weight) * value;
    share = weight * share + (1 - weight);
    return sum / share;
  });
}

/** The nearest places for labels of a height, in px from the top: in order, apart, and inside; null without room. */
export function apart(wanted: readonly number[], height: number, room: number): (number | null)[] {
  const most = Math.max(1, Math.floor(room / height) + 1);
  const order = wanted
    .map((place, index) => ({ place, index }))
    .sort((a, b) => a.place - b.place || a.index - b.index);
  const kept = order.slice(0, most);
  const places = kept.map(({ place }) => Math.max(0, Math.min(room, place)));
  for (let at = 1; at < places.length; at++) places[at] = Math.max(places[at]!, places[at - 1]! + height);
  for (let at = places.length - 1, floor = room; at >= 0; at--, floor = places[at + 1]! - height)
    places[at] = Math.min(places[at]!, floor);
  const found: (number | null)[] = wanted.map(() => null);
  kept.forEach(({ index }, at) => (found[index] = places[at]!));
  return found;
}

/** The ends of an axis: the values with a little room; a logarithmic one has no place for zero and below. */
export function domainOf(
  values: readonly number[],
  isLog: boolean,
  isShare: boolean,
): [number, number] | null {
  const found = values.filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  if (found.length === 0) return null;
  const low = found.reduce((least, value) => Math.min(least, value));
  const high = found.reduce((most, value) => Math.max(most, value));
  if (isLog) return low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
  const room = (high - low || Math.abs(high) || 1) * 0.05;
  const inside = (end: number): number => (isShare ? Math.max(0, Math.min(1, end)) : end);
  return [low >= 0 ? Math.max(0, inside(low - room)) : low - room, inside(high + room)];
}
