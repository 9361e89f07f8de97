"""A million samples: ms until the cards are there, at the end, far within, in an order and under a filter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from playwright.sync_api import Page

from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Disk
from tests.bench import crowd
from tests.bench.chromium import browser, fresh_page
from tests.bench.report import Report, Verdict, median, milliseconds, quantile
from tests.bench.server import served

ROWS = 1_000_000
ROUNDS = 5
LOAD_SECONDS = 60
NEAR_MS = 1000
"""Until the cards of any place are there; a reader who waits longer takes the page for broken."""
VIEWS = {"cards": "By id", "ordered": "By score"}
PAGE = """---
title: Crowd
table: crowd/samples
---

```view toolbar id=toolbar
```

```view samples id=cards
columns: [score]
```

```view samples id=ordered
columns: [score]
order: -score
```
"""


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Measure a report of cards; yield its table."""
    report = folder / f"cards-{ROWS}"
    report.mkdir(parents=True, exist_ok=True)
    crowd.write_report(report, ROWS, str(Path("themes/default").resolve()))
    (report / "content" / "index.md").write_text(PAGE)
    build(load_config(report / "sitegen.toml"), Disk(report / "site"))
    with served(report) as address, browser() as program, fresh_page(program) as page:
        page.goto(address + "site/index.html")
        page.hover("#cards .view-body")
        page.wait_for_selector("html[data-sitegen=live]", state="attached", timeout=LOAD_SECONDS * 1000)
        yield _report({view: _measure(page, view) for view in VIEWS})


def _report(found: dict[str, dict[str, list[float]]]) -> Report:
    header = ["", *(name for each in ("end", "middle", "filter") for name in (each, "worst"))]
    rows = [
        [VIEWS[view], *(milliseconds(of(times)) for times in taken.values() for of in (median, max))]
        for view, taken in found.items()
    ]
    far = [time for taken in found.values() for time in taken["middle"]]
    verdict = Verdict("any place, median", quantile(far, 0.5), NEAR_MS, "ms")
    return Report(f"samples: {ROWS:,} rows, ms until the cards are there", header, rows, [verdict])


def _measure(page: Page, view: str) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {"end": [], "middle": [], "filter": []}
    for number in range(ROUNDS):
        taken["filter"].append(_timed(page, view, partial(_filter, page, number)))
        taken["end"].append(_timed(page, view, partial(_scroll, page, view, 1)))
        share = (number + 1) / (ROUNDS + 1)
        taken["middle"].append(_timed(page, view, partial(_scroll, page, view, share)))
    return taken


def _timed(page: Page, view: str, act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    page.wait_for_timeout(20)
    page.wait_for_selector(f"#{view} .sample-waiting", state="detached", timeout=LOAD_SECONDS * 1000)
    page.evaluate("document.sitegen.settled()")
    return (time.perf_counter() - started) * 1000


def _scroll(page: Page, view: str, share: float) -> None:
    script = """([view, share]) => { const frame = document.querySelector(`#${view} .samples-frame`);
        frame.scrollTop = share * (frame.scrollHeight - frame.clientHeight);
        return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))); }"""
    page.evaluate(script, [view, share])


def _filter(page: Page, number: int) -> None:
    page.fill("input[name=filter]", f"datum.score < {1000 - number}")
    page.keyboard.press("Enter")
