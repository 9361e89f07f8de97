"""The noise matrix of a labeller, by expectation and maximisation, and what it says of every label.

`noise[j, y]` is the probability that a sample whose class is j is labelled y. Given the probabilities of
classes, which stay as they are, the likelihood of the labels has one maximum: it is concave in the matrix.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array

from pipelines.label_errors.blocks import Codes, Floats, Matrix, walk

MOST_STEPS = 100
ENOUGH = 1e-5  # change of the mean log-likelihood, in nats, below which the matrix has settled
LEARNED_FROM = (
    200_000  # samples that the matrix is learned from, evenly taken: it has no more than classes² numbers
)
NOTHING = 1e-300


def noise_matrix(
    probabilities: Matrix, labels: Codes, joint: Codes, advance: Callable[[int], None] = lambda _: None
) -> Floats:
    """Return the noise matrix of shape (classes, classes), rows of sum 1, begun at the calibrated joint."""
    step = -(-len(labels) // LEARNED_FROM)
    learned, codes = probabilities[::step], labels[::step]
    noise = _shares(np.asarray(joint.T + 1.0 / len(joint), np.float64))
    before = -np.inf
    for done in range(1, MOST_STEPS + 1):
        counts, likelihood = expected(learned, codes, noise)
        noise = _shares(counts.T + NOTHING)
        advance(done)
        if likelihood - before < ENOUGH:
            break
        before = likelihood
    return noise


def expected(probabilities: Matrix, labels: Codes, noise: Floats) -> tuple[Floats, float]:
    """Return how many samples of each label (row) are of each class (column), and the mean log-likelihood."""
    counts, likelihood = np.zeros(noise.shape), 0.0
    for _, block, codes in walk(probabilities, labels):
        weighted = block * noise.T[codes]
        evidence = np.maximum(weighted.sum(axis=1, keepdims=True), NOTHING)
        rows = csr_array((1 / evidence[:, 0], (codes, np.arange(len(codes)))), (len(noise), len(codes)))
        counts += rows @ weighted
        likelihood += float(np.log(evidence).sum())
    return counts, likelihood / max(len(labels), 1)


def _shares(counts: Floats) -> Floats:
    """Return each row divided by its sum; a class that has nothing keeps its label."""
    sums = counts.sum(axis=1, keepdims=True)
    return np.where(sums > 1e-200, counts / np.maximum(sums, NOTHING), np.eye(len(counts)))
