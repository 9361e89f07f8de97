"""What duplicates do to an evaluation: samples that stand in two splits, and accuracy without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.proportions import share

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

TRAINING = ("train", "training")
"""Names of splits that a model learns from, in small letters."""


@dataclass(frozen=True)
class Repeats:
    """Which samples are repeated in which split: arrays of shape (samples, splits).

    `near` are repeated by a near duplicate and by no exact one.
    """

    exact: Flags
    near: Flags

    @property
    def any(self) -> Flags:
        """Repeated in either way."""
        return np.asarray(self.exact | self.near)


def repeats(splits: Places, count: int, exact: Places | None, near: Places | None) -> Repeats:
    """Return where each sample is repeated, by groups of exact and of near duplicates (-1 is alone).

    `splits` are codes below `count`, -1 where unknown.
    """
    same = _repeated(splits, count, exact)
    return Repeats(same, _repeated(splits, count, near) & ~same)


def _repeated(splits: Places, count: int, groups: Places | None) -> Flags:
    found = np.zeros((len(splits), count), bool)
    if groups is None or not (groups >= 0).any():
        return found
    members = np.zeros((groups.max() + 1, count), np.int64)
    known = (groups >= 0) & (splits >= 0)
    np.add.at(members, (groups[known], splits[known]), 1)
    others = members[groups[known]]
    others[np.arange(len(others)), splits[known]] -= 1
    found[known] = others > 0
    return found


def matrix(splits: Places, names: Sequence[str], found: Repeats) -> dict[str, list[object]]:
    """Return a row for each kind and pair of splits: how many samples of one are repeated in the other."""
    columns: dict[str, list[object]] = {
        name: [] for name in ("kind", "split", "other", "rows", "repeated", "share")
    }
    for kind in ("exact", "near", "any"):
        flags = getattr(found, kind)
        for code, split in enumerate(names):
            rows = int((splits == code).sum())
            for other_code, other in enumerate(names):
                repeated = int(flags[splits == code, other_code].sum())
                row = (kind, split, other, rows, repeated, repeated / rows)
                for name, value in zip(columns, row, strict=True):
                    columns[name].append(value)
    return columns


def is_training(names: Sequence[str]) -> Flags:
    """Return which splits a model learns from, by their names; none where no name says so."""
    return np.array([name.casefold() in TRAINING for name in names], bool)


def leaks(splits: Places, names: Sequence[str], found: Repeats) -> tuple[Flags, Flags]:
    """Return which samples have an exact, and which only a near duplicate in a split that is learned from.

    Samples of such a split themselves have none. Where no split is called so, every other split counts.
    """
    learned = is_training(names)
    leaking = np.broadcast_to(learned, (len(splits), len(names))).copy()
    if not learned.any():
        leaking[:] = True
        known = np.flatnonzero(splits >= 0)
        leaking[known, splits[known]] = False
    else:
        leaking[(splits < 0) | learned[splits]] = False
    exact = np.asarray((found.exact & leaking).any(axis=1))
    return exact, np.asarray((found.near & leaking).any(axis=1) & ~exact)


def accuracies(
    splits: Places, names: Sequence[str], correct: NDArray[np.float64], exact: Flags, near: Flags
) -> dict[str, list[object]]:
    """Return the accuracy on each split that is not learned from, with and without the samples that leak.

    `correct` is 1, 0, or NaN where label or prediction is unknown, which is left out. Each has its Wilson
    interval at 95 %; of no samples it is None.
    """
    columns: dict[str, list[object]] = {
        name: [] for name in ("split", "samples", "rows", "correct", "accuracy", "low", "high")
    }
    parts = {
        "all": np.ones(len(splits), bool),
        "without exact": ~exact,
        "without exact and near": ~(exact | near),
        "repeated only": exact | near,
    }
    for code in np.flatnonzero(~is_training(names)).tolist():
        for part, kept in parts.items():
            values = correct[kept & (splits == code) & ~np.isnan(correct)]
            right, rows = int(values.sum()), len(values)
            row = (names[code], part, rows, right, *share(right, rows))
            for name, value in zip(columns, row, strict=True):
                columns[name].append(value)
    return columns
