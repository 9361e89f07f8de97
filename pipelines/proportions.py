"""Shares of counts: intervals at 95 %, tests, and p-values of many tests together.

Everything works on arrays, element by element. What a count of zero leaves undefined is NaN.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Z = 1.959963984540054
"""The normal distribution's quantile of a two-sided interval at 95 %."""

Values: TypeAlias = NDArray[np.float64]
Interval: TypeAlias = tuple[Values, Values]


def _floats(*counts: ArrayLike) -> tuple[Values, ...]:
    return tuple(np.array(count, np.float64) for count in counts)


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> Values:
    """Return the quotient, NaN where the denominator is zero."""
    above, below = np.broadcast_arrays(*_floats(numerator, denominator))
    return np.asarray(np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0))


def wilson(successes: ArrayLike, trials: ArrayLike, z: float = Z) -> Interval:
    """Return the ends of Wilson's score interval (1927), at 95 % by default. Counts need not be whole."""
    count, n = _floats(successes, trials)
    share = ratio(count, n)
    middle = ratio(count + z * z / 2, n + z * z)
    inside = np.maximum(share * (1 - share) * n + z * z / 4, 0)
    half = ratio(z * np.sqrt(inside), n + z * z)
    # An end that is 0 or 1 is so exactly, whatever rounding leaves.
    low = np.where(share <= 0, 0.0, np.maximum(middle - half, 0))
    high = np.where(share >= 1, 1.0, np.minimum(middle + half, 1))
    return np.where(np.isnan(share), np.nan, low), np.where(np.isnan(share), np.nan, high)


def share(successes: float, trials: float, z: float = Z) -> tuple[float | None, float | None, float | None]:
    """Return one share with the ends of its Wilson interval, as a table holds them; None of no trials."""
    if not trials:
        return None, None, None
    low, high = wilson(successes, trials, z)
    return successes / trials, float(low), float(high)


def difference(
    first: ArrayLike, first_trials: ArrayLike, second: ArrayLike, second_trials: ArrayLike
) -> tuple[Values, Values, Values]:
    """Return the first share less the second, of independent samples, with Newcombe's interval.

    The interval is the hybrid of both Wilson intervals (Newcombe 1998, method 10 for independent samples).
    """
    p, q = ratio(first, first_trials), ratio(second, second_trials)
    (low_p, high_p), (low_q, high_q) = wilson(first, first_trials), wilson(second, second_trials)
    below = np.hypot(p - low_p, high_q - q)
    above = np.hypot(high_p - p, q - low_q)
    return p - q, p - q - below, p - q + above


def paired_difference(
    both: ArrayLike, only_first: ArrayLike, only_second: ArrayLike, neither: ArrayLike
) -> tuple[Values, Values, Values]:
    """Return the first share less the second, of the same samples, with Newcombe's interval.

    The four counts are of samples that both, one or none of the two got right. The hybrid of both Wilson
    intervals is narrowed by the correlation, whose numerator is corrected for continuity (Newcombe 1998,
    method 10 for paired data).
    """
    a, b, c, d = _floats(both, only_first, only_second, neither)
    n = a + b + c + d
    p, q = ratio(a + b, n), ratio(a + c, n)
    (low_p, high_p), (low_q, high_q) = wilson(a + b, n), wilson(a + c, n)
    product = a * d - b * c
    corrected = np.where(product > 0, np.maximum(product - n / 2, 0), product)
    margins = np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    phi = np.nan_to_num(ratio(corrected, margins))
    below = _hybrid(p - low_p, high_q - q, phi)
    above = _hybrid(high_p - p, q - low_q, phi)
    return ratio(b - c, n), ratio(b - c, n) - below, ratio(b - c, n) + above


def _hybrid(first: Values, second: Values, correlation: Values) -> Values:
    return np.sqrt(np.maximum(first**2 - 2 * correlation * first * second + second**2, 0))


def two_proportions(
    first: ArrayLike, first_trials: ArrayLike, second: ArrayLike, second_trials: ArrayLike
) -> Values:
    """Return the two-sided p-value of equal shares: the z test with the pooled variance.

    It is the square root of Pearson's chi-square without a correction. Where all or none succeed in both
    there is nothing to tell apart, and it is 1.
    """
    k, n, other, m = _floats(first, first_trials, second, second_trials)
    pooled = ratio(k + other, n + m)
    variance = pooled * (1 - pooled) * (ratio(1.0, n) + ratio(1.0, m))
    distance = np.abs(ratio(k, n) - ratio(other, m))
    z = ratio(distance, np.sqrt(variance))
    z = np.where((variance == 0) & ~np.isnan(distance), 0.0, z)
    return np.asarray(2 * special.ndtr(-z))


def cohens_h(first: ArrayLike, second: ArrayLike) -> Values:
    """Return the effect size of two shares: the difference of their arcsines, 0.2 small, 0.8 large."""
    p, q = _floats(first, second)
    return np.asarray(2 * np.arcsin(np.sqrt(p)) - 2 * np.arcsin(np.sqrt(q)))


def mcnemar(only_first: ArrayLike, only_second: ArrayLike) -> tuple[Values, Values]:
    """Return McNemar's two-sided p-values of equal shares in the same samples: exact, and mid-p.

    The mid-p counts half of what is just as likely as what was seen (Fagerland, Lydersen, Laake 2013).
    """
    b, c = _floats(only_first, only_second)
    n, least = b + c, np.minimum(b, c)
    tail = special.bdtr(least, n.astype(np.int64), 0.5)
    ways = special.gammaln(n + 1) - special.gammaln(least + 1) - special.gammaln(n - least + 1)
    seen = np.exp(ways - n * np.log(2))
    exact = np.where(n > 0, np.minimum(2 * tail, 1), 1.0)
    mid = np.where(b == c, 1 - seen / 2, 2 * tail - seen)
    return exact, np.where(n > 0, mid, 1.0)


def benjamini_hochberg(p_values: ArrayLike, tests: int | None = None) -> Values:
    """Return the q-value of each p-value: the least rate of false discoveries at which it is one.

    `tests` counts all tests that were made, where p-values of the others are not known; the q-values are
    then at least as large as they would be with them. NaN is no test, and stays NaN.
    """
    (p,) = _floats(p_values)
    q = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    made = len(known) if tests is None else max(tests, len(known))
    scaled = p[order] * made / np.arange(1, len(order) + 1)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return q


def effective_interval(value: Values, variance: Values, least_n: Values) -> Interval:
    """Return Wilson's interval of an estimate from 0 to 1 whose variance is known.

    It has the number of trials that the variance amounts to, `value * (1 - value) / variance`; where the
    variance vanishes, because all agree, `least_n` trials are taken instead.
    """
    amount = ratio(value * (1 - value), variance)
    inside: Any = np.isfinite(amount) & (amount > 0)
    trials = np.where(inside, amount, least_n)
    return wilson(value * trials, trials)
