"""Writes a corrected dataset beside the old one: each sample that is kept, as its source has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines.contract import staged_file
from pipelines.datasets import Dataset
from pipelines.errors import ContractError
from pipelines.sources.source import Contents

GROUP_BYTES = 32_000_000  # of encoded images in a row group: what is in memory at a time
GROUP_ROWS = 100_000
MOST_FILES = 10_000
_FREE = ("image", "image_bytes", "image_png", "corrected_image")
"""Names for images that have none in their source, such as those of `digits`."""


@dataclass(frozen=True)
class Corrected:
    """A dataset with other labels, one a row; `kept` says which stay, `order` the source's columns."""

    dataset: Dataset
    labels: pa.Array
    kept: NDArray[np.bool_]
    order: tuple[str, ...]

    @property
    def image_column(self) -> str | None:
        """The name that images have among the columns; None where there are none."""
        names = self.dataset.rows.column_names
        if self.dataset.images is None:
            return None
        return self.dataset.image_column or next(name for name in _FREE if name not in names)

    @property
    def roles(self) -> dict[str, str]:
        """Which column is what, that of the images too."""
        images = {} if self.image_column is None else {"image": self.image_column}
        return {**self.dataset.roles, **images}

    def tables(self) -> Iterator[pa.Table]:
        """Yield the samples that stay, images as the source encodes them, a row group at a time."""
        name = self.dataset.roles["label"]
        place = self.dataset.rows.column_names.index(name)
        rows = self.dataset.rows.set_column(place, name, self.labels)
        for start, images in self._groups():
            count = GROUP_ROWS if images is None else len(images)
            part = rows.slice(start, count)
            if images is not None:
                part = part.append_column(cast(str, self.image_column), pa.array(images, pa.binary()))
            yield part.select(self._ordered(part)).filter(pa.array(self.kept[start : start + count]))

    def _ordered(self, part: pa.Table) -> list[str]:
        """Return the columns in the order of the source, ids that were numbered before them."""
        places = {name: place for place, name in enumerate(self.order)}
        return sorted(part.column_names, key=lambda name: places.get(name, -1))

    def _groups(self) -> Iterator[tuple[int, list[bytes] | None]]:
        """Yield where each row group begins, and its images where there are such."""
        count, start, held = self.dataset.rows.num_rows, 0, list[bytes]()
        if self.dataset.images is None:
            yield from ((start, None) for start in range(0, max(count, 1), GROUP_ROWS))
            return
        for batch in self.dataset.images.originals():
            held += batch
            if sum(map(len, held)) >= GROUP_BYTES or start + len(held) == count:
                yield start, held
                start, held = start + len(held), []


def of_source(dataset: Dataset, contents: Contents) -> Dataset:
    """Return a dataset without what reading added to its source's columns, but for the samples' ids."""
    made = [name for name in dataset.rows.column_names if name not in contents.schema.names]
    made = [name for name in made if name != dataset.roles["id"]]
    roles = {role: name for role, name in dataset.roles.items() if name not in made}
    return replace(dataset, rows=dataset.rows.drop_columns(made), roles=roles)


def write(corrected: Corrected, folder: Path) -> tuple[Path, str]:
    """Write `NAME-corrected.parquet`, or find the one that holds the very same.

    Return the file, and what tells it from earlier ones: "", "-2", "-3", ….
    """
    with _written(corrected, folder) as beside:
        for number in range(1, MOST_FILES):
            suffix = "" if number == 1 else f"-{number}"
            file = folder / f"{corrected.dataset.name}-corrected{suffix}.parquet"
            if not file.exists():
                beside.replace(file)
                return file, suffix
            if _holds_the_same(file, beside):
                return file, suffix
    raise ContractError(str(folder), f"holds {MOST_FILES:,} corrected datasets", "remove some")


def write_table(table: pa.Table, file: Path) -> None:
    """Write a table, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with staged_file(file) as new:
        pq.write_table(table, new, compression="zstd")


@contextmanager
def _written(corrected: Corrected, folder: Path) -> Iterator[Path]:
    """Write a corrected dataset into a file that is gone afterwards, unless it was renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{corrected.dataset.name}-corrected.tmp"
    tables = corrected.tables()
    first = next(tables)
    try:
        with pq.ParquetWriter(beside, first.schema, compression="zstd") as file:
            file.write_table(first)
            for table in tables:
                file.write_table(table)
        yield beside
    finally:
        beside.unlink(missing_ok=True)


def _holds_the_same(one: Path, other: Path) -> bool:
    with pq.ParquetFile(one) as first, pq.ParquetFile(other) as second:
        if not first.schema_arrow.equals(second.schema_arrow):
            return False
        # Row by row rather than by the files' bytes, which differ from one release of a library to the next.
        batches = zip_longest(first.iter_batches(1000), second.iter_batches(1000))
        return all(left is not None and right is not None and left.equals(right) for left, right in batches)
