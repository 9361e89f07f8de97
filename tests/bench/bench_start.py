"""How soon the demo's digits page shows its charts, and how soon they answer, beside the bare engine."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Disk
from tests.bench.chromium import PROGRAM, browser, fresh_page
from tests.bench.machine import PeakMemory
from tests.bench.peers_build import engine_setup, write_page
from tests.bench.report import Report, Verdict, median, megabytes, milliseconds, quantile
from tests.bench.server import served

ROUNDS = 9
PAGE = "digits.html"
RATIO = 1.3
PAGE_BYTES = 200_000
CLOCK = """() => {
  let started = null;
  addEventListener("pointermove", (event) => (started ??= event.timeStamp), { capture: true });
  window.life = new Promise((resolve) => {
    new MutationObserver(() => {
      const { sitegen, rows } = document.documentElement.dataset;
      if (sitegen === "live" || rows) resolve(performance.now() - started);
    }).observe(document.documentElement, { attributes: true });
  });
}"""
"""Keeps the ms from the first pointer move to life: sitegen's mark, or the bare engine's count of rows."""

FIRST_PAINT = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) if (name.includes("contentful")) resolve(startTime);
  }).observe({ type: "paint", buffered: true });
})"""


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Measure the demo's page; needs the demo's artifacts."""
    report = folder / "demo"
    build(load_config(Path("sitegen.toml")), Disk(report / "site"))
    payload = _payload(report / "site")
    write_page(report, "bare", _setup(report, payload))
    with served(report) as address:
        yield _start(address)
        yield _first_paint(address, report / "site")


def _payload(site: Path) -> dict[str, object]:
    text = (site / PAGE).read_text()
    begin = text.index(">", text.index('id="sitegen-page"')) + 1
    payload: dict[str, object] = json.loads(text[begin : text.index("</script>", begin)])
    return payload


def _setup(report: Path, payload: dict[str, object]) -> dict[str, object]:
    """Return the bare page's settings: the library's worker, the same engine, the same tables' Parquet."""
    relations = payload["relations"]
    assert isinstance(relations, list)
    tables = [
        [f"site/{url}" for url in table["urls"]] for relation in relations for table in relation["tables"]
    ]
    return {**engine_setup(report), "tables": tables}


def _start(address: str) -> Report:
    taken: dict[str, list[float]] = {"sitegen": [], "bare DuckDB-WASM": []}
    memory = dict.fromkeys(taken, 0)
    pages = {"sitegen": f"site/{PAGE}", "bare DuckDB-WASM": "bare.html"}
    for _ in range(ROUNDS):
        for name, page in pages.items():
            with PeakMemory(PROGRAM) as peak:
                taken[name].append(_time_to_live(address + page))
            memory[name] = max(memory[name], peak.bytes)
    rows = [[name, str(len(times)), *_times(times), megabytes(memory[name])] for name, times in taken.items()]
    ours, bare = map(median, taken.values())
    title = f"start: {PAGE}, ms from the first pointer move over a view to live views; cold, nothing cached"
    verdict = Verdict("of the bare engine's start on the same Parquet", ours / bare, RATIO, "times")
    return Report(title, ["", "starts", "median", "p95", "peak memory"], rows, [verdict])


def _times(taken: list[float]) -> list[str]:
    return [milliseconds(median(taken)), milliseconds(quantile(taken, 0.95))]


def _time_to_live(address: str) -> float:
    with browser() as program, fresh_page(program) as page:
        page.goto(address, wait_until="networkidle")
        page.evaluate(CLOCK)
        _touch(page)
        return float(page.evaluate("window.life"))


def _touch(page: Page) -> None:
    """Move the pointer into the first view that there is, else into the page."""
    view = page.locator(".view-body").first
    box = view.bounding_box() if view.count() else None
    page.mouse.move(box["x"] + 40 if box else 100, box["y"] + 20 if box else 100)


def _first_paint(address: str, site: Path) -> Report:
    painted = [_painted(f"{address}site/{PAGE}") for _ in range(ROUNDS)]
    drawn, views = _without_scripts(f"{address}site/{PAGE}")
    weight = sum(len(gzip.compress(file.read_bytes())) for file in (site / PAGE, *site.glob("assets/*.css")))
    rows = [["sitegen", *_times(painted), f"{drawn} of {views}"]]
    title = f"start: {PAGE}, ms to the first contentful paint, which shows the charts as built"
    verdicts = [
        Verdict("page and styles, gzipped", weight / 1000, PAGE_BYTES / 1000, "kB"),
        Verdict("charts missing without scripts", views - drawn, 0, "charts"),
    ]
    return Report(title, ["", "median", "p95", "charts without scripts"], rows, verdicts)


def _painted(address: str) -> float:
    with browser() as program, fresh_page(program) as page:
        page.goto(address)
        return float(page.evaluate(FIRST_PAINT))


def _without_scripts(address: str) -> tuple[int, int]:
    """Return how many charts are drawn with scripts off, and how many there are."""
    with browser() as program, fresh_page(program, scripts=False) as page:
        page.goto(address)
        charts = page.locator("[data-view=vega-lite]")
        return charts.locator("svg.chart").locator("visible=true").count(), charts.count()
