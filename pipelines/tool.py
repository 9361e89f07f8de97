"""What a tool's `compute` is given and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from pipelines.contract import Rows, Sheet
from pipelines.datasets import Dataset
from pipelines.models import Model
from pipelines.progress import Steps


@dataclass(frozen=True)
class Job:
    """One run: what the tool reads, its settings, and where to say how far it is.

    `tables` are other tools' tables, by the name after the slash in the spec (`embeddings`); `device` is a
    torch device's name that exists here.
    """

    name: str
    dataset: Dataset | None
    model: Model | None
    tables: Mapping[str, pa.Table]
    parameters: Mapping[str, Any]
    device: str
    steps: Steps


@dataclass(frozen=True)
class Output:
    """What a run made: tables, sprite sheets, and the class names in the order of probabilities."""

    tables: tuple[Rows, ...]
    sheets: tuple[Sheet, ...] = ()
    classes: tuple[str, ...] = ()
    libraries: tuple[str, ...] = field(default=("numpy", "pyarrow"))
