"""How well each label fits what a model says: scores from 0, doubtful, to 1, and the models of an ensemble.

Each is defined in one place, for a block of probabilities in double precision. What is adjusted takes off
what a model usually says of a class, so that classes it is rarely sure of are not doubted first.

`quality` ranks by default. It grows with how many times likelier the sample makes the label than it is among
all samples, and with the square of the probability that the label is right, by the noise matrix. This is
what found human and planted errors of several kinds best; the guide has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from pipelines.label_errors.blocks import Codes, Floats, Matrix, own, walk
from pipelines.label_errors.joint import calibrated, confident, thresholds
from pipelines.label_errors.noise import noise_matrix

SMALLEST = 1e-6
NOTHING = 1e-300


@dataclass(frozen=True)
class Usual:
    """What is usual of each class: its mean probability among samples labelled so, and among all of them.

    `noise` is the noise matrix, of shape (classes, classes), the true class first.
    """

    thresholds: Floats
    shares: Floats
    noise: Floats


def usual(probabilities: Matrix, labels: Codes) -> Usual:
    """Return what is usual of the classes of some samples."""
    limits = thresholds(probabilities, labels)
    estimated = calibrated(confident(probabilities, labels, limits)[1], labels)
    sums = sum((block.sum(axis=0) for _, block, _ in walk(probabilities, labels)), np.zeros(len(limits)))
    return Usual(limits, sums / len(labels), noise_matrix(probabilities, labels, estimated))


def scores(probabilities: Matrix, labels: Codes, given: Usual) -> dict[str, Floats]:
    """Return every score of every sample."""
    found: dict[str, Floats] = {}
    for rows, block, codes in walk(probabilities, labels):
        for name, values in _of_block(block, codes, given).items():
            found.setdefault(name, np.empty(len(labels)))[rows] = values
    return found


def _of_block(block: Floats, codes: Codes, given: Usual) -> dict[str, Floats]:
    confidence = own(block, codes)
    entropy = -xlogy(block, block).sum(axis=1) / np.log(block.shape[1])
    noise = given.noise
    weighted = np.einsum("ij,ij->i", block, noise.T[codes])
    posterior = confidence * noise[codes, codes] / np.maximum(weighted, NOTHING)
    ratio = entropy / np.maximum(confidence, SMALLEST)
    others = _greatest_other(block, codes)
    adjusted, adjusted_others, scale = _adjusted(block, codes, confidence, given.thresholds)
    evidence = confidence / np.maximum(given.shares[codes], NOTHING) * posterior**2
    return {
        "quality": evidence / (1 + evidence),
        "self_confidence": confidence,
        "normalized_margin": (confidence - others + 1) / 2,
        "confidence_weighted_entropy": np.log(ratio + 1) / np.maximum(ratio, SMALLEST),
        "adjusted_self_confidence": adjusted / scale,
        "adjusted_normalized_margin": ((adjusted - adjusted_others) / scale + 1) / 2,
        "noise_posterior": posterior,
    }


def _adjusted(
    block: Floats, codes: Codes, confidence: Floats, limits: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the label's and the greatest other probability less thresholds, and what makes rows sum to 1."""
    lifted = limits.max() - limits
    scale = block.sum(axis=1) + lifted.sum()
    return confidence + lifted[codes], _greatest_other(block + lifted, codes), scale


def _greatest_other(block: Floats, codes: Codes) -> Floats:
    """Return of each row the greatest number but that of its label."""
    rows = np.arange(len(codes))
    kept = block[rows, codes]
    block[rows, codes] = -np.inf
    greatest = block.max(axis=1)
    block[rows, codes] = kept
    return np.asarray(greatest)


def accuracies(members: Sequence[Matrix], labels: Codes) -> Floats:
    """Return for each member of an ensemble the share of labels that it predicts."""
    return np.array([_accuracy(member, labels) for member in members])


def accuracy_weights(shares: Floats) -> Floats:
    """Return the members' weights: their accuracies over the sum of all."""
    total = shares.sum()
    return np.asarray(shares / total if total else np.full(len(shares), 1 / len(shares)))


def _accuracy(probabilities: Matrix, labels: Codes) -> float:
    hits = sum(int((block.argmax(axis=1) == codes).sum()) for _, block, codes in walk(probabilities, labels))
    return hits / len(labels)


def weighted(members: Sequence[Mapping[str, Floats]], weights: Floats) -> dict[str, Floats]:
    """Return each score's weighted mean over the members of an ensemble."""
    return {
        name: np.asarray(sum(weight * member[name] for weight, member in zip(weights, members, strict=True)))
        for name in members[0]
    }
