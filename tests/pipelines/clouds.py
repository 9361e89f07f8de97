"""Clouds of points that hold no duplicates, and twins put into them, to try rules on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Points = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
DIMENSIONS = 40
NOISE = 1e-3
"""Standard deviation of a twin around its original, beside that of the cloud."""


def gaussian(random: np.random.Generator, count: int) -> Points:
    """Return points of a decaying spectrum, as embeddings have."""
    return random.normal(size=(count, DIMENSIONS)) / np.sqrt(1 + np.arange(DIMENSIONS))


def clusters(random: np.random.Generator, count: int) -> Points:
    """Return ten clusters, from tight to wide."""
    which = random.integers(0, 10, count)
    middles = random.normal(size=(10, DIMENSIONS)) * 5
    widths = np.linspace(0.3, 2, 10)
    return middles[which] + random.normal(size=(count, DIMENSIONS)) * widths[which, None]


def heavy_tails(random: np.random.Generator, count: int) -> Points:
    """Return points of Student's t with two degrees of freedom."""
    return random.normal(size=(count, DIMENSIONS)) / np.sqrt(random.chisquare(2, count) / 2)[:, None]


def dense_middle(random: np.random.Generator, count: int) -> Points:
    """Return points whose density falls over many orders of magnitude from the middle on."""
    return random.normal(size=(count, DIMENSIONS)) * np.exp(random.normal(size=count))[:, None]


def flat(random: np.random.Generator, count: int) -> Points:
    """Return points in a plane."""
    return random.normal(size=(count, 2))


def solid(random: np.random.Generator, count: int) -> Points:
    """Return points in space."""
    return random.normal(size=(count, 3))


CLOUDS: dict[str, Callable[[np.random.Generator, int], Points]] = {
    "Gaussian": gaussian,
    "clusters": clusters,
    "heavy tails": heavy_tails,
    "dense middle": dense_middle,
    "plane": flat,
    "space": solid,
}


def with_twins(random: np.random.Generator, points: Points, share: float, size: int = 2) -> Flags:
    """Overwrite a share of the points with near copies of others, `size` alike; return which have copies."""
    noise = NOISE * np.median(points.std(axis=0))
    sets = random.permutation(len(points))[: int(len(points) * share) // size * size].reshape(-1, size)
    for first, *others in sets:
        points[others] = points[first] + random.normal(size=(len(others), points.shape[1])) * noise
    has_twin = np.zeros(len(points), bool)
    has_twin[sets] = True
    return has_twin
