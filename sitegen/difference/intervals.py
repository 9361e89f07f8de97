"""Intervals of the difference of two shares, in closed form: Newcombe's, of the same samples or of others.

The pipelines have the same for whole columns, with libraries that a machine which only builds sites may lack.
"""

from __future__ import annotations

import math

Z = 1.959963984540054
"""The normal distribution's quantile of a two-sided interval at 95 %."""

Ends = tuple[float, float]


def wilson(successes: int, trials: int) -> Ends:
    """Return the ends of Wilson's score interval (1927) of a share, at 95 %; ``trials`` is at least 1."""
    share, square = successes / trials, Z * Z
    middle = (successes + square / 2) / (trials + square)
    half = Z * math.sqrt(trials * share * (1 - share) + square / 4) / (trials + square)
    low = 0.0 if successes == 0 else max(middle - half, 0.0)
    return low, 1.0 if successes == trials else min(middle + half, 1.0)


def independent(before: int, trials_before: int, after: int, trials_after: int) -> Ends:
    """Return the ends of the interval of the second share less the first, of different samples.

    The hybrid of both Wilson intervals (Newcombe 1998, method 10 for independent samples).
    """
    return _hybrid((after, trials_after), (before, trials_before), 0.0)


def paired(both: int, only_before: int, only_after: int, neither: int) -> Ends:
    """Return the ends of the interval of the second share less the first, of the same samples.

    The hybrid narrowed by the correlation, whose numerator is corrected for continuity (Newcombe 1998, method
    10 for paired data).
    """
    trials = both + only_before + only_after + neither
    product = both * neither - only_before * only_after
    corrected = max(product - trials / 2, 0) if product > 0 else product
    margins = (both + only_after) * (only_before + neither) * (both + only_before) * (only_after + neither)
    correlation = corrected / math.sqrt(margins) if margins else 0.0
    return _hybrid((both + only_after, trials), (both + only_before, trials), correlation)


def _hybrid(after: tuple[int, int], before: tuple[int, int], correlation: float) -> Ends:
    (low, high), (low_before, high_before) = wilson(*after), wilson(*before)
    p, q = after[0] / after[1], before[0] / before[1]

    def width(first: float, second: float) -> float:
        return math.sqrt(max(first**2 - 2 * correlation * first * second + second**2, 0.0))

    return p - q - width(p - low, high_before - q), p - q + width(high - p, q - low_before)
