"""Databases of pages: what one that was killed left behind is removed by the next."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sitegen import database
from sitegen.database import Store


def test_the_folders_of_killed_processes_go_and_those_of_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    database.sweep.cache_clear()
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    names = [f"sitegen-database-{process}-x" for process in (ended.pid, os.getppid())]
    for name in (*names, "sitegen-database-x", "sitegen-report-1-x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.duckdb").touch()
    store = Store((), 1)
    own = f"sitegen-database-{os.getpid()}-"
    left = {folder.name for folder in tmp_path.iterdir() if not folder.name.startswith(own)}
    assert left == {names[1], "sitegen-database-x", "sitegen-report-1-x"}
    store.close()
    assert not list(tmp_path.glob(f"{own}*"))
