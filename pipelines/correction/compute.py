"""Computes `correction`: trains on labels before and after, and judges both on what neither learned from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.stats import t as student

from pipelines.classes import class_column
from pipelines.contract import Column, Rows, TableSpec
from pipelines.correction.spec import CHANGES, CLASSES, RUNS, SAMPLES, SUMMARY
from pipelines.datasets import Codes, Dataset, stratified_split
from pipelines.errors import ContractError, nearest
from pipelines.models import Model, held_out
from pipelines.tool import Job, Output, check_free, sprite_sheets

TRAINING = ("train", "training")
TYPES = {
    "dictionary": pa.dictionary(pa.int32(), pa.string()),
    "int32": pa.int32(),
    "float64": pa.float64(),
}


@dataclass(frozen=True)
class Labels:
    """Labels of every sample as places among the classes, -1 for none, and the decision on each.

    `decisions` are rows of the table of changes, -1 where nothing was decided.
    """

    before: Codes
    after: Codes
    decisions: Codes


@dataclass(frozen=True)
class Judged:
    """What is said of samples held out: `predictions` by kind of labels, shape (seeds, held out)."""

    rows: Codes
    predictions: Mapping[str, Codes]
    means: Mapping[str, Codes]


def compute(job: Job) -> Output:
    """Return how models do that learn from either, and what was changed."""
    if job.dataset is None or job.model is None:
        message = "the runner gives correction a dataset and a model"
        raise ValueError(message)
    dataset, table = job.dataset, job.tables["samples"]
    labels = _labels(job, dataset, table)
    truth = _truth(job, dataset)
    judged = _judged(job, dataset, job.model, labels)
    judges = {"before": labels.before, "after": labels.after, **({} if truth is None else {"truth": truth})}
    runs = list(_runs(judged, judges))
    sheets, places = sprite_sheets(job)
    tables = (
        _samples(dataset, table, labels, judged, places),
        _rows(RUNS, runs),
        _rows(SUMMARY, _summary(runs)),
        _rows(CLASSES, _classes(dataset, judged, truth if truth is not None else labels.after)),
        _rows(CHANGES, _changes(dataset, labels)),
    )
    libraries = ("numpy", "pyarrow", "scipy", "torch", *(("pillow",) if sheets else ()))
    return Output(tables, sheets, dataset.classes, libraries, dataset.skipped)


# Labels -------------------------------------------------------------------------------------------


def _labels(job: Job, dataset: Dataset, table: pa.Table) -> Labels:
    if "label" not in dataset.roles:
        what = f'dataset "{dataset.name}" has no labels that could be corrected'
        raise ContractError(job.name, what)
    _check(job, table)
    ids = dataset.rows[dataset.roles["id"]].cast(pa.string())
    theirs = table[job.column("samples", "id")].cast(pa.string()).combine_chunks()
    decisions = np.asarray(pc.fill_null(pc.index_in(ids, value_set=theirs), -1).to_numpy(), np.int64)
    before = dataset.codes("label")
    after, decided = before.copy(), decisions >= 0
    names = table["new"].cast(pa.string())
    new = np.asarray(pc.fill_null(pc.index_in(names, value_set=pa.array(dataset.classes)), -1).to_numpy())
    actions = np.array(table["action"].cast(pa.string()).to_pylist(), object)
    is_change = np.isin(actions, ["relabel", "delete"])
    chosen = np.flatnonzero(decided)
    chosen = chosen[is_change[decisions[chosen]]]
    after[chosen] = np.where(actions[decisions[chosen]] == "delete", -1, new[decisions[chosen]])
    return Labels(before, after, decisions)


def _check(job: Job, table: pa.Table) -> None:
    missing = [name for name in ("old", "new", "action") if name not in table.column_names]
    if missing:
        what = f"the table of changes has no column {', '.join(missing)}"
        raise ContractError(job.name, what, "name the samples of a patch: sitegen labels apply writes them")


def _truth(job: Job, dataset: Dataset) -> Codes | None:
    name = job.parameters["truth"]
    if not name:
        return None
    if name not in dataset.rows.column_names:
        what, where = f'there is no column "{name}"', f"{job.name}.parameters.truth"
        raise ContractError(where, what, nearest(name, dataset.rows.column_names))
    column = class_column(f"datasets.{dataset.name}", name, dataset.rows[name], dataset.classes)
    found = pc.index_in(column.cast(pa.string()), value_set=pa.array(dataset.classes))
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), np.int64)


# Training -----------------------------------------------------------------------------------------


def _judged(job: Job, dataset: Dataset, model: Model, labels: Labels) -> Judged:
    is_held = _held_out(job, dataset, labels)
    predictions, means = {}, {}
    for kind, codes in (("before", labels.before), ("after", labels.after)):
        given = _relabelled(dataset, codes)
        found = [held_out(model, given, is_held, seed, job.device, job.steps) for seed in range(_seeds(job))]
        predictions[kind] = np.stack([each.argmax(axis=1) for each in found])
        means[kind] = np.mean(found, axis=0).argmax(axis=1)
    return Judged(np.flatnonzero(is_held), predictions, means)


def _held_out(job: Job, dataset: Dataset, labels: Labels) -> NDArray[np.bool_]:
    """Return which samples judge: all but the split "train"; of a single split, a quarter of each class."""
    split = dataset.role("split")
    if split is not None:
        told = np.array([str(name).lower() not in TRAINING for name in split.cast(pa.string()).to_pylist()])
        if told.any() and not told.all():
            return told
    is_held = np.asarray(stratified_split(labels.before, 0).cast(pa.string()).to_numpy(False) == "test")
    if not is_held.any() or is_held.all():
        what = f'dataset "{dataset.name}" has nothing to learn from, or nothing to judge by'
        raise ContractError(
            job.name, what, "label more: of a class of three or more samples a quarter judges"
        )
    return is_held


def _seeds(job: Job) -> int:
    return int(job.parameters["seeds"])


def _relabelled(dataset: Dataset, codes: Codes) -> Dataset:
    name = dataset.roles["label"]
    place = dataset.rows.column_names.index(name)
    return replace(dataset, rows=dataset.rows.set_column(place, name, _named(dataset, codes)))


def _named(dataset: Dataset, codes: Codes) -> pa.Array:
    names = pa.array(dataset.classes, pa.string())
    return names.take(pa.array(codes, pa.int64(), mask=codes < 0)).dictionary_encode()


# Tables -------------------------------------------------------------------------------------------


def _samples(
    dataset: Dataset, table: pa.Table, labels: Labels, judged: Judged, places: Mapping[str, pa.Array]
) -> Rows:
    answers = ("prediction", "probability", "confidence", "correct", "embedding")
    told = [column for column in dataset.columns if column.role not in answers]
    rows = pa.array(labels.decisions, mask=labels.decisions < 0)
    action = pc.fill_null(table["action"].cast(pa.string()).combine_chunks().take(rows), "none")
    own: dict[str, pa.Array] = {
        "label_after": _named(dataset, labels.after),
        "action": action.dictionary_encode(),
        "changed": pa.array(labels.before != labels.after),
        "who": _texts(table, "who", rows).dictionary_encode(),
        "why": _texts(table, "why", rows),
        "prediction_before": _named(dataset, _spread(judged, judged.means["before"], len(labels.before))),
        "prediction": _named(dataset, _spread(judged, judged.means["after"], len(labels.before))),
        **places,
    }
    check_free(dataset, own, [column.name for column in told], "correction")
    arrays = {column.name: dataset.rows[column.name] for column in told}
    return Rows(SAMPLES.only(own), pa.table({**arrays, **own}), tuple(told))


def _texts(table: pa.Table, name: str, rows: pa.Array) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(len(rows), pa.string())
    told = table[name].cast(pa.string()).combine_chunks().take(rows)
    return pc.if_else(pc.equal(told, ""), pa.scalar(None, pa.string()), told)  # nobody said anything


def _spread(judged: Judged, values: Codes, count: int) -> Codes:
    spread = np.full(count, -1)
    spread[judged.rows] = values
    return spread


def _runs(judged: Judged, judges: Mapping[str, Codes]) -> Iterator[dict[str, Any]]:
    for kind, predictions in judged.predictions.items():
        for judge, codes in judges.items():
            right = codes[judged.rows]
            for seed, said in enumerate(predictions):
                correct, rows = int((said == right)[right >= 0].sum()), int((right >= 0).sum())
                accuracy = correct / rows if rows else None
                yield {
                    **{"trained_on": kind, "judged_by": judge, "seed": seed},
                    **{"rows": rows, "correct": correct, "accuracy": accuracy},
                }


def _summary(runs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for kind, judge in dict.fromkeys((run["trained_on"], run["judged_by"]) for run in runs):
        chosen = [run for run in runs if (run["trained_on"], run["judged_by"]) == (kind, judge)]
        values = np.array([run["accuracy"] for run in chosen if run["accuracy"] is not None])
        mean, low, high = _interval(values)
        yield {
            **{"trained_on": kind, "judged_by": judge, "seeds": len(chosen), "rows": chosen[0]["rows"]},
            **{"accuracy": mean, "low": low, "high": high},
        }


def _interval(values: NDArray[np.float64]) -> tuple[float | None, float | None, float | None]:
    """Return the mean with the ends of Student's interval at 95 %; ends are None of fewer than two."""
    if not len(values):
        return None, None, None
    mean = float(values.mean())
    if len(values) < 2:
        return mean, None, None
    half = float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, max(0.0, mean - half), min(1.0, mean + half)


def _classes(dataset: Dataset, judged: Judged, right: Codes) -> Iterator[dict[str, Any]]:
    held = right[judged.rows]
    for place, name in enumerate(dataset.classes):
        inside = held == place
        for kind, predictions in judged.predictions.items():
            accuracy = float((predictions[:, inside] == place).mean()) if inside.any() else None
            yield {"class": name, "trained_on": kind, "rows": int(inside.sum()), "accuracy": accuracy}


def _changes(dataset: Dataset, labels: Labels) -> list[dict[str, Any]]:
    changed = np.flatnonzero(labels.before != labels.after)
    counted = Counter(zip(labels.before[changed].tolist(), labels.after[changed].tolist(), strict=True))
    name = [*dataset.classes, None]  # -1 is the last: no label
    rows = [{"old": name[old], "new": name[new], "samples": count} for (old, new), count in counted.items()]
    return sorted(rows, key=lambda row: (-row["samples"], str(row["old"]), str(row["new"])))


def _rows(spec: TableSpec, rows: Iterable[Mapping[str, Any]]) -> Rows:
    columns: tuple[Column, ...] = spec.columns
    schema = pa.schema([(column.name, TYPES[column.type]) for column in columns])
    return Rows(spec, pa.Table.from_pylist([dict(row) for row in rows], schema))
