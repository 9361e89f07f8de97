"""What runs keep of earlier data: digests, rows and numbers, no more than is of use, everywhere the same."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines import contract
from pipelines.contract import Column, Manifest, Rows, TableSpec
from pipelines.errors import ContractError
from pipelines.history import HISTORY, MOST_ENTRIES, day_of, read_history, remember

SPEC = TableSpec(
    "rows",
    "rows of a test",
    (
        Column("id", "int32", "id"),
        Column("x", "int16", "x", nullable=True),
        Column("size", "float64", nullable=True),
        Column("confidence", "float32", "confidence"),
        Column("right", "bool", "correct", nullable=True),
        Column("name", "string"),
    ),
)


def write(parent: Path, sizes: list[float | None], rights: list[bool | None]) -> Manifest:
    data = pa.table(
        {
            "id": pa.array(range(len(sizes)), pa.int32()),
            "x": pa.array([0] * len(sizes), pa.int16()),
            "size": pa.array(sizes, pa.float64()),
            "confidence": pa.array([0.5] * len(sizes), pa.float32()),
            "right": pa.array(rights, pa.bool_()),
            "name": pa.array(["<b>"] * len(sizes)),
        }
    )
    facts = Manifest("test", "test", 1, "Test", {}, {}, "0" * 64, "0" * 64)
    return contract.write_artifact(parent / "test", facts, [Rows(SPEC, data)])


def test_each_run_adds_what_the_tables_are_like(tmp_path: Path) -> None:
    first = write(tmp_path, [1, None, 2, float("nan"), float("inf")], [True, None, True, False, True])
    remember(tmp_path, [first], "2026-03-02", read_history(tmp_path))
    second = write(tmp_path, [1, 2], [True, False])
    remember(tmp_path, [second], "2026-11-26", read_history(tmp_path))
    old, new = read_history(tmp_path)["test/rows"]
    assert old == {
        "digest": first.tables[0].files[0].sha256,
        "date": "2026-03-02",
        "rows": 5,
        "numbers": [
            {"column": "right", "measure": "share", "value": 0.75},
            {"column": "confidence", "measure": "mean", "value": 0.5},
            {"column": "size", "measure": "mean", "value": 1.5},
        ],
    }
    assert (new["date"], new["rows"], new["numbers"][0]["value"]) == ("2026-11-26", 2, 0.5)


def test_the_same_data_is_one_entry_with_its_first_day(tmp_path: Path) -> None:
    manifest = write(tmp_path, [1], [True])
    remember(tmp_path, [manifest], "2026-03-02", read_history(tmp_path))
    before = (tmp_path / HISTORY).read_bytes()
    remember(tmp_path, [manifest], "2026-11-26", read_history(tmp_path))
    assert (tmp_path / HISTORY).read_bytes() == before


def test_only_the_newest_are_kept_and_nothing_of_what_is_gone(tmp_path: Path) -> None:
    kept = {"gone/rows": [{"digest": "0" * 64}]}
    for size in range(MOST_ENTRIES + 3):
        remember(tmp_path, [write(tmp_path, [float(size)], [None])], "2026-03-02", kept)
        kept = read_history(tmp_path)
    assert list(kept) == ["test/rows"]
    assert [entry["numbers"][-1]["value"] for entry in kept["test/rows"]] == [
        float(size) for size in range(3, MOST_ENTRIES + 3)
    ]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 2, "tables": {}}', '{"format": 1, "tables": [1]}']
)
def test_a_file_that_is_no_history_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / HISTORY).write_text(text)
    with pytest.raises(ContractError, match="is no history"):
        read_history(tmp_path)


def test_the_day_is_that_of_the_clock_or_of_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert day_of(1_790_000_000) == "2026-09-21"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert day_of(1_790_000_000) == "1970-01-01"


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    remember(tmp_path, [write(tmp_path, [1], [True])], "2026-03-02", {})
    assert json.loads((tmp_path / HISTORY).read_text())["format"] == 1
    assert not list(tmp_path.glob("*.tmp"))
