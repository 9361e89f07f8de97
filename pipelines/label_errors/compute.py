"""Computes `label_errors`: what models say of samples held out, how labels fit, pairs of classes, twins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.classes import class_column
from pipelines.contract import Rows, TableSpec
from pipelines.datasets import Dataset
from pipelines.errors import ContractError
from pipelines.label_errors import annotators, joint, measures, noise
from pipelines.label_errors.blocks import Codes, Floats, Matrix, mean
from pipelines.label_errors.columns import column_names, table_of
from pipelines.label_errors.scores import accuracies, accuracy_weights, scores, usual, weighted
from pipelines.label_errors.sources import Held, held
from pipelines.label_errors.spec import (
    AGREEMENT,
    ANNOTATOR_PAIRS,
    ANNOTATORS,
    CLASSES,
    CURVES,
    MEASURES,
    MEMBERS,
    PAIRS,
    PROBABILITIES,
    SAMPLES,
    SCORES,
    TOTALS,
)
from pipelines.label_errors.twin_pairs import Twins, twins
from pipelines.tool import Job, Output, check_free, sprite_sheets

ANSWER_ROLES = ("prediction", "probability", "confidence", "correct", "embedding")
MOST_PAIRS = 20_000
LIBRARIES = ("numpy", "pyarrow", "scipy")


@dataclass(frozen=True)
class Judged:
    """What was found of the samples that have a label, whose places in the dataset are `rows`.

    `labels` are their classes, `probabilities` have shape (rows, classes). The joints and `expected`, of
    shape (classes, classes), have the label first; `noise` has the true class first.
    """

    rows: Codes
    labels: Codes
    probabilities: Matrix
    scores: Mapping[str, Floats]
    confident_joint: Codes
    estimated: Codes
    noise: Floats
    expected: Floats
    thresholds: Floats
    member_accuracies: Floats
    weights: Floats

    @property
    def errors(self) -> int:
        """How many labels are wrong, by the calibrated joint."""
        return int(self.estimated.sum() - self.estimated.trace())


def compute(job: Job) -> Output:
    """Return the tables that the data allows: those of truth, twins and annotators where there are such."""
    dataset = _dataset(job)
    truth, given = _truth(job, dataset), _annotations(job, dataset)
    pairs = twins(job, dataset)
    found = held(job, dataset)
    judged = _judged(job, dataset, found)
    sheets, places = sprite_sheets(job)
    together = annotators.consensus(given, len(dataset.classes)) if given.shape[1] else None
    tables = [_samples(job, dataset, found, judged, pairs, (truth, given, together), places)]
    tables += [_probabilities(dataset, found, judged), *_of_classes(dataset, judged, truth)]
    if truth is not None:
        tables += _of_truth(judged, truth)
    if pairs is not None:
        tables.append(pairs.table(dataset))
    if together is not None:
        tables += _of_annotators(job, dataset, given, together)
    libraries = (*LIBRARIES, *found.libraries, *(("pillow",) if sheets else ()))
    return Output(tuple(tables), sheets, dataset.classes, libraries, dataset.skipped)


def _dataset(job: Job) -> Dataset:
    if job.dataset is None:
        message = "the runner gives label_errors a dataset"
        raise ValueError(message)
    if "label" not in job.dataset.roles:
        what = f'judges labels, and dataset "{job.dataset.name}" has none'
        raise ContractError(job.name, what, 'name their column with roles = { label = "…" }')
    return job.dataset


def _judged(job: Job, dataset: Dataset, found: Held) -> Judged:
    """Judge the samples that have a label and probabilities."""
    rows = np.flatnonzero(found.known & (dataset.codes("label") >= 0))
    if not len(rows):
        raise ContractError(job.name, "has no sample with both a label and probabilities")
    labels = dataset.codes("label")[rows]
    members = [member if len(rows) == len(member) else member[rows] for member in found.members]
    hits = accuracies(members, labels)
    weights = accuracy_weights(hits)
    together = mean(members, weights)
    with job.steps.step("score", len(members)) as advance:
        by_member = []
        for number, member in enumerate(members, 1):
            by_member.append(scores(member, labels, usual(member, labels)))
            advance(number)
    limits = joint.thresholds(together, labels)
    _, confident_joint = joint.confident(together, labels, limits)
    estimated = joint.calibrated(confident_joint, labels)
    with job.steps.step("noise matrix", noise.MOST_STEPS) as advance:
        matrix = noise.noise_matrix(together, labels, estimated, advance)
    expected, _ = noise.expected(together, labels, matrix)
    return Judged(
        *(rows, labels, together, weighted(by_member, weights), confident_joint, estimated, matrix),
        *(expected, limits, hits, weights),
    )


def _truth(job: Job, dataset: Dataset) -> Codes | None:
    """Return the true class of each sample, -1 where unknown; None where no column says it."""
    names = column_names(job, "truth", dataset)
    return _codes(dataset, names[0]) if names else None


def _annotations(job: Job, dataset: Dataset) -> Codes:
    """Return the labels of several annotators, shape (samples, annotators), -1 where one gave none."""
    names = column_names(job, "annotators", dataset)
    columns = [_codes(dataset, name) for name in names]
    return np.stack(columns, axis=1) if columns else np.empty((dataset.rows.num_rows, 0), np.int64)


def _codes(dataset: Dataset, name: str) -> Codes:
    where = f"datasets.{dataset.name}"
    named = class_column(where, name, dataset.rows[name], dataset.classes)
    table = pa.table({"label": named})
    return Dataset(dataset.name, table, (), {"label": "label"}, dataset.classes, None, "", "").codes("label")


# Tables -------------------------------------------------------------------------------------------

Known = tuple[Codes | None, Codes, annotators.Consensus | None]
"""True classes, annotators' labels and their consensus."""


def _samples(
    job: Job,
    dataset: Dataset,
    found: Held,
    judged: Judged,
    pairs: Twins | None,
    known: Known,
    places: Mapping[str, pa.Array],
) -> Rows:
    told = [column for column in dataset.columns if column.role not in ANSWER_ROLES]
    own = _answers(dataset, found, judged) | _scored(job, dataset, judged)
    if found.folds is not None:
        own["fold"] = pa.array(found.folds, pa.int16(), mask=found.folds < 0)
    if pairs is not None:
        own["twin"] = pairs.of_samples()
    own |= _of_people(dataset, known) | dict(places)
    check_free(dataset, own, [column.name for column in told], "label_errors")
    arrays = {column.name: dataset.rows[column.name] for column in told}
    return Rows(SAMPLES.only(own), pa.table({**arrays, **own}), tuple(told))


def _answers(dataset: Dataset, found: Held, judged: Judged) -> dict[str, pa.Array]:
    """Return what models say of every sample, those without a label too."""
    together = mean(found.members, judged.weights)
    best = together.argmax(axis=1)
    confidence = np.take_along_axis(together, best[:, None], axis=1)[:, 0].astype(np.float32)
    labels = dataset.codes("label")
    missing = ~found.known
    return {
        "prediction": _named(dataset, np.where(missing, -1, best)),
        "confidence": pa.array(confidence, mask=missing),
        "correct": pa.array(labels == best, mask=missing | (labels < 0)),
    }


def _scored(job: Job, dataset: Dataset, judged: Judged) -> dict[str, pa.Array]:
    count = dataset.rows.num_rows
    missing = np.ones(count, bool)
    missing[judged.rows] = False
    own = {name: pa.array(_spread(judged, judged.scores[name], count), mask=missing) for name in SCORES}
    order = np.argsort(judged.scores[job.parameters["score"]], kind="stable")
    ranks = np.empty(len(order), np.int32)
    ranks[order] = np.arange(1, len(order) + 1)
    disagrees = judged.probabilities.argmax(axis=1) != judged.labels
    likely = disagrees & (ranks <= judged.errors)
    own["rank"] = pa.array(_spread(judged, ranks, count), mask=missing)
    own["likely_error"] = pa.array(_spread(judged, likely, count), mask=missing)
    return own


def _spread(judged: Judged, values: NDArray[Any], count: int) -> NDArray[Any]:
    spread = np.zeros(count, values.dtype)
    spread[judged.rows] = values
    return spread


def _of_people(dataset: Dataset, known: Known) -> dict[str, pa.Array]:
    truth, given, together = known
    own: dict[str, pa.Array] = {}
    labels = dataset.codes("label")
    if truth is not None:
        own["wrong"] = pa.array(labels != truth, mask=(labels < 0) | (truth < 0))
    if together is not None:
        facts = annotators.of_samples(given, together)
        own["consensus"] = _named(dataset, together.labels)
        own["consensus_certainty"] = _or_null(together.certainty)
        own["annotations"] = pa.array(facts["annotations"], pa.int16())
        own["annotator_agreement"] = _or_null(facts["annotator_agreement"])
    return own


def _or_null(values: Floats) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _named(dataset: Dataset, codes: Codes) -> pa.Array:
    names = pa.array(dataset.classes, pa.string())
    return names.take(pa.array(codes, pa.int64(), mask=codes < 0)).dictionary_encode()


def _probabilities(dataset: Dataset, found: Held, judged: Judged) -> Rows:
    """Return the probabilities of the samples that have some."""
    key = next(column for column in dataset.columns if column.name == dataset.roles["id"])
    together = mean(found.members, judged.weights).astype(np.float32, copy=False)
    shown = np.flatnonzero(found.known)
    lists = pa.FixedSizeListArray.from_arrays(pa.array(together[shown].reshape(-1)), together.shape[1])
    ids = dataset.rows[key.name].take(pa.array(shown))
    return Rows(PROBABILITIES, pa.table({key.name: ids, "probabilities": lists}), (key,))


def _of_classes(dataset: Dataset, judged: Judged, truth: Codes | None) -> list[Rows]:
    flagged = min(judged.errors, len(judged.rows))
    return [
        _rows(PAIRS, _pairs(dataset.classes, judged)),
        _rows(CLASSES, _classes(dataset.classes, judged)),
        _rows(TOTALS, _totals(judged, truth)),
        _rows(
            MEMBERS,
            [
                {"member": number, "accuracy": float(share), "weight": float(weight)}
                for number, (share, weight) in enumerate(
                    zip(judged.member_accuracies, judged.weights, strict=True)
                )
            ],
        ),
        _rows(AGREEMENT, measures.agreement(judged.scores, flagged)),
    ]


def _pairs(classes: tuple[str, ...], judged: Judged) -> list[dict[str, Any]]:
    """Return the pairs that any of the measures names, the most suspicious first."""
    count = len(classes)
    best = judged.probabilities.argmax(axis=1)
    top = np.take_along_axis(judged.probabilities, best[:, None], axis=1)[:, 0].astype(np.float64)
    places = judged.labels * count + best
    samples = np.bincount(places, minlength=count * count)
    summed = np.bincount(places, top, count * count)
    joints = [matrix.reshape(-1) for matrix in (judged.confident_joint, judged.estimated, judged.expected)]
    is_named = (samples > 0) | (joints[0] > 0) | (joints[2] >= 0.5)
    is_named[np.arange(count) * (count + 1)] = False
    chosen = np.flatnonzero(is_named)
    chosen = chosen[np.argsort(-summed[chosen], kind="stable")][:MOST_PAIRS]
    return [
        {
            "label": classes[place // count],
            "class": classes[place % count],
            "samples": int(samples[place]),
            "summed": float(summed[place]),
            "confident": int(joints[0][place]),
            "estimated": int(joints[1][place]),
            "expected": float(joints[2][place]),
        }
        for place in chosen.tolist()
    ]


def _classes(classes: tuple[str, ...], judged: Judged) -> list[dict[str, Any]]:
    counts = np.bincount(judged.labels, minlength=len(classes))
    off = judged.estimated.sum(axis=1) - judged.estimated.diagonal()
    expected = judged.expected.sum(axis=1) - judged.expected.diagonal()
    return [
        {
            "class": name,
            "labelled": int(counts[place]),
            "threshold": float(judged.thresholds[place]) if counts[place] else None,
            "estimated_errors": int(off[place]),
            "expected_errors": float(expected[place]),
            "kept": float(judged.noise[place, place]),
        }
        for place, name in enumerate(classes)
    ]


def _totals(judged: Judged, truth: Codes | None) -> list[dict[str, Any]]:
    count = len(judged.rows)
    found = {
        "joint": float(judged.errors),
        "noise_matrix": float(judged.expected.sum() - judged.expected.trace()),
        "disagreement": float((judged.probabilities.argmax(axis=1) != judged.labels).sum()),
    }
    if truth is not None:
        known = truth[judged.rows] >= 0
        found["known"] = float((truth[judged.rows] != judged.labels)[known].sum())
    return [
        {"way": way, "errors": errors, "samples": count, "share": errors / count}
        for way, errors in found.items()
    ]


def _of_truth(judged: Judged, truth: Codes) -> list[Rows]:
    known = truth[judged.rows] >= 0
    wrong = (truth[judged.rows] != judged.labels)[known]
    there = {name: values[known] for name, values in judged.scores.items()}
    return [_rows(MEASURES, measures.measured(there, wrong)), _rows(CURVES, measures.curves(there, wrong))]


def _of_annotators(job: Job, dataset: Dataset, given: Codes, together: annotators.Consensus) -> list[Rows]:
    names = tuple(column_names(job, "annotators", dataset))
    told = annotators.reliabilities(given, names, together, dataset.classes)
    pairs = annotators.pairs(given, names, len(dataset.classes))
    return [_rows(ANNOTATORS, told), _rows(ANNOTATOR_PAIRS, pairs)]


def _rows(spec: TableSpec, rows: Iterable[Mapping[str, Any]]) -> Rows:
    return Rows(spec, table_of(spec.columns, rows))
