"""What is asked of a report that nobody builds: its sources are read, and said."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from sitegen.commands.calling import load
from sitegen.errors import Problems
from sitegen.memo import Memo
from sitegen.sources import Sources, read_sources


def print_lines(given: argparse.Namespace, lines: Callable[[Sources], Iterable[str]]) -> Sources:
    """Print what is said of the report's sources, raise with what is wrong with them, and return them."""
    problems = Problems()
    sources = read_sources(load(given), Memo(), problems)
    print("\n".join(lines(sources)).strip())
    problems.stop()
    return sources
