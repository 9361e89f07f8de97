"""``sitegen labels``: corrects a dataset by what was decided in a page."""

from __future__ import annotations

import argparse
from pathlib import Path

from sitegen.commands import run
from sitegen.commands.calling import load, pipelines
from sitegen.labels import add_page, add_settings


def main(given: argparse.Namespace) -> None:
    """Write the corrected dataset, its settings and its page, and train again."""
    settings = load(given)
    with pipelines("sitegen labels"):
        from pipelines.patches import apply

        applied = apply(settings.raw, settings.root, Path(given.patch), settings.places)
    counted = f"{applied.changed} changed, {applied.deleted} of them deleted"
    print(f"{applied.decided} decisions on {applied.dataset}: {counted}")
    print(f"{applied.corrected} is the corrected dataset, {applied.changes} says what was decided")
    file = settings.root / given.config
    if add_settings(file, applied.settings):
        print(f"{file} has sections for both")
    if not applied.tool:
        print("No model of this report can be trained again, so nothing shows before and after.")
        return
    page = settings.content / f"{applied.tool}.md"
    if add_page(page, applied.tool, applied.dataset, applied.truth):
        print(f"{page} shows before and after")
    run.main(argparse.Namespace(**{**vars(given), "names": [applied.tool], "force": False, "trust": False}))
