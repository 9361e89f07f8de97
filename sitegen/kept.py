"""Keeps drawings between builds, in the user's cache, by the digest of all that a drawing depends on.

So nothing kept is ever out of date, and nothing has to be invalidated: what nobody asks for goes by its age,
and what is too much for the disk by its last use.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from pipelines.contract import staged_file

OLDEST = 30 * 24 * 3600
"""Seconds since its last use after which a drawing goes."""
DAY = 24 * 3600
"""Seconds after a sweep before the next one is worth its while: each looks at every drawing."""
STAMP = "swept"
"""Empty file of the folder, as old as the last sweep."""
MOST_BYTES = 1 << 30
"""Bytes of all drawings above which those used longest ago go."""
ENGINES = ("duckdb", "mini-racer")
"""Packages that drawings are made with, beside this one."""


class Drawings:
    """Drawings by the digest of their inputs; what cannot be read or written is drawn, as without a cache."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, name: str) -> str | None:
        """Return the drawing kept under a digest, and note that it was used; None where there is none."""
        file = self._file(name)
        try:
            found, _, check = file.read_bytes().rpartition(b"\n")
        except OSError:
            return None
        if check != _checked(found):
            return None
        with suppress(OSError):  # a cache that may be read only
            os.utime(file)
        return found.decode("utf-8")

    def keep(self, name: str, drawing: str) -> None:
        """Keep a drawing; two builds at once see whole ones only."""
        file = self._file(name)
        content = drawing.encode("utf-8")
        with suppress(OSError):  # a full disk, or a folder that nobody may write into
            file.parent.mkdir(parents=True, exist_ok=True)
            with staged_file(file) as new:
                new.write_bytes(content + b"\n" + _checked(content))

    def sweep_daily(self) -> None:
        """Sweep, unless that was done within a day."""
        stamp = self._folder / STAMP
        with suppress(OSError):  # nothing was swept yet
            if 0 <= time.time() - stamp.stat().st_mtime < DAY:  # below 0 a clock was set back
                return
        with suppress(OSError):  # no drawing is kept yet, or the folder is read only
            stamp.touch()  # before the sweep, so that of two builds at once one alone sweeps
        self.sweep()

    def sweep(self) -> None:
        """Remove what nobody used for a month or a killed build left, then the oldest of what is too much."""
        oldest, found = time.time() - OLDEST, sorted(self._used())
        excess = sum(size for _, size, _ in found) - MOST_BYTES
        for used, size, file in found:
            if used >= oldest and excess <= 0:
                return
            with suppress(OSError):  # another build removes it, too
                file.unlink()
            excess -= size

    def _used(self) -> Iterator[tuple[float, int, Path]]:
        """Yield when each file was used, its size, and the file; nothing of a folder that cannot be read."""
        with suppress(OSError):
            for file in self._folder.glob("*/*"):
                with suppress(OSError):
                    said = file.stat()
                    yield said.st_mtime, said.st_size, file

    def _file(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name[2:]}.html"


def user_drawings() -> Drawings:
    """Return the drawings of this user and this version of sitegen."""
    from platformdirs import user_cache_path  # a build that keeps nothing never waits for it

    return Drawings(user_cache_path("sitegen") / "drawings")


def digest(*inputs: object) -> str:
    """Return one digest of inputs, which say all that they hold by `repr`, and of the programs that draw."""
    text = "\0".join(map(repr, (_programs(), *inputs)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _programs() -> list[str]:
    """Return the versions of the engines, and the digest of this package: it may be a working copy."""
    from importlib.metadata import version  # loads much, and a report of text alone draws nothing

    files = sorted(Path(__file__).parent.glob("*.py"))
    code = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
    return [*map(version, ENGINES), code]


def _checked(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
