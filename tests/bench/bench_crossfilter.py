"""Three histograms, cross-filtered by a real mouse: sitegen, Mosaic by hand, Vega-Lite by itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Disk
from tests.bench import flights
from tests.bench.chromium import PROGRAM, browser, fresh_page, heap_bytes
from tests.bench.machine import PeakMemory
from tests.bench.peers_build import PROBE, engine_setup, write_page
from tests.bench.report import Report, Verdict, median, megabytes, milliseconds, quantile
from tests.bench.server import served

ROWS = (1_000_000, 10_000_000)
VEGA_LITE_ROWS = 1_000_000
ROUNDS = 3
"""Times that sitegen and the Mosaic client are measured, by turns, so that noise falls on both."""
MOVES = 24
"""Moves of the brush on each of the three charts."""
LOAD_SECONDS = 60
MEDIAN_MS, P95_MS, RATIO = 20, 45, 1.1
INSIDE = (720, 300)
"""A point of the page that is in a view: moving there brings a page of sitegen to life."""
CHARTS = tuple(flights.BINS)


@dataclass
class Found:
    """What a peer took: ms of each update, of each first one, and bytes."""

    updates: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    heap: int = 0
    memory: int = 0

    def row(self, peer: str) -> list[str]:
        """Return its row of the table."""
        times = [median(self.updates), quantile(self.updates, 0.95), median(self.frames)]
        first = [median(self.first), max(self.first, default=math.nan)]
        shown = [milliseconds(time) for time in (*times, *first)]
        return [peer, str(len(self.updates)), *shown, megabytes(self.heap), megabytes(self.memory)]


@dataclass(frozen=True)
class Peer:
    """A page to measure: its address, what says that it is live, and each chart's drawing."""

    name: str
    page: str
    ready: str
    drawings: tuple[str, ...]

    def others(self, chart: int) -> list[str]:
        """Return the drawings that a brush on ``chart`` must change."""
        return sorted({each for index, each in enumerate(self.drawings) if index != chart})


SITEGEN = Peer(
    "sitegen", "site/index.html", "[data-sitegen=live]", tuple(f"#{name} .view-body" for name in CHARTS)
)
MOSAIC = Peer("Mosaic by hand", "mosaic.html", "[data-state=live]", tuple(f"#{name}" for name in CHARTS))
VEGA_LITE = Peer("Vega-Lite alone", "vega-lite.html", "[data-state=live]", ("#all", "#all", "#all"))


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Measure every number of rows; yield a report for each."""
    for rows in ROWS:
        report = folder / f"flights-{rows}"
        flights.write_report(report, rows, str(Path("themes/default").resolve()))
        build(load_config(report / "sitegen.toml"), Disk(report / "site"))
        with served(report) as address:
            yield _measure(rows, report, address)


def _measure(rows: int, report: Path, address: str) -> Report:
    setup = engine_setup(report)
    write_page(report, "mosaic", {**setup, "bins": flights.BINS})
    peers = [SITEGEN, MOSAIC] * ROUNDS
    if rows <= VEGA_LITE_ROWS:
        columns = flights.write_columns(report, rows)
        write_page(report, "vega-lite", {"columns": columns, "bins": flights.BINS}, "vega-lite.json")
        peers.append(VEGA_LITE)
    found: dict[str, Found] = {}
    for peer in peers:
        drive(peer, address, found.setdefault(peer.name, Found()))
    return _report(rows, found)


def _report(rows: int, found: dict[str, Found]) -> Report:
    ours, by_hand = found[SITEGEN.name], found[MOSAIC.name]
    title = f"crossfilter: three histograms, {rows:,} rows, ms from pointer move to last drawing"
    ratio = median(ours.updates) / median(by_hand.updates)
    header = ["", "updates", "median", "p95", "to frame", "first brush", "worst", "JS heap", "peak memory"]
    return Report(
        title,
        header,
        [each.row(name) for name, each in found.items()],
        [
            Verdict("median", median(ours.updates), MEDIAN_MS, "ms"),
            Verdict("p95", quantile(ours.updates, 0.95), P95_MS, "ms"),
            Verdict("of the Mosaic client's median", ratio, RATIO, "times"),
        ],
    )


def drive(peer: Peer, address: str, found: Found) -> None:
    """Open a peer in a browser of its own and brush each of its charts."""
    with PeakMemory(PROGRAM) as memory, opened(peer, address) as page:
        for chart in range(len(CHARTS)):
            _brush(page, peer, chart, found)
        found.heap = max(found.heap, heap_bytes(page.context.new_cdp_session(page)))
    found.memory = max(found.memory, memory.bytes)


@contextmanager
def opened(peer: Peer, address: str) -> Iterator[Page]:
    """Open a peer's page and bring it to life."""
    with browser() as program, fresh_page(program) as page:
        page.add_init_script(path=PROBE)
        page.goto(address + peer.page)
        page.mouse.move(*INSIDE)
        page.wait_for_selector(f"html{peer.ready}", state="attached", timeout=LOAD_SECONDS * 1000)
        page.mouse.move(5, 5)
        page.wait_for_timeout(500)
        yield page


def _brush(page: Page, peer: Peer, chart: int, found: Found) -> None:
    """Drag a brush over one chart, wait for the others at every move, and clear it."""
    box = page.evaluate("probe.plots()")[chart]
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, y)
    page.mouse.down()
    others = peer.others(chart)
    taken = [_update(page, others, partial(page.mouse.move, x, y)) for x in _path(box)]
    page.mouse.up()
    found.first.append(taken[0]["drawn"])
    found.updates += [each["drawn"] for each in taken[1:]]
    found.frames += [each["shown"] for each in taken[1:]]
    _update(page, others, partial(_clear, page, box))


def _path(box: dict[str, float]) -> list[float]:
    """Return the brush's moving end: wide at once, further out, then back again."""
    out = [0.5 + 0.3 * step / MOVES for step in range(MOVES // 2 + 1)]
    back = [out[-1] - 0.02 * step for step in range(1, MOVES // 2 + 1)]
    return [box["x"] + box["width"] * share for share in (*out, *back)]


def _clear(page: Page, box: dict[str, float]) -> None:
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.click(box["x"] + 4, box["y"] + 4)


def _update(page: Page, others: list[str], act: Callable[[], None]) -> Any:
    """Do something with the mouse; return the ms until the other charts had drawn, and were shown."""
    page.evaluate("drawings => probe.watch(drawings)", others)
    act()
    return page.evaluate("probe.result()")
