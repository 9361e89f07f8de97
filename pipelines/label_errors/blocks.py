"""Walking over a matrix of probabilities in blocks: memory is bounded however many samples there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Matrix: TypeAlias = NDArray[Any]
"""Probabilities of shape (samples, classes), in memory or mapped from a file, of any precision."""

NUMBERS = 1 << 20
"""Numbers of a block: 8 MB in double precision, of which a handful exist at a time."""


def walk(probabilities: Matrix, labels: Codes) -> Iterator[tuple[slice, Floats, Codes]]:
    """Yield block by block the rows, their probabilities as float64, and their labels."""
    size = max(1, NUMBERS // probabilities.shape[1])
    for start in range(0, len(probabilities), size):
        rows = slice(start, min(start + size, len(probabilities)))
        yield rows, np.asarray(probabilities[rows], np.float64), labels[rows]


def mean(members: Sequence[Matrix], weights: Floats) -> Matrix:
    """Return the weighted mean of several members' probabilities as float32; of one, itself."""
    if len(members) == 1:
        return members[0]
    found = np.zeros(members[0].shape, np.float32)
    for member, weight in zip(members, weights, strict=True):
        found += member * np.float32(weight)
    return found


def own(probabilities: Matrix, labels: Codes) -> Matrix:
    """Return of each row the probability of its label."""
    chosen: Matrix = np.take_along_axis(probabilities, labels[:, None], axis=1)[:, 0]
    return chosen
