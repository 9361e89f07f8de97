"""Metrics of every group at once, from counts, with intervals.

Macro and weighted means follow scikit-learn: the mean over the classes that occur among a group's labels or
predictions. A class whose metric is undefined is left out of it (scikit-learn's `zero_division=nan`), or
counts as 0 (`zero_division=0`).

Shares have Wilson's interval. A class's F1 is a function of the share of its hits among all samples that
are of the class or said to be, and has the interval of that share. Means of classes have the variance of the
delta method, and Wilson's interval with the number of trials that it amounts to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.proportions import Values, effective_interval, ratio, wilson
from pipelines.subgroups import Codes

LARGEST_BINS = 1 << 23
"""Counts that are kept in one array; above, only those that are not zero."""

MEANS = ("precision", "recall", "specificity", "npv", "f1")
COMPLEMENTS = {"fnr": "recall", "fpr": "specificity", "fdr": "precision", "for": "npv"}
"""What each rate is one less of."""


@dataclass(frozen=True)
class Cells:
    """How many samples of each group have each label and prediction; only counts above zero."""

    group: Codes
    label: Codes
    prediction: Codes
    count: Values
    groups: int
    classes: int


def cells(index: Codes, labels: Codes, predictions: Codes, groups: int, classes: int) -> Cells:
    """Return the counts of samples that are in groups `index`, from 0 to `groups`."""
    code = (index * classes + labels) * classes + predictions
    if groups * classes**2 <= LARGEST_BINS:
        counts = np.bincount(code, minlength=groups * classes**2)
        found = np.flatnonzero(counts)
        count = counts[found]
    else:
        found, count = np.unique(code, return_counts=True)
    pair = found % classes**2
    return Cells(
        found // classes**2, pair // classes, pair % classes, count.astype(np.float64), groups, classes
    )


@dataclass(frozen=True)
class Counts:
    """Per group and class, shape (groups, classes): hits, samples of the class, samples said to be of it.

    `n` are the samples of each group, shape (groups, 1).
    """

    hits: Values
    support: Values
    predicted: Values
    n: Values

    @property
    def is_present(self) -> NDArray[np.bool_]:
        """Whether the class occurs among the group's labels or predictions."""
        return np.asarray(self.support + self.predicted > 0)


def counts(found: Cells) -> Counts:
    """Return the counts by class."""
    shape = (found.groups, found.classes)

    def total(classes: Codes, chosen: NDArray[np.bool_] | slice) -> Values:
        code = (found.group * found.classes + classes)[chosen]
        summed = np.bincount(code, found.count[chosen], shape[0] * shape[1])
        return np.asarray(summed, np.float64).reshape(shape)

    hits = total(found.label, found.label == found.prediction)
    support, predicted = total(found.label, slice(None)), total(found.prediction, slice(None))
    return Counts(hits, support, predicted, support.sum(axis=1, keepdims=True))


Parts = dict[str, tuple[Values, Values]]


def parts(told: Counts) -> Parts:
    """Return numerator and denominator of every metric of each class against the rest."""
    hits, support, predicted, n = told.hits, told.support, told.predicted, told.n
    missed, wrong = support - hits, predicted - hits
    rejected = n - support - wrong
    return {
        "accuracy": (hits + rejected, np.broadcast_to(n, hits.shape)),
        "base_rate": (support, np.broadcast_to(n, hits.shape)),
        "precision": (hits, predicted),
        "recall": (hits, support),
        "specificity": (rejected, n - support),
        "npv": (rejected, n - predicted),
        "fnr": (missed, support),
        "fpr": (wrong, n - support),
        "fdr": (wrong, predicted),
        "for": (missed, n - predicted),
        "f1": (2 * hits, support + predicted),
    }


@dataclass(frozen=True)
class Measure:
    """One metric of every group: values, ends of intervals, and the samples that it is a share of.

    Of each class against the rest the shape is (groups, classes), of a mean and of one class it is (groups,).
    """

    metric: str
    average: str
    value: Values
    low: Values
    high: Values
    n: Values


def of_each(told: Counts) -> Iterator[Measure]:
    """Yield every metric of every class against the rest."""
    for metric, (above, below) in parts(told).items():
        if metric == "f1":
            low, high = (2 * end / (1 + end) for end in wilson(above / 2, below - above / 2))
        else:
            low, high = wilson(above, below)
        yield Measure(metric, "class", ratio(above, below), low, high, np.asarray(below))


def of_one(told: Counts, class_: int) -> Iterator[Measure]:
    """Yield every metric of one class against the rest."""
    one = slice(class_, class_ + 1)
    alone = Counts(told.hits[:, one], told.support[:, one], told.predicted[:, one], told.n)
    for each in of_each(alone):
        arrays = (part[:, 0] for part in (each.value, each.low, each.high, each.n))
        yield Measure(each.metric, "binary", *arrays)


def of_all(told: Counts) -> Iterator[Measure]:
    """Yield accuracy and the micro means, all of which are functions of it where a sample has one class.

    Of K classes a wrong sample has K - 2 rejections that are right, and a right one K - 1.
    """
    n, right = told.n[:, 0], told.hits.sum(axis=1)
    value, (low, high) = ratio(right, n), wilson(right, n)
    others = told.is_present.sum(axis=1) - 1.0

    def turned(end: Values, is_rejection: bool) -> Values:
        return 1 - ratio(1 - end, others) if is_rejection else end

    yield Measure("accuracy", "all", value, low, high, n)
    for metric in (*MEANS, *COMPLEMENTS):
        base = COMPLEMENTS.get(metric, metric)
        ends = [turned(end, base in ("specificity", "npv")) for end in (value, low, high)]
        ends = [np.where(others > 0, end, np.nan) if base in ("specificity", "npv") else end for end in ends]
        if metric in COMPLEMENTS:
            ends = [1 - ends[0], 1 - ends[2], 1 - ends[1]]
        yield Measure(metric, "micro", ends[0], ends[1], ends[2], n)


def means(told: Counts, found: Cells, average: str, undefined: str) -> Iterator[Measure]:
    """Yield the macro or weighted means of classes, and those of the rates that are one less of them."""
    measured = {metric: _mean(told, found, metric, average, undefined) for metric in MEANS}
    yield from measured.values()
    n = told.n[:, 0]
    for metric, base in COMPLEMENTS.items():
        # A class that counts as 0 does so in both, so that they need not sum to one.
        if undefined == "zero":
            yield _mean(told, found, metric, average, undefined)
        else:
            of = measured[base]
            yield Measure(metric, average, 1 - of.value, 1 - of.high, 1 - of.low, n)


def _mean(told: Counts, found: Cells, metric: str, average: str, undefined: str) -> Measure:
    above, below = parts(told)[metric]
    is_counted = told.is_present & ((below > 0) | (undefined == "zero"))
    each = np.where(below > 0, ratio(above, below), 0.0)
    raw = np.where(is_counted, told.support if average == "weighted" else 1.0, 0.0)
    whole = raw.sum(axis=1, keepdims=True)
    weight = np.nan_to_num(ratio(raw, whole))
    value = np.where(whole[:, 0] > 0, (weight * each).sum(axis=1), np.nan)
    influence = _influence(metric, found, np.nan_to_num(ratio(weight, below)), each)
    if average == "weighted":
        at = (found.group, found.label)
        drift = ratio(each[at] - value[found.group], whole[found.group, 0])
        influence = influence + np.where(is_counted[at], drift, 0.0)
    variance = np.bincount(found.group, found.count * influence**2, found.groups)
    # Were every class as sure as all of them: the trials that its share of the mean would come from.
    least = ratio(1.0, np.nan_to_num(ratio(weight**2, below)).sum(axis=1))
    if metric == "f1":
        least = least / 2
    low, high = effective_interval(value, np.nan_to_num(variance), np.nan_to_num(least, nan=1.0))
    return Measure(metric, average, value, low, high, told.n[:, 0])


def _influence(metric: str, found: Cells, share: Values, each: Values) -> Values:
    """Return how much one sample of each cell moves the mean: the derivative by its count.

    `share` is each class's weight over its denominator, `each` its metric.
    """
    label, said = (found.group, found.label), (found.group, found.prediction)
    is_hit = found.label == found.prediction
    pull = share * each
    if metric in ("fnr", "fdr", "fpr", "for"):
        return _miss_influence(metric, found, share, pull)
    if metric == "recall":
        return np.asarray(is_hit * share[label] - pull[label])
    if metric == "precision":
        return np.asarray(is_hit * share[said] - pull[said])
    if metric == "f1":
        return np.asarray(2 * is_hit * share[label] - pull[label] - pull[said])
    own, other = (label, said) if metric == "specificity" else (said, label)
    rest = share.sum(axis=1)[found.group] - share[own] - ~is_hit * share[other]
    return np.asarray(rest - (pull.sum(axis=1)[found.group] - pull[own]))


def _miss_influence(metric: str, found: Cells, share: Values, pull: Values) -> Values:
    """Return the same for rates of errors, which are counted where a class is missed or wrongly said."""
    label, said = (found.group, found.label), (found.group, found.prediction)
    is_miss = found.label != found.prediction
    if metric == "fnr":
        return np.asarray(is_miss * share[label] - pull[label])
    if metric == "fdr":
        return np.asarray(is_miss * share[said] - pull[said])
    own, other = (label, said) if metric == "fpr" else (said, label)
    return np.asarray(is_miss * share[other] - (pull.sum(axis=1)[found.group] - pull[own]))
