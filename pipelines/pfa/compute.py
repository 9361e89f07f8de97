"""Computes `pfa`: covariances in one pass over the responses, then what each strategy recommends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from pipelines import responses
from pipelines.contract import Rows
from pipelines.pfa.moments import Floats, Moments, Product, product
from pipelines.pfa.selection import Mask, active, correlations, places
from pipelines.pfa.spec import LAYERS, SPECTRUM, STRATEGIES, UNITS
from pipelines.pfa.strategies import (
    Spectrum,
    by_divergence,
    by_energy,
    divergence,
    energy_of_size,
    ratio,
    spectrum,
)
from pipelines.responses import Stream, Values
from pipelines.tool import Job, Output

WIDEST = 4096  # units of a layer: the covariance of so many takes 134 MB


def compute(job: Job) -> Output:
    """Return the recommendations for each layer, its eigenvalues, and its units."""
    stream = responses.stream(job, WIDEST)
    # Sums of several threads come in an order that differs from run to run.
    with threadpool_limits(1):
        moments = _moments(job, stream)
        layers = []
        with job.steps.step("analyse", len(moments)) as advance:
            for layer, found in moments.items():
                layers.append(_analysed(layer, found, job.parameters["selection"]))
                advance(len(layers))
    kept = _recommended(job, layers)
    tables = (_layers(job, layers, kept), _spectrum(layers), _units(job, layers, kept))
    libraries = ("numpy", "pyarrow", "threadpoolctl", *stream.responses.libraries)
    return Output(tables, libraries=libraries, skipped=_skipped(job), model=stream.facts)


def _skipped(job: Job) -> int:
    return job.dataset.skipped if job.dataset else 0


def _moments(job: Job, stream: Stream) -> dict[str, Moments]:
    moments: dict[str, Moments] = {}
    multiply = _product(job.device)
    for batch in stream.batches():
        for layer, values in batch.items():
            rows = pooled(values, job.parameters["pooling"])
            moments.setdefault(layer, Moments(rows.shape[1], multiply)).add(rows)
    return moments


def _product(device: str) -> Product:
    """Return what multiplies matrices on a device; one without double precision does not."""
    if device != "cuda":
        return product
    from pipelines.pfa.accelerated import product_on

    return product_on(device)


def pooled(values: Values, pooling: str) -> Floats:
    """Return one number for each sample and unit, of responses of shape (samples, units, places)."""
    if pooling == "max":
        return np.asarray(values.max(axis=2), np.float64)
    return np.asarray(values.mean(axis=2, dtype=np.float64))


@dataclass(frozen=True)
class Layer:
    """What was found of one layer. `correlations` and `places` are those of its active units."""

    name: str
    moments: Moments
    variances: Floats
    spectrum: Spectrum
    is_active: Mask
    correlations: Floats
    places: Any

    @property
    def is_enough(self) -> bool:
        """Whether there are more inputs than units; else some eigenvalues are zero whatever the units do."""
        return self.moments.count > self.spectrum.units


def _analysed(name: str, moments: Moments, selection: str) -> Layer:
    covariance = moments.covariance()
    chosen = active(covariance)
    found = correlations(covariance, chosen)
    order = places(np.abs(found), selection)
    return Layer(name, moments, covariance.diagonal().copy(), spectrum(covariance), chosen, found, order)


# Recommendations ----------------------------------------------------------------------------------

Kept = dict[str, list[int | None]]


def _recommended(job: Job, layers: Sequence[Layer]) -> Kept:
    """Return how many units each strategy keeps of each layer, never more than are active."""
    enough = [layer.spectrum for layer in layers if layer.is_enough]
    shared = energy_of_size(enough, job.parameters["size"]) if enough else 0.0
    rules: dict[str, Callable[[Spectrum], int | None]] = {
        "kl": by_divergence,
        "energy": lambda of: by_energy(of, job.parameters["energy"]),
        "size": lambda of: by_energy(of, shared),
    }
    return {name: [_kept(layer, rules[name]) for layer in layers] for name in STRATEGIES}


def _kept(layer: Layer, rule: Callable[[Spectrum], int | None]) -> int | None:
    found = rule(layer.spectrum) if layer.is_enough else None
    return None if found is None else min(found, int(layer.is_active.sum()))


# Tables -------------------------------------------------------------------------------------------


def _layers(job: Job, layers: Sequence[Layer], kept: Kept) -> Rows:
    chosen = kept[job.parameters["strategy"]]
    energies = [
        None if count is None else float(layer.spectrum.energy[count - 1])
        for layer, count in zip(layers, chosen, strict=True)
    ]
    enough = [layer.spectrum if layer.is_enough else None for layer in layers]
    columns = {
        "layer": _names([layer.name for layer in layers]),
        "position": pa.array(range(len(layers)), pa.int32()),
        "units": pa.array([layer.spectrum.units for layer in layers], pa.int32()),
        "inputs": pa.array([layer.moments.count for layer in layers], pa.int32()),
        "is_enough": pa.array([layer.is_enough for layer in layers]),
        "inactive": pa.array([int((~layer.is_active).sum()) for layer in layers], pa.int32()),
        "rank": pa.array([layer.spectrum.rank for layer in layers], pa.int32()),
        "variance": pa.array([float(layer.variances.sum()) for layer in layers]),
        "kl": pa.array([of and divergence(of) for of in enough], pa.float64()),
        "ratio": pa.array([of and ratio(of) for of in enough], pa.float64()),
        **{f"recommended_{name}": pa.array(kept[name], pa.int32()) for name in STRATEGIES},
        "recommended": pa.array(chosen, pa.int32()),
        "energy": pa.array(energies, pa.float64()),
    }
    return Rows(LAYERS, pa.table(columns))


def _names(names: Sequence[str]) -> pa.Array:
    return pa.array(names, pa.string()).dictionary_encode()


def _spectrum(layers: Sequence[Layer]) -> Rows:
    varying = [layer for layer in layers if layer.spectrum.rank]
    counts = [layer.spectrum.units for layer in varying]

    def joined(name: str) -> pa.Array:
        return pa.array(np.concatenate([[], *(getattr(layer.spectrum, name) for layer in varying)]))

    columns = {
        "layer": _names(
            [layer.name for layer, count in zip(varying, counts, strict=True) for _ in range(count)]
        ),
        "component": pa.array([number for count in counts for number in range(1, count + 1)], pa.int32()),
        "eigenvalue": joined("eigenvalues"),
        "share": joined("shares"),
        "before": joined("before"),
        "energy": joined("energy"),
    }
    return Rows(SPECTRUM, pa.table(columns))


def _units(job: Job, layers: Sequence[Layer], kept: Kept) -> Rows:
    chosen = kept[job.parameters["strategy"]]
    parts = [_units_of(layer, count) for layer, count in zip(layers, chosen, strict=True)]
    table = pa.concat_tables(parts)
    return Rows(UNITS, table.set_column(1, "layer", _names(table["layer"].to_pylist())))


def _units_of(layer: Layer, kept: int | None) -> pa.Table:
    units = np.arange(layer.spectrum.units)
    at = np.flatnonzero(layer.is_active)
    sizes = np.abs(layer.correlations)
    others = len(at) - 1
    has_other = np.full(len(at), others > 0)
    nearest = sizes.argmax(axis=1) if others > 0 else np.zeros(len(at), np.int64)
    own = np.arange(len(at))

    def of_active(values: Any, known: Any, kind: pa.DataType) -> pa.Array:
        found = np.zeros(len(units), kind.to_pandas_dtype())
        found[at] = values
        missing = np.ones(len(units), bool)
        missing[at] = ~known
        return pa.array(found, kind, mask=missing)

    place = of_active(layer.places, np.ones(len(at), bool), pa.int32())
    is_kept = None if kept is None else np.isin(units, at[layer.places <= kept])
    return pa.table(
        {
            "id": [f"{layer.name}/{unit}" for unit in units],
            "layer": [layer.name] * len(units),
            "unit": pa.array(units, pa.int32()),
            "mean": layer.moments.mean,
            "variance": layer.variances,
            "is_active": layer.is_active,
            "correlation": of_active(sizes.sum(axis=1) / max(others, 1), has_other, pa.float64()),
            "nearest": of_active(at[nearest] if len(at) else [], has_other, pa.int32()),
            "nearest_correlation": of_active(
                layer.correlations[own, nearest] if len(at) else [], has_other, pa.float64()
            ),
            "place": place,
            "is_kept": pa.nulls(len(units), pa.bool_()) if is_kept is None else pa.array(is_kept),
        }
    )
