"""Labels and predictions of a table, as codes of classes: what tools that judge a classifier begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.contract import Column
from pipelines.errors import ContractError, nearest
from pipelines.subgroups import Codes, Feature, edges_in, features, names_in, natural
from pipelines.tool import Job


@dataclass(frozen=True)
class Judged:
    """The samples that have a label and a prediction, in the order of their table.

    `kept` marks them among all rows; `labels` and `predictions` are indices into `classes`.
    """

    classes: tuple[str, ...]
    labels: Codes
    predictions: Codes
    kept: NDArray[np.bool_]

    @property
    def is_correct(self) -> NDArray[np.bool_]:
        """Whether each sample's prediction is its label."""
        return np.asarray(self.labels == self.predictions)


def judged(job: Job, table: str) -> Judged:
    """Return the labels and predictions of one of a job's tables; refuse one that has none in common."""
    columns = [
        job.tables[table][chosen(job, table, role, str(job.parameters[role]))]
        for role in ("label", "prediction")
    ]
    classes, codes = coded(*columns)
    kept = (codes[0] >= 0) & (codes[1] >= 0)
    if not kept.any():
        where = f"tools.{job.name}"
        raise ContractError(where, "no sample has both a label and a prediction")
    return Judged(classes, codes[0][kept], codes[1][kept], kept)


def chosen(job: Job, table: str, role: str, name: str) -> str:
    """Return the column that a parameter names, else the one that plays the role."""
    if not name:
        return job.column(table, role)
    known = [column.name for column in job.columns[table]]
    if name not in known:
        where = f"tools.{job.name}.parameters.{role}"
        raise ContractError(where, f'there is no column "{name}" in table "{table}"', nearest(name, known))
    return name


def coded(*columns: pa.ChunkedArray) -> tuple[tuple[str, ...], list[Codes]]:
    """Return the class names that are in any of the columns, and each column as indices; -1 is missing."""
    texts = [_texts(column) for column in columns]
    classes = tuple(
        sorted({name for column in texts for name in column.unique().to_pylist()} - {None}, key=natural)
    )
    return classes, [_codes(column, classes) for column in texts]


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    return plain.cast(pa.string())


def _codes(column: pa.ChunkedArray, classes: Sequence[str]) -> Codes:
    found = pc.fill_null(pc.index_in(column, value_set=pa.array(classes, pa.string())), -1)
    return np.asarray(found.to_numpy(), np.int64)


def grouped(job: Job, table: str, kept: NDArray[np.bool_]) -> tuple[Feature, ...]:
    """Return the columns that a job's parameters `columns`, `edges` and `bins` name, of the samples kept."""
    where = f"tools.{job.name}.parameters"
    edges = edges_in(f"{where}.edges", str(job.parameters["edges"]))
    rows = job.tables[table].filter(pa.array(kept))
    told: Sequence[Column] = job.columns[table]
    names = names_in(str(job.parameters["columns"]))
    return features(f"{where}.columns", rows, told, names, edges, int(job.parameters["bins"]))
