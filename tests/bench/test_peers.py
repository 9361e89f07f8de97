"""A peer that is not there is said to be missing, and is never left out in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.bench_reports import COLUMNS, compared
from tests.bench.environments import NotInstalledError, pinned, programs
from tests.bench.subjects import SUBJECTS
from tests.bench.visits import Visit

FAST = Visit(100, 200, 300, 10.0, [5.0, 7.0, 6.0])
SLOW = Visit(200, 300, 400, 20.0, [50.0, 70.0, 60.0])


def visits(**changed: list[Visit]) -> dict[str, list[Visit]]:
    """Return visits in which ours is ahead, but for those given."""
    return {name: [FAST if name.endswith("ours") else SLOW] for name in SUBJECTS} | changed


def test_being_ahead_in_every_column_is_kept() -> None:
    assert compared(visits(), {}).kept


@pytest.mark.parametrize("column", range(len(COLUMNS)))
def test_being_behind_in_one_column_is_not_kept(column: int) -> None:
    ahead = [200, 300, 400, 20.0, [60.0]]
    ahead[column] = [4.0] if column == 4 else 1
    report = compared(visits(atlas=[Visit(*ahead)]), {})  # type: ignore[arg-type]
    failed = [verdict.what for verdict in report.verdicts if not verdict.kept]
    assert failed == [f"ours of Embedding Atlas 0.26.0's, {COLUMNS[column]}"]


def test_a_missing_peer_is_named_with_the_reason_and_not_kept() -> None:
    report = compared(visits(symphony=[]), {"symphony": "no such package"})
    assert not report.kept
    assert "Symphony 1.0.1 was not measured: no such package" in str(report)
    assert [row[1] for row in report.rows if row[0] == "Symphony 1.0.1"] == ["-"]
    assert len(report.verdicts) == 2 * len(COLUMNS)


def test_a_package_that_cannot_be_installed_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotInstalledError, match="No matching distribution found for no-such-peer==1"):
        programs(tmp_path, "nothing", "--no-index", "no-such-peer==1")


@pytest.mark.parametrize("peer", ["symphony", "embedding-atlas"])
def test_every_package_of_a_peer_is_pinned(peer: str) -> None:
    option, *packages = pinned(Path(__file__).parent / "peers" / f"{peer}.txt")
    assert option == "--no-deps"
    assert all(package.count("==") == 1 for package in packages)
