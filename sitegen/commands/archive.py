"""``sitegen archive``: writes the report as a bag, or its pages as single files."""

from __future__ import annotations

import argparse
import shlex
from datetime import UTC, date, datetime
from pathlib import Path

from sitegen.archive import bag, payload
from sitegen.archive import single_file as single
from sitegen.commands.calling import load, own_name
from sitegen.commands.telling import print_problems, print_progress
from sitegen.config import Config
from sitegen.errors import size_in_words
from sitegen.kept import user_drawings
from sitegen.output import refuse_inside


def main(given: argparse.Namespace) -> None:
    """Write the archive, or single files where those are asked for."""
    (_write_single_files if given.single_file else _write_bag)(load(given), given)


def _write_single_files(settings: Config, given: argparse.Namespace) -> None:
    target = Path(given.output or settings.root / single.FOLDER)
    refuse_inside(settings, target, "sitegen archive --single-file --output FOLDER")
    whole = given.single_file == "report"
    made = single.single_files(settings, given.page, print_progress, user_drawings(), whole=whole)
    print_progress("")
    print("\n".join(single.write(made, target)))


def _write_bag(settings: Config, given: argparse.Namespace) -> None:
    target = Path(given.output) if given.output else settings.root / f"archive{bag.ZIP if given.zip else ''}"
    refuse_inside(settings, target, "sitegen archive --output FOLDER", is_site=False)
    day = date.fromisoformat(settings.built) if settings.built else None
    made = payload.prepare(
        settings,
        print_progress,
        user_drawings(),
        today=day or datetime.now(UTC).date(),
        is_dated=day is not None,
        strict=given.strict,
    )
    written = bag.write_zip(made.bag, target) if given.zip else bag.write_bag(made.bag, target)
    print_progress("")
    print_problems(made.warnings)
    verifying = shlex.join([own_name(), "verify", str(target)])
    counts = f"{written.files:,} files, {size_in_words(written.bytes)}"
    print(f"{target} is the report of {made.release.day}: {counts}")
    print(f"  {verifying}  says whether every byte is as it was written")
