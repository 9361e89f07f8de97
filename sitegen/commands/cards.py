"""``sitegen cards``: writes the cards as other systems read them."""

from __future__ import annotations

import argparse
from pathlib import Path

from sitegen.archive import card_folders
from sitegen.commands.calling import load
from sitegen.commands.telling import print_progress


def main(given: argparse.Namespace) -> None:
    """Write the cards into a folder, and say which files each has become."""
    settings = load(given)
    folder = Path(given.output) if given.output else settings.root / card_folders.FOLDER
    written = card_folders.write(settings, given.names, folder, print_progress, strict=given.strict)
    print_progress("")
    for name, files in written.items():
        print(f"{folder / name}: {', '.join(files)}")
