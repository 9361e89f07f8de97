"""A matrix of a thousand classes, moved by a real mouse: pictures a second, and ms of script for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Page

from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Disk
from tests.bench import labels
from tests.bench.chromium import browser, fresh_page
from tests.bench.report import Report, Verdict, median, milliseconds, quantile
from tests.bench.server import served

FRAMES_A_SECOND, FILTER_MS = 30, 400
MOVES = 120
LOAD_SECONDS = 60
DEPTHS = {"1,000 classes": 1, "about 300": 4, "about 50": 11}
"""Turns of the wheel after which the matrix is moved."""

WATCH = """() => {
    const watch = window.watch = {pictures: [], script: []};
    const ask = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = callback => ask(time => {
        const before = watch.drawn;
        const start = performance.now();
        callback(time);
        if (watch.drawn === before) return;
        watch.pictures.push(start);
        watch.script.push(performance.now() - start);
    });
    watch.drawn = 0;
    const draw = CanvasRenderingContext2D.prototype.drawImage;
    CanvasRenderingContext2D.prototype.drawImage = function (...given) {
        watch.drawn++;
        return draw.apply(this, given);
    };
}"""


@dataclass(frozen=True)
class Found:
    """What moving showed: ms from picture to picture, and ms of script for each."""

    between: list[float]
    script: list[float]

    @property
    def rate(self) -> float:
        """Pictures a second, on average."""
        return 1000 * len(self.between) / sum(self.between)

    def row(self, name: str) -> list[str]:
        """Return its row of the table."""
        slow = quantile(self.between, 0.95)
        return [name, f"{self.rate:.0f}", milliseconds(slow), milliseconds(median(self.script))]


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Measure at each depth, and a filter; yield one report."""
    report = folder / "labels"
    report.mkdir(parents=True, exist_ok=True)
    labels.write_report(report, str(Path("themes/default").resolve()))
    build(load_config(report / "sitegen.toml"), Disk(report / "site"))
    with served(report) as address, browser() as program, fresh_page(program) as page:
        open_live(page, address + "site/index.html")
        found = {name: move(page, turns) for name, turns in DEPTHS.items()}
        filtered = [_filter(page, part) for part in ("train", "test") * 4]
    verdicts = [
        Verdict(f"{name}: ms a picture", 1000 / each.rate, 1000 / FRAMES_A_SECOND, "ms")
        for name, each in found.items()
    ]
    verdicts.append(Verdict("a filter, median", median(filtered), FILTER_MS, "ms"))
    header = ["moved at", "pictures/s", "p95 ms", "script ms"]
    table = [each.row(name) for name, each in found.items()]
    title = f"confusion: {labels.CLASSES:,} by {labels.CLASSES:,} cells, {labels.ROWS:,} rows"
    yield Report(title, header, table, verdicts)


def open_live(page: Page, address: str) -> None:
    """Open the page, make it live, and watch its pictures."""
    page.goto(address)
    page.hover("#matrix .view-body")
    page.wait_for_selector("html[data-sitegen=live]", state="attached", timeout=LOAD_SECONDS * 1000)
    page.wait_for_selector("#matrix canvas", timeout=LOAD_SECONDS * 1000)
    page.evaluate(WATCH)


def move(page: Page, turns: int, moves: int = MOVES) -> Found:
    """Zoom in from the whole and drag there and back."""
    page.click("#matrix [data-zoom=home]")
    box = page.locator("#matrix canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    for _ in range(turns):
        page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_timeout(700)
    page.evaluate("() => { watch.pictures.length = 0; watch.script.length = 0; }")
    page.mouse.down()
    for step in range(moves):
        way = min(step, moves - step)
        page.mouse.move(x - way * 3, y - way * 2)
    page.mouse.up()
    stamps = page.evaluate("watch.pictures")
    between = [after - before for before, after in pairwise(stamps)]
    return Found(between, page.evaluate("watch.script"))


FILTER = """async text => {
    const start = performance.now();
    document.sitegen.filter(text);
    await document.sitegen.settled();
    return performance.now() - start;
}"""


def _filter(page: Page, part: str) -> float:
    return float(page.evaluate(FILTER, f"datum.split == '{part}'"))
