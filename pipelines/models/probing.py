"""Asks a network for its layers with a few samples: what each gives, and which give nothing for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.errors import ContractError
from pipelines.models.batches import Batches
from pipelines.models.files import brief_reason
from pipelines.models.model import Layer
from pipelines.models.network import Batch, cut, padded

SIZES = ((8, 5), (4, 3), (2, 1), (1,))
"""Samples of the batches to probe with, fewer where memory runs out.

There are two: what has as many rows as one of them by chance does not have as many as the other.
"""
NOTHING = "gives nothing for each sample: it takes no part, gives no array, or its first axis is another"


@dataclass(frozen=True)
class Probed:
    """What the chosen layers give, in their order; `left_out` says why one of them cannot be looked at.

    `most` is how many samples the network can be given at once, as far as it is known.
    """

    layers: Mapping[str, Layer]
    left_out: Mapping[str, str]
    most: int


def probe(batches: Batches, chosen: Sequence[str], samples: Batch) -> Probed:
    """Return what layers of a network give for some samples.

    Raise `ContractError` when the network itself cannot answer, or when one sample does not fit in memory.
    """
    fixed = batches.fixed
    for sizes in ((fixed, fixed),) if fixed else SIZES:
        asking = _Asking(batches, chosen, {})
        try:
            found = [asking.answers(batch, chosen) for batch in _probes(samples, sizes)]
        except Exception as error:  # of a class that the framework chooses
            if not batches.is_out_of_memory(error):
                raise
            if sizes in ((fixed, fixed), SIZES[-1]):
                raise batches.too_large() from error
            continue
        most = batches.most if fixed or sizes == SIZES[0] else sizes[0]
        return _judged(batches, chosen, sizes, found, asking.failed, most)
    raise AssertionError  # the last sizes return or raise


def _probes(samples: Batch, sizes: Sequence[int]) -> list[Batch]:
    """Return a batch of each size. Where they are equal, the samples of the second have changed places."""
    made = [padded(cut(samples, slice(0, size)), size) for size in sizes]
    if len(sizes) == 2 and sizes[0] == sizes[1]:
        made[1] = _rolled(made[1])
    return made


def _rolled(batch: Batch) -> Batch:
    if isinstance(batch, Mapping):
        return {name: np.roll(column, 1, axis=0) for name, column in batch.items()}
    return np.roll(batch, 1, axis=0)


@dataclass(frozen=True)
class _Asking:
    """Asks for layers. One that makes the network fail is found by halves, and `failed` says why."""

    batches: Batches
    chosen: Sequence[str]
    failed: dict[str, str]

    def answers(self, batch: Batch, layers: Sequence[str]) -> dict[str, Any]:
        """Return what layers give, those aside that fail."""
        if not layers:
            return {}
        try:
            return dict(zip(layers, self.batches.network.answer(batch, layers)[1], strict=True))
        except Exception as error:  # of a class that the framework chooses
            if self.batches.is_out_of_memory(error):
                raise
            if len(layers) == len(self.chosen):
                self.batches.check(batch)
            if len(layers) == 1:
                self.failed[layers[0]] = f"cannot be read: {_reason(error)}"
                return {}
        middle = len(layers) // 2
        return {**self.answers(batch, layers[:middle]), **self.answers(batch, layers[middle:])}


def _reason(error: Exception) -> str:
    return error.what if isinstance(error, ContractError) else brief_reason(error)


def _judged(
    batches: Batches,
    chosen: Sequence[str],
    sizes: Sequence[int],
    found: Sequence[Mapping[str, Any]],
    failed: Mapping[str, str],
    most: int,
) -> Probed:
    layers: dict[str, Layer] = {}
    left_out: dict[str, str] = {}
    for name in chosen:
        given: list[Any] = [part.get(name) for part in found]
        problem = failed.get(name) or _problem(given, sizes)
        if problem:
            left_out[name] = problem
        else:
            layers[name] = Layer(given[0].shape[1:], given[0].dtype, batches.network.axis(name))
    return Probed(layers, left_out, most)


def _problem(given: Sequence[Any], sizes: Sequence[int]) -> str:
    """Return why what a layer gives for batches is no answer for each sample; empty where it is."""
    for values, size in zip(given, sizes, strict=True):
        if not isinstance(values, np.ndarray) or values.ndim < 1 or len(values) != size:
            return NOTHING
    first, second = given[0], given[-1]
    one, other = (Layer(values.shape[1:], values.dtype) for values in (first, second))
    if one != other:
        return f"varies: it gives {one} for a sample, then {other}"
    # The samples of a second batch of the same size have changed places, and what has not is a constant.
    is_constant = len(given) == 2 and sizes[0] == sizes[1] and np.array_equal(first, second)
    return NOTHING if is_constant and bool((first != first[:1]).any()) else ""
