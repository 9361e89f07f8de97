"""A page with one of every view of samples: ms from a filter until all of them are answered and drawn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from playwright.sync_api import Page

from pipelines.contract import Column, Manifest, Rows, TableSpec, write_artifact
from sitegen.build import build
from sitegen.config import load_config
from sitegen.output import Disk
from tests.bench.chromium import browser, fresh_page
from tests.bench.report import Report, Verdict, median, milliseconds, quantile
from tests.bench.server import served

BUDGETS = {60_000: 200.0, 1_000_000: 400.0}
"""ms that a filter may take, median, by rows."""
ROUNDS = 11
LOAD_MS = 60_000
SEED = 23
CLASSES = tuple(f"class {letter}" for letter in "ABCDEFGHIJ")
COLUMNS = (
    Column("id", "int32", "id"),
    Column("label", "dictionary", "label"),
    Column("prediction", "dictionary", "prediction"),
    Column("correct", "bool", "correct"),
    Column("confidence", "float32", "confidence"),
    Column("split", "dictionary", "split"),
    Column("familiarity", "float64", "familiarity", "nats"),
    Column("x", "float32", "projection_x"),
    Column("y", "float32", "projection_y"),
)
PAGE = """---
title: Fullest
table: fullest/samples
---

```view toolbar id=toolbar
```

```vega-lite id=accuracy title="Which class is hardest?"
{
  "data": {"name": "fullest/samples"},
  "mark": "bar",
  "encoding": {
    "x": {"field": "label", "type": "nominal"},
    "y": {"aggregate": "count", "type": "quantitative"},
    "color": {"field": "correct", "type": "nominal"}
  }
}
```

```vega-lite id=confidence title="How sure is it?"
{
  "data": {"name": "fullest/samples"},
  "mark": "bar",
  "encoding": {
    "x": {"field": "confidence", "type": "quantitative", "bin": {"maxbins": 20}},
    "y": {"aggregate": "count", "type": "quantitative"}
  }
}
```

```view summary id=summary
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
        _write_report(report, rows)
        build(load_config(report / "sitegen.toml"), Disk(report / "site"))
        with served(report) as address:
            yield _measured(address, rows, budget)


def samples(rows: int) -> pa.Table:
    """Return seeded samples of a classifier that is right in seven of ten."""
    random = np.random.default_rng(SEED)
    labels = random.integers(0, len(CLASSES), rows)
    is_right = random.random(rows) < 0.7
    predictions = np.where(is_right, labels, random.integers(0, len(CLASSES), rows))
    names = np.array(CLASSES)
    centres = random.normal(0, 6, (len(CLASSES), 2))
    points = centres[labels] + random.normal(0, 1.5, (rows, 2))
    splits = np.where(random.random(rows) < 0.8, "train", "test")
    return pa.table(
        {
            "id": np.arange(rows, dtype=np.int32),
            "label": pa.array(names[labels]).dictionary_encode(),
            "prediction": pa.array(names[predictions]).dictionary_encode(),
            "correct": predictions == labels,
            "confidence": random.beta(4, 1.5, rows).astype(np.float32),
            "split": pa.array(splits).dictionary_encode(),
            "familiarity": random.normal(-40, 8, rows),
            "x": points[:, 0].astype(np.float32),
            "y": points[:, 1].astype(np.float32),
        }
    )


def _write_report(folder: Path, rows: int) -> None:
    facts = Manifest(name="fullest", tool="bench", title="Fullest", dataset="fullest", seed=SEED)
    spec = TableSpec("samples", "Samples", COLUMNS, entity=True)
    write_artifact(folder / "artifacts" / "fullest", facts, [Rows(spec, samples(rows))])
    theme = Path("themes/default").resolve()
    (folder / "sitegen.toml").write_text(f'[site]\ntitle = "Fullest"\ntheme = "{theme}"\n')
    (folder / "content").mkdir()
    (folder / "content" / "index.md").write_text(PAGE)


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
