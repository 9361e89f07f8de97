"""A page that asks the server's DuckDB does all that it does alone, and fetches neither engine nor data."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sitegen.native import Native
from sitegen.serve import QUERY, Preview, PreviewServer
from tests.browser.driver import OpenTab
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


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    report = Report(tmp_path / "report")
    report.settings.write_text('[site]\ntitle = "A report"\n')
    report.artifact("farm", {"samples": {str(k): v.to_list() for k, v in table().items()}})
    report.write("content/index.md", PAGE)
    engine = Native()
    preview = Preview(report.settings, report=lambda _: None, native=engine)
    preview.rebuild()
    assert preview.state.error == ""
    with PreviewServer(preview, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.address
        server.shutdown()
        thread.join()
    engine.close()


def test_a_page_is_live_on_the_servers_engine(address: str, open_tab: OpenTab) -> None:
    tab = open_tab(address).live()
    frame = table()
    tab.filter("datum.label == 'owl' && datum.weight > 0.5")
    tab.settle()
    expected = int(((frame["label"] == "owl") & (frame["weight"] > 0.5)).sum())
    # The summary itself holds charts and shows no rows of its own.
    counts = {name: rows for name, (rows, _) in tab.counts().items() if name != "all"}
    assert set(counts) == {"toolbar-1", "all-weight", "all-height", "all-label", "rows", "places"}
    assert set(counts.values()) == {expected}
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
