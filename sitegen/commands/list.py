"""``sitegen list``: says what the report has."""

from __future__ import annotations

import argparse

from sitegen.commands.asking import print_lines
from sitegen.explain import list_report


def main(given: argparse.Namespace) -> None:
    """Print the pages, tools, data and tables of the report."""
    print_lines(given, list_report)
