"""Probabilities of samples that a model did not learn from: by folds, each kept for a run that is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.contract import staged_file
from pipelines.datasets import Dataset
from pipelines.errors import ContractError
from pipelines.label_errors.blocks import Codes, Matrix
from pipelines.models import Model, held_out
from pipelines.tool import Job


@dataclass(frozen=True)
class Folded:
    """One member of an ensemble: the fold in which each sample was held out, -1 for none; probabilities."""

    folds: Codes
    probabilities: Matrix


def folds_of(labels: Codes, count: int, seed: int) -> Codes:
    """Return a fold from 0 for each sample, with every class spread evenly; -1 where there is no label."""
    random = np.random.Generator(np.random.PCG64(seed))
    found = np.full(len(labels), -1)
    for code in np.unique(labels[labels >= 0]):
        members = random.permutation(np.flatnonzero(labels == code))
        found[members] = (np.arange(len(members)) + random.integers(count)) % count
    return found


def members(job: Job, dataset: Dataset, model: Model) -> Iterator[Folded]:
    """Yield the members of an ensemble, each trained `folds` times on all samples but those of a fold."""
    labels = dataset.codes("label")
    asked: dict[str, Any] = dict(job.parameters)
    _check(job, labels, len(dataset.classes))
    for member in range(asked["repeats"]):
        folds = folds_of(labels, asked["folds"], asked["seed"] + member)
        found = np.zeros((len(labels), len(dataset.classes)), np.float32)
        for fold in range(asked["folds"]):
            seed = member * asked["folds"] + fold
            found[folds == fold] = _fold(job, dataset, model, folds == fold, seed)
        yield Folded(folds, found)


def _fold(
    job: Job, dataset: Dataset, model: Model, is_held: NDArray[np.bool_], seed: int
) -> NDArray[np.float32]:
    """Return what a model that never saw a fold says of it; a run that was cut off has it in a file."""
    kept = None if job.unfinished is None else job.unfinished / f"fold-{seed}.npy"
    if kept and (found := _read(kept, int(is_held.sum()), len(dataset.classes))) is not None:
        return found
    made = held_out(model, dataset, is_held, seed, job.device, job.steps)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with staged_file(kept) as new, new.open("wb") as file:
            np.save(file, made, allow_pickle=False)
    return made


def _read(path: Path, rows: int, classes: int) -> NDArray[np.float32] | None:
    if not path.is_file():
        return None
    found: NDArray[np.float32] = np.load(path, allow_pickle=False)
    return found if found.shape == (rows, classes) else None


def _check(job: Job, labels: Codes, classes: int) -> None:
    """Refuse data whose classes cannot be learned without a fold."""
    counts = np.bincount(labels[labels >= 0], minlength=classes)
    if classes < 2 or counts.sum() < job.parameters["folds"]:
        what = f"has {counts.sum()} labelled samples of {classes} classes"
        raise ContractError(job.name, what, f"{job.parameters['folds']} folds need that many samples of two")
