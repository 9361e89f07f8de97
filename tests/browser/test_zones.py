"""Readers in other time zones read the same times, select the same rows and send the same link."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.driver import OpenTab, Tab, analysed_site, serving

ZONES = ("UTC", "Asia/Tokyo", "America/St_Johns")
"""The middle, nine hours before it, and three and a half after it."""
ROWS = 96
FIRST = datetime.datetime(2024, 3, 9, 22, 30, tzinfo=datetime.UTC)
"""The clocks of St John's go forward in the night after."""
SETTINGS = """
[site]
title = "Visits"

[datasets.visits]
source = "visits.csv"

[tools.visits]
tool = "dataset"
dataset = "visits"
"""
PAGE = """---
table: visits/samples
---
# When did they come?

```view toolbar id=toolbar
```

```vega-lite id=hours
{
  "data": {"name": "visits/samples"}, "mark": "bar",
  "encoding": {"x": {"timeUnit": "hours", "field": "at", "type": "ordinal"}, "y": {"aggregate": "count"}}
}
```

```vega-lite id=days
{
  "data": {"name": "visits/samples"}, "mark": "line",
  "encoding": {
    "x": {"timeUnit": "yearmonthdatehours", "field": "at"},
    "y": {"aggregate": "mean", "field": "wait"}
  }
}
```

```vega-lite id=both
{
  "data": {"name": "visits/samples"},
  "vconcat": [
    {
      "mark": "bar", "params": [{"name": "kept", "select": {"type": "interval", "encodings": ["x"]}}],
      "encoding": {"x": {"timeUnit": "monthdate", "field": "at"}, "y": {"aggregate": "count"}}
    },
    {
      "mark": "point",
      "encoding": {"x": {"field": "at", "type": "temporal"}, "y": {"field": "wait", "type": "quantitative"}}
    }
  ]
}
```

```view summary id=summary
```

```view table id=table
```

```view samples id=cards
cards: table
columns: [at, wait]
```
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    root = tmp_path_factory.mktemp("visits")
    with (root / "visits.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "at", "wait"])
        for row in range(ROWS):
            moment = FIRST + datetime.timedelta(minutes=37 * row)
            writer.writerow([row, moment.strftime("%Y-%m-%dT%H:%M:%SZ"), row * 7 % 31])
    with serving(analysed_site(root, SETTINGS, PAGE)) as url:
        yield url


def said(tab: Tab) -> dict[str, Any]:
    """Return the words of every view as they are read, and what the link says."""
    script = """() => Object.fromEntries([...document.querySelectorAll(".view")].map(view => [view.id,
        [...view.querySelectorAll("text, td, .sample-caption-value, .chip, .view-count")]
            .filter(each => each.checkVisibility()).map(each => each.textContent.trim())]))"""
    return {"views": tab.page.evaluate(script), "counts": tab.counts(), "link": tab.hash_state()}


def walked(tab: Tab) -> list[dict[str, Any]]:
    """Return what is said of all rows, of an interval's, and of those that a filter lets pass besides."""
    steps = [said(tab.live())]
    tab.drag("days", (0.3, 0.5), (0.6, 0.5))
    steps.append(said(tab))
    tab.filter("datum.at >= datetime('2024-03-11T00:00:00Z')")
    steps.append(said(tab))
    return steps


@pytest.mark.chromium("the zone of one reader is set, which this Firefox takes from its process")
def test_what_is_said_and_selected_is_the_same_in_every_zone(address: str, open_tab: OpenTab) -> None:
    first, *others = [walked(open_tab(address, timezone_id=zone)) for zone in ZONES]
    words = [word for texts in first[0]["views"].values() for word in texts]
    assert "2024-03-09 22:30:00" in words
    rows = [step["counts"]["table"][0] for step in first]
    assert rows[0] == ROWS
    assert ROWS > rows[1] > rows[2] > 0
    for other in others:
        assert other == first
