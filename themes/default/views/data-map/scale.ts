/** Colours of a map: counts by their logarithm, for a few countries have most of the rows; means as they are. */
import type { Options } from "./options.ts";
import type { Place } from "./places.ts";
import { ends } from "../../src/extremes.ts";

export type Scale = { low: number; high: number; isLog: boolean; steps: readonly [number, number] } | null;

/** The ramp's first steps can hardly be told from the page. */
const STEPS = [8, 63] as const;

/**
 * From all rows, those of every group where the page is split, so that a filter changes colours and not what they mean;
 * null without a value.
 */
export function scaleOf({ mean }: Options, wholes: readonly ReadonlyMap<string, Place>[]): Scale {
  const values = wholes
    .flatMap((places) => [...places.values()])
    .map((place) => (mean ? place.mean : place.rows))
    .filter((value) => value !== null);
  if (values.length === 0) return null;
  const [least, high] = ends(values);
  return { low: mean ? least : 1, high, isLog: !mean, steps: STEPS };
}

/** The step of the ramp for a place; null where it has no value. */
export function stepAt(scale: Scale, place: Place): number | null {
  const value = scale?.isLog ? place.rows : place.mean;
  if (!scale || value === null) return null;
  const [first, last] = scale.steps;
  return first + Math.round(shareOf(scale, value) * (last - first));
}

/** Means of what passes may lie beyond those of all rows: the ends stand for what is beyond. */
function shareOf({ low, high, isLog }: NonNullable<Scale>, value: number): number {
  if (high <= low) return 1;
  const share = isLog ? Math.log(value) / Math.log(high) : (value - low) / (high - low);
  return Math.max(0, Math.min(1, share));
}
