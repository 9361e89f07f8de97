"""Several people's labels of each sample: how far they agree, how reliable each is, and the consensus.

The consensus and each annotator's reliability are the maximum of likelihood of A. P. Dawid and A. M. Skene,
*Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm*, Applied Statistics 28, 1979.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from pipelines.label_errors.blocks import NUMBERS, Codes, Floats

MOST_STEPS = 100
ENOUGH = 1e-7  # change of the mean log-likelihood, in nats, below which it has settled
SMOOTHING = 0.01  # labels that every annotator is taken to have given of each class beforehand


@dataclass(frozen=True)
class Consensus:
    """What annotators say together.

    `labels` is the likeliest class of each sample, -1 where nobody labelled it, and `certainty` its
    probability. `confusions` has shape (annotators, classes, classes): the probability that an annotator
    labels a sample of a class (second axis) so (third). `priors` are the classes' shares.
    """

    labels: Codes
    certainty: Floats
    confusions: Floats
    priors: Floats


def consensus(given: Codes, classes: int) -> Consensus:
    """Return the consensus of labels of shape (samples, annotators), -1 where an annotator gave none."""
    confusions, priors = _first(given, classes)
    before = -np.inf
    for _ in range(MOST_STEPS):
        counts, totals, likelihood = _expected(given, confusions, priors)
        confusions, priors = _shares(counts), _shares(totals[None])[0]
        if likelihood - before < ENOUGH:
            break
        before = likelihood
    labels, certainty = np.full(len(given), -1), np.full(len(given), np.nan)
    for rows, posterior, _ in _posteriors(given, confusions, priors):
        known = (given[rows] >= 0).any(axis=1)
        labels[rows] = np.where(known, posterior.argmax(axis=1), -1)
        certainty[rows] = np.where(known, posterior.max(axis=1), np.nan)
    return Consensus(labels, certainty, confusions, priors)


def _first(given: Codes, classes: int) -> tuple[Floats, Floats]:
    """Return confusions and priors by the shares of votes."""
    counts, totals = np.zeros((given.shape[1], classes, classes)), np.zeros(classes)
    for start in range(0, len(given), max(1, NUMBERS // classes)):
        part = given[start : start + max(1, NUMBERS // classes)]
        votes = _votes(part, classes)
        _count(part, votes / np.maximum(votes.sum(axis=1, keepdims=True), 1), counts, totals)
    return _shares(counts), _shares(totals[None])[0]


def _votes(given: Codes, classes: int) -> Floats:
    rows, annotators = np.nonzero(given >= 0)
    places = rows * classes + given[rows, annotators]
    return np.bincount(places, minlength=len(given) * classes).reshape(len(given), classes).astype(np.float64)


def _posteriors(given: Codes, confusions: Floats, priors: Floats) -> Iterator[tuple[slice, Floats, Floats]]:
    """Yield of each block the probability of every class, and the log-likelihood of each sample's labels."""
    logs, begun = np.log(confusions), np.log(priors)
    size = max(1, NUMBERS // len(priors))
    for start in range(0, len(given), size):
        rows = slice(start, min(start + size, len(given)))
        found = np.repeat(begun[None], rows.stop - start, axis=0)
        for annotator, labels in enumerate(given[rows].T):
            there = np.flatnonzero(labels >= 0)
            found[there] += logs[annotator].T[labels[there]]
        greatest = found.max(axis=1, keepdims=True)
        evidence = np.exp(found - greatest).sum(axis=1, keepdims=True)
        yield rows, np.exp(found - greatest) / evidence, (greatest + np.log(evidence))[:, 0]


def _expected(given: Codes, confusions: Floats, priors: Floats) -> tuple[Floats, Floats, float]:
    counts, totals, likelihood = np.zeros(confusions.shape), np.zeros(len(priors)), 0.0
    for rows, posterior, logs in _posteriors(given, confusions, priors):
        _count(given[rows], posterior, counts, totals)
        likelihood += float(logs.sum())
    return counts, totals, likelihood / max(len(given), 1)


def _count(given: Codes, posterior: Floats, counts: Floats, totals: Floats) -> None:
    """Add to `counts` what each annotator said of samples that are of each class by so much."""
    totals += posterior[(given >= 0).any(axis=1)].sum(axis=0)
    for annotator, labels in enumerate(given.T):
        there = np.flatnonzero(labels >= 0)
        said = csr_array((np.ones(len(there)), (labels[there], there)), (counts.shape[1], len(given)))
        counts[annotator] += (said @ posterior).T


def _shares(counts: Floats) -> Floats:
    smooth = counts + SMOOTHING
    return np.asarray(smooth / smooth.sum(axis=-1, keepdims=True))


# Tables -------------------------------------------------------------------------------------------


def reliabilities(
    given: Codes, names: tuple[str, ...], found: Consensus, classes: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    """Yield for each annotator how far the others agree, and how reliable the consensus makes it."""
    for annotator, name in enumerate(names):
        own = given[:, annotator]
        labelled = own >= 0
        right = np.diagonal(found.confusions[annotator])
        matches = own[labelled] == found.labels[labelled]
        seen = np.bincount(own[labelled], minlength=len(classes)) > 0
        worst = int(np.where(seen, right, np.inf).argmin()) if seen.any() else None
        yield {
            "annotator": name,
            "labelled": int(labelled.sum()),
            "agreement": with_others(given, annotator),
            "with_consensus": float(matches.mean()) if labelled.any() else None,
            "reliability": float((found.priors * right).sum()),
            "worst_class": None if worst is None else classes[worst],
            "worst_reliability": None if worst is None else float(right[worst]),
        }


def with_others(given: Codes, annotator: int) -> float | None:
    """Return the share of the others' labels, of samples that an annotator labelled, that are the same."""
    own = given[:, annotator, None]
    others = np.delete(given, annotator, axis=1)
    there = (own >= 0) & (others >= 0)
    total = int(there.sum())
    return float((there & (own == others)).sum() / total) if total else None


def pairs(given: Codes, names: tuple[str, ...], classes: int) -> Iterator[dict[str, Any]]:
    """Yield for each two annotators on how many samples both spoke, their agreement, and Cohen's kappa."""
    for first, second in combinations(range(len(names)), 2):
        one, other = given[:, first], given[:, second]
        both = (one >= 0) & (other >= 0)
        total = int(both.sum())
        same = float((one == other)[both].mean()) if total else None
        yield {
            "first": names[first],
            "second": names[second],
            "samples": total,
            "agreement": same,
            "kappa": _kappa(one[both], other[both], classes, same),
        }


def _kappa(one: Codes, other: Codes, classes: int, same: float | None) -> float | None:
    if same is None:
        return None
    shares = [np.bincount(codes, minlength=classes) / len(codes) for codes in (one, other)]
    by_chance = float((shares[0] * shares[1]).sum())
    return None if by_chance == 1 else (same - by_chance) / (1 - by_chance)


def of_samples(given: Codes, found: Consensus) -> Mapping[str, Any]:
    """Return for each sample how many labelled it, and the share of them that the consensus agrees with."""
    count = (given >= 0).sum(axis=1)
    agreeing = (given == np.where(found.labels < 0, -2, found.labels)[:, None]).sum(axis=1)
    share = np.divide(agreeing, count, out=np.full(len(given), np.nan), where=count > 0)
    return {"annotations": count, "annotator_agreement": share}
