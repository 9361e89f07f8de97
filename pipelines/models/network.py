"""What every framework's module gives: a network that answers batches and says what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipelines.errors import ContractError, nearest

Array: TypeAlias = NDArray[Any]
Batch: TypeAlias = Array | Mapping[str, Array]
"""Samples as a model takes them: one array, or named columns of equal length."""

Answered: TypeAlias = tuple[Array, Sequence[Array | None]]
"""What a network gives for a batch: its outputs, and those of the layers that were asked for."""

NUMBERS = "a number per column"


@dataclass(frozen=True)
class Taken:
    """One of the several arrays that a network takes.

    `shape` is that of a batch, with None where any size fits, and None where the network does not say it.
    `dtype` is numpy's name, or "text", and empty where the network does not say it.
    """

    name: str
    shape: tuple[int | None, ...] | None
    dtype: str


@dataclass(frozen=True)
class Traits:
    """What a network says of itself; what it does not say is None or empty.

    `shape` is that of a batch, with None where any size fits. `dtype` is numpy's name, or "text". `names` are
    the columns it was made with, `takes` is "images", "columns" or "text". `inputs` are the arrays that it
    takes, where they are several, in order. `ending` is the last operation: "softmax", "sigmoid" or "logits".
    `pixel_range` is what it expects pixels between.
    """

    libraries: tuple[str, ...]
    parameter_count: int | None = None
    shape: tuple[int | None, ...] | None = None
    dtype: str = "float32"
    names: tuple[str, ...] = ()
    takes: str = ""
    inputs: tuple[Taken, ...] = ()
    ending: str = ""
    classes: tuple[str, ...] = ()
    channels_last: bool = False
    pixel_range: tuple[float, float] | None = None
    precision: str = "float32"


class Network(Protocol):
    """A model that was read from a file and can answer."""

    @property
    def traits(self) -> Traits:
        """What it says of itself."""

    def layers(self) -> Sequence[str]:
        """Return the names of the layers whose output can be an embedding."""

    def leaves(self) -> Sequence[str]:
        """Return the layers that hold no others, in the order of computation."""

    def axis(self, layer: str) -> str:
        """Return which axis after that of samples counts a layer's units, "first" or "last"; "" if unsaid."""

    def answer(self, batch: Batch, layers: Sequence[str]) -> Answered:
        """Return the outputs for a batch, and those of each of `layers`: None of one that takes no part."""

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether `error` says that a batch was too large; what can be given back is given back."""


def check_layer(layers: Sequence[str], layer: str, where: str) -> None:
    """Raise `ContractError` with the nearest names when none of a network's `layers` is called `layer`."""
    if layer and layer not in layers:
        shown = layers if len(layers) <= 30 else [*layers[:15], *layers[-15:]]
        raise ContractError(where, f'the network has no layer "{layer}"', _nearest(layer, layers, shown))


def _nearest(layer: str, layers: Sequence[str], shown: Sequence[str]) -> str:
    # The last part of a path is what a network's code and its summary call a layer.
    ends = [name for name in layers if re.split(r"[./]", name)[-1] == layer]
    near = f'did you mean "{ends[0]}"?' if ends else nearest(layer, layers).partition("  (")[0]
    # Layers are listed in the order of computation, which says more than the alphabet does.
    listed = f"({', '.join(shown)})" if layers else "(there are none)"
    return f"{near}  {listed}" if near.startswith("did you mean") else f"known: {listed}"


def count(batch: Batch) -> int:
    """Return how many samples a batch holds."""
    return len(next(iter(batch.values())) if isinstance(batch, Mapping) else batch)


def cut(batch: Batch, rows: slice) -> Batch:
    """Return some samples of a batch."""
    if isinstance(batch, Mapping):
        return {name: column[rows] for name, column in batch.items()}
    part: Array = batch[rows]
    return part


def padded(batch: Batch, size: int) -> Batch:
    """Return a batch of `size` samples, the last one repeated."""
    missing = size - count(batch)

    def fill(values: Array) -> Array:
        return np.concatenate([values, np.repeat(values[-1:], missing, axis=0)])

    if isinstance(batch, Mapping):
        return {name: fill(column) for name, column in batch.items()}
    return fill(batch)


def matrix(batch: Batch, dtype: str, where: str) -> Array:
    """Return a batch as one array of `dtype`; columns stand beside each other."""
    if not isinstance(batch, Mapping):
        return batch
    for name, column in batch.items():
        if column.dtype == object and dtype != "text":
            what = f'column "{name}" holds text and the model takes {NUMBERS}'
            raise ContractError(where, what, "leave it out of features, or encode it in the model")
    joined = np.column_stack(list(batch.values()))
    return joined if dtype == "text" else joined.astype(dtype)


def arrays(batch: Batch, inputs: Sequence[Taken], where: str) -> list[Array]:
    """Return an array for each of several inputs, in its type, from a batch that names them.

    One number or text for each sample gets the further axes that its input has. Raise `ContractError` for
    what is of another kind or shape.
    """
    if not isinstance(batch, Mapping):
        message = "a network of several inputs is given named arrays"
        raise TypeError(message)
    return [_typed(_shaped(batch[taken.name], taken, where), taken, where) for taken in inputs]


def _shaped(values: Array, taken: Taken, where: str) -> Array:
    shape = taken.shape
    if shape is None:
        return values
    if values.ndim == 1:
        values = values.reshape(-1, *[1] * (len(shape) - 1))
    sides = zip(values.shape[1:], shape[1:], strict=False)
    if len(values.shape) != len(shape) or any(wanted not in (None, side) for side, wanted in sides):
        shown = ", ".join("any" if side is None else str(side) for side in shape[1:])
        what = f'takes "{taken.name}" of shape ({shown}) for a sample, and is given {values.shape[1:]}'
        raise ContractError(where, what, "name a column of such lists, or a number for each, in features")
    return values


def _typed(values: Array, taken: Taken, where: str) -> Array:
    is_text = values.dtype == object
    if is_text != (taken.dtype == "text"):
        given, wanted = ("text", "numbers") if is_text else ("numbers", "text")
        what = f'takes "{taken.name}" as {wanted}, and is given {given}'
        raise ContractError(where, what, "name another column for it in features")
    if is_text:
        filled = ["" if value is None else value for value in values.ravel()]
        return np.array(filled, object).reshape(values.shape)
    if taken.dtype and np.dtype(taken.dtype).kind in "iu" and not np.isfinite(values).all():
        what = f'takes "{taken.name}" as whole numbers, and its column has missing values'
        raise ContractError(where, what, "leave these samples out, or fill them in the data")
    return values.astype(taken.dtype) if taken.dtype else values.copy()


def first_array(value: Any) -> Any:
    """Return the first of several outputs, that called "logits" where they have names."""
    if isinstance(value, Mapping):
        return value.get("logits", next(iter(value.values()), None))
    while isinstance(value, tuple | list):
        value = value[0] if value else None
    return value
