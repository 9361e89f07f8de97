"""Temporary folders: what a killed process left behind is removed by the next one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sitegen import temporary
from sitegen.database import Store


def test_the_folders_of_killed_processes_go_and_those_of_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    temporary.sweep.cache_clear()
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    uses = ("database", "report")
    killed, kept = ([f"sitegen-{use}-{process}-x" for use in uses] for process in (ended.pid, os.getppid()))
    foreign = ["sitegen-database-x", f"sitegen-other-{ended.pid}-x"]
    for name in (*killed, *kept, *foreign):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.duckdb").touch()
    store = Store((), 1)
    own = f"sitegen-database-{os.getpid()}-"
    left = {folder.name for folder in tmp_path.iterdir() if not folder.name.startswith(own)}
    assert left == {*kept, *foreign}
    store.close()
    assert not list(tmp_path.glob(f"{own}*"))
