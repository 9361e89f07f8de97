"""Memory of databases: each has its share of what the process may use, and works on where that is little."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sitegen import limits, parallel
from sitegen.answers import MEMORY
from sitegen.database import Database, Store

GIGABYTE = 1 << 30


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine of ten gigabytes."""
    monkeypatch.setattr(limits, "memory", lambda: 10 * GIGABYTE)
    return


def limit_of(connection: Any) -> int:
    """Return the bytes that a database may take, in whole mebibytes, as DuckDB says it."""
    (said,) = connection.execute("SELECT current_setting('memory_limit')").fetchone()
    number, unit = said.split(" ")
    return round(float(number) * {"MiB": 1 << 20, "GiB": 1 << 30}[unit])


def test_databases_at_once_share_the_memory(machine: None) -> None:
    alone, *others = [Database([], databases) for databases in (1, 4, 8)]
    shares = [limit_of(each._store.connection) for each in (alone, *others)]
    assert shares == pytest.approx([8 * GIGABYTE, 2 * GIGABYTE, GIGABYTE], rel=0.01)
    for each in (alone, *others):
        each.close()


def test_a_statement_of_a_page_has_a_bound_of_its_own(machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.memory_limit(1, MEMORY) == "memory_limit = '2048MiB'"
    monkeypatch.setattr(limits, "memory", lambda: GIGABYTE)
    assert limits.memory_limit(1, MEMORY) == "memory_limit = '819MiB'"
    assert limits.memory_limit(1000) == "memory_limit = '64MiB'"


def test_what_does_not_fit_into_a_share_goes_to_disk_and_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "memory", lambda: 80 << 20)
    store = Store([], 1, "threads = 1")
    folder, rows = Path(store._folder.name), 1_500_000
    # The sorted texts take more than a hundred megabytes, and a database has at least 64.
    numbers = f"SELECT repeat(md5(i::VARCHAR), 2) AS digest FROM range({rows}) t(i) ORDER BY digest"
    query = f"SELECT count(*), max(length(digest)) FROM ({numbers})"
    found = store.connection.execute(query).fetchone()
    assert found == (rows, 64)
    store.close()
    assert not folder.exists()


def test_the_memory_is_that_of_the_machine_or_less_in_a_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = (tmp_path / "memory.max", tmp_path / "limit")
    monkeypatch.setattr(parallel, "_GROUPS", files)
    whole = parallel.memory()
    assert whole > 64 << 20
    for text, expected in (("max\n", whole), ("123456789\n", 123_456_789), ("9223372036854771712", whole)):
        files[0].write_text(text)
        assert parallel.memory() == expected
    monkeypatch.setattr(parallel.os, "sysconf_names", {})
    files[0].unlink()
    assert parallel.memory() == 4 * GIGABYTE
