"""Which units go first: greedily, the most (or least) correlated with those that are left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.pfa.moments import Floats

INACTIVE = 1e-8  # of the largest variance of a layer
ALIKE = 1e-9  # correlations and their sums that differ by less are the same
Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]


def active(covariance: Floats) -> Mask:
    """Return which units vary enough to be compared with others; none where nothing varies."""
    variances = covariance.diagonal()
    return np.asarray((variances > 0) & (variances >= INACTIVE * variances.max()))


def correlations(covariance: Floats, chosen: Mask) -> Floats:
    """Return the correlations of the chosen units, whatever their scale; 0 on the diagonal."""
    deviations = np.sqrt(covariance.diagonal()[chosen])
    found = covariance[np.ix_(chosen, chosen)] / deviations[:, None] / deviations[None, :]
    np.fill_diagonal(found, 0)
    # Rounding is not symmetric, and would break ties.
    return np.asarray(np.clip((found + found.T) / 2, -1, 1))


def places(sizes: Floats, selection: str) -> Indices:
    """Return the order in which units are kept, from 1, by the sizes of their correlations.

    `l1_max` lets go of the unit with the largest sum, `abs_max` of the more entangled one of the most
    correlated pair; `l1_min` and `abs_min` begin at the other end. The greedy choice does not depend on how
    many are kept, so of k units those with a place up to k are. Ties go to the unit that comes first.
    """
    measure, _, end = selection.partition("_")
    sign = 1.0 if end == "max" else -1.0
    left = _Left(sign * sizes, np.ones(len(sizes), bool))
    choose = _by_sum if measure == "l1" else _by_largest
    found = np.empty(len(sizes), np.int64)
    for place in range(len(sizes), 0, -1):
        unit = choose(left)
        found[unit] = place
        left.remove(unit)
    return found


@dataclass
class _Left:
    """The units that are left: `sizes` of correlations, negative where the least goes first."""

    sizes: Floats
    is_left: Mask

    def __post_init__(self) -> None:
        np.fill_diagonal(self.sizes, -np.inf)
        self.sums = np.where(np.isfinite(self.sizes), self.sizes, 0).sum(axis=1)
        self.most = self.sizes.max(axis=1)

    def remove(self, unit: int) -> None:
        """Let go of a unit; only rows that had their most from it are looked through again."""
        gone = self.sizes[:, unit].copy()
        self.sums -= np.where(np.isfinite(gone), gone, 0)
        self.is_left[unit] = False
        self.sizes[:, unit] = self.sizes[unit, :] = -np.inf
        again = np.flatnonzero(self.is_left & (gone >= self.most - ALIKE))
        self.most[again] = self.sizes[again].max(axis=1) if len(again) else self.most[again]
        self.sums[unit] = self.most[unit] = -np.inf

    def nearly(self, values: Floats, within: Indices) -> Indices:
        """Return the units of `within` whose value is the largest of them but for rounding."""
        top = values[within].max()
        return within[values[within] >= top - ALIKE * max(1.0, abs(top))] if np.isfinite(top) else within


def _by_sum(left: _Left) -> int:
    tied = left.nearly(left.sums, np.flatnonzero(left.is_left))
    return int(left.nearly(left.most, tied)[0])


def _by_largest(left: _Left) -> int:
    """Return the one of the most correlated pair whose next correlation is larger, too."""
    tied = left.nearly(left.most, np.flatnonzero(left.is_left))
    if left.is_left.sum() < 3:
        return int(tied[0])
    seconds = np.full(len(left.most), -np.inf)
    seconds[tied] = np.partition(left.sizes[tied], -2, axis=1)[:, -2]
    return int(left.nearly(seconds, tied)[0])
