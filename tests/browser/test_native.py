"""A page that asks the server's DuckDB does all that it does alone, and fetches neither engine nor data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sitegen.native import Native
from sitegen.serve import QUERY, Preview
from tests.browser.driver import OpenTab, Tab, previewing
from tests.generator.reports import Report

pytestmark = pytest.mark.browser

ROWS = 3000
PAGE = """---
table: farm/samples
---

# Farm

```view toolbar
```

```view summary id=all
```

```view table id=rows
```

```view scatter id=places
x: weight
y: height
```
"""


def table() -> pd.DataFrame:
    chance = np.random.default_rng(3)
    frame = pd.DataFrame({"id": range(ROWS), "weight": chance.normal(size=ROWS)})
    frame["height"] = frame["weight"] * 2 + chance.normal(size=ROWS)
    frame["label"] = chance.choice(["cat", "dog", "owl"], ROWS)
    return frame


@dataclass(frozen=True)
class Served:
    """A report whose pages ask the server's engine, watched for changes."""

    report: Report
    address: str


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    report = Report(tmp_path / "report")
    report.settings.write_text('[site]\ntitle = "A report"\n')
    write(report, table())
    report.write("content/index.md", PAGE)
    engine = Native()
    preview = Preview(report.settings, report=lambda _: None, native=engine)
    preview.rebuild()
    assert preview.state.error == ""
    with previewing(preview, report.settings) as address:
        yield Served(report, address)
    engine.close()


def write(report: Report, frame: pd.DataFrame) -> None:
    """Write the artifact, as a run of its tool would."""
    report.artifact("farm", {"samples": {str(k): v.to_list() for k, v in frame.items()}})


def shown(tab: Tab) -> set[int]:
    """Return how many rows the views say that they show; the summary itself holds charts and has none."""
    return {rows for name, (rows, _) in tab.counts().items() if name != "all"}


def test_a_page_is_live_on_the_servers_engine(served: Served, open_tab: OpenTab) -> None:
    tab = open_tab(served.address).live()
    frame = table()
    tab.filter("datum.label == 'owl' && datum.weight > 0.5")
    tab.settle()
    expected = int(((frame["label"] == "owl") & (frame["weight"] > 0.5)).sum())
    assert set(tab.counts()) == {
        "all",
        "toolbar-1",
        "all-weight",
        "all-height",
        "all-label",
        "rows",
        "places",
    }
    assert shown(tab) == {expected}
    tab.filter("")
    tab.settle()
    tab.click(tab.marks("all-label")[0])
    tab.settle()
    ((label,),) = tab.hash_state()["all-label"]["points"]
    rows = int((frame["label"] == label).sum())
    assert tab.counts()["rows"] == tab.counts()["places"] == (rows, ROWS)
    assert any(QUERY in url for url in tab.requests)
    assert [url for url in tab.requests if url.endswith((".parquet", ".wasm")) or "worker" in url] == []
    assert tab.failures == tab.messages == []


def test_an_artifact_that_is_computed_anew_is_on_the_open_page_at_once(
    served: Served, open_tab: OpenTab
) -> None:
    tab = open_tab(served.address).live()
    tab.filter("datum.label == 'owl'")
    assert shown(tab) == {int((table()["label"] == "owl").sum())}
    frame = table().iloc[:2000].copy()
    frame.loc[frame["label"] == "dog", "label"] = "owl"
    expected = int((frame["label"] == "owl").sum())
    write(served.report, frame)
    # Nobody reloads: the page hears of the new build, comes back with its filter, and asks the new rows.
    tab.page.wait_for_function(
        "rows => Number(document.getElementById('places')?.dataset.rows) === rows", arg=expected
    )
    tab.live()
    assert tab.counts()["rows"] == (expected, 2000)
    assert shown(tab) == {expected}
    assert tab.hash_state() == {"filter": "datum.label == 'owl'"}
    tab.filter("datum.label == 'dog'")
    assert shown(tab) == {0}
    assert tab.messages == []
