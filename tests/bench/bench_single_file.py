"""What single files of the demo weigh, and how soon they are live when opened by a link that filters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sitegen.archive.held import Site
from sitegen.archive.single_file import SingleFile, single_pages, whole_report
from sitegen.assets import load_theme
from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Memory
from tests.bench.chromium import browser, fresh_page
from tests.bench.report import Report, Verdict, median, milliseconds, quantile

ROUNDS = 9
PAGES = ("index.html", "digits.html", "digits-architecture.html", "digits-labels.html")
STATE = "~filter=datum.label%20%3D%3D%20'3'"
LARGEST = 7_500_000
"""Bytes of a file without its data."""
SLOWEST = 3000
"""Milliseconds from opening a file to live views."""
CLOCK = """globalThis.life = new Promise(resolve => new MutationObserver(() => {
    if (document.documentElement?.dataset.sitegen === "live") resolve(performance.now());
}).observe(document, {attributes: true, childList: true, subtree: true}));"""


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Measure files of the demo; needs its artifacts."""
    config, output = load_config(Path("sitegen.toml")), Memory()
    summary = build(config, output)
    site = Site(output.files, load_theme(config.theme, config.site.theme, config.themes))
    every = sorted((page.url for page in summary.pages), key=lambda url: url != PAGES[0])
    files = [*single_pages(site, PAGES), whole_report(site, every)]
    place = folder / "single"
    place.mkdir(parents=True, exist_ok=True)
    for one in files:
        (place / one.url).write_bytes(one.content)
    yield _report(place, files)


def _report(place: Path, files: list[SingleFile]) -> Report:
    taken = {
        one.url: [_time_to_live((place / one.url).resolve().as_uri()) for _ in range(ROUNDS)] for one in files
    }
    rows = [
        [one.url, _megabytes(len(one.content)), _megabytes(one.data), *_times(taken[one.url])]
        for one in files
    ]
    largest = max(len(one.content) - one.data for one in files)
    slowest = max(map(median, taken.values()))
    verdicts = [
        Verdict("the largest, without its data", largest / 1e6, LARGEST / 1e6, "MB"),
        Verdict("from opening to live, median of the slowest", slowest, SLOWEST, "ms"),
    ]
    title = "single files: weight, and ms from opening one from the disk to live views; nothing cached"
    return Report(title, ["", "weight", "of it data", "median", "p95"], rows, verdicts)


def _times(taken: list[float]) -> list[str]:
    return [milliseconds(median(taken)), milliseconds(quantile(taken, 0.95))]


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.2f} MB"


def _time_to_live(address: str) -> float:
    state = f"#{STATE}" if "report" not in address else f"#!index.html!{STATE}"
    with browser() as program, fresh_page(program) as page:
        page.add_init_script(CLOCK)
        page.goto(address + state)
        return float(page.evaluate("life"))
