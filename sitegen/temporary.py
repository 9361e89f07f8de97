"""Folders of temporary files, named after their process, so that what a killed one left can be swept."""

from __future__ import annotations

import os
import re
import shutil
from functools import cache
from pathlib import Path
from tempfile import gettempdir

_LEFT = re.compile(r"sitegen-(?:database|report)-(\d+)-")


def own_prefix(use: str) -> str:
    """Return how a folder of this process begins, after removing what killed processes left."""
    sweep()
    return f"sitegen-{use}-{os.getpid()}-"


@cache
def sweep() -> None:
    """Remove, once in this process, the folders of those that run no more."""
    if os.name != "posix":  # elsewhere a process cannot be asked after without a signal
        return
    for folder in Path(gettempdir()).glob("sitegen-*"):
        found = _LEFT.match(folder.name)
        if found and not _is_running(int(found[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)  # nothing is sent; it is only looked whether it could be
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
