"""Embeddings and what is known of their samples, row by row: from a dataset, and from tables about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.arrow import type_name
from pipelines.contract import Column
from pipelines.errors import ContractError
from pipelines.tool import Job

KNOWN = ("label", "split", "group", "prediction")
"""Roles of the columns that are told of samples, where there are such."""
LARGEST = 1e15  # of a number: the squares of larger ones leave no room in float32
ID = "the sample's own name, the same in every table of the dataset"


@dataclass(frozen=True)
class Samples:
    """All samples of a run in one order: `ids`, and texts by role, null where unknown.

    `key` describes the column of ids. `vectors` is float32 of shape (samples, dimensions), or None where
    there are no embeddings.
    """

    key: Column
    ids: pa.ChunkedArray
    vectors: NDArray[np.float32] | None
    known: Mapping[str, pa.Array]

    def codes(self, role: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Return a column as indices into its sorted distinct texts, -1 where unknown; and the texts."""
        texts = self.known[role]
        names = pa.array(sorted(set(texts.unique().to_pylist()) - {None}), pa.string())
        found = pc.fill_null(pc.index_in(texts, value_set=names), -1)
        return np.asarray(found.to_numpy(zero_copy_only=False), np.int64), tuple(names.to_pylist())


def samples(job: Job) -> Samples:
    """Return the samples of a job's dataset, else of its table `embeddings`, with what is known of them.

    Embeddings are those of the table, else of the dataset's own column. Of labels, splits and predictions
    those of the table `samples` go first. Raise `ContractError` where ids do not agree.
    """
    given = job.dataset
    if given is None and "embeddings" not in job.tables:
        hint = "name a dataset = …, or inputs = { embeddings = … }"
        raise ContractError(job.name, "is given neither a dataset nor embeddings", hint)
    if given is None:
        table, key = job.tables["embeddings"], job.column("embeddings", "id")
    else:
        table, key = given.rows, given.roles["id"]
    ids = table[key]
    described = Column(key, type_name(ids.type), "id", None, ID)
    return Samples(described, ids, _embeddings(job, ids), _known(job, ids))


def with_vectors(job: Job, found: Samples) -> NDArray[np.float32]:
    """Return the samples' embeddings; raise `ContractError` where there are none."""
    if found.vectors is None:
        what = "needs embeddings: the dataset has no column of role embedding"
        raise ContractError(job.name, what, 'name a table: inputs = { embeddings = "…/embeddings" }')
    return found.vectors


def _embeddings(job: Job, ids: pa.ChunkedArray) -> NDArray[np.float32] | None:
    if "embeddings" in job.tables:
        column = job.tables["embeddings"][job.column("embeddings", "embedding")]
        found = vectors(job.name, column)
        places = _places(job, ids, "embeddings")
        missing = int((places < 0).sum())
        if missing:
            what = f"{missing} of {len(ids)} samples have no row in the table of embeddings"
            raise ContractError(job.name, what, "name the embeddings of this dataset")
        is_same = len(places) == len(found) and bool((places == np.arange(len(found))).all())
        return found if is_same else found[places]
    own = job.dataset.role("embedding") if job.dataset else None
    return None if own is None else vectors(job.name, own)


def _known(job: Job, ids: pa.ChunkedArray) -> dict[str, pa.Array]:
    known = {}
    for role in KNOWN:
        own = job.dataset.role(role) if job.dataset else None
        if own is not None:
            known[role] = _texts(own)
        if "samples" in job.tables and (name := job.column("samples", role, optional=True)):
            places = _places(job, ids, "samples")
            taken = pa.array(places, mask=places < 0)
            known[role] = _texts(job.tables["samples"][name]).take(taken)
    return known


def _texts(column: pa.ChunkedArray) -> pa.Array:
    texts = column.cast(pa.string())
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _places(job: Job, ids: pa.ChunkedArray, table: str) -> NDArray[np.int64]:
    """Return in which row of a table each id stands, -1 where in none."""
    others = job.tables[table][job.column(table, "id")]
    if others.type != ids.type:
        what = f'ids are {ids.type}, those of the table "{table}" are {others.type}'
        raise ContractError(job.name, what, "name tables that were made of the same dataset")
    found = pc.fill_null(pc.index_in(ids, value_set=others.combine_chunks()), -1)
    return np.asarray(found.to_numpy(), np.int64)


def by_id(job: Job, found: Samples, columns: Mapping[str, pa.Array]) -> pa.Table:
    """Return a table of one row per sample: the ids, then columns; refuse ids that are called as one is."""
    name = found.key.name
    if name.casefold() in columns:
        what = f'the column of ids is called "{name}", as a column that is written'
        raise ContractError(job.name, what, "rename it where it is written")
    return pa.table({name: found.ids, **columns})


def matrix(name: str, column: pa.ChunkedArray) -> NDArray[Any]:
    """Return lists of numbers of one length as an array of shape (rows, dimensions), in their own type."""
    lengths = pc.unique(pc.list_value_length(column)).to_pylist()
    if len(lengths) != 1 or not lengths[0]:
        raise ContractError(name, f"embeddings have lengths {lengths[:5]}, not one length above 0")
    flat = pc.list_flatten(column)
    values = (flat.combine_chunks() if isinstance(flat, pa.ChunkedArray) else flat).to_numpy()
    return np.asarray(values).reshape(len(column), lengths[0])


def vectors(name: str, column: pa.ChunkedArray) -> NDArray[np.float32]:
    """Return a column of embeddings as float32 of shape (rows, dimensions); refuse what has no distances."""
    found = np.ascontiguousarray(matrix(name, column), np.float32)
    wrong = int((~(np.abs(found) <= LARGEST)).any(axis=1).sum())
    if wrong:
        what = f"{wrong} of {len(found)} embeddings hold NaN, infinity or numbers beyond {LARGEST:g}"
        raise ContractError(name, what, "they have no distance to the others: leave these samples out")
    return found
