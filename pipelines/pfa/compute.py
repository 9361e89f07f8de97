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
MOST_BYTES = 1 << 30  # of the covariances that are kept at once, which are those of a pass over the samples


def compute(job: Job) -> Output:
    """Return the recommendations for each layer, its eigenvalues, and its units."""
    stream = responses.stream(job, WIDEST)
    passes = _passes(stream)
    layers: list[Layer] = []
    # Sums of several threads come in an order that differs from run to run.
    with threadpool_limits(1):
        for number, names in enumerate(passes, 1):
            part = f", pass {number} of {len(passes)}" if len(passes) > 1 else ""
            layers += _read(job, stream, names, part)
    kept = _recommended(job, layers)
    tables = (_layers(job, layers, kept), _spectrum(layers), _units(job, layers, kept))
    libraries = ("numpy", "pyarrow", "threadpoolctl", *stream.responses.libraries)
    return Output(tables, libraries=libraries, skipped=_skipped(job), model=stream.facts)


def _passes(stream: Stream) -> list[list[str]]:
    """Return the layers of each pass over the samples: one after the other, as many as `MOST_BYTES` hold."""
    passes: list[list[str]] = []
    held = 0
    for layer, units in stream.layers.items():
        size = Moments.size(units.count)
        if not passes or held + size > MOST_BYTES:
            passes.append([])
            held = 0
        passes[-1].append(layer)
        held += size
    return passes


def _read(job: Job, stream: Stream, names: Sequence[str], part: str) -> list[Layer]:
    """Return what is found of some layers, in one pass over the samples."""
    moments = _moments(job, stream, names, part)
    layers: list[Layer] = []
    with job.steps.step(f"analyse{part}", len(moments)) as advance:
        for layer in list(moments):
            # A covariance goes as soon as it was looked at.
            layers.append(_analysed(layer, moments.pop(layer), job.parameters["selection"]))
            advance(len(layers))
    return layers


def _skipped(job: Job) -> int:
    return job.dataset.skipped if job.dataset else 0


def _moments(job: Job, stream: Stream, names: Sequence[str], part: str) -> dict[str, Moments]:
    multiply = _product(job.device)
    moments = {layer: Moments(stream.layers[layer].count, multiply) for layer in names}
    for batch in stream.batches(names, part):
        for layer, values in batch.items():
            moments[layer].add(pooled(values, job.parameters["pooling"]))
    return {layer: found for layer, found in moments.items() if layer in stream.layers}


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
    """What was found of one layer, a number for each unit; from `correlation` on for each active unit.

    `correlation` is the mean size of a unit's correlations with the others, `nearest` the unit, among all,
    with which it is largest. They are None where there is no other.
    """

    name: str
    inputs: int
    means: Floats
    variances: Floats
    spectrum: Spectrum
    is_active: Mask
    correlation: Floats | None
    nearest: Any
    nearest_correlation: Floats | None
    places: Any

    @property
    def is_enough(self) -> bool:
        """Whether there are more inputs than units; else some eigenvalues are zero whatever the units do."""
        return self.inputs > self.spectrum.units


def _analysed(name: str, moments: Moments, selection: str) -> Layer:
    covariance = moments.covariance()
    chosen = active(covariance)
    found = correlations(covariance, chosen)
    sizes = np.abs(found)
    at, others = np.flatnonzero(chosen), len(found) - 1
    nearest = sizes.argmax(axis=1) if others > 0 else None
    return Layer(
        name,
        moments.count,
        moments.mean,
        covariance.diagonal().copy(),
        spectrum(covariance),
        chosen,
        sizes.sum(axis=1) / others if others > 0 else None,
        None if nearest is None else at[nearest],
        None if nearest is None else found[np.arange(len(at)), nearest],
        places(sizes, selection),
    )


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
        "inputs": pa.array([layer.inputs for layer in layers], pa.int32()),
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

    def of_active(values: Any, kind: pa.DataType) -> pa.Array:
        if values is None:
            return pa.nulls(len(units), kind)
        found = np.zeros(len(units), kind.to_pandas_dtype())
        found[at] = values
        return pa.array(found, kind, mask=~layer.is_active)

    is_kept = None if kept is None else np.isin(units, at[layer.places <= kept])
    return pa.table(
        {
            "id": [f"{layer.name}/{unit}" for unit in units],
            "layer": [layer.name] * len(units),
            "unit": pa.array(units, pa.int32()),
            "mean": layer.means,
            "variance": layer.variances,
            "is_active": layer.is_active,
            "correlation": of_active(layer.correlation, pa.float64()),
            "nearest": of_active(layer.nearest, pa.int32()),
            "nearest_correlation": of_active(layer.nearest_correlation, pa.float64()),
            "place": of_active(layer.places, pa.int32()),
            "is_kept": pa.nulls(len(units), pa.bool_()) if is_kept is None else pa.array(is_kept),
        }
    )
