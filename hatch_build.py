"""Puts into the wheel what a clone has beside the packages: the built theme and the demo report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

THEME = "themes/default"
BUNDLED = "sitegen/bundled"
INCLUDED = {
    f"{THEME}/theme.toml": f"{BUNDLED}/{THEME}/theme.toml",
    f"{THEME}/templates": f"{BUNDLED}/{THEME}/templates",
    f"{THEME}/dist": f"{BUNDLED}/{THEME}/dist",
    f"{THEME}/languages": f"{BUNDLED}/{THEME}/languages",
    "themes/paper": f"{BUNDLED}/themes/paper",
    "content": f"{BUNDLED}/demo/content",
    "charts.py": f"{BUNDLED}/demo/charts.py",
    "planted.py": f"{BUNDLED}/demo/planted.py",
    "sitegen.toml": f"{BUNDLED}/demo/sitegen.toml",
}
"""Path in the clone to path in the wheel."""


class Bundle(BuildHookInterface[Any]):
    """Runs before a wheel is written; an editable install reads the clone, its theme built or not."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files that go along, or refuse when the theme is not built."""
        if version != "standard":
            return
        if not (Path(self.root) / THEME / "dist").is_dir():
            message = f"{THEME}/dist is not there: build the theme first, with make wheel"
            raise FileNotFoundError(message)
        build_data["force_include"].update(INCLUDED)
