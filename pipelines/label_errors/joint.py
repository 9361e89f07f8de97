"""Confident learning: how sure of each class a model usually is, and which labels are really which classes.

The method is that of C. Northcutt, L. Jiang and I. Chuang, *Confident Learning: Estimating Uncertainty in
Dataset Labels*, Journal of Artificial Intelligence Research 70, 2021.
"""

from __future__ import annotations

import sys

import numpy as np

from pipelines.label_errors.blocks import Codes, Floats, Matrix, own, walk

SLACK = 1e-6  # below a threshold that still counts as reaching it
NEVER = 2.0  # threshold of a class that no sample is labelled with: no probability reaches it
NOTHING = 1e-100


def thresholds(probabilities: Matrix, labels: Codes) -> Floats:
    """Return for each class the mean probability of it among the samples labelled so."""
    classes = probabilities.shape[1]
    sums, counts = np.zeros(classes), np.bincount(labels, minlength=classes)
    for _, block, codes in walk(probabilities, labels):
        sums += np.bincount(codes, own(block, codes), classes)
    found = np.divide(sums, counts, out=np.full(classes, NEVER), where=counts > 0)
    return np.asarray(np.maximum(found, 2 * sys.float_info.epsilon))


def confident_classes(block: Floats, limits: Floats) -> Codes:
    """Return for each row the likeliest class of those that reach their threshold; -1 where none does."""
    reached = block >= limits - SLACK
    counts = reached.sum(axis=1)
    found = np.where(counts > 1, block.argmax(axis=1), reached.argmax(axis=1))
    return np.where(counts > 0, found, -1)


def confident(probabilities: Matrix, labels: Codes, limits: Floats) -> tuple[Codes, Codes]:
    """Return each sample's confident class, -1 where none, and the confident joint.

    The joint has shape (classes, classes): how many samples of each label (row) are confidently of each class
    (column), at least one on the diagonal.
    """
    classes = probabilities.shape[1]
    found = np.empty(len(labels), np.int64)
    for rows, block, _ in walk(probabilities, labels):
        found[rows] = confident_classes(block, limits)
    known = found >= 0
    pairs = labels[known] * classes + found[known]
    counts = np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    np.fill_diagonal(counts, np.maximum(counts.diagonal(), 1))
    return found, counts


def calibrated(joint: Codes, labels: Codes) -> Codes:
    """Return the joint scaled so that each row sums to the samples of that label, in whole numbers."""
    counts = np.bincount(labels, minlength=len(joint))
    scaled = joint / np.maximum(joint.sum(axis=1, keepdims=True), NOTHING) * counts[:, None]
    scaled *= counts.sum() / max(scaled.sum(), NOTHING)
    return np.stack([_whole(row) for row in scaled])


def _whole(row: Floats) -> Codes:
    """Round numbers so that their sum, rounded, stays; those that lose most by it are moved first."""
    rounded = row.round()
    missing = round(row.sum()) - round(rounded.sum())
    step = -1 if missing < 0 else 1
    if missing:
        by_loss = np.argsort(row - rounded)[::-step]
        np.add.at(rounded, by_loss[np.arange(abs(missing)) % len(row)], step)
    return rounded.astype(np.int64)
