"""Models: what answers for each sample of a dataset, trained here or told by the dataset's own columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.contract import Parameter
from pipelines.datasets import Codes, Dataset, stratified_split
from pipelines.errors import ContractError
from pipelines.progress import Steps

MODELS: Mapping[str, tuple[Parameter, ...]] = {
    "cnn": (
        Parameter("epochs", 14, "passes over the training samples", minimum=1, maximum=1000),
        Parameter("batch_size", 64, "samples per step of training", minimum=1, maximum=65_536),
        Parameter(
            "learning_rate", 0.004, "largest step size; it falls along a cosine", minimum=0, maximum=10
        ),
        Parameter(
            "width", 32, "channels of the first convolution; each stage doubles it", minimum=1, maximum=1024
        ),
        Parameter("seed", 0, "of the first weights and of the order of samples", minimum=0, maximum=2**31),
    ),
    "columns": (),
}
"""Every source of a model, with its parameters."""

TRAINED = ("cnn",)  # these need torch and run on the device that was asked for
SUM_TOLERANCE = 1e-2  # probabilities are often stored rounded


@dataclass(frozen=True)
class Model:
    """A model as a report names it, not yet trained. `source` is one of `MODELS`."""

    name: str
    source: str
    parameters: Mapping[str, Any]

    @property
    def is_trained(self) -> bool:
        """Whether it is trained here, so that it needs torch and a device."""
        return self.source in TRAINED


@dataclass(frozen=True)
class Answers:
    """What a model says of each sample, in the dataset's order; None for what it does not say.

    `predictions` are indices into the dataset's classes, -1 where missing. `probabilities` is float32 of
    shape (samples, classes), `embeddings` float32 of shape (samples, dimensions), `confidence` float32.
    `history` has the columns epoch, split, loss, accuracy, learning_rate. `split` is the split it made where
    the dataset has none.
    """

    predictions: Codes
    probabilities: NDArray[np.float32] | None = None
    embeddings: NDArray[np.float32] | None = None
    confidence: NDArray[np.float32] | None = None
    history: pa.Table | None = None
    split: pa.Array | None = None


def answer(model: Model, dataset: Dataset, layer: str, device: str, steps: Steps) -> Answers:
    """Return the model's answers, training it if need be; `layer` names where embeddings come from."""
    if model.source == "columns":
        return _told(dataset)
    where = f"models.{model.name}"
    if dataset.images is None:
        what = f'model "{model.name}" looks at images and dataset "{dataset.name}" has none'
        raise ContractError(where, what, 'name its column with roles = {image = "…"}')
    if "label" not in dataset.roles:
        what = f'model "{model.name}" learns from labels and dataset "{dataset.name}" has none'
        raise ContractError(where, what, 'name its column with roles = {label = "…"}')
    from pipelines import cnn

    labels, split, made = dataset.codes("label"), dataset.role("split"), None
    if split is None:
        split = made = stratified_split(labels, model.parameters["seed"])
    samples = cnn.Samples(dataset.images, labels, split.cast(pa.string()).to_pylist(), len(dataset.classes))
    samples.check(dataset.name)
    network = cnn.train(samples, cnn.Settings(**model.parameters, layer=layer, device=device), steps)
    probabilities, embeddings = network.answer(samples, steps)
    predictions = probabilities.argmax(axis=1).astype(np.int64)
    return Answers(predictions, probabilities, embeddings, None, network.history, made)


def _told(dataset: Dataset) -> Answers:
    """Read the answers that the dataset carries: predictions, probabilities or both, perhaps embeddings."""
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
        raise ContractError(where, what, 'name it with roles = {prediction = "…"}')
    confidence, embedding = dataset.role("confidence"), dataset.role("embedding")
    return Answers(
        predictions,
        probabilities,
        None if embedding is None else _vectors(dataset, "embedding", embedding),
        None if confidence is None else confidence.cast(pa.float32()).to_numpy(),
    )


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
        what = (
            f'column "{name}" holds {len(wrong)} rows that are no probabilities, the first is row {wrong[0]}'
        )
        raise ContractError(where, what, "each is between 0 and 1, and a sample's sum to 1")
