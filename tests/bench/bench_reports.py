"""Pages of the same rows beside Symphony's and Embedding Atlas's: bytes fetched, first chart, filters."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from playwright.sync_api import Error as BrowserError

from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Disk
from tests.bench.chromium import browser
from tests.bench.classified import CLASSES, samples, write_report
from tests.bench.environments import NotInstalledError
from tests.bench.peers_reports import EXPORTS, NotExportedError
from tests.bench.report import Report, Verdict, median, milliseconds, quantile
from tests.bench.server import served
from tests.bench.subjects import OURS, PEERS, SUBJECTS
from tests.bench.visits import Visit, visit

ROWS = 48_000
VISITS = 4
"""Of each page, by turns."""
FILTERS = 8
"""In each visit."""
HEADER = (
    "",
    "MB to first chart",
    "MB at rest",
    "MB after filters",
    "first chart, ms",
    "a filter, ms",
    "p95",
    "filters",
)
COLUMNS = (
    "MB to the first chart",
    "MB at rest",
    "MB after filters",
    "ms to the first chart",
    "ms of a filter",
)
NOTES = (
    "MB: bodies as the server sent them, with no compression; each visit has a fresh profile",
    "first chart: from navigation to the painted frame in which, looked for in every frame, an SVG of at",
    "  least 120 x 60 px shows five marks, or a canvas of that size has been drawn on",
    "a filter keeps one class: from the press (Enter, Apply, or the class's bar) to the painted frame of the",
    "  last change in any view, known by 600 ms without another; the page must then say how many rows passed",
    "ours loads its engine at the first touch: in MB after filters, in none of the times (see start)",
    "Symphony has no confusion matrix here: on the page that opens first, made before the rows, it throws",
    "Embedding Atlas draws its map only where there is WebGPU with 16-bit floats, which is not here: ours is",
    "  compared without one, and shown with one, too",
)


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Write the pages, visit them by turns, and compare."""
    place = folder / "reports"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    table = samples(ROWS)
    missing = _write(folder, place, table)
    visits = _visits(place, _sizes(table), missing)
    yield compared(visits, missing)


def _write(folder: Path, place: Path, table: pa.Table) -> dict[str, str]:
    """Write every page; return why those of peers that are not there are not."""
    rows, missing = place / "rows.parquet", {}
    pq.write_table(table, rows, store_schema=False)
    for name, page in OURS.items():
        write_report(place / name, table, name.partition("-")[0].title(), page)
        build(load_config(place / name / "sitegen.toml"), Disk(place / name / "site"))
    for peer in PEERS:
        try:
            EXPORTS[peer](folder, rows, place / peer)
        except (NotInstalledError, NotExportedError) as error:
            missing[peer] = str(error)
    return missing


def _sizes(table: pa.Table) -> dict[str, int]:
    """Return how many rows each class has that pages are filtered to."""
    counted = pc.value_counts(table["label"].combine_chunks().dictionary_decode()).to_pylist()
    sizes = {each["values"]: each["counts"] for each in counted}
    return {name: sizes[name] for name in CLASSES[:FILTERS]}


def _visits(place: Path, sizes: dict[str, int], missing: dict[str, str]) -> dict[str, list[Visit]]:
    """Return the visits of each page; of a peer's that fails ``missing`` says why, and none are made."""
    visits: dict[str, list[Visit]] = {name: [] for name in SUBJECTS}
    journal = place / "journal.txt"
    with served(place, journal) as address:
        for name in [name for _ in range(VISITS) for name in SUBJECTS]:
            if name in missing:
                continue
            try:
                with browser() as program:
                    visits[name].append(visit(program, address, journal, SUBJECTS[name], sizes))
            except (RuntimeError, BrowserError) as error:
                if name not in PEERS:
                    raise
                missing[name] = str(error).splitlines()[0]
    return {name: [] if name in missing else made for name, made in visits.items()}


def compared(visits: dict[str, list[Visit]], missing: dict[str, str]) -> Report:
    """Return the table of visits, and whether ours is ahead in each column; what is missing is not."""
    values = {name: _values(made) for name, made in visits.items()}
    verdicts = [
        Verdict(f"ours of {SUBJECTS[peer].name}'s, {column}", ours / theirs, 1.0, "times")
        for peer in PEERS
        for column, ours, theirs in zip(COLUMNS, values[f"{peer}-ours"], values[peer], strict=True)
    ]
    notes = [f"{SUBJECTS[name].name} was not measured: {why}" for name, why in missing.items()]
    title = f"reports: {ROWS:,} rows as a page, beside two peers; medians of {VISITS} visits"
    return Report(title, HEADER, [_row(*each) for each in visits.items()], verdicts, [*notes, *NOTES])


def _values(visits: list[Visit]) -> list[float]:
    """Return the median of each column, in bytes and ms; NaN where there was no visit."""
    times = [taken for each in visits for taken in each.filters]
    fetched = [[each.first_bytes, each.idle_bytes, each.all_bytes] for each in visits]
    columns = zip(*fetched, strict=True) if fetched else [()] * 3
    return [*map(median, columns), median([each.first_chart for each in visits]), median(times)]


def _row(name: str, visits: list[Visit]) -> list[str]:
    first, idle, after, chart, one = _values(visits)
    times = [taken for each in visits for taken in each.filters]
    sizes = ["-" if math.isnan(size) else f"{size / 1e6:.2f}" for size in (first, idle, after)]
    worst = milliseconds(quantile(times, 0.95))
    return [SUBJECTS[name].name, *sizes, milliseconds(chart), milliseconds(one), worst, str(len(times))]
