"""Intervals and tests: against scipy's own, closed forms, and how often intervals hold the truth."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy import stats

from pipelines import proportions

COUNTS = [(0, 5), (5, 5), (1, 7), (30, 41), (999, 1000), (7, 200)]


@pytest.mark.parametrize(("successes", "trials"), COUNTS)
def test_wilson_is_that_of_scipy(successes: int, trials: int) -> None:
    reference = stats.binomtest(successes, trials).proportion_ci(method="wilson")
    low, high = proportions.wilson(successes, trials)
    assert (low, high) == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_what_a_count_of_zero_leaves_undefined_is_nan() -> None:
    assert np.isnan(proportions.wilson(0, 0)).all()
    assert np.isnan(proportions.difference(0, 0, 3, 5)).all()
    assert np.isnan(proportions.two_proportions(0, 0, 3, 5))
    assert np.isnan(proportions.paired_difference(0, 0, 0, 0)).all()


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    # Newcombe (1998), Statistics in Medicine 17: table II, method 10, as published to four digits.
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((10, 10), (0, 20), (0.6791, 1)),
    ],
)
def test_the_interval_of_a_difference_is_as_published(
    first: tuple[int, int], second: tuple[int, int], expected: tuple[float, float]
) -> None:
    away, *ends = proportions.difference(*first, *second)
    assert away == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert ends == pytest.approx(expected, abs=5e-5)


def test_two_proportions_are_a_chi_square_without_a_correction() -> None:
    found = proportions.two_proportions([56, 9, 3], [70, 10, 40], [48, 3, 3], [80, 10, 40])
    for p, (a, n, b, m) in zip(found, [(56, 70, 48, 80), (9, 10, 3, 10), (3, 40, 3, 40)], strict=True):
        reference = stats.chi2_contingency([[a, n - a], [b, m - b]], correction=False).pvalue
        assert p == pytest.approx(reference, rel=1e-9)
    assert proportions.two_proportions(5, 5, 9, 9) == 1


def test_mcnemar_is_the_exact_binomial_test_and_its_mid_p() -> None:
    pairs = [(0, 0), (1, 0), (5, 5), (3, 12), (40, 7), (700, 620)]
    exact, mid = proportions.mcnemar(*np.array(pairs).T)
    for at, (b, c) in enumerate(pairs):
        n, least = b + c, min(b, c)
        reference = stats.binomtest(b, n).pvalue if n else 1
        assert exact[at] == pytest.approx(reference, rel=1e-9)
        # From whole numbers: everything less likely twice, what was seen once.
        below, seen = sum(comb(n, k) for k in range(least)), comb(n, least)
        closed = 2 * below / 2**n + seen / 2**n if b != c else 1 - seen / 2**n / 2
        assert mid[at] == pytest.approx(closed if n else 1, rel=1e-8)


def test_q_values_are_those_of_scipy_and_grow_with_tests_that_are_not_shown() -> None:
    p = np.random.default_rng(0).uniform(size=50) ** 2
    assert proportions.benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))
    known = np.sort(p)[:5]
    assert (
        proportions.benjamini_hochberg(known, 50) >= proportions.benjamini_hochberg(p)[p.argsort()][:5]
    ).all()
    gaps = proportions.benjamini_hochberg([0.01, np.nan, 0.02])
    assert np.isnan(gaps[1])
    assert gaps[[0, 2]] == pytest.approx([0.02, 0.02])


@pytest.mark.parametrize(
    ("counts", "expected"),
    # By hand, from the same formula in exact arithmetic: no correlation where a margin is empty.
    [((20, 0, 0, 0), 0.0), ((10, 5, 5, 0), 0.0), ((30, 12, 2, 6), 0.2)],
)
def test_a_paired_difference_is_that_of_the_margins(counts: tuple[int, ...], expected: float) -> None:
    away, low, high = proportions.paired_difference(*counts)
    assert away == pytest.approx(expected)
    assert -1 <= low <= away <= high <= 1
    back, lower, higher = proportions.paired_difference(counts[0], counts[2], counts[1], counts[3])
    assert (back, lower, higher) == pytest.approx((-away, -high, -low))


def test_paired_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(1)
    truth = np.array([0.6, 0.2, 0.08, 0.12])
    drawn = random.multinomial(80, truth, size=4000)
    _, low, high = proportions.paired_difference(*drawn.T)
    covered = ((low <= truth[1] - truth[2]) & (truth[1] - truth[2] <= high)).mean()
    assert 0.94 <= covered <= 0.97


def test_correlated_answers_make_a_paired_interval_narrower() -> None:
    _, low, high = proportions.paired_difference(80, 4, 2, 14)
    _, apart_low, apart_high = proportions.difference(84, 100, 82, 100)
    assert high - low < (apart_high - apart_low) / 1.5
