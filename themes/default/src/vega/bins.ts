/** Bins with Vega's own steps (vega-statistics), and the SQL that puts a value into one as Vega's transform does. */
import { bin as binSteps } from "vega-statistics";
import { sql, type ExprNode } from "@uwdata/mosaic-sql";

export interface Bins {
  start: number;
  stop: number;
  step: number;
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
export function binIndex(value: ExprNode, { start, stop, step }: Bins): ExprNode {
  const last = Math.round((stop - start) / step) - 1;
  const index = sql`least(${last}, greatest(0, floor(${EPSILON} + (${value} - (${start})) / ${step})))`;
  return sql`(CASE WHEN isfinite((${value})::DOUBLE) THEN (${index})::INTEGER END)`;
}

/** Digits that ends of bins have at least, and those that a double has at most. */
const DIGITS = { least: 12, most: 17 };

/** Lower and upper end of bin number `index`, without rounding errors: to a thousandth of the step. */
export function binEnds(index: number, { start, step }: Bins): [number, number] {
  const round = (x: number): number => {
    const digits = Math.ceil(Math.log10(Math.max(1, Math.abs(x) / step))) + 3;
    return Number(x.toPrecision(Math.min(DIGITS.most, Math.max(DIGITS.least, digits))));
  };
  return [round(start + index * step), round(start + (index + 1) * step)];
}
