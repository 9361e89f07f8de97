"""``sitegen reference``: prints a page of the reference, made from the code."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from sitegen import claims, reference, summaries
from sitegen.arguments import parser
from sitegen.assets import load_theme
from sitegen.bundled import THEMES
from sitegen.checks import CHECKS
from sitegen.schema import front_matter_schema, settings_schema
from sitegen.views import Views

NOTEBOOK = Path(__file__).parents[1] / "notebook" / "report.py"
"""What notebooks import."""


def main(given: argparse.Namespace) -> None:
    """Print a page of the reference."""
    pages: dict[str, Callable[[], str]] = {
        "settings": lambda: reference.settings_page(settings_schema()),
        "front-matter": lambda: reference.front_matter_page(front_matter_schema()),
        "views": _views_page,
        "tools": _tools_page,
        "commands": lambda: reference.commands_page(parser()),
        "checks": lambda: reference.checks_page(CHECKS),
        "notebook": lambda: reference.notebook_page(NOTEBOOK.read_text("utf-8")),
    }
    print(pages[given.of](), end="")


def _views_page() -> str:
    theme = load_theme(THEMES / "default", "default")
    with Views(theme.static, theme.name, theme.layout) as views:
        own = {claims.NAME: claims.OFFERED, summaries.VIEW: summaries.OFFERED}
        return reference.views_page({**views.offered, **own})


def _tools_page() -> str:
    # Declarations import nothing heavy, so this works without the pipelines' libraries.
    from pipelines.registry import Registry

    tools = Registry()
    return reference.tools_page(tools.spec(name) for name in tools)
