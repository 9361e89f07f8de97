/** Shares of counts: the interval of a difference, a test of two shares, and p-values of many tests together. */

/** An estimate with its interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** The first less the second, of independent samples: a hybrid of both intervals (Newcombe 1998, method 10). */
export function differenceOf(first: Estimate, second: Estimate): Estimate {
  const value = first.value - second.value;
  const below = Math.hypot(first.value - first.low, second.high - second.value);
  const above = Math.hypot(first.high - first.value, second.value - second.low);
  return { value, low: value - below, high: value + above };
}

/** The complementary error function: a series near zero, a continued fraction beyond; good to 13 digits. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x > 27) return 0;
  if (x < 2.5) {
    let [term, sum] = [x, x];
    for (let at = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && at < 200; at++) {
      term *= (2 * x * x) / (2 * at + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let at = 80; at >= 1; at--) fraction = at / 2 / (x + fraction);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}

/** The two-sided p-value of equal shares: the z test with the pooled variance. */
export function twoProportions(hits: number, n: number, others: number, m: number): number {
  if (!(n > 0 && m > 0)) return Number.NaN;
  const pooled = (hits + others) / (n + m);
  const variance = pooled * (1 - pooled) * (1 / n + 1 / m);
  if (variance <= 0) return 1;
  return erfc(Math.abs(hits / n - others / m) / Math.sqrt(2 * variance));
}

/** The least rate of false discoveries at which each p-value is one (Benjamini and Hochberg). */
export function benjaminiHochberg(values: readonly number[]): number[] {
  const order = values.map((p, at) => ({ p, at })).sort((a, b) => b.p - a.p);
  const found = values.map(() => 1);
  let least = 1;
  order.forEach(({ p, at }, index) => {
    least = Math.min(least, (p * values.length) / (values.length - index));
    found[at] = least;
  });
  return found;
}
