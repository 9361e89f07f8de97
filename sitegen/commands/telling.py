"""What several commands print: how far they are, and what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sitegen.errors import SCREENFUL, SitegenError


def print_progress(line: str) -> None:
    """Show how things go on one line that is overwritten, where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)


def print_problems(warnings: Sequence[SitegenError]) -> None:
    """Print a screenful of warnings, and how many more there are."""
    for warning in warnings[:SCREENFUL]:
        print(f"warning: {warning}", file=sys.stderr)
    if len(warnings) > SCREENFUL:
        print(f"… and {len(warnings) - SCREENFUL} more warnings", file=sys.stderr)
