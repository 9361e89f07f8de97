"""Many places, brushed, lassoed and zoomed by a real mouse: the scatter view, Vega points, a bare canvas."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Disk
from tests.bench import crowd
from tests.bench.chromium import browser, fresh_page
from tests.bench.peers_build import PROBE, write_page
from tests.bench.report import Report, Verdict, median, milliseconds, quantile
from tests.bench.server import served

ROWS = (60_000, 1_000_000)
VEGA_ROWS = 60_000
"""More points than this keep plain Vega busy for minutes."""
MOVES = 16
LASSOS = 5
LOAD_SECONDS = 60
ZOOM_MS, RATIO = 50, 0.5


@dataclass
class Found:
    """Ms of each update.

    Of the map by a brush, of the chart beside by a box and by a lasso, of the picture by the wheel.
    """

    brushed: list[float] = field(default_factory=list)
    boxed: list[float] = field(default_factory=list)
    zoomed: list[float] = field(default_factory=list)
    lassoed: list[float] = field(default_factory=list)

    def row(self, peer: str) -> list[str]:
        """Return its row of the table."""
        measured = (self.brushed, self.boxed, self.zoomed, self.lassoed)
        times = [time for each in measured for time in _summary(each)]
        return [peer, *map(milliseconds, times)]


def _summary(times: list[float]) -> tuple[float, float]:
    return (median(times), quantile(times, 0.95)) if times else (math.nan, math.nan)


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Measure every number of rows; yield a report for each."""
    for rows in ROWS:
        report = folder / f"crowd-{rows}"
        report.mkdir(parents=True, exist_ok=True)
        crowd.write_report(report, rows, str(Path("themes/default").resolve()))
        build(load_config(report / "sitegen.toml"), Disk(report / "site"))
        with served(report) as address:
            yield _measure(rows, report, address)


def _measure(rows: int, report: Path, address: str) -> Report:
    ours = _drive(address)
    table, verdicts = [ours.row("sitegen")], [Verdict("zoom, median", median(ours.zoomed), ZOOM_MS, "ms")]
    if rows <= VEGA_ROWS:
        vega = _drive_vega(report, rows, address)
        table.append(vega.row("Vega points"))
        ratio = median(ours.brushed) / median(vega.brushed)
        verdicts.append(Verdict("of Vega's update", ratio, RATIO, "times"))
    canvas = _drive_canvas(report, rows, address)
    table.append(canvas.row("canvas by hand"))
    header = ["", "brush", "p95", "box", "p95", "zoom", "p95", "lasso", "p95"]
    return Report(f"scatter: {rows:,} rows, ms to the last drawing", header, table, verdicts)


def _drive(address: str) -> Found:
    found = Found()
    with browser() as program, fresh_page(program) as page:
        page.add_init_script(path=PROBE)
        page.goto(address + "site/index.html")
        page.hover("#scores .view-body")
        page.wait_for_selector("html[data-sitegen=live]", state="attached", timeout=LOAD_SECONDS * 1000)
        page.wait_for_timeout(1000)
        found.brushed = _brush(page)
        page.click(".toolbar-reset")
        found.boxed = _box(page)
        page.click(".scatter-clear")
        found.lassoed = _lasso(page)
        found.zoomed = _zoom(page)
    return found


def _brush(page: Page) -> list[float]:
    """Brush the histogram; the legend is written when the map is drawn."""
    plot = page.evaluate("probe.plots()")[0]
    y = plot["y"] + plot["height"] / 2
    page.mouse.move(plot["x"] + plot["width"] * 0.1, y)
    page.mouse.down()
    places = [plot["x"] + plot["width"] * (0.2 + 0.5 * step / MOVES) for step in range(MOVES + 1)]
    taken = [_update(page, "#map .scatter-key", partial(page.mouse.move, x, y)) for x in places]
    page.mouse.up()
    return taken[1:]


def _box(page: Page) -> list[float]:
    canvas = page.locator("#map canvas").bounding_box()
    assert canvas
    page.mouse.move(canvas["x"] + canvas["width"] * 0.15, canvas["y"] + canvas["height"] * 0.15)
    page.mouse.down()
    shares = [0.3 + 0.4 * step / MOVES for step in range(MOVES + 1)]
    places = [(canvas["x"] + canvas["width"] * s, canvas["y"] + canvas["height"] * s) for s in shares]
    taken = [_update(page, "#scores .view-body", partial(page.mouse.move, *place)) for place in places]
    page.mouse.up()
    return taken[1:]


def _lasso(page: Page) -> list[float]:
    """Draw lassos of other sizes; the chart beside is drawn when the button is let go."""
    page.click("#map [data-mode=lasso]")
    canvas = page.locator("#map canvas").bounding_box()
    assert canvas
    x, y = canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2
    taken = []
    for number in range(LASSOS):
        radius = canvas["height"] * (0.2 + 0.04 * number)
        angles = [2 * math.pi * corner / 24 for corner in range(23)]
        corners = [(x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]
        page.mouse.move(*corners[0])
        page.mouse.down()
        for corner in corners[1:-1]:
            page.mouse.move(*corner)
        taken.append(_update(page, "#scores .view-body", partial(_let_go, page, corners[-1])))
    page.keyboard.press("Escape")
    page.click("#map [data-mode=box]")
    return taken


def _let_go(page: Page, place: tuple[float, float]) -> None:
    page.mouse.move(*place)
    page.mouse.up()


def _zoom(page: Page) -> list[float]:
    """Turn the wheel; the names over the map move with the picture. A pointer move starts the clock."""
    canvas = page.locator("#map canvas").bounding_box()
    assert canvas
    x, y = canvas["x"] + canvas["width"] * 0.6, canvas["y"] + canvas["height"] * 0.4
    page.mouse.click(canvas["x"] + 8, canvas["y"] + 8)
    taken = []
    for step in range(MOVES // 2):
        taken.append(_update(page, "#map .scatter-layer", partial(_turn, page, x + step % 2, y)))
        page.wait_for_timeout(1000)
    return taken


def _turn(page: Page, x: float, y: float) -> None:
    page.mouse.move(x, y)
    page.mouse.wheel(0, -100)


def _update(page: Page, drawing: str, act: Callable[[], Any]) -> float:
    page.evaluate("drawing => probe.watch([drawing])", drawing)
    act()
    return float(page.evaluate("probe.result()")["drawn"])


def _drive_canvas(report: Path, rows: int, address: str) -> Found:
    """Every point drawn by a loop: what a page without an engine does."""
    write_page(report, "canvas-points", {"columns": _columns(report, rows)}, "canvas-points.json")
    with browser() as program, fresh_page(program) as page:
        page.goto(address + "canvas-points.html")
        page.wait_for_selector("html[data-state=live]", state="attached", timeout=LOAD_SECONDS * 1000)
        page.evaluate("drawn()")
        zoomed = [float(page.evaluate("step => zoomed(step)", step)) for step in range(MOVES // 2)]
        return Found(zoomed=zoomed, lassoed=[float(page.evaluate("lassoed()")) for _ in range(LASSOS)])


def _columns(report: Path, rows: int) -> dict[str, str]:
    """Write a file for each column that a page without an engine reads; return their names."""
    table = crowd.places(rows).to_pandas()
    table["class"] = table.label.str.removeprefix("class ").astype("float32")
    names = ("projection_x", "projection_y", "class", "score")
    for name in names:
        (report / f"{name}.bin").write_bytes(table[name].to_numpy().astype("<f4").tobytes())
    return {name: f"{name}.bin" for name in names}


def _drive_vega(report: Path, rows: int, address: str) -> Found:
    write_page(report, "vega-points", {"columns": _columns(report, rows)}, "vega-points.json")
    with browser() as program, fresh_page(program) as page:
        page.goto(address + "vega-points.html")
        page.wait_for_selector("html[data-state=live]", state="attached", timeout=LOAD_SECONDS * 1000)
        ends = [20 + 2 * step for step in range(MOVES + 1)]
        return Found(brushed=[float(page.evaluate("end => update(end)", end)) for end in ends][1:])
