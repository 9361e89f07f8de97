"""Answers that a dataset carries in its own columns: no model is read or trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.datasets import Dataset
from pipelines.errors import ContractError, counted, row_name
from pipelines.models.model import Answers, Choice, Layer, Model, Parts, Responses
from pipelines.models.outputs import SUM_TOLERANCE
from pipelines.progress import Steps

LAYER = "embedding"
ROWS = 4096  # of embeddings that are handed on at once


def devices() -> tuple[str, ...]:
    """Return the one device there is: nothing is computed."""
    return ("cpu",)


def answer(model: Model, dataset: Dataset, layer: str, device: str, steps: Steps) -> Answers:
    """Return the answers that the dataset carries: predictions, probabilities or both, perhaps embeddings."""
    del model, layer, device, steps  # it has neither layers nor anything to compute
    where, column = f"datasets.{dataset.name}", dataset.role("probability")
    probabilities = None if column is None else _vectors(dataset, "probability", column)
    if probabilities is not None:
        _check_probabilities(dataset, probabilities)
    if "prediction" in dataset.roles:
        predictions = dataset.codes("prediction")
    elif probabilities is not None:
        predictions = probabilities.argmax(axis=1).astype(np.int64)
    else:
        what = "has neither a column of predictions nor one of probabilities"
        hint = (
            f'name it with roles = {{prediction = "…"}}; its columns: {", ".join(dataset.rows.column_names)}'
        )
        raise ContractError(where, what, hint)
    confidence, embedding = dataset.role("confidence"), dataset.role("embedding")
    return Answers(
        predictions,
        dataset.classes,
        probabilities,
        None if embedding is None else _vectors(dataset, "embedding", embedding),
        None if confidence is None else _confidences(dataset, confidence),
    )


def responses(model: Model, dataset: Dataset, choose: Choice, device: str, steps: Steps) -> Responses:
    """Return the embeddings that the dataset carries, as those of its one layer, `embedding`."""
    del device, steps
    column = dataset.role("embedding")
    if column is None:
        what = f'gives no layers: none of the columns of dataset "{dataset.name}" is an embedding'
        raise ContractError(
            model.where, what, 'name one with roles = {embedding = "…"}, or a model from a file'
        )
    vectors = _vectors(dataset, "embedding", column)
    (name,) = choose([LAYER], [LAYER])
    return Responses({name: Layer(vectors.shape[1:], vectors.dtype)}, partial(_parts, vectors), len(vectors))


def _parts(vectors: NDArray[np.float32], layers: Sequence[str]) -> Iterator[Parts]:
    """Yield some vectors after the other, for the one layer."""
    for start in range(0, len(vectors), ROWS):
        yield [vectors[start : start + ROWS] for _ in layers]


def _confidences(dataset: Dataset, column: pa.ChunkedArray) -> pa.Array:
    """Return how sure the model is of each sample, as float32; null where nobody says it."""
    where, name = f"datasets.{dataset.name}", dataset.roles["confidence"]
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        what = f'column "{name}" is {column.type}: confidence is a number from 0 to 1'
        raise ContractError(where, what, _first_text(column))
    values = column.cast(pa.float64()).combine_chunks()
    values = pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)
    is_outside = pc.fill_null(pc.or_(pc.less(values, 0), pc.greater(values, 1)), False)
    wrong = np.flatnonzero(is_outside.to_numpy(zero_copy_only=False))
    if len(wrong):
        row = int(wrong[0])
        what = f'column "{name}" holds {counted(len(wrong), "value")} outside 0 to 1'
        raise ContractError(where, f"{what}, the first is {values[row]} in {row_name(row)}", _FRACTIONS)
    return values.cast(pa.float32(), safe=False)


_FRACTIONS = "write fractions: 0.87 for 87 percent; a column of logits or scores has no role confidence"


def _first_text(column: pa.ChunkedArray) -> str:
    """Return a hint that names the first value that is no number."""
    for row, value in enumerate(column.to_pylist()):
        try:
            float(value or 0)
        except (TypeError, ValueError):
            return f'the first that is no number is "{str(value)[:60]}" in {row_name(row)}'
    return 'read them as numbers with types = { … = "float64" }'


def _vectors(dataset: Dataset, role: str, column: pa.ChunkedArray) -> NDArray[np.float32]:
    """Return a column of number lists as float32 of shape (samples, length)."""
    where, name = f"datasets.{dataset.name}", dataset.roles[role]
    if not pa.types.is_list(column.type):
        raise ContractError(
            where, f'column "{name}" is {column.type}: {role} needs a list of numbers per sample'
        )
    lengths = pc.list_value_length(column)
    distinct = sorted(value for value in lengths.unique().to_pylist() if value is not None)
    if lengths.null_count or len(distinct) != 1:
        what = f'column "{name}" has lists of lengths {distinct[:5]} and {lengths.null_count} missing ones'
        raise ContractError(where, what, "every sample needs a list of the same length")
    flat = pc.list_flatten(column).cast(pa.float32()).to_numpy()
    return np.asarray(flat, np.float32).reshape(len(column), distinct[0])


def _check_probabilities(dataset: Dataset, values: NDArray[np.float32]) -> None:
    where, name = f"datasets.{dataset.name}", dataset.roles["probability"]
    if values.shape[1] != len(dataset.classes):
        what = f'column "{name}" has lists of {values.shape[1]} for {len(dataset.classes)} classes'
        raise ContractError(where, what, "name all classes, in the column's order, with classes = […]")
    # NaN compares as false, so "not inside" finds it too.
    inside = ((values >= 0) & (values <= 1)).all(axis=1) & (np.abs(values.sum(axis=1) - 1) <= SUM_TOLERANCE)
    wrong = np.flatnonzero(~inside)
    if len(wrong):
        what = f'column "{name}" holds {counted(len(wrong), "row")} of no probabilities'
        what += f", the first is {row_name(wrong[0])}"
        raise ContractError(where, what, "each is between 0 and 1, and a sample's sum to 1")
