"""Computes `classification`: the model's answers, how certain they are, and sprite sheets of the images."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.classification.spec import EMBEDDINGS, ID, PROBABILITIES, SAMPLES, TRAINING
from pipelines.contract import Column, Rows, TableSpec
from pipelines.datasets import Codes, Dataset
from pipelines.models import Answers, answer
from pipelines.tool import Job, Output, check_free, sprite_sheets

ANSWER_ROLES = ("prediction", "probability", "confidence", "embedding")


def compute(job: Job) -> Output:
    """Return the tables that the model's answers allow: `samples` always, the others where it gives them."""
    if job.dataset is None or job.model is None:
        message = "the runner gives classification a dataset and a model"
        raise ValueError(message)
    answers = answer(job.model, job.dataset, job.parameters["layer"], job.device, job.steps)
    sheets, places = sprite_sheets(job)
    tables = [_samples(job.dataset, answers, places)]
    if answers.probabilities is not None:
        tables.append(_lists(job.dataset, PROBABILITIES, answers.probabilities))
    if answers.embeddings is not None:
        tables.append(_lists(job.dataset, EMBEDDINGS, answers.embeddings))
    if answers.history is not None:
        tables.append(_training(answers.history, is_told=bool(job.model.settings.history)))
    libraries = ("numpy", "pyarrow", *answers.libraries, *(("pillow",) if sheets else ()))
    return Output(tuple(tables), sheets, answers.classes, libraries, job.dataset.skipped, answers.facts)


def _training(history: pa.Table, *, is_told: bool) -> Rows:
    """Return how the model learned; what its own file tells may miss numbers, and its loss may be any."""
    if not is_told:
        return Rows(TRAINING, history)
    said = "the loss of the model's own training after the epoch"
    promised = TRAINING.only(history.column_names)
    columns = tuple(
        replace(column, unit=None, description=said, nullable=True)
        if column.name == "loss"
        else replace(column, nullable=column.name in ("accuracy", "learning_rate"))
        for column in promised.columns
    )
    return Rows(replace(promised, columns=columns), history)


def _samples(dataset: Dataset, answers: Answers, places: dict[str, pa.Array]) -> Rows:
    told = [column for column in dataset.columns if column.role not in ANSWER_ROLES]
    arrays = {column.name: dataset.rows[column.name] for column in told}
    if answers.split is not None:
        split = Column(
            "split", "dictionary", "split", None, "the part of the dataset that the sample belongs to"
        )
        told, arrays = [*told, split], {**arrays, "split": answers.split}
    own = {**measures(dataset, answers), **places}
    check_free(dataset, own, arrays, "classification")
    return Rows(SAMPLES.only(own), pa.table({**arrays, **own}), tuple(told))


def measures(dataset: Dataset, answers: Answers) -> dict[str, pa.Array]:
    """Return the columns that follow from the answers; what cannot be known is null, or its column absent."""
    names = pa.array(answers.classes, pa.string())
    predicted = answers.predictions
    columns = {"prediction": names.take(pa.array(predicted, mask=predicted < 0)).dictionary_encode()}
    if answers.probabilities is not None:
        columns["confidence"] = _confidence(predicted, answers.probabilities)
    elif answers.confidence is not None:
        columns["confidence"] = answers.confidence
    if "label" in dataset.roles:
        labels = dataset.codes("label")
        columns["correct"] = pa.array(labels == predicted, mask=(labels < 0) | (predicted < 0))
    if answers.probabilities is not None:
        columns["margin"] = pa.array(margin(answers.probabilities))
        columns["entropy"] = pa.array(entropy(answers.probabilities))
    return columns


def _confidence(predicted: Codes, probabilities: NDArray[np.float32]) -> pa.Array:
    chosen = np.take_along_axis(probabilities, np.maximum(predicted, 0)[:, None], axis=1)[:, 0]
    return pa.array(chosen, mask=predicted < 0)


def margin(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest probability less the second largest of each row; 1 where there is one class only."""
    if probabilities.shape[1] < 2:
        return np.ones(len(probabilities), np.float32)
    top = np.partition(probabilities, -2, axis=1)
    return np.asarray(top[:, -1] - top[:, -2], np.float32)


def entropy(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each row's Shannon entropy in bits, 0·log 0 being 0."""
    exact = probabilities.astype(np.float64)
    logarithms = np.log2(exact, out=np.zeros_like(exact), where=exact > 0)
    return np.asarray(np.abs((exact * logarithms).sum(axis=1)), np.float32)  # abs: certainty is 0, not -0


def _lists(dataset: Dataset, spec: TableSpec, values: NDArray[np.float32]) -> Rows:
    name = dataset.roles["id"]
    key = next(column for column in dataset.columns if column.name == name)
    lists = pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])
    data = pa.table({name: dataset.rows[name], spec.columns[0].name: lists})
    return Rows(spec, data, (replace(key, description=ID),))
