"""What sitegen brings along: its themes, the demo report and the starters of new ones.

A clone has the first two beside the package, an installation within it.
"""

from __future__ import annotations

from pathlib import Path

_WITHIN = Path(__file__).parent / "bundled"
_CLONE = Path(__file__).parent.parent

THEMES = (_WITHIN if _WITHIN.is_dir() else _CLONE) / "themes"
"""Folder of the themes, one folder each."""
DEMO = _WITHIN / "demo" if _WITHIN.is_dir() else _CLONE
"""Folder of the demo report: its ``sitegen.toml`` and ``content/``."""
STARTERS = {
    "blank": "a page to write, and a table of the data where there is some",
    "classification": "where a classifier fails, what it is unsure of, and a data card",
    "audit": "the same, then a page each for summary, duplicates, familiarity, confusion, map and groups",
}
"""What ``sitegen init --template`` offers: each is a folder of ``starting/``."""
