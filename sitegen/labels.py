"""What a report gains when labels are corrected: sections of its settings, and a page of before and after."""

from __future__ import annotations

from pathlib import Path

from sitegen.errors import SitegenError
from sitegen.output import write_file

PAGE = Path(__file__).parent / "starting" / "correction.md"
"""The page of a correction; TOOL, DATASET and JUDGE are filled in."""


def add_settings(file: Path, sections: str) -> bool:
    """Write sections at the end of the settings; return False where there is nothing to add."""
    if not sections:
        return False
    before = file.read_text("utf-8")
    text = before.rstrip("\n") + "\n" + sections
    write_file(file, text.encode("utf-8"))
    return True


def add_page(file: Path, tool: str, dataset: str, truth: str) -> bool:
    """Write the page of a correction, unless there is one: it may have been edited."""
    if file.exists():
        return False
    if not file.parent.is_dir():
        raise SitegenError(str(file.parent), "is missing", "it holds the report's pages")
    # By the truth, where it is known, both trainings are judged alike; else by the corrected labels.
    judge = "truth" if truth else "after"
    text = PAGE.read_text("utf-8")
    text = text.replace("TOOL", tool).replace("DATASET", dataset).replace("JUDGE", judge)
    write_file(file, text.encode("utf-8"))
    return True
