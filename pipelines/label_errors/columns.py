"""Columns of the dataset that parameters name, and tables in the types that they are promised in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from pipelines.contract import Column
from pipelines.datasets import Dataset
from pipelines.errors import ContractError, nearest
from pipelines.subgroups import names_in
from pipelines.tool import Job

_WRITTEN = {
    "dictionary": pa.dictionary(pa.int32(), pa.string()),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "bool": pa.bool_(),
}


def column_names(job: Job, parameter: str, dataset: Dataset) -> list[str]:
    """Return the columns that a parameter names; refuse those that are not there, all at once."""
    names = names_in(job.parameters[parameter])
    known = dataset.rows.column_names
    problems = [
        ContractError(
            f"{job.name}.parameters.{parameter}", f'there is no column "{name}"', nearest(name, known)
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise ContractError.together(problems)
    return names


def table_of(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return rows as a table in the types of its columns."""
    schema = pa.schema([(column.name, _WRITTEN[column.type]) for column in columns])
    return pa.Table.from_pylist([dict(row) for row in rows], schema)
