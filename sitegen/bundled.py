"""What sitegen brings along: its themes and the demo report. A clone has them beside the package, an
installation within it.
"""

from __future__ import annotations

from pathlib import Path

_WITHIN = Path(__file__).parent / "bundled"
_CLONE = Path(__file__).parent.parent

THEMES = (_WITHIN if _WITHIN.is_dir() else _CLONE) / "themes"
"""Folder of the themes, one folder each."""
DEMO = _WITHIN / "demo" if _WITHIN.is_dir() else _CLONE
"""Folder of the demo report: its ``sitegen.toml`` and ``content/``."""
