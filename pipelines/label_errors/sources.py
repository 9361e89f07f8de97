"""Where probabilities come from: models trained by folds, another tool's table, or the dataset's columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.datasets import Dataset
from pipelines.embeddings import matrix
from pipelines.errors import ContractError, row_name
from pipelines.label_errors import folding
from pipelines.label_errors.blocks import Codes, Matrix
from pipelines.label_errors.columns import column_names
from pipelines.tool import Job

TOLERANCE = 1e-3  # how far the sum of a sample's probabilities may be from 1


@dataclass(frozen=True)
class Held:
    """Probabilities of an ensemble's members, each of shape (samples, classes), and which samples have some.

    `folds` are those of the first member, -1 for none, or None where nothing was trained.
    """

    members: tuple[Matrix, ...]
    known: NDArray[np.bool_]
    folds: Codes | None = None
    libraries: tuple[str, ...] = ()


def held(job: Job, dataset: Dataset) -> Held:
    """Return the probabilities that the settings name; refuse several sources, and none."""
    columns = column_names(job, "probabilities", dataset)
    ways = {
        "model": job.model is not None,
        "inputs.probabilities": "probabilities" in job.tables,
        "parameters.probabilities": bool(columns),
    }
    told = [way for way, is_told in ways.items() if is_told]
    if not told and "probability" in dataset.roles:
        return _carried(job, dataset, [dataset.roles["probability"]])
    if len(told) != 1:
        what = f"names {' and '.join(told)}" if told else "has no probabilities"
        hint = "give it one of a model that is trained here, a table of probabilities, or a column of them"
        raise ContractError(job.name, what, hint)
    if columns:
        return _carried(job, dataset, columns)
    return _trained(job, dataset) if job.model else _of_table(job, dataset)


def _trained(job: Job, dataset: Dataset) -> Held:
    if job.model is None:
        message = "a model is asked for"
        raise ValueError(message)
    found = list(folding.members(job, dataset, job.model))
    members = tuple(member.probabilities for member in found)
    return Held(members, found[0].folds >= 0, found[0].folds, ("torch",))


def _of_table(job: Job, dataset: Dataset) -> Held:
    """Return the rows of another tool's table in the dataset's order."""
    table, ids = job.tables["probabilities"], dataset.rows[dataset.roles["id"]]
    theirs = table[job.column("probabilities", "id")]
    if theirs.type != ids.type:
        what = f"ids are {ids.type}, those of the table of probabilities are {theirs.type}"
        raise ContractError(job.name, what, "name a table that was made of the same dataset")
    places = np.asarray(pc.fill_null(pc.index_in(ids, value_set=theirs.combine_chunks()), -1).to_numpy())
    found = matrix(job.name, table[job.column("probabilities", "probability")])
    _check(job, dataset, found, "inputs.probabilities")
    is_same = len(places) == len(found) and bool((places == np.arange(len(found))).all())
    return Held((found if is_same else found[places],), places >= 0)


def _carried(job: Job, dataset: Dataset, names: list[str]) -> Held:
    members, known = [], np.ones(dataset.rows.num_rows, bool)
    for name in names:
        column = dataset.rows[name]
        there = np.asarray(pc.is_valid(column).to_numpy(), bool)
        found = matrix(job.name, column.filter(pa.array(there)))
        _check(job, dataset, found, f'column "{name}"')
        members.append(found if there.all() else _spread(found, there))
        known &= there
    return Held(tuple(members), known)


def _spread(found: Matrix, there: NDArray[np.bool_]) -> Matrix:
    spread = np.zeros((len(there), found.shape[1]), found.dtype)
    spread[there] = found
    return spread


def _check(job: Job, dataset: Dataset, found: Matrix, what: str) -> None:
    """Refuse numbers that are no probabilities of the dataset's classes."""
    where = f"{job.name}: {what}"
    classes = len(dataset.classes)
    if found.shape[1] != classes:
        hint = "write one for each class, in their order: datasets.….classes names them"
        raise ContractError(
            where, f"has {found.shape[1]} numbers a sample, and there are {classes} classes", hint
        )
    step = max(1, (1 << 22) // classes)
    for start in range(0, len(found), step):
        part = found[start : start + step]
        off = ~((part >= 0).all(axis=1) & (np.abs(part.sum(axis=1, dtype=np.float64) - 1) <= TOLERANCE))
        if off.any():
            row = start + int(off.argmax())
            raise ContractError(where, f"{row_name(row)} holds no probabilities: {found[row][:5].tolist()} …")
