"""Groups held against all other samples, and against groups that differ from them in one column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.answers import Judged
from pipelines.proportions import Values, benjamini_hochberg, cohens_h, difference, ratio, two_proportions
from pipelines.subgroups import Codes, Grouping

LOWER_IS_BETTER = ("fnr", "fpr", "fdr", "for")


@dataclass(frozen=True)
class Share:
    """A metric as a share: the samples that it is of, and those that count for it, sample by sample."""

    is_of: NDArray[np.bool_]
    is_hit: NDArray[np.bool_]

    def by_group(self, groups: Grouping) -> tuple[Values, Values]:
        """Return hits and trials of each group."""
        hits, trials = (np.bincount(groups.index, each, groups.size) for each in (self.is_hit, self.is_of))
        return np.asarray(hits, np.float64), np.asarray(trials, np.float64)


def share(given: Judged, metric: str, positive: int | None) -> Share:
    """Return a metric of one class against the rest as a share; accuracy needs no class."""
    if positive is None:
        everyone = np.ones(len(given.labels), bool)
        return Share(everyone, given.is_correct)
    label, said = given.labels == positive, given.predictions == positive
    of = {
        "accuracy": (np.ones(len(label), bool), label == said),
        "base_rate": (np.ones(len(label), bool), label),
        "precision": (said, label),
        "recall": (label, said),
        "specificity": (~label, ~said),
        "npv": (~said, ~label),
        "fnr": (label, ~said),
        "fpr": (~label, said),
        "fdr": (said, ~label),
        "for": (~said, label),
    }
    is_of, is_hit = of[metric]
    return Share(is_of, is_of & is_hit)


@dataclass(frozen=True)
class Compared:
    """Two shares for each comparison: counts first, then what follows from them."""

    hits: Values
    n: Values
    other_hits: Values
    other_n: Values

    @property
    def value(self) -> Values:
        """The first share."""
        return ratio(self.hits, self.n)

    @property
    def other(self) -> Values:
        """The second share."""
        return ratio(self.other_hits, self.other_n)

    def columns(self) -> dict[str, Values]:
        """Return difference, interval, effect, p and q, over all comparisons together."""
        told = (self.hits, self.n, self.other_hits, self.other_n)
        away, low, high = difference(*told)
        p = two_proportions(*told)
        return {
            "value": self.value,
            "difference": away,
            "low": low,
            "high": high,
            "effect": cohens_h(self.value, self.other),
            "p": p,
            "q": benjamini_hochberg(p),
        }


@dataclass(frozen=True)
class Place:
    """Where a group is: its grouping among all, and its number there."""

    grouping: Codes
    group: Codes


def against_rest(found: list[Grouping], measured: Share, minimum: int) -> tuple[Place, Compared]:
    """Return every group that can be compared with all other samples, and the comparison."""
    places: list[tuple[Codes, Codes]] = []
    counts: list[tuple[Values, Values]] = []
    whole, trials = float(measured.is_hit.sum()), float(measured.is_of.sum())
    for at, groups in enumerate(found):
        hits, n = measured.by_group(groups)
        kept = np.flatnonzero((n >= minimum) & (trials - n >= minimum))
        places.append((np.full(len(kept), at), kept))
        counts.append((hits[kept], n[kept]))
    hits, n = (np.concatenate(part) for part in zip(*counts, strict=True))
    where = Place(*(np.concatenate(part) for part in zip(*places, strict=True)))
    return where, Compared(hits, n, whole - hits, trials - n)


@dataclass(frozen=True)
class Pairs:
    """Pairs of groups of one grouping each, and the column in which the two differ."""

    first: Place
    second: Place
    column: Codes


def similar(found: list[Grouping], measured: Share, minimum: int) -> tuple[Pairs, Compared]:
    """Return every pair of groups that differ in one column; first is the one with the lower value."""
    parts: list[tuple[Codes, ...]] = []
    counts: list[tuple[Values, ...]] = []
    for at, groups in enumerate(found):
        hits, n = measured.by_group(groups)
        enough = np.flatnonzero(n >= minimum)
        for column in range(len(groups.features)):
            for first, second in _pairs(groups.members[enough], column):
                a, b = enough[first], enough[second]
                is_turned = ratio(hits[a], n[a]) > ratio(hits[b], n[b])
                low, high = np.where(is_turned, b, a), np.where(is_turned, a, b)
                parts.append((np.full(len(low), at), low, high, np.full(len(low), column)))
                counts.append((hits[low], n[low], hits[high], n[high]))
    empty: list[tuple[Codes, ...]] = [(np.zeros(0, np.int64),) * 4]
    where, low, high, column_ = (np.concatenate(part) for part in zip(*(parts or empty), strict=True))
    joined = [np.concatenate(part) for part in zip(*(counts or empty), strict=True)]
    return Pairs(Place(where, low), Place(where, high), column_), Compared(*joined)


def _pairs(members: Codes, column: int) -> Iterator[tuple[Codes, Codes]]:
    """Yield the numbers of groups that are alike in all columns but one, as two arrays."""
    others = np.delete(members, column, axis=1)
    _, alike = np.unique(others, axis=0, return_inverse=True)
    order = np.argsort(alike, kind="stable")
    ends = np.flatnonzero(np.diff(alike[order])) + 1
    for block in np.split(order, ends):
        first, second = np.triu_indices(len(block), k=1)
        if len(first):
            yield block[first], block[second]
