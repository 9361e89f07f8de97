"""``sitegen verify``: says whether every byte of an archive is as it was written."""

from __future__ import annotations

import argparse
from pathlib import Path

from sitegen.archive.verify import verify
from sitegen.commands.telling import print_progress
from sitegen.errors import size_in_words


def main(given: argparse.Namespace) -> None:
    """Verify an archive; raise with every file that is not as it was written."""
    found = verify(Path(given.bag), print_progress)
    print_progress("")
    print(f"{given.bag}: {found.files:,} files, {size_in_words(found.bytes)}, every byte as it was written")
