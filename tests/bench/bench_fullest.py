"""A page with one of every view of samples: ms from a filter until all of them are answered and drawn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Disk
from tests.bench.chromium import browser, fresh_page
from tests.bench.classified import CLASSES, charts, samples, write_report
from tests.bench.report import Report, Verdict, median, milliseconds, quantile
from tests.bench.server import served

BUDGETS = {60_000: 200.0, 1_000_000: 400.0}
"""ms that a filter may take, median, by rows."""
ROUNDS = 11
LOAD_MS = 60_000
PAGE = (
    """---
title: Fullest
table: fullest/samples
---

```view toolbar id=toolbar
```

"""
    + charts("fullest/samples")
    + """```view summary id=summary
columns: [split, familiarity]
```

```view confusion-matrix id=matrix
```

```view fairvis id=groups
columns: [label, split]
```

```view familiarity id=familiarity
```

```view scatter id=map
```

```view samples id=samples
columns: [confidence]
```

```view table id=rows
```
"""
)
FILTERED = """async (expression) => {
  const started = performance.now();
  document.sitegen.filter(expression);
  await document.sitegen.settled();
  await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
  return performance.now() - started;
}"""


def run(folder: Path, _gpu: bool = False) -> Iterator[Report]:
    """Measure the page on tables of two sizes; yield a table for each."""
    for rows, budget in BUDGETS.items():
        report = folder / f"fullest-{rows}"
        shutil.rmtree(report, ignore_errors=True)
        write_report(report, samples(rows), "Fullest", PAGE)
        build(load_config(report / "sitegen.toml"), Disk(report / "site"))
        with served(report) as address:
            yield _measured(address, rows, budget)


def _measured(address: str, rows: int, budget: float) -> Report:
    with browser() as program, fresh_page(program) as page:
        page.goto(f"{address}site/index.html")
        views = page.locator("figure.view").count()
        page.hover("#accuracy .view-body")
        page.wait_for_selector("html[data-sitegen=live]", state="attached", timeout=LOAD_MS)
        page.evaluate("document.sitegen.settled()")
        times = [_filter(page, number) for number in range(ROUNDS)]
    cells = [*map(milliseconds, (median(times), quantile(times, 0.95))), str(ROUNDS)]
    title = f"fullest: a filter on {views} views of {rows:,} rows, ms until all are drawn"
    verdict = Verdict("a filter, median", median(times), budget, "ms")
    return Report(title, ["", "median", "p95", "filters"], [["sitegen", *cells]], [verdict])


def _filter(page: Page, number: int) -> float:
    """Choose a class, a different one each time, and a range that no filter before had."""
    expression = f"datum.label == '{CLASSES[number % len(CLASSES)]}' && datum.confidence > {number / 100}"
    return float(page.evaluate(FILTERED, expression))
