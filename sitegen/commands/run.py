"""``sitegen run``: analyses, and says which artifacts it wrote."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from pipelines.contract import Manifest
from pipelines.progress import CACHED, Diary, Progress
from sitegen.commands.calling import load, pipelines
from sitegen.commands.telling import print_progress
from sitegen.errors import counted
from sitegen.explain import read_from_model


def main(given: argparse.Namespace) -> None:
    """Run the tools that are asked for, and say what each has written."""
    settings = load(given)
    with pipelines("sitegen run"):
        from pipelines.runner import run

        unchanged: set[str] = set()
        manifests = run(
            settings.raw,
            settings.root,
            given.names,
            device=given.device,
            force=given.force,
            trust=given.trust,
            report=partial(_print_run, Diary(), unchanged),
            places=settings.places,
        )
    print_progress("")
    for manifest in manifests:
        state = ", unchanged" if manifest.name in unchanged else ""
        print(f"{settings.build.artifacts}/{manifest.name}: {_tables(manifest)}{state}")
        for note in manifest.notes:
            print(f"  {note}")
        if read := read_from_model(manifest.parameters):
            print(f"  {read}")


def _print_run(diary: Diary, unchanged: set[str], progress: Progress) -> None:
    """Show how far a run is: on a terminal ``digits: train 3/12, 8 s left``, elsewhere a diary's lines."""
    if progress.step == CACHED:
        unchanged.add(progress.name)
    if sys.stderr.isatty():
        print_progress(str(progress))
    elif entry := diary.entry(progress):
        print(entry, file=sys.stderr, flush=True)


def _tables(manifest: Manifest) -> str:
    said = [f"{table.name} {counted(table.rows, 'row')}" for table in manifest.tables]
    if manifest.skipped:
        said.append(f"{counted(manifest.skipped, 'unreadable row')} left out")
    return ", ".join(said)
