"""Looks at a model's file before any library does: whether it is there, whole, and not a trap."""

from __future__ import annotations

import difflib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import ContractError
from pipelines.models.model import Model
from pipelines.models.settings import FILES, Kind

LARGEST_RATIO = 100  # an archive may unpack to so many times its size: weights shrink far less
UNPACKED = 64 << 20  # bytes below which nobody asks
_ZIP = b"PK\x03\x04"
TRUST = "if you know where it comes from, run again with --trust: then code in it may run"


def present(model: Model) -> Path:
    """Return the model's file; raise `ContractError` when there is none, with those that are there."""
    path = model.path
    if path.is_file():
        return path
    if path.is_dir():
        raise ContractError(model.where, f'source "{model.settings.source}" is a folder, not a file')
    folder = path.parent
    there = sorted(item.name for item in folder.iterdir() if item.suffix in FILES) if folder.is_dir() else []
    close = difflib.get_close_matches(path.name, there, n=1)
    hint = f'did you mean "{close[0]}"?' if close else f"model files there: {', '.join(there[:10]) or 'none'}"
    raise ContractError(model.where, f'source "{model.settings.source}" is not there', hint)


def checked(model: Model, kind: Kind) -> Path:
    """Return the model's file when a library may open it.

    Raise `ContractError` when it is empty, cut short, unpacks to far more than its size, or is of a kind
    that runs code while it is read and the run does not trust it.
    """
    path = present(model)
    if kind.runs_code and not model.is_trusted:
        if path.suffix.lower() == ".py":
            raise ContractError(str(path), "is Python code, which runs when it is read", TRUST)
        hint = f"save it with skops.io.dump as .skops instead; {TRUST}"
        raise ContractError(str(path), "is a pickle, which runs code while it is read", hint)
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise ContractError(str(path), "is empty", f"a {path.suffix} file is {kind.name}")
    if kind.archive == "yes" or (kind.archive == "maybe" and start == _ZIP):
        _check_archive(path, kind)
    return path


def _check_archive(path: Path, kind: Kind) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        hint = f"it may be cut short, or something else under the name {path.suffix}"
        raise ContractError(str(path), f"is not {kind.name}: no zip archive", hint) from error
    size = path.stat().st_size
    if unpacked > max(UNPACKED, LARGEST_RATIO * size):
        what = f"has {size:,} bytes and would unpack to {unpacked:,}: it is not opened"
        raise ContractError(str(path), what, "weights do not shrink like that; save the model again")


@contextmanager
def readable(path: Path, kind: str) -> Iterator[None]:
    """Turn whatever a library raises while it reads `path` into a `ContractError`.

    Libraries raise nearly every class for a damaged file, so that none can be left out.
    """
    try:
        yield
    except (ContractError, ModuleNotFoundError):
        raise
    except Exception as error:
        hint = f"it may be cut short, or something else under the name {path.suffix}"
        raise ContractError(str(path), f"is not readable as {kind}: {brief_reason(error)}", hint) from error


def brief_reason(error: BaseException) -> str:
    """Return the class and message of a library's error on one line, at most 300 characters."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
