"""What a model is to the tools: a name with settings, and what it answers."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.datasets import Codes
from pipelines.models.settings import ModelSettings


@dataclass(frozen=True)
class Model:
    """A model as a report names it, not yet read or trained.

    `root` is the report's folder. Only with `is_trusted` may reading the model's file run code that is in it.
    `trained` holds what tools of one run have trained, by model, dataset and device, for those after them.
    """

    name: str
    settings: ModelSettings
    root: Path = field(default_factory=Path)
    is_trusted: bool = False
    trained: dict[tuple[str, str, str], Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def where(self) -> str:
        """How messages call the model's section."""
        return f"models.{self.name}"

    @property
    def path(self) -> Path:
        """The model's file."""
        return self.root / self.settings.source


@dataclass(frozen=True)
class Answers:
    """What a model says of each sample, in the dataset's order; None for what it does not say.

    `predictions` are indices into `classes`, -1 where missing. `classes` begin with the dataset's; further
    ones are the model's own. `probabilities` is float32 of shape (samples, classes), `embeddings` float32 of
    shape (samples, dimensions), `confidence` an array of float32, null where unknown. `history` has the
    columns epoch, split, loss, accuracy, learning_rate. `split` is the split it made where the dataset has
    none. `libraries` are the distributions that computed, `facts` what was learned of the model, for the
    manifest.
    """

    predictions: Codes
    classes: tuple[str, ...]
    probabilities: NDArray[np.float32] | None = None
    embeddings: NDArray[np.float32] | None = None
    confidence: pa.Array | None = None
    history: pa.Table | None = None
    split: pa.Array | None = None
    libraries: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


Choice: TypeAlias = Callable[[Sequence[str], Sequence[str]], tuple[str, ...]]
"""Returns the layers that are wanted, of all those of a network and of those that hold no others."""
Parts: TypeAlias = Sequence[NDArray[Any] | None]
"""What each layer gives for some samples, the first axis counting them; None where it takes no part."""


@dataclass(frozen=True)
class Layer:
    """What a layer gives: the shape of one sample's, and its type.

    `axis` says which axis after that of samples counts units, "first" or "last"; "" where the framework does
    not say it.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    axis: str = ""

    def __str__(self) -> str:
        return f"{self.dtype} of shape {self.shape}"

    @property
    def bytes(self) -> int:
        """What one sample's takes."""
        return math.prod(self.shape) * self.dtype.itemsize


@dataclass(frozen=True)
class Responses:
    """What layers of a model give: `batches` yields, in the dataset's order, an array for each that is named.

    Batches are the same whichever layers are named. `layers` are those chosen, in the order of computation,
    and `left_out` says why others that were chosen are not among them. `samples` are all of the dataset's.
    With `channels_last` the last axis counts units where a layer does not say it. `libraries` are the
    distributions that computed, `facts` what was learned of the model, for the manifest.
    """

    layers: Mapping[str, Layer]
    batches: Callable[[Sequence[str]], Iterator[Parts]]
    samples: int
    left_out: Mapping[str, str] = field(default_factory=dict)
    channels_last: bool = False
    libraries: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
