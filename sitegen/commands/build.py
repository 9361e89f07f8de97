"""``sitegen build``: writes the site."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import time
from pathlib import Path

from sitegen.build import Summary, build
from sitegen.commands.calling import load, own_name
from sitegen.commands.telling import print_problems, print_progress
from sitegen.errors import size_in_words
from sitegen.kept import user_drawings
from sitegen.output import Disk, refuse_inside

MOST_PAGES = 20
"""Pages whose weight a build lists."""


def main(given: argparse.Namespace) -> None:
    """Build the site, say what it weighs, and how to look at it."""
    settings = load(given)
    started = time.perf_counter()
    folder = Path(given.output) if given.output else settings.output
    refuse_inside(settings, folder, "sitegen build --output FOLDER")
    kept = None if given.fresh else user_drawings()
    summary = build(settings, Disk(folder), print_progress, strict=given.strict, kept=kept)
    if kept:
        kept.sweep_daily()
    print_progress("")
    _print_summary(summary)
    seconds = time.perf_counter() - started
    print(f"\n{folder} is built ({size_in_words(summary.bytes)}, {seconds:.1f} s). To look at it:")
    place = [] if given.folder == "." else ["-C", given.folder]
    server = [_python(), "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder)]
    ways = {
        shlex.join([own_name(), *place, "serve"]): "shows it and reloads on every change",
        shlex.join(server): "serves it as it is",
    }
    width = max(map(len, ways))
    print("\n".join(f"  {command:{width}}  {what}" for command, what in ways.items()))


def _python() -> str:
    return "python3" if shutil.which("python3") else sys.executable


def _print_summary(summary: Summary) -> None:
    print_problems(summary.warnings)
    pages = summary.pages
    if len(pages) > MOST_PAGES:
        pages = tuple(sorted(pages, key=lambda page: page.html + page.data, reverse=True)[:MOST_PAGES])
    width = max((len(page.url) for page in pages), default=0)
    print(f"{'page':{width}}  page + styles     data  views")
    for page in pages:
        html, data = size_in_words(page.html), size_in_words(page.data)
        print(f"{page.url:{width}}  {html:>13}  {data:>7}  {page.views:>5}")
    if len(pages) < len(summary.pages):
        print(f"… the heaviest {len(pages)} of {len(summary.pages):,} pages")
