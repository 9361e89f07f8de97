"""The same rows as a page of Symphony and of Embedding Atlas: what each exports to be served as files."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.bench.environments import pinned, programs

HERE = Path(__file__).parent / "peers"


class NotExportedError(Exception):
    """A peer whose own command failed; says what it said last."""


def write_symphony(folder: Path, rows: Path, to: Path) -> None:
    """Export the rows of a Parquet file as Symphony's standalone page."""
    bin_ = programs(folder, "symphony", *pinned(HERE / "symphony.txt"))
    _export([str(bin_ / "python"), str(HERE / "symphony_export.py"), str(rows), str(to)], folder, to)


def write_atlas(folder: Path, rows: Path, to: Path) -> None:
    """Export the rows of a Parquet file as Embedding Atlas's application, at the places that they have."""
    bin_ = programs(folder, "embedding-atlas", *pinned(HERE / "embedding-atlas.txt"))
    places = ["--x", "x", "--y", "y", "--disable-projection"]
    _export([str(bin_ / "embedding-atlas"), str(rows), *places, "--export-application", str(to)], folder, to)


EXPORTS: dict[str, Callable[[Path, Path, Path], None]] = {
    "symphony": write_symphony,
    "atlas": write_atlas,
}


def _export(command: list[str], folder: Path, to: Path) -> None:
    """Run a peer's command; what it caches stays in the benchmark's folder."""
    shutil.rmtree(to, ignore_errors=True)
    environment = {**os.environ, "XDG_CACHE_HOME": str((folder / "cache").resolve())}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotExportedError((done.stderr.splitlines() or ["it said nothing"])[-1])
