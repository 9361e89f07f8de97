"""``sitegen check``: finds what is wrong, and writes nothing of a site."""

from __future__ import annotations

import argparse

from sitegen.build import build
from sitegen.commands.calling import load
from sitegen.commands.telling import print_problems, print_progress
from sitegen.errors import counted
from sitegen.kept import user_drawings
from sitegen.output import Memory


def main(given: argparse.Namespace) -> None:
    """Build the site in memory, and say what is wrong with the report."""
    kept = user_drawings()
    summary = build(load(given), Memory(), print_progress, strict=given.strict, kept=kept)
    kept.sweep_daily()
    print_progress("")
    print_problems(summary.warnings)
    print(f"{counted(len(summary.pages), 'page')}, nothing to mend")
