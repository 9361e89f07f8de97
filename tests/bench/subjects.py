"""The pages that are compared: Symphony's and Embedding Atlas's, and ours with the views that each draws."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Page

from tests.bench.classified import charts
from tests.bench.visits import LOAD_MS, Subject

SYMPHONY = (
    """---
title: Symphony
table: symphony/samples
---

```view toolbar id=toolbar
```

"""
    + charts("symphony/samples")
    + """```view summary id=summary
columns: [split, prediction, label, confidence, familiarity]
```

```view fairvis id=groups
columns: [label]
```

```view familiarity id=familiarity
```

```view scatter id=map
```

```view samples id=samples
```
"""
)
ATLAS = """---
title: Atlas
table: atlas/samples
---

```view toolbar id=toolbar
```

MAP
```vega-lite id=ids
{
  "data": {"name": "atlas/samples"},
  "mark": "bar",
  "encoding": {
    "x": {"field": "id", "type": "quantitative", "bin": {"maxbins": 24}},
    "y": {"aggregate": "count", "type": "quantitative"}
  }
}
```

```view summary id=summary
columns: [label, prediction, correct, confidence, split, familiarity]
```

```view table id=rows
```
"""
MAP = """```view scatter id=map
```
"""
BAR = """(name) => {
  const rows = [...document.querySelectorAll("#summary-label .view-data tbody tr")];
  const bars = [...document.querySelectorAll("#summary-label .role-mark.layer_1_marks path")];
  const index = rows.findIndex((row) => row.textContent.includes(name));
  const bar = bars.filter((each) => each.checkVisibility())[index];
  const { x, y, width, height } = bar.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}"""
"""Where the bar of a class is in our summary: bars are in the order of the chart's data table."""

OUR_VIEWS = "figure.view:not([data-view=toolbar])"
SYMPHONY_EDITOR = "document.querySelector('.ace_editor').env.editor"


def _wake(page: Page) -> None:
    """Move the pointer over a view, as a reader does, and wait for the engine."""
    page.hover(".view-body")
    page.wait_for_selector("html[data-sitegen=live]", state="attached", timeout=LOAD_MS)
    page.evaluate("document.sitegen.settled()")


def _write(page: Page, name: str) -> None:
    page.fill("#toolbar input[name=filter]", f"datum.label == '{name}'")
    page.keyboard.press("Escape")  # closes the completions


def _point(page: Page, name: str) -> None:
    page.locator("#summary-label").scroll_into_view_if_needed()
    place = page.evaluate(BAR, name)
    page.mouse.move(place["x"], place["y"])


def _write_symphony(page: Page, name: str) -> None:
    page.evaluate(f"(text) => {SYMPHONY_EDITOR}.setValue(text)", f"d.label == '{name}'")
    page.get_by_role("button", name="Apply").hover()


def _point_atlas(page: Page, name: str) -> None:
    page.locator("button", has_text=name).first.hover()


def _enter(page: Page) -> None:
    page.keyboard.press("Enter")


def _nothing(_page: Page) -> None:
    """A peer's page filters as soon as it is at rest."""


def _click(page: Page) -> None:
    page.mouse.down()
    page.mouse.up()


ATLAS_OURS = Subject(
    name="ours, views of Atlas's",
    page="atlas-ours/site/index.html",
    views=OUR_VIEWS,
    ready=_wake,
    aim=_point,
    press=_click,
    shows="{n:,} of 48,000",
)
SUBJECTS = {
    "symphony-ours": Subject(
        name="ours, views of Symphony's",
        page="symphony-ours/site/index.html",
        views=OUR_VIEWS,
        ready=_wake,
        aim=_write,
        press=_enter,
        shows="{n:,} of 48,000",
    ),
    "symphony": Subject(
        name="Symphony 1.0.1",
        page="symphony/index.html",
        views="main",
        ready=_nothing,
        aim=_write_symphony,
        press=_click,
        shows="of {n} results",
    ),
    "atlas-ours": ATLAS_OURS,
    "atlas-map": replace(ATLAS_OURS, name="ours, and the map it lacks", page="atlas-map/site/index.html"),
    "atlas": Subject(
        name="Embedding Atlas 0.26.0",
        page="atlas/index.html",
        views="body",
        ready=_nothing,
        aim=_point_atlas,
        press=_click,
        shows="{n:,} / 48,000",
    ),
}
"""The pages by the folder that each is in."""
PEERS = ("symphony", "atlas")
OURS = {
    "symphony-ours": SYMPHONY,
    "atlas-ours": ATLAS.replace("MAP\n", ""),
    "atlas-map": ATLAS.replace("MAP", MAP),
}
"""Our pages: for each peer one with the views that it draws; one with the map that Atlas cannot draw here."""
