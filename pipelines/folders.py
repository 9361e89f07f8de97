"""Replacing folders and files whole: readers find the old or the new; a kill at any moment loses neither."""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import shutil
import sys
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.errors import ContractError


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Give a new folder beside `target`, `.<name>.<random>.tmp`; what is left of it at the end is removed."""
    new = _new(target)
    new.mkdir()
    try:
        yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)


@contextmanager
def staged_file(target: Path) -> Iterator[Path]:
    """Give the name of a new file beside `target`, which takes its place unless an error ends this."""
    new = _new(target)
    try:
        yield new
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def _new(target: Path) -> Path:
    return target.parent / f".{target.name}.{secrets.token_hex(4)}.tmp"


@contextmanager
def exclusive(parent: Path) -> Iterator[None]:
    """Hold the folder's lock, so that this process alone writes in it; raise `ContractError` if another one
    does.

    The system lets go of the lock when the process ends, however it ends.
    """
    import fcntl

    parent.mkdir(parents=True, exist_ok=True)
    with (parent / ".lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            what = f"process {lock.read().strip() or 'unknown'} is writing here"
            raise ContractError(str(parent), what, "wait until it has ended") from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def swap(new: Path, target: Path) -> None:
    """Put the folder `new` in the place of `target`, which may not exist, and remove the old folder.

    The kernel exchanges the two names in one step. Where it cannot, the old folder is first renamed to
    `.<name>.old`, and `recover` puts it back if the process is killed before the second rename.
    """
    recover(target)
    if not target.exists():
        new.rename(target)
    elif _exchange(new, target):
        shutil.rmtree(new)
    else:
        old = _old(target)
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
        new.rename(target)
        shutil.rmtree(old)


def recover(target: Path) -> None:
    """Put back the old folder if a run was killed between the two renames of `swap`; otherwise do nothing."""
    old = _old(target)
    if old.is_dir() and not target.exists():
        old.rename(target)


def sweep(parent: Path) -> None:
    """Remove what killed runs left in `parent`. Only a process that holds the folder's lock may call this."""
    for old in parent.glob(".*.old"):
        recover(parent / old.name[1 : -len(".old")])
    for left in (*parent.glob(".*.old"), *parent.glob(".*.tmp")):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


def _old(target: Path) -> Path:
    return target.parent / f".{target.name}.old"


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two names atomically; return False where the system or the file system cannot."""
    library = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    paths = (os.fsencode(first.absolute()), os.fsencode(second.absolute()))
    here, exchange = -100, 2  # AT_FDCWD; RENAME_EXCHANGE on Linux and RENAME_SWAP on macOS are both 2
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        failed = typing.cast(Any, library).renameat2(here, paths[0], here, paths[1], exchange)
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = typing.cast(Any, library).renamex_np(*paths, exchange)
    else:
        return False
    code = ctypes.get_errno() if failed else 0
    if code and code not in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        raise OSError(code, os.strerror(code), str(second))
    return not failed
