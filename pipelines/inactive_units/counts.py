"""Counts, batch by batch, how often the units of a layer are inactive; memory does not grow with samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.datasets import Codes
from pipelines.responses import Values

Floats = NDArray[np.float64]


class Spread:
    """Mean and variance of rows so far, column by column; stable where the mean is large."""

    def __init__(self, width: int) -> None:
        self.count = 0
        self.mean = np.zeros(width)
        self._squares = np.zeros(width)

    def add(self, rows: Floats) -> None:
        """Take in rows of shape (samples, width)."""
        mean = rows.mean(axis=0)
        distance, total = mean - self.mean, self.count + len(rows)
        self._squares += np.square(rows - mean).sum(axis=0)
        self._squares += distance**2 * (self.count * len(rows) / total)
        self.mean += distance * (len(rows) / total)
        self.count = total

    def variance(self) -> Floats:
        """Return the unbiased variances; NaN of a single row."""
        return self._squares / (self.count - 1) if self.count > 1 else np.full(len(self._squares), np.nan)


class Counts:
    """What is known of a layer: `inactive` counts samples for each unit, `by_class` for each label, too.

    `zeros` counts places, `peak` is the largest size of a response, `per_sample` how many units are inactive
    for one.
    """

    def __init__(self, units: int, places: int, classes: int) -> None:
        self.units, self.places = units, places
        self.inactive = np.zeros(units, np.int64)
        self.zeros = np.zeros(units, np.int64)
        self.by_class = np.zeros((classes, units), np.int64)
        self.peak = np.zeros(units)
        self.responses = Spread(units)
        self.per_sample = Spread(1)

    @property
    def samples(self) -> int:
        """How many samples were read."""
        return self.responses.count

    def add(self, values: Values, threshold: float, labels: Codes | None) -> None:
        """Take in responses of shape (samples, units, places), and the samples' labels, -1 where unknown."""
        sizes = np.abs(_signed(values))
        is_small = np.asarray(sizes <= threshold)
        is_inactive = np.asarray(is_small.all(axis=2))
        self.inactive += is_inactive.sum(axis=0)
        self.zeros += is_small.sum(axis=(0, 2))
        self.peak = np.maximum(self.peak, sizes.max(axis=(0, 2)))
        self.responses.add(values.mean(axis=2, dtype=np.float64))
        self.per_sample.add(is_inactive.sum(axis=1, dtype=np.float64)[:, None])
        if labels is not None:
            for label in np.unique(labels[labels >= 0]):
                self.by_class[label] += is_inactive[labels == label].sum(axis=0)


def _signed(values: Values) -> Values:
    """Return responses in a type that holds the size of each: int8 has -128 and no 128."""
    return values.astype(np.float64) if values.dtype.kind in "iu" else values
