"""Where a finished site goes: a folder, or memory for ``serve``, ``check`` and tests.

A site is handed over whole, so nothing is ever half-written.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pipelines.contract import staged, staged_file, swap, sweep
from sitegen.config import Config
from sitegen.errors import SitegenError

MARK = ".sitegen"
"""A file that says a folder is a site, so that a build never replaces anything else."""
MARKED = b"A site; the next build replaces this folder.\n"
"""What that file holds."""

File = bytes | Path
"""Content of a file of the site: bytes, or a file to be copied."""


class Output(Protocol):
    """Takes finished sites."""

    def publish(self, files: Mapping[str, File]) -> None:
        """Replace the site by ``files``, keyed by URL, at once or not at all."""


class Memory:
    """Keeps the last site published."""

    def __init__(self) -> None:
        self.files: Mapping[str, File] = {}

    def publish(self, files: Mapping[str, File]) -> None:
        """Replace the site in one assignment."""
        self.files = dict(files)

    def read(self, url: str) -> bytes | None:
        """Return the bytes at ``url``; None when the site has no such file."""
        found = self.files.get(url)
        return found.read_bytes() if isinstance(found, Path) else found


class Disk:
    """Writes beside the folder, then exchanges the two names."""

    def __init__(self, folder: Path, call: str = "sitegen build --output FOLDER") -> None:
        self._folder = folder
        self._call = call
        """How the folder is named, for whoever named a wrong one."""

    def publish(self, files: Mapping[str, File]) -> None:
        """Replace the folder; raises when it holds something that is no site."""
        with replacing(self._folder, MARK, self._call) as new:
            _write(new, files)


@contextmanager
def replacing(folder: Path, mark: str, call: str) -> Iterator[Path]:
    """Give a new folder to be filled; at the end it takes the place of ``folder``, at once or not at all.

    Raises when the old one holds something and no file ``mark``: ``call`` did not write it.
    """
    _refuse_foreign(folder, mark, call)
    with beside(folder) as new:
        yield new
        swap(new, folder)


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give a new folder beside ``target``, removed at the end, after removing what killed processes left."""
    parent = target.parent
    parent.mkdir(parents=True, exist_ok=True)
    with alone(parent):
        sweep(parent)
        with staged(target) as new:
            yield new


def _refuse_foreign(folder: Path, mark: str, call: str) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not (folder / mark).is_file():
        hint = f"name an empty or new folder: {call}"
        raise SitegenError(str(folder), "the folder holds something that sitegen did not write", hint)
    if folder.exists() and not folder.is_dir():
        raise SitegenError(str(folder), "is a file, not a folder")


def refuse_inside(config: Config, target: Path, call: str, *, is_site: bool = True) -> None:
    """Raise where what ``call`` writes would become part of the report, or go with its next build.

    What ``is_site`` may take the place of the report's own site.
    """
    place = target.resolve()
    for folder in (config.content, config.artifacts, config.snippets):
        if place.is_relative_to(folder.resolve()):
            what = f"is inside of {folder.name}, which the report is made from"
            raise SitegenError(str(target), what, f"name a folder beside it: {call}")
    if config.output.resolve() in (place.parents if is_site else (place, *place.parents)):
        what = f"is inside of {config.output.name}, which the next build replaces"
        raise SitegenError(str(target), what, f"name a folder beside it: {call}")


def foreign(names: Collection[str]) -> str:
    """Return the first names of a place that holds something but no site; empty of a site, or of nothing."""
    if not names or MARK in names:
        return ""
    return ", ".join(sorted(names)[:3]) + (", …" if len(names) > 3 else "")


def write_file(target: Path, content: bytes) -> None:
    """Write one file beside its name and rename it, so that a reader sees the old one or the new one."""
    with staged_file(target) as new:
        new.write_bytes(content)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process holds ``folder``, and hold it; the lock goes with the process."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(folder: Path, files: Mapping[str, File]) -> None:
    for url, content in sorted({**files, MARK: MARKED}.items()):
        target = folder / url
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, target)
        else:
            target.write_bytes(content)
