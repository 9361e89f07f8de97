"""Running a function over more rows than fit in memory, batch by batch and in order, on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import ContractError

Result = TypeVar("Result")
Source: TypeAlias = pa.Table | Sequence[Path] | Iterable[pa.RecordBatch]


def map_batches(
    function: Callable[[pa.RecordBatch], Result],
    source: Source,
    batch_size: int,
    *,
    columns: Sequence[str] | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Iterator[Result]:
    """Yield `function` of each batch of at most `batch_size` rows, in the order of the source.

    `source` is a table, the Parquet parts of one, or batches. One batch is in memory at a time, as long as
    the caller keeps no result. `progress` is told the rows done and all rows (None when nobody knows) after
    each batch. Raise `ContractError` when a part is not readable Parquet.
    """
    if batch_size < 1:
        message = f"batch_size is {batch_size}, at least 1 is needed"
        raise ValueError(message)
    total, done = count_rows(source), 0
    for batch in _batches(source, batch_size, columns):
        yield function(batch)
        done += batch.num_rows
        if progress:
            progress(done, total)


def count_rows(source: Any) -> int | None:
    """Return how many rows the source has, reading no row; None when that cannot be known."""
    if isinstance(source, pa.Table):
        return int(source.num_rows)
    if not isinstance(source, Sequence) or not all(isinstance(part, Path) for part in source):
        return None
    total = 0
    for path in source:
        with readable(path, "Parquet"), pq.ParquetFile(path) as file:
            total += file.metadata.num_rows
    return total


def _batches(source: Any, size: int, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    if isinstance(source, pa.Table):
        yield from (source.select(columns) if columns else source).to_batches(max_chunksize=size)
        return
    for item in source:
        if isinstance(item, Path):
            yield from _read(item, size, columns)
            continue
        batch = item.select(columns) if columns else item
        yield from (batch.slice(start, size) for start in range(0, batch.num_rows, size))


def _read(path: Path, size: int, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    # A read buffer and no pre-buffering: pages are read as they are needed, so that a part written as one row
    # group is not held whole.
    with readable(path, "Parquet"):
        file = pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
    with file:
        batches = file.iter_batches(size, columns=columns, use_threads=False)
        while True:
            with readable(path, "Parquet"):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch


@contextmanager
def readable(path: Path, kind: str) -> Iterator[None]:
    """Turn pyarrow's errors while reading `path` into a `ContractError` that names the file and kind."""
    try:
        yield
    except FileNotFoundError as error:
        raise ContractError(str(path), "is missing") from error
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        hint = f"it may be cut short, or no {kind} file at all"
        raise ContractError(str(path), f"is not readable {kind}: {reason}", hint) from error
