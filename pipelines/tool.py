"""What a tool's `compute` is given and what it gives back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.contract import Column, Rows, Sheet
from pipelines.datasets import Dataset
from pipelines.errors import ContractError
from pipelines.models import Model
from pipelines.progress import Steps


@dataclass(frozen=True)
class Job:
    """One run: what the tool reads, its settings, and where to say how far it is.

    `tables` are other tools' tables, by the name after the slash in the spec (`embeddings`), and `columns`
    say what is in them; `device` is a torch device's name that exists here. `unfinished` is a folder for what
    takes long: it is there again when a run with the same inputs was cut off, and goes once one is whole.
    """

    name: str
    dataset: Dataset | None
    model: Model | None
    tables: Mapping[str, pa.Table]
    parameters: Mapping[str, Any]
    device: str
    steps: Steps
    columns: Mapping[str, Sequence[Column]] = field(default_factory=dict)
    unfinished: Path | None = None

    def column(self, table: str, role: str, *, optional: bool = False) -> str:
        """Return the name of the column of another tool's table that plays a role.

        Where none does, return "" if it is `optional`, and raise `ContractError` if not.
        """
        for column in self.columns[table]:
            if column.role == role:
                return column.name
        if optional:
            return ""
        raise ContractError(self.name, f'table "{table}" has no column of role {role}')


@dataclass(frozen=True)
class Output:
    """What a run made: tables, sprite sheets, and the class names in the order of probabilities.

    `skipped` are the rows of the dataset that could not be read, `notes` what was read of it in another way
    than it may seem; `model` is what was learned of the model, and stands among its parameters in the
    manifest.
    """

    tables: tuple[Rows, ...]
    sheets: tuple[Sheet, ...] = ()
    classes: tuple[str, ...] = ()
    libraries: tuple[str, ...] = field(default=("numpy", "pyarrow"))
    skipped: int = 0
    model: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def sprite_sheets(job: Job) -> tuple[tuple[Sheet, ...], dict[str, pa.Array]]:
    """Return the sheets of the dataset's images, and the columns sheet, x and y; nothing without any."""
    if job.dataset is None or job.dataset.images is None:
        return (), {}
    from pipelines import sprites

    count = job.dataset.rows.num_rows
    with job.steps.step("sprites", count) as advance:
        packed = sprites.pack(job.dataset.images, count, advance)
    places = {"sheet": packed.sheet, "x": packed.x, "y": packed.y}
    return packed.sheets, {name: pa.array(values) for name, values in places.items()}


def check_free(dataset: Dataset, own: Iterable[str], theirs: Iterable[str], tool: str) -> None:
    """Refuse a dataset whose columns have the names of those that the tool itself writes."""
    problems = [
        ContractError(
            f"datasets.{dataset.name}",
            f'column "{name}" has the name of one that {tool} writes',
            "leave it out with this dataset's columns = […]",
        )
        for name in sorted(set(own) & set(theirs))
    ]
    if problems:
        raise ContractError.together(problems)
