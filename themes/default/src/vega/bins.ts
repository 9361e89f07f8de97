/** Bins with Vega's own steps (vega-statistics), and the SQL that puts a value into one as Vega's transform does. */
import { bin as binSteps } from "vega-statistics";
import { sql, type ExprNode } from "@uwdata/mosaic-sql";

/** `start`, `stop` and `step` are in the space of the bins. */
export interface Bins {
  start: number;
  stop: number;
  step: number;
  space?: Space;
}

/** Where bins of equal width on their axis are equally wide: on a logarithm, or one that goes through zero. */
export type Space = "log" | "symlog";

/** Vega's scales, and their inverses. */
const SPACES: Readonly<Record<Space, { into: (value: number) => number; back: (value: number) => number }>> =
  {
    log: { into: Math.log10, back: (value) => 10 ** value },
    symlog: {
      into: (value) => Math.sign(value) * Math.log1p(Math.abs(value)),
      back: (value) => Math.sign(value) * Math.expm1(Math.abs(value)),
    },
  };

/** The same in SQL, which stops at the logarithm of what has none. */
function inSpace(value: ExprNode, space: Space | undefined): ExprNode {
  if (space === "log") return sql`log10(CASE WHEN ${value} > 0 THEN ${value} END)`;
  return space === "symlog" ? sql`(sign(${value}) * ln(1 + abs(${value})))` : value;
}

/** Bins over [low, high] that are equally wide in a space. */
export function binsIn(space: Space, low: number, high: number, maxbins: number): Bins | null {
  const { into } = SPACES[space];
  const found = bins(into(low), into(high), maxbins, null);
  return found && { ...found, space };
}

/** Lower end of the first bin and upper end of the last. */
export function extentOf({ start, stop, space }: Bins): [number, number] {
  const back = space ? SPACES[space].back : (value: number): number => value;
  return [back(start), back(stop)];
}

/** The index of the bin whose lower end a value is. */
export function indexAt(low: number, { start, step, space }: Bins): number {
  return Math.round(((space ? SPACES[space].into(low) : low) - start) / step);
}

/** Bins over [low, high]; one bin around a single value; none where there is no finite value. */
export function bins(low: number, high: number, maxbins: number, step: number | null): Bins | null {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return null;
  const span = high > low ? high - low : Math.abs(low) || 1;
  const found = binSteps({ extent: [low, high], maxbins, span, ...(step ? { step } : {}) });
  return {
    start: found.start,
    stop: found.stop > found.start ? found.stop : found.start + found.step,
    step: found.step,
  };
}

/** Vega adds this to a quotient so that 0.3/0.1 falls into bin 3 (vega-transforms, Bin). */
const EPSILON = 1e-14;

/** The bin's index as SQL: the last bin holds its upper end, NaN and infinities are in none. */
export function binIndex(value: ExprNode, { start, stop, step, space }: Bins): ExprNode {
  const last = Math.round((stop - start) / step) - 1;
  const placed = inSpace(value, space);
  const index = sql`least(${last}, greatest(0, floor(${EPSILON} + (${placed} - (${start})) / ${step})))`;
  return sql`(CASE WHEN isfinite((${value})::DOUBLE) THEN (${index})::INTEGER END)`;
}

/** Digits that ends of bins have at least, and those that a double has at most. */
const DIGITS = { least: 12, most: 17 };

/** Lower and upper end of bin number `index`, without rounding errors: to a thousandth of the step. */
export function binEnds(index: number, { start, step, space }: Bins): [number, number] {
  const round = (x: number): number => {
    const digits = Math.ceil(Math.log10(Math.max(1, Math.abs(x) / step))) + 3;
    return Number(x.toPrecision(Math.min(DIGITS.most, Math.max(DIGITS.least, digits))));
  };
  const ends = [start + index * step, start + (index + 1) * step] as const;
  if (!space) return [round(ends[0]), round(ends[1])];
  const { back } = SPACES[space];
  // Zero is the middle of the space that goes through it, and no power of anything.
  const exact = (end: number): number => (Math.abs(end) < step / 1000 && space === "symlog" ? 0 : back(end));
  return [Number(exact(ends[0]).toPrecision(DIGITS.least)), Number(exact(ends[1]).toPrecision(DIGITS.least))];
}
