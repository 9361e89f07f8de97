"""Makes new reports: the demo, or one to write."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.contract import staged, swap
from sitegen.bundled import DEMO
from sitegen.config import FILE
from sitegen.errors import SitegenError


def start_demo(folder: Path) -> None:
    """Write the demo report into ``folder``; leaves it alone when it is there already.

    Raises when the folder holds something else. Nothing is half-written: it is made beside and renamed.
    """
    file = folder / FILE
    if file.is_file() and file.read_bytes() == (DEMO / FILE).read_bytes():
        return
    refuse_full(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with staged(folder) as new:
        shutil.copyfile(DEMO / FILE, new / FILE)
        shutil.copytree(DEMO / "content", new / "content")
        swap(new, folder)


def refuse_full(folder: Path) -> None:
    """Raise when ``folder`` is a file, or a folder with something in it."""
    if folder.exists() and not folder.is_dir():
        raise SitegenError(str(folder), "is a file, not a folder", "name a new folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise SitegenError(str(folder), "the folder is not empty", "name a new or an empty folder")
