"""What building the demo takes, and drawing each of its charts in V8."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sitegen.config import Config, load_config
from sitegen.database import Database
from sitegen.errors import Problems
from sitegen.memo import Memo
from sitegen.sources import PageSource, read_sources
from sitegen.views import Views
from tests.bench.process import measure
from tests.bench.report import Report, median, megabytes, milliseconds, quantile

ROUNDS = 5


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Measure the command in a process of its own, then its parts; needs the demo's artifacts."""
    yield _whole(folder / "built")
    yield _charts(load_config(Path("sitegen.toml")))


def _whole(site: Path) -> Report:
    command = [sys.executable, "-m", "sitegen", "build", "--output", str(site)]
    rows = [_cost("sitegen build --fresh", [*command, "--fresh"]), _cost("sitegen build, again", command)]
    return Report("build: the demo, cold process", ["", "median", "p95", "peak memory"], rows)


def _cost(name: str, command: list[str]) -> list[str]:
    costs = [measure(command) for _ in range(ROUNDS)]
    seconds = [cost.seconds for cost in costs]
    peak = megabytes(max(cost.peak for cost in costs))
    return [name, f"{median(seconds):.2f} s", f"{quantile(seconds, 0.95):.2f} s", peak]


def _charts(config: Config) -> Report:
    problems = Problems()
    sources = read_sources(config, Memo(), problems)
    problems.stop(strict=False)
    context: list[float] = []
    drawn: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        started = time.perf_counter()
        theme = sources.theme
        with Views(theme.static, theme.name, theme.layout, theme.views) as views:
            context.append(_since(started))
            for source in sources.pages:
                if source.document.blocks:
                    _draw(source, views, drawn)
    rows = [_timed("V8 context with the theme's script", context)]
    rows += [_timed(name, times) for name, times in drawn.items()]
    return Report("build: ms of each part, queries included", ["", "median", "p95"], rows)


def _draw(source: PageSource, views: Views, drawn: dict[str, list[float]]) -> None:
    database = Database(source.relations)
    try:
        for block, request in source.requests():
            started = time.perf_counter()
            views.draw(block, request, database)
            drawn.setdefault(f"{source.page.url} {block.id} ({block.view})", []).append(_since(started))
    finally:
        database.close()


def _since(started: float) -> float:
    """Return the ms since ``started``."""
    return (time.perf_counter() - started) * 1000


def _timed(name: str, times: list[float]) -> list[str]:
    return [name, milliseconds(median(times)), milliseconds(quantile(times, 0.95))]
