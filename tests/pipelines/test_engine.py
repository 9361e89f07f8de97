"""Batches: in order, all of them, and never more in memory than one needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.contract import ContractError
from pipelines.engine import map_batches


def parts(folder: Path, count: int, rows: int) -> list[Path]:
    paths = [folder / f"part-{index}.parquet" for index in range(count)]
    for index, path in enumerate(paths):
        pq.write_table(pa.table({"n": np.arange(rows) + index * rows, "other": np.zeros(rows)}), path)
    return paths


@pytest.mark.parametrize("size", [1, 7, 100])
def test_sees_every_row_once_and_in_order(tmp_path: Path, size: int) -> None:
    files = parts(tmp_path, 3, 20)
    table = pa.concat_tables(pq.read_table(path) for path in files)
    for source in (files, table, table.to_batches()):
        batches = list(map_batches(lambda batch: batch["n"].to_pylist(), source, size, columns=["n"]))
        assert [value for batch in batches for value in batch] == list(range(60))
        assert max(map(len, batches)) <= size


def test_tells_progress_with_the_total_when_it_is_known(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    files = parts(tmp_path, 2, 10)
    list(map_batches(len, files, 5, progress=lambda done, total: seen.append((done, total))))
    assert seen == [(5, 20), (10, 20), (15, 20), (20, 20)]
    seen.clear()
    batches = iter(pq.read_table(files[0]).to_batches())
    list(map_batches(len, batches, 5, progress=lambda done, total: seen.append((done, total))))
    assert seen == [(5, None), (10, None)]


def test_is_lazy(tmp_path: Path) -> None:
    files = [*parts(tmp_path, 1, 10), tmp_path / "part-0.parquet"]
    calls: list[int] = []
    batches = map_batches(lambda batch: calls.append(len(batch)), files, 5)
    assert calls == []
    next(batches)
    assert calls == [5]


def test_holds_a_small_part_of_what_it_reads(tmp_path: Path) -> None:
    path = tmp_path / "large.parquet"
    random = np.random.default_rng(0)
    schema = pa.schema({"content": pa.binary()})
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
        for _ in range(16):
            writer.write_table(pa.table({"content": [random.bytes(20_000) for _ in range(200)]}, schema))
    size = path.stat().st_size
    assert size > 60_000_000
    before, peak, read = pa.total_allocated_bytes(), 0, 0
    for length in map_batches(lambda batch: batch["content"].nbytes, [path], 20):
        peak = max(peak, pa.total_allocated_bytes() - before)
        read += length
    assert read > 60_000_000
    assert peak < size / 5


def test_names_a_part_that_is_cut_short_or_foreign_or_missing(tmp_path: Path) -> None:
    good, cut, foreign = (*parts(tmp_path, 2, 5000), tmp_path / "foreign.parquet")
    cut.write_bytes(cut.read_bytes()[:-100])
    foreign.write_text("id,label\n")
    for path in (cut, foreign):
        with pytest.raises(ContractError, match="is not readable Parquet") as caught:
            list(map_batches(len, [good, path], 100))
        assert caught.value.where == str(path)
    with pytest.raises(ContractError, match="is missing"):
        list(map_batches(len, [tmp_path / "none.parquet"], 100))


def test_refuses_a_batch_of_nothing() -> None:
    with pytest.raises(ValueError, match="at least 1 is needed"):
        next(map_batches(len, pa.table({"n": [1]}), 0))
