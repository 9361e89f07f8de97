"""Mean and covariance of rows that come batch by batch: one pass, and no loss where the mean is large."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Product = Callable[[Floats], Floats]
"""Returns the transpose of a matrix times itself."""


def product(rows: Floats) -> Floats:
    """Return `rows.T @ rows`."""
    return np.asarray(rows.T @ rows)


class Moments:
    """What is known of the rows so far.

    Sums of squares lose every digit where a mean is large beside the spread. So each batch is centred on its
    own mean, and two parts are joined by the distance of their means (Chan, Golub, LeVeque 1983).
    """

    def __init__(self, units: int, multiply: Product = product) -> None:
        self.count = 0
        self.mean = np.zeros(units)
        self._scatter = np.zeros((units, units))
        self._multiply = multiply

    @staticmethod
    def size(units: int) -> int:
        """Return the bytes that are kept of so many units."""
        return 8 * units * (units + 1)

    def add(self, rows: Floats) -> None:
        """Take in rows of shape (samples, units)."""
        mean = rows.mean(axis=0)
        distance, total = mean - self.mean, self.count + len(rows)
        self._scatter += self._multiply(rows - mean)
        self._scatter += np.outer(distance, distance * (self.count * len(rows) / total))
        self.mean += distance * (len(rows) / total)
        self.count = total

    def covariance(self) -> Floats:
        """Return the unbiased covariance, shape (units, units); zeros of a single row."""
        return self._scatter / max(self.count - 1, 1)
