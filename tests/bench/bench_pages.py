"""What a thousand pages of text take: a cold process, and one edit while `serve` runs."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sitegen.build import build
from sitegen.config import load_config
from sitegen.memo import Memo
from sitegen.output import Memory
from tests.bench.corpus import PAGES, write_corpus
from tests.bench.process import measure
from tests.bench.report import Report, median, megabytes, milliseconds, quantile

ROUNDS = 5
EDITED = "content/part-03/page-0170.md"


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Measure the command in a process of its own, then the edit of one page."""
    report = folder / "pages"
    shutil.rmtree(report, ignore_errors=True)
    write_corpus(report)
    title = f"build: {PAGES:,} pages of text"
    yield Report(title, ["", "median", "p95", "peak memory"], [_cold(report), _edits(report)])


def _cold(report: Path) -> list[str]:
    command = [sys.executable, "-m", "sitegen", "-C", str(report), "build"]
    costs = [measure(command) for _ in range(ROUNDS)]
    seconds = [cost.seconds for cost in costs]
    peak = megabytes(max(cost.peak for cost in costs))
    return ["cold process", f"{median(seconds):.2f} s", f"{quantile(seconds, 0.95):.2f} s", peak]


def _edits(report: Path) -> list[str]:
    config, site, memo = load_config(report / "sitegen.toml"), Memory(), Memo()
    build(config, site, memo=memo)
    times = []
    for edit in range(ROUNDS):
        with (report / EDITED).open("a", encoding="utf-8") as page:
            page.write(f"\nEdit {edit}.\n")
        started = time.perf_counter()
        build(config, site, memo=memo)
        times.append((time.perf_counter() - started) * 1000)
    return [
        "one edit, as serve builds it",
        milliseconds(median(times)),
        milliseconds(quantile(times, 0.95)),
        "",
    ]
