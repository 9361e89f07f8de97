"""Finds near twins among a dataset's nearest neighbours, and what they have that twins should not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.contract import Rows
from pipelines.datasets import Dataset
from pipelines.errors import ContractError
from pipelines.label_errors.blocks import Codes, Floats
from pipelines.label_errors.spec import TWINS
from pipelines.label_errors.twins import alike, grey, similarities
from pipelines.tool import Job

WORDS = np.array(["none", "label", "split", "label and split"])


@dataclass(frozen=True)
class Twins:
    """Pairs of near twins by their places in the dataset, the most alike first.

    What a dataset lacks, images, labels or splits, is None.
    """

    count: int
    first: Codes
    second: Codes
    distance: NDArray[np.float32]
    relative: NDArray[np.float32]
    similarity: Floats | None
    other_label: NDArray[np.bool_] | None
    other_split: NDArray[np.bool_] | None

    def of_samples(self) -> pa.Array:
        """Return in words what a twin of each sample has that it should not."""
        found = np.zeros(self.count, np.int64)
        for bit, differs in ((1, self.other_label), (2, self.other_split)):
            if differs is not None:
                found[self.first[differs]] |= bit
                found[self.second[differs]] |= bit
        return pa.array(WORDS[found].tolist(), pa.string()).dictionary_encode()

    def table(self, dataset: Dataset) -> Rows:
        """Return the pairs with their ids."""
        key = next(column for column in dataset.columns if column.name == dataset.roles["id"])
        ids = dataset.rows[key.name].combine_chunks()
        size = len(self.first)
        columns = {
            "sample": ids.take(pa.array(self.first)),
            "neighbor": ids.take(pa.array(self.second)),
            "distance": pa.array(self.distance),
            "relative": pa.array(self.relative),
            "similarity": _or_null(self.similarity, pa.float64(), size),
            "other_label": _or_null(self.other_label, pa.bool_(), size),
            "other_split": _or_null(self.other_split, pa.bool_(), size),
        }
        one = replace(key, name="sample", role="sample", description="id of one of the two")
        other = replace(key, name="neighbor", role="neighbor", description="id of the other")
        return Rows(TWINS, pa.table(columns), (one, other))


def twins(job: Job, dataset: Dataset) -> Twins | None:
    """Return the near twins among the neighbours that the job is given; None where it is given none."""
    if "neighbors" not in job.tables:
        return None
    table = job.tables["neighbors"]
    first, second = (_places(job, dataset, table, role) for role in ("sample", "neighbor"))
    distance, relative = (table[name].to_numpy().astype(np.float32) for name in ("distance", "relative"))
    similarity = _similarities(job, dataset, first, second)
    if similarity is None:
        is_twin = (relative <= job.parameters["relative"]) | (distance == 0)
    else:
        is_twin = alike(similarity, relative, (first, second), job.parameters["dissimilarity"])
    near = np.flatnonzero(is_twin)
    order = np.argsort(distance[near] if similarity is None else -similarity[near], kind="stable")
    near = near[order]
    one, other = first[near], second[near]
    return Twins(
        *(dataset.rows.num_rows, one, other, distance[near], relative[near]),
        None if similarity is None else similarity[near],
        *(_differ(dataset, role, one, other) for role in ("label", "split")),
    )


def _similarities(job: Job, dataset: Dataset, first: Codes, second: Codes) -> Floats | None:
    """Return how alike the images of pairs are; only those that are in a pair are held."""
    if dataset.images is None:
        return None
    wanted = np.unique(np.concatenate([first, second]))
    held, start = [], 0
    for batch in dataset.images.batches():
        inside = wanted[(wanted >= start) & (wanted < start + len(batch))] - start
        held.append(grey(batch[inside]))
        start += len(batch)
    images = np.concatenate(held)
    with job.steps.step("twins", len(first)) as advance:
        return similarities(images, np.searchsorted(wanted, first), np.searchsorted(wanted, second), advance)


def _places(job: Job, dataset: Dataset, table: pa.Table, role: str) -> Codes:
    ids = dataset.rows[dataset.roles["id"]].combine_chunks()
    theirs = table[job.column("neighbors", role)]
    found = pc.index_in(theirs, value_set=ids) if theirs.type == ids.type else None
    if found is None or found.null_count:
        what = "the table of neighbours names samples that the dataset does not have"
        raise ContractError(job.name, what, "name the neighbours of this dataset")
    return np.asarray(found.to_numpy(), np.int64)


def _differ(dataset: Dataset, role: str, first: Codes, second: Codes) -> NDArray[np.bool_] | None:
    column = dataset.role(role)
    if column is None:
        return None
    texts = column.cast(pa.string()).combine_chunks()
    equal = pc.equal(texts.take(pa.array(first)), texts.take(pa.array(second)))
    return np.asarray(pc.invert(pc.fill_null(equal, True)).to_numpy(zero_copy_only=False), bool)


def _or_null(values: NDArray[np.bool_] | Floats | None, kind: pa.DataType, size: int) -> pa.Array:
    return pa.nulls(size, kind) if values is None else pa.array(values, kind)
