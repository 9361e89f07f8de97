"""``sitegen explain``: says what a page is made from."""

from __future__ import annotations

import argparse

from sitegen.commands.asking import print_lines
from sitegen.explain import explain_page


def main(given: argparse.Namespace) -> None:
    """Print what a page is made from."""
    print_lines(given, lambda sources: explain_page(sources, given.page))
