"""How near is a duplicate? Rules that draw the line, and how near a pair is for where it lies.

The default, `gap`, is made so that data without duplicates has none. It asks two things of a pair.

1. *Near beside the whole.* Its distance is at most a share of the usual distance to a nearest neighbour.
   The share is 0.13, or less where chance alone would bring some pair of so many samples that near: of n
   samples that fill m dimensions evenly, a share log(2)·rᵐ has its nearest neighbour within r medians, and
   the rule allows 0.01 such samples in all. m is estimated from how the distances to neighbours grow. A fixed
   0.13 flags 1.3 % of 5,000 samples that are spread evenly in two dimensions, and 0.3 % in three.
2. *Near for where it lies.* Where data is dense, as in the middle of heavy tails, samples are near each other
   and no duplicates. So a pair's distance is also set beside the distances around both: see `local_scales`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Distances = NDArray[np.float32]

SHARE = 0.13  # of the median nearest distance, as the near-duplicate check of Cleanlab has it
CHANCE = 0.01  # samples that chance may flag, of all


def gap_share(distances: Distances) -> float:
    """Return which share of the usual distance to a nearest neighbour counts as near, at most `SHARE`.

    `distances` has shape (samples, k): those to the k nearest, nearest first. 0 where nothing can be said.
    """
    dimension = intrinsic_dimension(distances)
    if math.isnan(dimension):
        return 0.0
    allowed = CHANCE / (math.log(2) * max(len(distances), 2))
    return min(SHARE, math.pow(allowed, 1 / dimension))


def intrinsic_dimension(distances: Distances) -> float:
    """Return how many dimensions the samples fill, from how far the outer half of their neighbours is.

    It is the maximum-likelihood estimate of Levina and Bickel over the outer half of the k neighbours, and
    the median over all samples. Of each sample the widest step from one neighbour to the next is left out:
    where the copies of a sample end, that step says how many they are, and nothing of dimensions. NaN for
    fewer than four neighbours or where all are equally far.
    """
    k = distances.shape[1]
    is_apart = distances[:, k // 2] > 0 if k >= 4 else np.zeros(len(distances), bool)
    if not is_apart.any():
        return math.nan
    steps = _steps(distances[is_apart].astype(np.float64))
    count = steps.shape[1]
    usual = float(np.median(steps[:, :-1].sum(axis=1)))
    # Of points on a grid nearly all steps are none.
    if usual > 0:
        return float(count - sum(1 / i for i in range(1, count + 1))) / usual
    usual = float(np.median(steps.sum(axis=1)))
    return count / usual if usual > 0 else math.nan


def _steps(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the steps between the outer half of the neighbours, of each row the widest last.

    Of points spread evenly in m dimensions, j log(r_(j+1) / r_j) is exponential with mean 1 / m for each j,
    and none depends on another (Rényi's representation). So the widest of n is on average
    (1 + 1/2 + … + 1/n) / m.
    """
    k = distances.shape[1]
    inner = np.arange(k // 2, k - 1)
    return np.sort((inner + 1) * np.log(distances[:, inner + 1] / distances[:, inner]), axis=1)


def usual_ratio(distances: Distances) -> float:
    """Return which part of the distance to the last of the k neighbours that to the nearest usually is.

    It is the median of all samples, or what their dimension lets expect where that is more: so it also holds
    where most samples have twins. NaN for no neighbours.
    """
    if not distances.size:
        return math.nan
    last = np.maximum(distances[:, -1].astype(np.float64), np.finfo(np.float32).tiny)
    found = float(np.median(distances[:, 0] / last))
    dimension, k = intrinsic_dimension(distances), distances.shape[1]
    # The medians of the nearest and of the k-th of points spread evenly, each to the power of the dimension.
    expected = 0.0 if math.isnan(dimension) else (math.log(2) / (k - 1 / 3)) ** (1 / dimension)
    return max(found, expected)


def usual_distance(distances: Distances) -> float:
    """Return the usual distance to a nearest neighbour that is no duplicate; NaN for no neighbours."""
    if not distances.size:
        return math.nan
    return float(np.median(distances[:, -1])) * usual_ratio(distances)


def slope(distances: Distances, sensitivity: float) -> float:
    """Return DNIKit's `Slope` threshold: where the sorted distances begin to rise fast, seen from the middle.

    Zero distances are left out. NaN where all are zero, on which DNIKit fails. It flags samples of data that
    has no duplicates: it is here to compare.
    """
    values = _positive(distances)
    count = len(values)
    if not count:
        return math.nan
    stride, place, width = count // 1000 + 1, count // 2, int(count // sensitivity)
    usual = values[min(place + place // 2, count - 1)] - values[place - place // 2]
    while place > stride:
        if values[min(place + width, count - 1)] - values[place] > usual:
            break
        place -= stride
    return float(values[place])


def percentile(distances: Distances, percent: float) -> float:
    """Return DNIKit's `Percentile` threshold: `percent` of those above zero are larger; NaN for none."""
    values = _positive(distances)
    if not len(values):
        return math.nan
    return float(values[min(max(len(values) - int(percent / 100 * len(values)), 0), len(values) - 1)])


def _positive(distances: Distances) -> Distances:
    return np.sort(distances[distances > 0], axis=None)
