"""Peers in Python, each installed into an environment of its own, so that none of theirs is one of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


class NotInstalledError(Exception):
    """A peer that pip could not install; says what pip said last."""


def programs(folder: Path, name: str, *packages: str) -> Path:
    """Return the folder of a peer's programs, installed at the first call and when what is asked for changed.

    ``packages`` is what follows ``pip install``.
    """
    environment = folder / f"environment-{name}"
    asked, there = "\n".join(packages), environment / "asked.txt"
    if not there.is_file() or there.read_text() != asked:
        _run([sys.executable, "-m", "venv", "--clear", str(environment)])
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
        _run([*pip, *packages])
        there.write_text(asked)
    return environment / "bin"


def pinned(file: Path) -> list[str]:
    """Return what a file of pins asks of pip: these packages, and none that they name."""
    lines = file.read_text().splitlines()
    return ["--no-deps", *(line for line in lines if line and not line.startswith("#"))]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NotInstalledError(said[-1] if said else f"{' '.join(command[:5])} failed")
