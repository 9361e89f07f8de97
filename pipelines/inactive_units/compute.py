"""Computes `inactive_units`: one pass over the responses, then shares with their intervals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from pipelines import responses
from pipelines.contract import Rows
from pipelines.datasets import Codes
from pipelines.errors import ContractError
from pipelines.inactive_units.counts import Counts
from pipelines.inactive_units.spec import CLASSES, LAYERS, UNITS
from pipelines.proportions import ratio, wilson
from pipelines.responses import Stream
from pipelines.tool import Job, Output

WIDEST = 1 << 18  # units of a layer
MOST_ROWS = 5_000_000  # of the table of classes


def compute(job: Job) -> Output:
    """Return how often units are inactive: by layer, by unit, and by unit and label."""
    stream = responses.stream(job, WIDEST)
    labels, names = _labels(job)
    layers = _counts(job, stream, labels, len(names))
    tables = [_layers(layers), _units(layers)]
    if labels is not None:
        tables.append(_classes(layers, labels, names))
    libraries = ("numpy", "pyarrow", "scipy", *stream.responses.libraries)
    skipped = job.dataset.skipped if job.dataset else 0
    return Output(tuple(tables), classes=names, libraries=libraries, skipped=skipped, model=stream.facts)


def _labels(job: Job) -> tuple[Codes | None, tuple[str, ...]]:
    """Return the samples' labels as codes, -1 where unknown, and what they are called; None without any."""
    if job.dataset is None or "label" not in job.dataset.roles or not job.parameters["by_class"]:
        return None, ()
    return job.dataset.codes("label"), job.dataset.classes


def _counts(job: Job, stream: Stream, labels: Codes | None, classes: int) -> dict[str, Counts]:
    layers = {name: Counts(units.count, units.places, classes) for name, units in stream.layers.items()}
    _check_size(job, layers, classes)
    done = 0
    for batch in stream.batches(list(layers)):
        count = len(next(iter(batch.values())))
        own = None if labels is None else labels[done : done + count]
        for name, values in batch.items():
            layers[name].add(values, job.parameters["threshold"], own)
        done += count
    return {name: layers[name] for name in stream.layers}


def _check_size(job: Job, layers: Mapping[str, Counts], classes: int) -> None:
    units = sum(counts.units for counts in layers.values())
    if units * classes > MOST_ROWS:
        what = f"{units:,} units and {classes:,} classes make {units * classes:,} rows, at most {MOST_ROWS:,}"
        hint = "name fewer layers, or write by_class = false"
        where = f"tools.{job.name}.parameters"
        raise ContractError(where, what, hint)


def _repeated(layers: Mapping[str, Counts]) -> dict[str, pa.Array]:
    """Return the columns that name every unit."""
    names = [name for name, counts in layers.items() for _ in range(counts.units)]
    units = np.concatenate([np.arange(counts.units) for counts in layers.values()])
    ids = [f"{name}/{unit}" for name, unit in zip(names, units, strict=True)]
    return {
        "id": pa.array(ids, pa.string()),
        "layer": pa.array(names, pa.string()).dictionary_encode(),
        "unit": pa.array(units, pa.int32()),
    }


def _shares(inactive: ArrayLike, inputs: ArrayLike) -> dict[str, pa.Array]:
    low, high = wilson(inactive, inputs)
    return {
        "inputs": pa.array(inputs, pa.int32()),
        "inactive": pa.array(inactive, pa.int32()),
        "share": pa.array(ratio(inactive, inputs)),
        "low": pa.array(low),
        "high": pa.array(high),
    }


def _layers(layers: Mapping[str, Counts]) -> Rows:
    found = list(layers.values())
    columns = {
        "layer": pa.array(list(layers), pa.string()).dictionary_encode(),
        "position": pa.array(range(len(found)), pa.int32()),
        "units": pa.array([counts.units for counts in found], pa.int32()),
        "places": pa.array([counts.places for counts in found], pa.int32()),
        "inputs": pa.array([counts.samples for counts in found], pa.int32()),
        "dead": pa.array([int((counts.inactive == counts.samples).sum()) for counts in found], pa.int32()),
        "mean_inactive": pa.array([float(counts.per_sample.mean[0]) for counts in found]),
        "sd_inactive": pa.array([float(counts.per_sample.variance()[0]) ** 0.5 for counts in found]),
    }
    return Rows(LAYERS, pa.table(columns))


def _units(layers: Mapping[str, Counts]) -> Rows:
    found = list(layers.values())
    inputs = np.concatenate([np.full(counts.units, counts.samples) for counts in found])
    inactive = np.concatenate([counts.inactive for counts in found])
    variances = np.concatenate([counts.responses.variance() for counts in found])
    columns = {
        **_repeated(layers),
        **_shares(inactive, inputs),
        "is_dead": pa.array(inactive == inputs),
        "zeros": pa.array(np.concatenate([each.zeros / (each.samples * each.places) for each in found])),
        "mean": pa.array(np.concatenate([counts.responses.mean for counts in found])),
        "variance": pa.array(variances, mask=np.isnan(variances)),
        "peak": pa.array(np.concatenate([counts.peak for counts in found])),
    }
    return Rows(UNITS, pa.table(columns))


def _classes(layers: Mapping[str, Counts], labels: Codes, names: tuple[str, ...]) -> Rows:
    """Return a row for each unit and label that samples have, unit by unit."""
    sizes = np.bincount(labels[labels >= 0], minlength=len(names))
    present = np.flatnonzero(sizes)
    inactive = np.concatenate([counts.by_class[present].T for counts in layers.values()])
    own = _repeated(layers)
    rows = pa.array(np.repeat(np.arange(len(inactive)), len(present)))
    codes = pa.array(np.tile(np.arange(len(present)), len(inactive)).astype(np.int32))
    found = pa.array([names[code] for code in present], pa.string())
    columns = {
        **{name: values.take(rows) for name, values in own.items()},
        "label": pa.DictionaryArray.from_arrays(codes, found),
        **_shares(inactive.reshape(-1), np.tile(sizes[present], len(inactive))),
    }
    return Rows(CLASSES, pa.table(columns))
